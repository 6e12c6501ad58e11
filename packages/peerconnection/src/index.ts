// The public face of @kaon/peerconnection: the interfaces of the W3C's WebRTC, for data.

export type {
  CertificateAlgorithm,
  RTCCertificateExpiration,
  RTCDtlsFingerprint,
} from './certificate.ts';
export { RTCCertificate } from './certificate.ts';
export type {
  RTCBundlePolicy,
  RTCConfiguration,
  RTCIceTransportPolicy,
  RTCRtcpMuxPolicy,
} from './configuration.ts';
export type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
} from './connection-states.ts';
export type { BinaryType, RTCDataChannelState } from './data/channel.ts';
export type { RTCPriorityType } from './data/priority.ts';
export type { RTCDataChannelEventMap, RTCDataChannelInit } from './data-channel.ts';
export { RTCDataChannel } from './data-channel.ts';
export type { EventHandler, EventOptions } from './event-target.ts';
export type {
  RTCIceCandidateInit,
  RTCIceCandidateType,
  RTCIceComponent,
  RTCIceProtocol,
  RTCIceServerTransportProtocol,
  RTCIceTcpCandidateType,
  RTCLocalIceCandidateInit,
} from './ice-candidate.ts';
export { RTCIceCandidate, RTCIceCandidatePair } from './ice-candidate.ts';
export type { RTCIceServer } from './ice-server.ts';
export { nodeNetwork } from './io/node-network.ts';
export type { ConnectionTrace, KaonOptions } from './io/options.ts';
export type { RTCAnswerOptions, RTCOfferOptions } from './jsep/create.ts';
export type { RTCSignalingState } from './jsep/signaling-state.ts';
export type { RTCPeerConnectionEventMap } from './peer-connection.ts';
export { RTCPeerConnection } from './peer-connection.ts';
export type {
  RTCDataChannelEventInit,
  RTCPeerConnectionIceErrorEventInit,
  RTCPeerConnectionIceEventInit,
} from './peer-connection-events.ts';
export {
  RTCDataChannelEvent,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
} from './peer-connection-events.ts';
export type { RTCErrorDetailType, RTCErrorEventInit, RTCErrorInit } from './rtc-error.ts';
export { RTCError, RTCErrorEvent } from './rtc-error.ts';
export type {
  RTCLocalSessionDescriptionInit,
  RTCSdpType,
  RTCSessionDescriptionInit,
} from './session-description.ts';
export { RTCSessionDescription } from './session-description.ts';
export type {
  RTCCertificateStats,
  RTCDataChannelStats,
  RTCDtlsRole,
  RTCIceCandidatePairStats,
  RTCIceCandidateStats,
  RTCKaonSctpStats,
  RTCPeerConnectionStats,
  RTCStats,
  RTCStatsEntry,
  RTCStatsIceCandidatePairState,
  RTCStatsType,
  RTCTransportStats,
} from './stats/report.ts';
export { RTCStatsReport } from './stats/report.ts';
export type {
  RTCDtlsTransportEventMap,
  RTCDtlsTransportState,
} from './transports/dtls-transport.ts';
export { RTCDtlsTransport } from './transports/dtls-transport.ts';
export type {
  RTCIceGathererState,
  RTCIceParameters,
  RTCIceRole,
  RTCIceTransportEventMap,
  RTCIceTransportState,
} from './transports/ice-transport.ts';
export { RTCIceTransport } from './transports/ice-transport.ts';
export type {
  RTCSctpTransportEventMap,
  RTCSctpTransportState,
} from './transports/sctp-transport.ts';
export { RTCSctpTransport } from './transports/sctp-transport.ts';
export type { WarmUpOptions } from './warm-up.ts';
export { warmUp } from './warm-up.ts';
