// Subtests that are known to fail, each group with its reason: the one place that excuses a failure.

/** Subtests of one file that fail for one reason. */
export interface ExpectedInFile {
  readonly reason: string;
  /** Whole names; an expression only where all that it matches fail. */
  readonly subtests: readonly (string | RegExp)[];
}

// Later work.
const NEEDS_MEDIA = 'needs media in the peer connection, or several sections';
const NEEDS_TURN = 'needs TURN in the peer connection';
const STAND_IN = 'the stand-in adds no second section, as a second transceiver would';
const CHECKS_BEFORE_ANSWER =
  'not done yet: who sends checks before the answer is no candidate in statistics';

// Choices; deviations are in docs/deviations.md.
const ONE_FINGERPRINT = 'deviation: only the fingerprint of the first certificate';
const OTHER_PEER = 'deviation: a new fingerprint, that is another peer, is refused';
const NO_SHA1 = 'deviation: a description with no better hash than SHA-1 is refused';
const REMOTE_ADDRESSES = 'deviation: statistics have every remote address';
const WRITTEN_AS_CLASSES =
  'classes that nobody generates from Web IDL: prototypes, lengths and bad receivers differ';

// The test asks for something else than the specification.
const URLS_AS_GIVEN = 'the test wants a list; webrtc-pc keeps `urls` as it was given';
const USERNAME_LENGTH = 'RFC 8489 §14.3: less than 509 bytes, the test wants 509 to do';
const NO_SUCH_STATE = 'the test waits for the gathering state "completed", which is "complete"';
const SDP_FIRST = 'webrtc-pc compares the SDP before it looks at the state';
const ROLLBACK_OF_EITHER = 'webrtc-pc: either description may be rolled back by either method';
const MALFORMED = 'the test writes a=max-message-size:undefined where it means to leave it out';
const COMPLETED_AGAIN =
  'the test wants no change; a restart gathers anew, and "completed" is "connected" meanwhile';
const TWO_ARGUMENTS = 'the test gives Promise.any two promises instead of a list of them';
const OMITS_REQUIRED = 'the test leaves out the member `error`, which is required';

