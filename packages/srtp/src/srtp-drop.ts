// Why a packet was not let through: the negative results of unprotecting, and their counters.

/** Results of unprotecting that are no offset. All are what a network can do; none is an exception. */
export const SrtpDrop = {
  /** No RTP or RTCP packet, or too short to hold what protection adds. */
  malformed: -1,
  /** Its master key identifier is none of ours (RFC 3711 §3.1). */
  unknownMki: -2,
  /** Its index came before (RFC 3711 §3.3.2). */
  replayed: -3,
  /** Its index is behind the replay window, or no index can be meant. */
  tooOld: -4,
  /** Its authentication tag is wrong (RFC 3711 §4.2): forged, damaged, or protected with another key. */
  notAuthentic: -5,
  /** It is not encrypted as was agreed on: SRTCP without the E flag, or RTP without cryptex. */
  unencrypted: -6,
} as const;

/** The name of a reason, as counters have it. */
export type SrtpDropReason = keyof typeof SrtpDrop;

/** Names from -1 downwards, as {@link SrtpDrop} has them. */
const REASONS = Object.keys(SrtpDrop) as SrtpDropReason[];

/** The name of a negative result; undefined for an offset. */
export function srtpDropReason(result: number): SrtpDropReason | undefined {
  return REASONS[-1 - result];
}

/** How many packets were dropped, by reason. */
export type SrtpDropCounters = Record<SrtpDropReason, number>;

/** Counters at zero. */
export function createDropCounters(): SrtpDropCounters {
  return { malformed: 0, unknownMki: 0, replayed: 0, tooOld: 0, notAuthentic: 0, unencrypted: 0 };
}
