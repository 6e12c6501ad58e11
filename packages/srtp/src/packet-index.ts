// The packet index: a packet's sequence number, made 48 bits long by the rollover counter.
// https://www.rfc-editor.org/rfc/rfc3711#section-3.3.1

/** Values of a sequence number. */
export const SEQUENCE_NUMBERS = 0x1_0000;
/** The highest rollover counter: it has 32 bits. */
export const MAX_ROLLOVER_COUNTER = 0xffff_ffff;
/** The highest packet index. */
export const MAX_PACKET_INDEX: number = MAX_ROLLOVER_COUNTER * SEQUENCE_NUMBERS + 0xffff;
/** The highest SRTCP index (RFC 3711 §3.4). */
export const MAX_SRTCP_INDEX = 0x7fff_ffff;

/**
 * The index that a packet most likely has: the one with its sequence number that is nearest to the highest
 * so far (RFC 3711 §3.3.1, Appendix A). It may lie below 0 or beyond {@link MAX_PACKET_INDEX}: then there
 * is no such packet.
 */
export function estimatePacketIndex(sequenceNumber: number, highest: number): number {
  // As `highest` has up to 48 bits, only its last 32 count here.
  const highestSequenceNumber = highest & 0xffff;
  const distance = sequenceNumber - highestSequenceNumber;
  const index = highest + distance;
  // Half a circle away in either direction is the same rollover counter still, as in Appendix A.
  if (distance > 0x8000) return index - SEQUENCE_NUMBERS;
  if (distance < -0x8000) return index + SEQUENCE_NUMBERS;
  return index;
}
