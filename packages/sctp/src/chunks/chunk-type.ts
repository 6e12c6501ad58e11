// Chunk types, and what becomes of one that is not known (RFC 9260 §3.2, https://www.rfc-editor.org/rfc/rfc9260#section-3.2).

/** The chunk types that Kaon knows. */
export const CHUNK_TYPE = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  /** RFC 8260 §2.1 */
  iData: 64,
  /** RFC 6525 §3.1 */
  reConfig: 130,
  /** RFC 4820 §3 */
  pad: 132,
  /** RFC 3758 §3.2 */
  forwardTsn: 192,
  /** RFC 8260 §2.3.1 */
  iForwardTsn: 194,
} as const;

/** What the two highest bits of an unknown chunk or parameter type demand. */
export interface UnknownTypeRule {
  /** Stop processing: the rest of the packet (or of the parameter list) is passed over. */
  readonly stop: boolean;
  /** Report the unknown thing to its sender. */
  readonly report: boolean;
}

const UNKNOWN_TYPE_RULES: readonly UnknownTypeRule[] = [
  { stop: true, report: false },
  { stop: true, report: true },
  { stop: false, report: false },
  { stop: false, report: true },
];

/** The rule for an unknown chunk type (RFC 9260 §3.2): 8 bits, of which the upper two decide. */
export function unknownChunkRule(type: number): UnknownTypeRule {
  return UNKNOWN_TYPE_RULES[(type >>> 6) & 3] as UnknownTypeRule;
}

/** The rule for an unknown parameter type (RFC 9260 §3.2.1): 16 bits, of which the upper two decide. */
export function unknownParameterRule(type: number): UnknownTypeRule {
  return UNKNOWN_TYPE_RULES[(type >>> 14) & 3] as UnknownTypeRule;
}
