// Which tests are for Kaon: data channels, transports, descriptions, configuration, certificates,
// candidates, negotiation, states, closing and the statistics of data.
import { testsIn } from './checkout.ts';

/** A test that is run. */
export interface TestFile {
  readonly path: string;
  /** Runs with the stand-in for media (stand-in.ts). */
  readonly standIn: boolean;
  readonly subtestLimitMs: number;
}

const SUBTEST_LIMIT_MS = 10_000;
/** Subtests that take longer than others. */
const LONGER_LIMITS: Readonly<Record<string, number>> = {
  'webrtc/RTCConfiguration-iceTransportPolicy.html': 100_000,
  'webrtc/RTCDataChannel-GC.html': 40_000,
};

/** Run as they are. */
const AS_THEY_ARE: readonly string[] = [
  'webrtc/RTCCertificate.html',
  'webrtc/RTCConfiguration-iceCandidatePoolSize.html',
  'webrtc/RTCConfiguration-iceServers.html',
  'webrtc/RTCConfiguration-validation.html',
  'webrtc/RTCDataChannel-GC.html',
  'webrtc/RTCDataChannel-binaryType.window.js',
  'webrtc/RTCDataChannel-bufferedAmount.html',
  'webrtc/RTCDataChannel-close.html',
  'webrtc/RTCDataChannel-iceRestart.html',
  'webrtc/RTCDataChannel-id.html',
  'webrtc/RTCDataChannel-send-blob-order.html',
  'webrtc/RTCDataChannel-send-close-array-buffer-negotiated.window.js',
  'webrtc/RTCDataChannel-send-close-array-buffer.window.js',
  'webrtc/RTCDataChannel-send-close-blob-negotiated.window.js',
  'webrtc/RTCDataChannel-send-close-blob.window.js',
  'webrtc/RTCDataChannel-send-close-string-negotiated.window.js',
  'webrtc/RTCDataChannel-send-close-string.window.js',
  'webrtc/RTCDataChannelEvent-constructor.html',
  'webrtc/RTCDataChannelInit-maxPacketLifeTime-enforce-range.html',
  'webrtc/RTCDataChannelInit-maxRetransmits-enforce-range.html',
  'webrtc/RTCError.html',
  'webrtc/RTCIceCandidate-constructor.html',
  'webrtc/RTCPeerConnection-addIceCandidate.html',
  'webrtc/RTCPeerConnection-canTrickleIceCandidates.html',
  'webrtc/RTCPeerConnection-constructor.html',
  'webrtc/RTCPeerConnection-createAnswer.html',
  'webrtc/RTCPeerConnection-description-attributes-timing.https.html',
  'webrtc/RTCPeerConnection-generateCertificate.html',
  'webrtc/RTCPeerConnection-ondatachannel.html',
  'webrtc/RTCPeerConnection-plan-b-is-not-supported.html',
  'webrtc/RTCPeerConnection-transport-stats.https.html',
  'webrtc/RTCPeerConnectionIceErrorEvent.html',
  'webrtc/RTCPeerConnectionIceEvent-constructor.html',
  'webrtc/RTCSctpTransport-events.html',
  'webrtc/RTCSctpTransport-maxChannels.html',
  'webrtc/RTCSctpTransport-maxMessageSize.html',
  'webrtc/getstats.html',
  'webrtc/historical.html',
  'webrtc/idlharness.https.window.js',
  'webrtc/promises-call.html',
  'webrtc/protocol/candidate-exchange.https.html',
  'webrtc/protocol/dtls-certificates.html',
  'webrtc/protocol/dtls-fingerprint-validation.html',
  'webrtc/protocol/dtls-setup.https.html',
  'webrtc/protocol/handover-datachannel.html',
  'webrtc/protocol/ice-ufragpwd.html',
  'webrtc/protocol/sctp-format.html',
  'webrtc/protocol/zz-ice-ufragpwd.html',
  'webrtc/toJSON.html',
  'webrtc-stats/getStats-remote-candidate-address.html',
  'webrtc-stats/getStats-remote-candidate-ufrag.html',
];

