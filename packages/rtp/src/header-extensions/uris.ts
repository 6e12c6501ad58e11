// The URIs that name header extensions in a=extmap (RFC 8285 §5, https://www.rfc-editor.org/rfc/rfc8285#section-5).

/** RFC 9143 §15. */
export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
/** RFC 8852 §4. */
export const RTP_STREAM_ID_URI = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
/** RFC 8852 §4. */
export const REPAIRED_RTP_STREAM_ID_URI = 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-send-time */
export const ABS_SEND_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
/** draft-holmer-rmcat-transport-wide-cc-extensions-01 §2. */
export const TRANSPORT_WIDE_CC_URI =
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/transport-wide-cc-02 */
export const TRANSPORT_WIDE_CC_02_URI =
  'http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02';
/** RFC 6464 §4. */
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
/** RFC 6465 §4. */
export const CSRC_AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:csrc-audio-level';
/** 3GPP TS 26.114 §7.4.5. */
export const VIDEO_ORIENTATION_URI = 'urn:3gpp:video-orientation';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/playout-delay */
export const PLAYOUT_DELAY_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-capture-time */
export const ABS_CAPTURE_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
/** RTP Payload Format For AV1, appendix A. */
export const DEPENDENCY_DESCRIPTOR_URI =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/video-layers-allocation00 */
export const VIDEO_LAYERS_ALLOCATION_URI =
  'http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00';
/** https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/color-space */
export const COLOR_SPACE_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/color-space';
