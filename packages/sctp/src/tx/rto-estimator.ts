// The retransmission timeout, from measured round-trip times (RFC 9260 §6.3.1, https://www.rfc-editor.org/rfc/rfc9260#section-6.3.1).
import { WindowedFilter } from './windowed-filter.ts';

const ALPHA = 1 / 8; // RTO.Alpha
const BETA = 1 / 4; // RTO.Beta

// Deviation: RFC 9260 §6.3.1 G1 bounds RTTVAR by the clock's granularity only; here 4 * RTTVAR is at least
// 220 ms, as in libwebrtc, because a lone packet is acknowledged up to 200 ms late and a steady path would
// drive RTTVAR to nothing.
const MIN_VARIANCE_MS = 220;

/** RACK.min_RTT forgets what was on another route (RFC 8985 §6.2 step 1). */
const MIN_RTT_WINDOW_MS = 300_000;

/** Bounds of the estimate, in milliseconds. */
export interface RtoBounds {
  readonly rtoInitialMs: number;
  readonly rtoMinMs: number;
  readonly rtoMaxMs: number;
}

/** Smooths round-trip times and backs off. */
export class RtoEstimator {
  readonly #bounds: RtoBounds;
  #srttMs: number | undefined;
  #rttVarMs = 0;
  #latestMs: number | undefined;
  readonly #min: WindowedFilter = new WindowedFilter(MIN_RTT_WINDOW_MS, 'min');
  #rtoMs: number;

  constructor(bounds: RtoBounds) {
    this.#bounds = bounds;
    // C1
    this.#rtoMs = bounds.rtoInitialMs;
  }

  /** The timeout to use now. */
  get rtoMs(): number {
    return this.#rtoMs;
  }

  /** The smoothed round-trip time; undefined before the first measurement. */
  get srttMs(): number | undefined {
    return this.#srttMs;
  }

  /** The latest round-trip time; undefined before the first. */
  get latestRttMs(): number | undefined {
    return this.#latestMs;
  }

  /** The least round-trip time of the last minutes; 0 before the first. */
  get minRttMs(): number {
    return this.#min.best ?? 0;
  }

  /** How far round-trip times vary, smoothed. */
  get rttVarMs(): number {
    return this.#rttVarMs;
  }

  /** Takes note of a round-trip time that is not for the timeout: there is one for that in each round trip. */
  observe(rttMs: number, now: number): void {
    this.#latestMs = rttMs;
    this.#min.update(rttMs, now);
  }

  /** Takes a measurement of something that was sent once (C5, Karn's rule, is the caller's). */
  addMeasurement(rttMs: number): void {
    if (this.#srttMs === undefined) {
      // C2
      this.#srttMs = rttMs;
      this.#rttVarMs = rttMs / 2;
    } else {
      // C3
      this.#rttVarMs = (1 - BETA) * this.#rttVarMs + BETA * Math.abs(this.#srttMs - rttMs);
      this.#srttMs = (1 - ALPHA) * this.#srttMs + ALPHA * rttMs;
    }
    const rtoMs = this.#srttMs + Math.max(MIN_VARIANCE_MS, 4 * this.#rttVarMs);
    // C6, C7
    this.#rtoMs = Math.min(Math.max(rtoMs, this.#bounds.rtoMinMs), this.#bounds.rtoMaxMs);
  }

  /** Doubles the timeout until the next measurement (§6.3.3 E2). */
  backOff(): void {
    this.#rtoMs = Math.min(2 * this.#rtoMs, this.#bounds.rtoMaxMs);
  }
}
