// Tells RTP, RTCP and everything else on one port apart by the first two bytes (RFC 5761 §4, RFC 7983, https://www.rfc-editor.org/rfc/rfc7983#section-7).
//
//                  +----------------+
//                  |        [0..3] -+--> forward to STUN
//                  |                |
//                  |      [16..19] -+--> forward to ZRTP
//      packet -->  |      [20..63] -+--> forward to DTLS
//                  |                |
//                  |      [64..79] -+--> forward to TURN Channel
//                  |                |
//                  |    [128..191] -+--> forward to RTP/RTCP
//                  +----------------+

/** Whether the datagram in `bytes[start..end)` is RTP or RTCP, by its first byte. */
export function isRtpOrRtcp(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  if (end - start < 8) return false;
  return (bytes[start] as number) >> 6 === 2;
}

/**
 * Whether it is RTCP: the second byte is a packet type of 192 to 223, which payload types never look
 * like because 64 to 95 are not given to them (RFC 5761 §4).
 */
export function isRtcp(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  if (!isRtpOrRtcp(bytes, start, end)) return false;
  const packetType = bytes[start + 1] as number;
  return packetType >= 192 && packetType <= 223;
}

/** Whether it is RTP: {@link isRtpOrRtcp}, and not {@link isRtcp}. */
export function isRtp(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  return isRtpOrRtcp(bytes, start, end) && !isRtcp(bytes, start, end);
}
