// The public face of @kaon/rtp: RTP, RTCP, payload formats, jitter buffer and congestion control.

export type { AudioFrame, OutgoingAudioFrame } from './codecs/audio-frame.ts';
export { av1Layer, isAv1KeyFrame } from './codecs/av1/aggregation-header.ts';
export type { Av1DepacketizerOptions, Av1Frame } from './codecs/av1/depacketizer.ts';
export { Av1Depacketizer } from './codecs/av1/depacketizer.ts';
export type { Av1OutgoingFrame, Av1PacketizerOptions } from './codecs/av1/packetizer.ts';
export { Av1Packetizer } from './codecs/av1/packetizer.ts';
export { G711_CLOCK_RATE, G711Depacketizer, G711Packetizer } from './codecs/g711/g711.ts';
export {
  G722_CLOCK_RATE,
  G722_SAMPLE_RATE,
  G722Depacketizer,
  G722Packetizer,
} from './codecs/g722/g722.ts';
export type { H264DepacketizerOptions, H264Frame } from './codecs/h264/depacketizer.ts';
export { H264Depacketizer } from './codecs/h264/depacketizer.ts';
export type { H264InterleavedDepacketizerOptions } from './codecs/h264/interleaved-depacketizer.ts';
export { H264InterleavedDepacketizer } from './codecs/h264/interleaved-depacketizer.ts';
export { isH264KeyFrame } from './codecs/h264/key-frame.ts';
export type { H264OutgoingFrame, H264PacketizerOptions } from './codecs/h264/packetizer.ts';
export { H264Packetizer } from './codecs/h264/packetizer.ts';
export { h264Resolution } from './codecs/h264/sequence-parameter-set.ts';
export type { H265DepacketizerOptions, H265Frame } from './codecs/h265/depacketizer.ts';
export { H265Depacketizer } from './codecs/h265/depacketizer.ts';
export type { H265InterleavedDepacketizerOptions } from './codecs/h265/interleaved-depacketizer.ts';
export { H265InterleavedDepacketizer } from './codecs/h265/interleaved-depacketizer.ts';
export { isH265KeyFrame } from './codecs/h265/key-frame.ts';
export type { H265OutgoingFrame, H265PacketizerOptions } from './codecs/h265/packetizer.ts';
export { H265Packetizer } from './codecs/h265/packetizer.ts';
export { h265Resolution } from './codecs/h265/sequence-parameter-set.ts';
export type { NalUnitFormat } from './codecs/nal-units.ts';
export type {
  OctetAudioDepacketizerOptions,
  OctetAudioPacketizerOptions,
} from './codecs/octet-audio.ts';
export type { OpusPacket } from './codecs/opus/packet.ts';
export { decodeOpusPacket, OPUS_CLOCK_RATE } from './codecs/opus/packet.ts';
export type { OpusFrame, OpusPacketizerOptions } from './codecs/opus/payload.ts';
export { OpusDepacketizer, OpusPacketizer } from './codecs/opus/payload.ts';
export type {
  AssembledFrame,
  Depacketizer,
  DepacketizerCounters,
  Packetizer,
} from './codecs/payload-format.ts';
export type { RedFrame } from './codecs/red/depacketizer.ts';
export { RedDepacketizer } from './codecs/red/depacketizer.ts';
export type { RedOutgoingFrame, RedPacketizerOptions } from './codecs/red/packetizer.ts';
export { RedPacketizer } from './codecs/red/packetizer.ts';
export type { RedBlock } from './codecs/red/red.ts';
export { decodeRed } from './codecs/red/red.ts';
export type { Resolution } from './codecs/resolution.ts';
export { dtmfDigit, dtmfEvent } from './codecs/telephone-event/event.ts';
export type {
  OutgoingTelephoneEvent,
  TelephoneEventPacketizerOptions,
} from './codecs/telephone-event/packetizer.ts';
export { TelephoneEventPacketizer } from './codecs/telephone-event/packetizer.ts';
export type {
  TelephoneEventCounters,
  TelephoneEventEnded,
  TelephoneEventStarted,
} from './codecs/telephone-event/receiver.ts';
export { TelephoneEventReceiver } from './codecs/telephone-event/receiver.ts';
export type { Vp8DepacketizerOptions, Vp8Frame } from './codecs/vp8/depacketizer.ts';
export { Vp8Depacketizer } from './codecs/vp8/depacketizer.ts';
export type { Vp8Descriptor } from './codecs/vp8/descriptor.ts';
export {
  decodeVp8Descriptor,
  isVp8FrameStart,
  isVp8KeyFrame,
  isVp8LayerSync,
  vp8PictureId,
  vp8TemporalId,
  vp8Tl0PicIdx,
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
  vp9PictureId,
  vp9SpatialId,
  vp9TemporalId,
  vp9Tl0PicIdx,
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
