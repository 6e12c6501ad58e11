// The public face of @kaon/rtp: RTP, RTCP, payload formats, jitter buffer and congestion control.

export type { H264DepacketizerOptions, H264Frame } from './codecs/h264/depacketizer.ts';
export { H264Depacketizer } from './codecs/h264/depacketizer.ts';
export { isH264KeyFrame } from './codecs/h264/key-frame.ts';
export type { H264OutgoingFrame, H264PacketizerOptions } from './codecs/h264/packetizer.ts';
export { H264Packetizer } from './codecs/h264/packetizer.ts';
export { h264Resolution } from './codecs/h264/sequence-parameter-set.ts';
export type { H265DepacketizerOptions, H265Frame } from './codecs/h265/depacketizer.ts';
export { H265Depacketizer } from './codecs/h265/depacketizer.ts';
export { isH265KeyFrame } from './codecs/h265/key-frame.ts';
export type { H265OutgoingFrame, H265PacketizerOptions } from './codecs/h265/packetizer.ts';
export { H265Packetizer } from './codecs/h265/packetizer.ts';
export { h265Resolution } from './codecs/h265/sequence-parameter-set.ts';
export type { NalUnitFormat } from './codecs/nal-units.ts';
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