/** By the path of the file. */
export const EXPECTED_FAILURES: Readonly<Record<string, readonly ExpectedInFile[]>> = {
  'webrtc/RTCCertificate.html': [
    {
      reason: ONE_FINGERPRINT,
      subtests: [
        'RTCPeerConnection({ certificates }) should generate offer SDP with fingerprint of all provided certificates',
      ],
    },
  ],
  'webrtc/RTCConfiguration-bundlePolicy.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        '"balanced" bundle policy should gather ICE candidates for each media type in use',
        '"max-compat" bundle policy should gather ICE candidates for each track',
        '"max-bundle" bundle policy should gather ICE candidates for one track',
      ],
    },
  ],
  'webrtc/RTCConfiguration-iceServers.html': [
    {
      reason: URLS_AS_GIVEN,
      subtests: [
        'new RTCPeerConnection(config) - with stun server should succeed',
        'setConfiguration(config) - with stun server should succeed',
        'new RTCPeerConnection(config) - with turn server, username, credential should succeed',
        'setConfiguration(config) - with turn server, username, credential should succeed',
        'new RTCPeerConnection(config) - with turns server and empty string username, credential should succeed',
        'setConfiguration(config) - with turns server and empty string username, credential should succeed',
        'new RTCPeerConnection(config) - with turn server and empty string username, credential should succeed',
        'setConfiguration(config) - with turn server and empty string username, credential should succeed',
        'new RTCPeerConnection(config) - with 32 ice servers must succeed',
        'setConfiguration(config) - with 32 ice servers must succeed',
      ],
    },
    {
      reason: USERNAME_LENGTH,
      subtests: [
        'new RTCPeerConnection(config) - with a turn server and a username of 509 characters should succeed',
        'setConfiguration(config) - with a turn server and a username of 509 characters should succeed',
      ],
    },
  ],
  'webrtc/RTCDataChannel-send.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ['Sending multiple messages simultaneously in unordered mode works reliably'],
    },
  ],
  'webrtc/RTCDtlsTransport-state.html': [
    { reason: NEEDS_MEDIA, subtests: ['stop bundled transceiver retains dtls transport state'] },
  ],
  'webrtc/RTCIceTransport.html': [
    {
      reason: NO_SUCH_STATE,
      subtests: [
        'Two connected iceTransports should have matching local/remote candidates returned',
      ],
    },
    {
      reason: OTHER_PEER,
      subtests: [
        'Remote ICE restart should not result in a different ICE transport',
        'Remote ICE restart should not result in a different ICE transport (DataChannel case)',
      ],
    },
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'RTCIceTransport should transition to "closed" if the underlying transport is closed because the answer used bundle',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-addIceCandidate.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'addIceCandidate({"candidate":"","sdpMid":null,"sdpMLineIndex":null}) adds a=end-of-candidates to both m-sections',
        'addIceCandidate(undefined) adds a=end-of-candidates to both m-sections',
        'addIceCandidate(null) adds a=end-of-candidates to both m-sections',
        'addIceCandidate({}) adds a=end-of-candidates to both m-sections',
        'addIceCandidate({}) in stable should work, and add a=end-of-candidates to both m-sections',
        'addIceCandidate({usernameFragment: usernameFragment1, sdpMid: sdpMid1}) should work, and add a=end-of-candidates to the first m-section',
        'addIceCandidate({usernameFragment: usernameFragment2, sdpMLineIndex: 1}) should work, and add a=end-of-candidates to the first m-section',
        'Add ICE candidate after setting remote description should succeed',
        'addIceCandidate with first sdpMid and sdpMLineIndex add candidate to first media stream',
        'addIceCandidate with second sdpMid and sdpMLineIndex should add candidate to second media stream',
        'Add candidate for first media stream with null usernameFragment should add candidate to first media stream',
        'Adding multiple candidates should add candidates to their corresponding media stream',
        'Add with empty candidate string (end of candidates) should succeed',
        'Add candidate for media stream 2 with null usernameFragment should succeed',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-connectionState.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'when adding a datachannel to an existing unbundled connected PC, it should go through a connecting state',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-createOffer.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'When media stream is added when createOffer() is running in parallel, the result offer should contain the new media stream',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-getStats-timestamp.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ['RTCRemoteInboundRtpStats.timestamp is expressed as Performance time'],
    },
  ],
  'webrtc/RTCPeerConnection-getStats.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'getStats() with track added via addTrack should succeed',
        'getStats() with track added via addTransceiver should succeed',
        'getStats() with track associated with both sender and receiver should reject with InvalidAccessError',
        'getStats() track with stream returns peer-connection and outbound-rtp stats',
        'getStats() track without stream returns peer-connection and outbound-rtp stats',
        'getStats() audio contains outbound-rtp stats',
        'getStats() video contains outbound-rtp stats',
        'getStats() on track associated with RTCRtpSender should return stats report containing outbound-rtp stats',
        'getStats() on track associated with RTCRtpReceiver should return stats report containing inbound-rtp stats',
        'getStats() audio contains inbound-rtp stats',
        'getStats() audio contains candidate-pair stats',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-iceConnectionState-disconnected.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ['ICE restart when ICE is disconnected results in checking, then connected'],
    },
  ],
  'webrtc/RTCPeerConnection-iceConnectionState.https.html': [
    { reason: NEEDS_MEDIA, subtests: ['ICE can connect in a recvonly usecase'] },
    {
      reason: COMPLETED_AGAIN,
      subtests: ['ICE restart does not result in a transition back to checking'],
    },
  ],
  'webrtc/RTCPeerConnection-iceGatheringState.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'renegotiation that closes all transports should result in ICE gathering state "new"',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-onicecandidateerror.https.html': [
    { reason: NEEDS_TURN, subtests: ['Surfacing onicecandidateerror'] },
  ],
  'webrtc/RTCPeerConnection-onnegotiationneeded.html': [
    {
      reason: STAND_IN,
      subtests: [
        'negotiationneeded event should fire only after signaling state goes back to stable after setRemoteDescription',
        'negotiationneeded event should fire only after signalingstatechange event fires from setRemoteDescription',
      ],
    },
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'removeTrack should cause negotiationneeded to fire on the caller',
        'removeTrack should cause negotiationneeded to fire on the callee',
        'Updating the direction of the transceiver should cause negotiationneeded to fire',
        'Calling setStreams should cause negotiationneeded to fire',
        'Calling setStreams with a different stream as before should cause negotiationneeded to fire',
        'Calling setStreams with an additional stream should cause negotiationneeded to fire',
        'Calling setStreams with a stream removed should cause negotiationneeded to fire',
        'Calling setStreams with all streams removed should cause negotiationneeded to fire',
        'Calling setStreams with the same stream as before should not cause negotiationneeded to fire',
        'Calling setStreams with duplicates of the same stream as before should not cause negotiationneeded to fire',
        'Calling setStreams with the same streams as before in a different order should not cause negotiationneeded to fire',
        'Calling setStreams with duplicates of the same streams as before should not cause negotiationneeded to fire',
        'Adding two transceivers, one at a time, results in the expected number of negotiationneeded events',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-onsignalingstatechanged.https.html': [
    { reason: NEEDS_MEDIA, subtests: ['Negotiation methods fire signalingstatechange events'] },
  ],
  'webrtc/RTCPeerConnection-operations.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'replaceTrack must detect InvalidStateError synchronously when chain is empty and transceiver is stopped',
        'setParameters must detect InvalidStateError synchronously always when transceiver is stopped',
        'Negotiationneeded only fires once operations chain is empty',
        'replaceTrack uses operations chain',
        'setParameters does NOT use the operations chain',
        'sender.getStats does NOT use the operations chain',
        'receiver.getStats does NOT use the operations chain',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-restartIce.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'restartIce() survives remote offer containing partial restart',
        'restartIce() survives remote offer containing partial restart (perfect negotiation)',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription-answer.html': [
    {
      reason: SDP_FIRST,
      subtests: [
        'Calling setLocalDescription(answer) from stable state should reject with InvalidStateError',
        'Calling setLocalDescription(answer) from have-local-offer state should reject with InvalidStateError',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription-offer.html': [
    {
      reason: STAND_IN,
      subtests: [
        'Set created offer other than last offer should reject with InvalidModificationError',
        'Creating and setting offer multiple times should succeed',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription-parameterless.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ["Parameterless SLD() in 'have-remote-offer' sets transceiver.currentDirection"],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription-pranswer.html': [
    {
      reason: SDP_FIRST,
      subtests: [
        'setLocalDescription(pranswer) from stable state should reject with InvalidStateError',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription-rollback.html': [
    {
      reason: ROLLBACK_OF_EITHER,
      subtests: [
        'setLocalDescription(rollback) after setting a remote offer should reject with InvalidStateError',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setLocalDescription.html': [
    {
      reason: STAND_IN,
      subtests: [
        'Calling createOffer() and setLocalDescription() again after one round of local-offer/remote-answer should succeed',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setRemoteDescription-offer.html': [
    {
      reason: STAND_IN,
      subtests: ['setRemoteDescription multiple times with different offer should succeed'],
    },
    {
      reason: TWO_ARGUMENTS,
      subtests: ['setRemoteDescription(invalidOffer) from have-local-offer does not undo rollback'],
    },
    {
      reason: NEEDS_MEDIA,
      subtests: ['setRemoteDescription(section with duplicate msid) rejects'],
    },
  ],
  'webrtc/RTCPeerConnection-setRemoteDescription-rollback.html': [
    {
      reason: ROLLBACK_OF_EITHER,
      subtests: [
        'setRemoteDescription(rollback) after setting a local offer should reject with InvalidStateError',
      ],
    },
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'rollback of a remote offer should remove a transceiver',
        'rollback of a remote offer should remove touched transceiver',
        'rollback of a remote offer should keep a transceiver',
        'rollback of a remote offer should keep a transceiver without tracks',
        'when using addTransceiver, implicit rollback of a local offer should visit stable state, but not fire negotiationneeded until we settle in stable',
        'rollback of a remote offer to negotiated stable state should enable applying of a local offer',
        'rollback of a local offer to negotiated stable state should enable applying of a remote offer',
        'rollback a local offer with audio direction change to negotiated stable state and then add video receiver',
        'two transceivers with same mids',
        'onremovetrack fires during remote rollback',
        'rollback of a remote offer with stream changes',
      ],
    },
  ],
  'webrtc/RTCPeerConnection-setRemoteDescription.html': [
    {
      reason: STAND_IN,
      subtests: [
        'Calling setRemoteDescription() again after one round of remote-offer/local-answer should succeed',
      ],
    },
  ],
  'webrtc/RTCSctpTransport-constructor.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'setRemoteDescription() with answer not containing data media should not initialize pc.sctp',
        'setLocalDescription() with answer not containing data media should not initialize pc.sctp',
      ],
    },
  ],
  'webrtc/RTCSctpTransport-maxMessageSize.html': [
    { reason: MALFORMED, subtests: ['Remote offer SDP missing max-message-size attribute'] },
  ],
  'webrtc/historical.html': [
    { reason: NEEDS_MEDIA, subtests: ['RTCRtpTransceiver member setDirection should not exist'] },
  ],
  'webrtc/protocol/crypto-suite.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ['srtpCipher is acceptable on data-only', 'srtpCipher is acceptable on video-only'],
    },
  ],
  'webrtc/protocol/dtls-fingerprint-validation.html': [
    { reason: NO_SHA1, subtests: ['SDP negotiation with a sha-1 fingerprint succeds'] },
  ],
  'webrtc/protocol/dtls-setup.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'PC should accept initial offer with setup=actpass',
        'PC should accept initial offer with setup=active',
        'PC should accept initial offer with setup=passive',
        'PC with setup=actpass should have a dtlsRole of client',
        'PC with setup=active should have a dtlsRole of server',
        'PC with setup=passive should have a dtlsRole of client',
      ],
    },
  ],
  'webrtc/protocol/handover-datachannel.html': [
    {
      reason: OTHER_PEER,
      subtests: ['Handover with datachannel reinitiated from new callee completes'],
    },
  ],
  'webrtc/protocol/ice-state.https.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: ['PC should enter disconnected state when a failing candidate is sent'],
    },
  ],
  'webrtc/protocol/ice-ufragpwd.html': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        'setRemoteDescription with a ice-ufrag containing a non-ice-char fails',
        'setRemoteDescription with a ice-pwd containing a non-ice-char fails',
      ],
    },
  ],
  'webrtc/protocol/unknown-mediatypes.html': [
    { reason: NEEDS_MEDIA, subtests: ['Unknown media types are rejected with the port set to 0'] },
  ],
  'webrtc/idlharness.https.window.js': [
    {
      reason: NEEDS_MEDIA,
      subtests: [
        /^(?!Partial).*(RTCRtp|RTCDTMF|RTCTrackEvent|initTrackEvent|asyncInitMediaStreamTrack)/,
        /(add|remove)Track\(|addTransceiver\(|get(Senders|Receivers|Transceivers)\(|ontrack/,
      ],
    },
    { reason: OMITS_REQUIRED, subtests: [/new RTCErrorEvent\('error'\)/] },
    {
      reason: WRITTEN_AS_CLASSES,
      subtests: [
        /^RTC(PeerConnection|(Dtls|Ice|Sctp)Transport|DataChannel) interface: existence and properties of interface (prototype )?object$/,
        /^RTC(Certificate|(Dtls|Ice|Sctp)Transport|IceCandidatePair|DataChannel|StatsReport) interface object length$/,
        /^RTC(PeerConnection|(Dtls|Ice|Sctp)Transport|DataChannel) interface: attribute on(?!track)[a-z]+$/,
        /^RTCPeerConnection interface: operation (create(Offer|Answer)|set(Local|Remote)Description|addIceCandidate|generateCertificate|getStats)\(/,
        'RTCIceTransport interface: attribute component',
        'RTCDataChannel interface: attribute binaryType',
        'RTCStatsReport interface: maplike<DOMString, object>',
      ],
    },
  ],
  'webrtc-stats/getStats-remote-candidate-address.html': [
    {
      reason: REMOTE_ADDRESSES,
      subtests: [
        'Do not expose in stats remote addresses that are not known to be already exposed to JS',
      ],
    },
  ],
  'webrtc-stats/getStats-remote-candidate-ufrag.html': [
    {
      reason: CHECKS_BEFORE_ANSWER,
      subtests: ['Do not expose in stats remote ufrags that are not known via signaling'],
    },
  ],
};
