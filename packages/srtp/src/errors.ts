// What @kaon/srtp throws when its caller is at fault.

/**
 * - `SRTP_INVALID_OPTION`: an option, or a key, is not what it should be.
 * - `SRTP_MALFORMED_PACKET`: what is to be protected is no RTP or RTCP packet.
 * - `SRTP_NO_ROOM`: there is no room behind the packet for what protection adds.
 * - `SRTP_INDEX_REUSED`: a packet with this index was protected already (RFC 3711 §9.1).
 * - `SRTP_INDEX_TOO_OLD`: the packet's index is so far behind the highest that it counts as used.
 * - `SRTP_KEY_EXHAUSTED`: the master key has protected as many packets as it may (RFC 3711 §9.2).
 * - `SRTP_TOO_MANY_SSRCS`: the sender has as many SSRCs as it may.
 * - `SRTP_INVALID_STATE`: the sender or receiver was destroyed, the SSRC released, or a rollover counter would go
 *   backwards.
 */
export type SrtpErrorCode =
  | 'SRTP_INVALID_OPTION'
  | 'SRTP_MALFORMED_PACKET'
  | 'SRTP_NO_ROOM'
  | 'SRTP_INDEX_REUSED'
  | 'SRTP_INDEX_TOO_OLD'
  | 'SRTP_KEY_EXHAUSTED'
  | 'SRTP_TOO_MANY_SSRCS'
  | 'SRTP_INVALID_STATE';

/** A caller's fault; {@link code} is stable, the message is for people. */
export class SrtpError extends Error {
  override readonly name = 'SrtpError';
  /** What went wrong, in a form that never changes. */
  readonly code: SrtpErrorCode;

  constructor(code: SrtpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws that `name` is `value` and not what was `expected`. */
export function invalidOption(name: string, value: unknown, expected: string): never {
  throw new SrtpError('SRTP_INVALID_OPTION', `${name} is ${value}; expected ${expected}.`);
}

/** @throws SrtpError with code `SRTP_INVALID_OPTION` unless `value` is an integer from `least` to `most`. */
export function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    invalidOption(name, value, `an integer from ${least} to ${most}`);
  }
}

/** @throws RangeError if `[start, end)` is no part of `packet`. */
export function checkPacketRange(packet: Uint8Array, start: number, end: number): void {
  if (!(start >= 0 && start <= end && end <= packet.length)) {
    throw new RangeError(`No packet is from ${start} to ${end} of ${packet.length} bytes.`);
  }
}
