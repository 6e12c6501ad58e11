// The public face of @kaon/rtp: RTP and RTCP, header extensions, repair, reports, feedback, payload formats.

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
export type {
  BitrateLimits,
  CongestionControl,
  CongestionEvent,
  ProbeCluster,
} from './congestion/congestion-control.ts';
export type { CongestionFeedbackReceiverOptions } from './congestion/congestion-feedback-receiver.ts';
export { CongestionFeedbackReceiver } from './congestion/congestion-feedback-receiver.ts';
export type { TransportFeedbackReceiverOptions } from './congestion/feedback-receiver.ts';
export { TransportFeedbackReceiver } from './congestion/feedback-receiver.ts';
export type {
  FeedbackCounters,
  TransportFeedbackSenderOptions,
} from './congestion/feedback-sender.ts';
export { TransportFeedbackSender } from './congestion/feedback-sender.ts';
export type {
  GoogleCongestionControlOptions,
  GoogleCongestionControlStats,
} from './congestion/google-congestion-control/google-congestion-control.ts';
export { GoogleCongestionControl } from './congestion/google-congestion-control/google-congestion-control.ts';
export type { BandwidthUsage } from './congestion/google-congestion-control/overuse-detector.ts';
export type { FeedbackReport, PacketResult, SentPacket } from './congestion/packet-result.ts';
export { NO_PROBE_CLUSTER } from './congestion/packet-result.ts';
export type { FecDecoderCounters, FecDecoderOptions } from './fec/fec-decoder.ts';
export { writeFlexFec03 } from './fec/flexfec-03-payload.ts';
export type { FlexFecReceiverOptions } from './fec/flexfec-receiver.ts';
export { FlexFecReceiver } from './fec/flexfec-receiver.ts';
export type { UlpFecLevel } from './fec/ulpfec-payload.ts';
export { writeUlpFec } from './fec/ulpfec-payload.ts';
export type { UlpFecReceiverOptions } from './fec/ulpfec-receiver.ts';
export { UlpFecReceiver } from './fec/ulpfec-receiver.ts';
export type { AbsCaptureTime } from './header-extensions/abs-capture-time.ts';
export {
  absCaptureTimeLength,
  decodeAbsCaptureTime,
  encodeAbsCaptureTime,
} from './header-extensions/abs-capture-time.ts';
export {
  ABS_SEND_TIME_LENGTH,
  absSendTimeDistanceMs,
  absSendTimeFromMs,
  decodeAbsSendTime,
  encodeAbsSendTime,
} from './header-extensions/abs-send-time.ts';
export type { AudioLevel } from './header-extensions/audio-level.ts';
export {
  AUDIO_LEVEL_LENGTH,
  decodeAudioLevel,
  decodeCsrcAudioLevels,
  encodeAudioLevel,
  encodeCsrcAudioLevels,
} from './header-extensions/audio-level.ts';
export type { Chromaticity, ColorSpace, HdrMetadata } from './header-extensions/color-space.ts';
export {
  colorSpaceLength,
  decodeColorSpace,
  encodeColorSpace,
} from './header-extensions/color-space.ts';
export type { DependencyDescriptor } from './header-extensions/dependency-descriptor/dependency-descriptor.ts';
export {
  DependencyDescriptorReader,
  encodeDependencyDescriptor,
} from './header-extensions/dependency-descriptor/dependency-descriptor.ts';
export type {
  FrameDependencyStructure,
  FrameDependencyTemplate,
  RenderResolution,
} from './header-extensions/dependency-descriptor/frame-dependency-structure.ts';
export { DECODE_TARGET_INDICATION } from './header-extensions/dependency-descriptor/frame-dependency-structure.ts';
export { HeaderExtensionCursor } from './header-extensions/header-extension-cursor.ts';
export {
  headerExtensionIdMap,
  rewriteHeaderExtensionIds,
} from './header-extensions/header-extension-ids.ts';
export { HeaderExtensionWriter } from './header-extensions/header-extension-writer.ts';
export type { PlayoutDelay } from './header-extensions/playout-delay.ts';
export {
  decodePlayoutDelay,
  encodePlayoutDelay,
  PLAYOUT_DELAY_LENGTH,
} from './header-extensions/playout-delay.ts';
export { decodeMid, decodeRtpStreamId, encodeSdesItem } from './header-extensions/sdes-item.ts';
export type { TransportFeedbackRequest } from './header-extensions/transport-sequence-number.ts';
export {
  decodeTransportFeedbackRequest,
  decodeTransportSequenceNumber,
  encodeTransportFeedbackRequest,
  encodeTransportSequenceNumber,
  TRANSPORT_SEQUENCE_NUMBER_LENGTH,
  TRANSPORT_SEQUENCE_NUMBER_REQUEST_LENGTH,
} from './header-extensions/transport-sequence-number.ts';
export {
  ABS_CAPTURE_TIME_URI,
  ABS_SEND_TIME_URI,
  AUDIO_LEVEL_URI,
  COLOR_SPACE_URI,
  CSRC_AUDIO_LEVEL_URI,
  DEPENDENCY_DESCRIPTOR_URI,
  MID_URI,
  PLAYOUT_DELAY_URI,
  REPAIRED_RTP_STREAM_ID_URI,
  RTP_STREAM_ID_URI,
  TRANSPORT_WIDE_CC_02_URI,
  TRANSPORT_WIDE_CC_URI,
  VIDEO_LAYERS_ALLOCATION_URI,
  VIDEO_ORIENTATION_URI,
} from './header-extensions/uris.ts';
export type {
  AllocatedLayer,
  LayerResolution,
  VideoLayersAllocation,
} from './header-extensions/video-layers-allocation.ts';
export {
  decodeVideoLayersAllocation,
  encodeVideoLayersAllocation,
  videoLayersAllocationLength,
} from './header-extensions/video-layers-allocation.ts';
export type { VideoOrientation } from './header-extensions/video-orientation.ts';
export {
  decodeVideoOrientation,
  encodeVideoOrientation,
  VIDEO_ORIENTATION_LENGTH,
} from './header-extensions/video-orientation.ts';
export type { Interceptor, RtpStreamDescription } from './interceptors/interceptor.ts';
export type {
  InterceptorChainCounters,
  InterceptorChainOptions,
} from './interceptors/interceptor-chain.ts';
export { InterceptorChain } from './interceptors/interceptor-chain.ts';
export type {
  PacedSenderOptions,
  PaddingSource,
  TargetBitrateEvent,
} from './interceptors/paced-sender.ts';
export { PacedSender } from './interceptors/paced-sender.ts';
export type { RetransmissionReceiverOptions } from './interceptors/retransmission-receiver.ts';
export { RetransmissionReceiver } from './interceptors/retransmission-receiver.ts';
export type { RetransmissionSenderOptions } from './interceptors/retransmission-sender.ts';
export { RetransmissionSender } from './interceptors/retransmission-sender.ts';
export type { TransportFeedbackResponderOptions } from './interceptors/transport-feedback-responder.ts';
export { TransportFeedbackResponder } from './interceptors/transport-feedback-responder.ts';
export type {
  DepacketizerChoice,
  FrameBufferCounters,
  FrameBufferEvent,
  FrameBufferOptions,
  FrameReceived,
} from './jitter-buffer/frame-buffer.ts';
export { FrameBuffer } from './jitter-buffer/frame-buffer.ts';
export type { FrameContinuity } from './jitter-buffer/frame-continuity.ts';
export { KeyFrameContinuity } from './jitter-buffer/frame-continuity.ts';
export type {
  BufferedPacket,
  JitterBufferCounters,
  JitterBufferOptions,
  JitterBufferRelease,
} from './jitter-buffer/jitter-buffer.ts';
export { JitterBuffer } from './jitter-buffer/jitter-buffer.ts';
export { Vp8Continuity } from './jitter-buffer/vp8-continuity.ts';
export { Vp9Continuity } from './jitter-buffer/vp9-continuity.ts';
export type { PacerCounters, PacerOptions } from './pacer/pacer.ts';
export { Pacer } from './pacer/pacer.ts';
export type { PacedPacket, PacketPriority } from './pacer/packet-queue.ts';
export { PACKET_PRIORITY } from './pacer/packet-queue.ts';
export { isRtcp, isRtp, isRtpOrRtcp } from './packet/classification.ts';
export type { RtpHeader } from './packet/rtp-header.ts';
export { RTP_FIXED_HEADER_LENGTH, rtpHeaderLength, writeRtpHeader } from './packet/rtp-header.ts';
export {
  RtpPacket,
  rtpPacketLength,
  writeRtpPacket,
  writeRtpPadding,
} from './packet/rtp-packet.ts';
export { SsrcTable } from './packet/ssrc-table.ts';
export type { NackGeneratorCounters, NackGeneratorOptions } from './repair/nack-generator.ts';
export { NackGenerator } from './repair/nack-generator.ts';
export type {
  NackResponderCounters,
  NackResponderOptions,
  RtxStream,
} from './repair/nack-responder.ts';
export { NackResponder } from './repair/nack-responder.ts';
export type { PacketHistoryOptions } from './repair/packet-history.ts';
export { PacketHistory } from './repair/packet-history.ts';
export {
  encapsulateRtx,
  RTX_HEADER_LENGTH,
  renameHeaderExtension,
  restoreRtx,
} from './repair/rtx.ts';
export type { RtxReceiverCounters, RtxReceiverOptions, RtxVerdict } from './repair/rtx-receiver.ts';
export { RtxReceiver } from './repair/rtx-receiver.ts';
export type { ReceptionStatisticsOptions } from './reports/reception-statistics.ts';
export { ReceptionStatistics } from './reports/reception-statistics.ts';
export { RoundTripTime } from './reports/round-trip-time.ts';
export type {
  CompoundLead,
  RtcpMultiplexerCounters,
  RtcpMultiplexerOptions,
} from './reports/rtcp-multiplexer.ts';
export { RtcpMultiplexer } from './reports/rtcp-multiplexer.ts';
export type { RtcpReportsOptions } from './reports/rtcp-reports.ts';
export { RtcpReports } from './reports/rtcp-reports.ts';
export type { RtcpIntervalInput, RtcpScheduleOptions } from './reports/rtcp-schedule.ts';
export { RtcpSchedule, rtcpIntervalMs } from './reports/rtcp-schedule.ts';
export type { RemoteReport } from './reports/sending-statistics.ts';
export { SendingStatistics } from './reports/sending-statistics.ts';
export { ContinuousNumbers, NO_NUMBER } from './rewriting/continuous-numbers.ts';
export type { NumberedCodec } from './rewriting/picture-fields.ts';
export { PictureFields } from './rewriting/picture-fields.ts';
export type { StreamRewriterCounters, StreamRewriterOptions } from './rewriting/stream-rewriter.ts';
export { StreamRewriter } from './rewriting/stream-rewriter.ts';
export type { ApplicationDefined } from './rtcp/application-defined.ts';
export type {
  ApplicationLayerFeedback,
  ReceiverEstimatedMaxBitrate,
} from './rtcp/application-layer-feedback.ts';
export type { CompoundPacket, CompoundPacketRules, RtcpPacket } from './rtcp/compound-packet.ts';
export {
  decodeCompoundPacket,
  encodeCompoundPacket,
  encodeRtcpPacket,
  isValidCompoundPacket,
  rtcpPacketLength,
} from './rtcp/compound-packet.ts';
export type {
  CongestionControlFeedback,
  CongestionControlMetric,
  CongestionControlStream,
} from './rtcp/congestion-control-feedback.ts';
export type {
  ExtendedReport,
  ExtendedReportBlock,
  UnknownReportBlock,
} from './rtcp/extended-report.ts';
export type { ReceiptTimesBlock, RunLengthBlock } from './rtcp/extended-report-packet-blocks.ts';
export type {
  StatisticsSummaryBlock,
  VoipMetricsBlock,
} from './rtcp/extended-report-summary-blocks.ts';
export type {
  DelaySinceLastReceiverReport,
  DlrrBlock,
  ReceiverReferenceTimeBlock,
} from './rtcp/extended-report-time-blocks.ts';
export type { FeedbackParties } from './rtcp/feedback-header.ts';
export type { FullIntraRequest, FullIntraRequestEntry } from './rtcp/full-intra-request.ts';
export type { GenericNack } from './rtcp/generic-nack.ts';
export type { Goodbye } from './rtcp/goodbye.ts';
export type { MaxMediaBitrate, MediaBitrateLimit } from './rtcp/max-media-bitrate.ts';
export type { PictureLossIndication } from './rtcp/picture-loss-indication.ts';
export type { ReceiverReport } from './rtcp/receiver-report.ts';
export type { ReferencePictureSelection } from './rtcp/reference-picture-selection.ts';
export type { ReportBlock } from './rtcp/report-block.ts';
export { MAX_REPORT_BLOCKS } from './rtcp/report-block.ts';
export {
  PAYLOAD_FEEDBACK_FORMAT,
  RTCP_PACKET_TYPE,
  TRANSPORT_FEEDBACK_FORMAT,
} from './rtcp/rtcp-header.ts';
export type { SenderReport } from './rtcp/sender-report.ts';
export type { LostSlice, SliceLossIndication } from './rtcp/slice-loss-indication.ts';
export type { SdesChunk, SdesItem, SourceDescription } from './rtcp/source-description.ts';
export { cnameOf, SDES_ITEM } from './rtcp/source-description.ts';
export type { TemporalSpatialTradeOff, TradeOff } from './rtcp/temporal-spatial-trade-off.ts';
export type { TransportFeedback } from './rtcp/transport-feedback.ts';
export { DELTA_UNIT_MS, REFERENCE_TIME_UNIT_MS } from './rtcp/transport-feedback.ts';
export type { UnknownRtcpPacket } from './rtcp/unknown-packet.ts';
export type { NtpTime } from './timing/ntp-time.ts';
export {
  compactNtpDuration,
  compactNtpTime,
  compactNtpTimeFromUnixMs,
  msFromCompactNtp,
  ntpFraction,
  ntpSeconds,
  ntpTimeFromUnixMs,
  roundTripMs,
  unixMsFromNtpTime,
} from './timing/ntp-time.ts';
export { SequenceUnwrapper, TimestampUnwrapper } from './timing/unwrapper.ts';
