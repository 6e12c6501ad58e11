// The retransmission timeout, from measured round-trip times (RFC 9260 §6.3.1, https://www.rfc-editor.org/rfc/rfc9260#section-6.3.1).

const ALPHA = 1 / 8; // RTO.Alpha
const BETA = 1 / 4; // RTO.Beta

// Deviation: RFC 9260 §6.3.1 G1 bounds RTTVAR by the clock's granularity only; here 4 * RTTVAR is at least
// 220 ms, as in libwebrtc, because a lone packet is acknowledged up to 200 ms late and a steady path would
// drive RTTVAR to nothing.
const MIN_VARIANCE_MS = 220;

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
