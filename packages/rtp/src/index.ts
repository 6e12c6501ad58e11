// The public face of @kaon/rtp: RTP, RTCP, payload formats, jitter buffer and congestion control.

export type {
  AssembledFrame,
  Depacketizer,
  DepacketizerCounters,
  Packetizer,
} from './codecs/payload-format.ts';
export type { Resolution } from './codecs/resolution.ts';
export type { Vp8DepacketizerOptions, Vp8Frame } from './codecs/vp8/depacketizer.ts';
export { Vp8Depacketizer } from './codecs/vp8/depacketizer.ts';
export type { Vp8Descriptor } from './codecs/vp8/descriptor.ts';
export {
  decodeVp8Descriptor,
  isVp8FrameStart,
  isVp8KeyFrame,
  isVp8LayerSync,
  vp8TemporalId,
  writeVp8PictureId,
  writeVp8Tl0PicIdx,
} from './codecs/vp8/descriptor.ts';
export type { Vp8OutgoingFrame, Vp8PacketizerOptions } from './codecs/vp8/packetizer.ts';
export { Vp8Packetizer } from './codecs/vp8/packetizer.ts';
export type { Vp9DepacketizerOptions, Vp9Frame } from './codecs/vp9/depacketizer.ts';
export { Vp9Depacketizer } from './codecs/vp9/depacketizer.ts';
export type { Vp9Descriptor } from './codecs/vp9/descriptor.ts';
export {
  decodeVp9Descriptor,
  isVp9FrameEnd,
  isVp9FrameStart,
  isVp9KeyFrame,
  isVp9SwitchingUpPoint,
  vp9SpatialId,
  vp9TemporalId,
  writeVp9PictureId,
  writeVp9Tl0PicIdx,
} from './codecs/vp9/descriptor.ts';
export type { Vp9OutgoingFrame, Vp9PacketizerOptions } from './codecs/vp9/packetizer.ts';
export { Vp9Packetizer } from './codecs/vp9/packetizer.ts';
export type {
  Vp9PictureGroupEntry,
  Vp9ScalabilityStructure,
} from './codecs/vp9/scalability-structure.ts';
export { joinVp9LayerFrames } from './codecs/vp9/superframe.ts';
