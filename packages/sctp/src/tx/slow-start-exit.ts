// Ends slow start when the round trip grows, before a queue overflows: HyStart++ (RFC 9406 §4, https://www.rfc-editor.org/rfc/rfc9406#section-4).
import type { Acknowledgement } from './congestion-controller.ts';

const MIN_RTT_THRESHOLD_MS = 4; // MIN_RTT_THRESH
const MAX_RTT_THRESHOLD_MS = 16; // MAX_RTT_THRESH
const RTT_DIVISOR = 8; // MIN_RTT_DIVISOR
const RTT_SAMPLES = 8; // N_RTT_SAMPLE
const GROWTH_DIVISOR = 4; // CSS_GROWTH_DIVISOR
const CONSERVATIVE_ROUNDS = 5; // CSS_ROUNDS

/** Watches the least round-trip time of each round of slow start. */
export class SlowStartExit {
  #roundEnd = 0;
  #lastRoundMin = Number.POSITIVE_INFINITY;
  #roundMin = Number.POSITIVE_INFINITY;
  #samples = 0;
  /** Of Conservative Slow Start: the round trip that it began with, and its rounds so far. */
  #conservative: { readonly baselineMs: number; rounds: number } | undefined;

  /** What an acknowledged byte adds to the window; 0 when slow start is over. */
  growth(acknowledgement: Acknowledgement): number {
    const { deliveredBytes, flightBytes, rate, rttMs } = acknowledgement;
    if (rate.priorDelivered >= this.#roundEnd) {
      this.#roundEnd = deliveredBytes + flightBytes;
      this.#lastRoundMin = this.#roundMin;
      this.#roundMin = Number.POSITIVE_INFINITY;
      this.#samples = 0;
      if (this.#conservative !== undefined) this.#conservative.rounds++;
    }
    if (rttMs !== undefined) {
      this.#roundMin = Math.min(this.#roundMin, rttMs);
      this.#samples++;
    }
    if (this.#samples >= RTT_SAMPLES && this.#roundMin !== Number.POSITIVE_INFINITY) {
      this.#judge();
    }
    if (this.#conservative === undefined) return 1;
    return this.#conservative.rounds >= CONSERVATIVE_ROUNDS ? 0 : 1 / GROWTH_DIVISOR;
  }

  #judge(): void {
    if (this.#conservative !== undefined) {
      // The round trip has fallen again: it was jitter.
      if (this.#roundMin < this.#conservative.baselineMs) this.#conservative = undefined;
      return;
    }
    if (this.#lastRoundMin === Number.POSITIVE_INFINITY) return;
    const threshold = Math.max(
      MIN_RTT_THRESHOLD_MS,
      Math.min(this.#lastRoundMin / RTT_DIVISOR, MAX_RTT_THRESHOLD_MS),
    );
    if (this.#roundMin >= this.#lastRoundMin + threshold) {
      this.#conservative = { baselineMs: this.#roundMin, rounds: 0 };
    }
  }
}