/** Run with the stand-in: a data channel in the place of each transceiver and track. */
const WITH_STAND_IN: readonly string[] = [
  'webrtc/RTCConfiguration-bundlePolicy.html',
  'webrtc/RTCConfiguration-iceTransportPolicy.html',
  'webrtc/RTCDataChannel-send.html',
  'webrtc/RTCDtlsTransport-getRemoteCertificates.html',
  'webrtc/RTCDtlsTransport-state.html',
  'webrtc/RTCIceConnectionState-candidate-pair.https.html',
  'webrtc/RTCIceTransport.html',
  'webrtc/RTCPeerConnection-SLD-SRD-timing.https.html',
  'webrtc/RTCPeerConnection-addIceCandidate-connectionSetup.html',
  'webrtc/RTCPeerConnection-addIceCandidate-timing.https.html',
  'webrtc/RTCPeerConnection-candidate-in-sdp.https.html',
  'webrtc/RTCPeerConnection-connectionState.https.html',
  'webrtc/RTCPeerConnection-createDataChannel.html',
  'webrtc/RTCPeerConnection-createOffer.html',
  'webrtc/RTCPeerConnection-explicit-rollback-iceGatheringState.html',
  'webrtc/RTCPeerConnection-getStats-timestamp.https.html',
  'webrtc/RTCPeerConnection-getStats.https.html',
  'webrtc/RTCPeerConnection-iceConnectionState-disconnected.https.html',
  'webrtc/RTCPeerConnection-iceConnectionState.https.html',
  'webrtc/RTCPeerConnection-iceGatheringState.html',
  'webrtc/RTCPeerConnection-onicecandidateerror.https.html',
  'webrtc/RTCPeerConnection-onnegotiationneeded.html',
  'webrtc/RTCPeerConnection-onsignalingstatechanged.https.html',
  'webrtc/RTCPeerConnection-operations.https.html',
  'webrtc/RTCPeerConnection-restartIce-onnegotiationneeded.https.html',
  'webrtc/RTCPeerConnection-restartIce.https.html',
  'webrtc/RTCPeerConnection-setLocalDescription-answer.html',
  'webrtc/RTCPeerConnection-setLocalDescription-offer.html',
  'webrtc/RTCPeerConnection-setLocalDescription-parameterless.https.html',
  'webrtc/RTCPeerConnection-setLocalDescription-pranswer.html',
  'webrtc/RTCPeerConnection-setLocalDescription-rollback.html',
  'webrtc/RTCPeerConnection-setLocalDescription.html',
  'webrtc/RTCPeerConnection-setRemoteDescription-answer.html',
  'webrtc/RTCPeerConnection-setRemoteDescription-offer.html',
  'webrtc/RTCPeerConnection-setRemoteDescription-pranswer.html',
  'webrtc/RTCPeerConnection-setRemoteDescription-rollback.html',
  'webrtc/RTCPeerConnection-setRemoteDescription.html',
  'webrtc/RTCSctpTransport-constructor.html',
  'webrtc/legacy/munge-dont.html',
  'webrtc/no-media-call.html',
  'webrtc/protocol/crypto-suite.https.html',
  'webrtc/protocol/ice-state.https.html',
  'webrtc/protocol/jsep-initial-offer.https.html',
  'webrtc/protocol/missing-fields.html',
  'webrtc/protocol/sdes-dont-dont-dont.html',
  'webrtc/protocol/unknown-mediatypes.html',
];

const LEFT_OUT: readonly { readonly reason: string; readonly pattern: RegExp }[] = [
  { reason: 'as they need ICE over TCP', pattern: /addTcpIceCandidate/ },
  {
    reason: 'as they need windows, frames or workers of a browser',
    pattern:
      /back-forward-cache|-postMessage|worker|transfer-datachannel|perfect-negotiation|helper-test/,
  },
  {
    reason: 'as they need media in the peer connection',
    pattern:
      /RTCRtp|RTCDTMF|RTCTrackEvent|simulcast|[Tt]ransceiver|[Tt]rack|codec|msid|rtp-|rtx|h26[45]|vp8|av1|simplecall|video|canvas|stream|payloadTypes|rtcpMuxPolicy|direction|handover\.html|capability|Rollback|offerToReceive|bundle\.|split|mandatory|supported-stats|PeerConnection-GC|webrtc-stats\/(idlharness|outbound-rtp)/,
  },
];

/** The tests of a checkout that are run. */
export function selected(root: string): TestFile[] {
  return testsIn(root)
    .filter((path) => AS_THEY_ARE.includes(path) || WITH_STAND_IN.includes(path))
    .map((path) => ({
      path,
      standIn: WITH_STAND_IN.includes(path),
      subtestLimitMs: LONGER_LIMITS[path] ?? SUBTEST_LIMIT_MS,
    }));
}

/** The tests of a checkout that are left out, by reasons. */
export function leftOut(root: string): { reason: string; paths: string[] }[] {
  const groups = LEFT_OUT.map(({ reason }) => ({ reason, paths: [] as string[] }));
  for (const path of notRun(root)) groups[whyLeftOut(path)]?.paths.push(path);
  return groups;
}

/** The tests of a checkout of which nobody has decided yet. */
export function unsorted(root: string): string[] {
  return notRun(root).filter((path) => whyLeftOut(path) === -1);
}

function notRun(root: string): string[] {
  const run = new Set(selected(root).map(({ path }) => path));
  return testsIn(root).filter((path) => !run.has(path));
}

function whyLeftOut(path: string): number {
  return LEFT_OUT.findIndex(({ pattern }) => pattern.test(path));
}
