// The pacing rate of algorithms that know a window only (RFC 9002 §7.7, https://www.rfc-editor.org/rfc/rfc9002#section-7.7).

/** Faster than the window would need, so that pacing is never what holds it back. */
const GAIN = 1.25;
/** In slow start the window doubles in a round trip. */
const SLOW_START_GAIN = 2;

/** Bytes a millisecond; Infinity before the round trip is known. */
export function windowPacingRate(
  cwnd: number,
  srttMs: number | undefined,
  isSlowStart: boolean,
): number {
  if (srttMs === undefined || srttMs <= 0) return Number.POSITIVE_INFINITY;
  return ((isSlowStart ? SLOW_START_GAIN : GAIN) * cwnd) / srttMs;
}
