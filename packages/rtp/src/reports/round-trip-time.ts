// The round-trip time to a peer, smoothed as TCP does (RFC 6298 §2, https://www.rfc-editor.org/rfc/rfc6298#section-2).

/** What is assumed before the first measurement. */
const INITIAL_MS = 100;
/** RFC 6298 §2.3. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
/** Reports are taken at the grain of the peer's timers; less than this is no margin. */
const MIN_MARGIN_MS = 10;

/**
 * One round-trip time, shared by those who measure it, such as reports, and those who go by it, such as
 * retransmission: it is made once and handed to both.
 */
export class RoundTripTime {
  #latestMs: number;
  #smoothedMs: number;
  #varianceMs: number;
  #samples = 0;

  /**
   * @param initialMs What is assumed until something has been measured; 100 by default.
   * @throws RangeError if it is negative.
   */
  constructor(initialMs: number = INITIAL_MS) {
    if (!(initialMs >= 0)) throw new RangeError(`initialMs is ${initialMs}; expected 0 or more`);
    this.#latestMs = initialMs;
    this.#smoothedMs = initialMs;
    this.#varianceMs = initialMs / 2;
  }

  /** How many measurements there were. */
  get samples(): number {
    return this.#samples;
  }

  /** The latest measurement. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** SRTT. */
  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  /** After how long an answer that has not come is overdue: SRTT and twice its variance, which is at least 10 ms. */
  get overdueMs(): number {
    return this.#smoothedMs + Math.max(MIN_MARGIN_MS, 2 * this.#varianceMs);
  }

  /** Takes a measurement; one that is negative or not finite is passed over. */
  update(sampleMs: number): void {
    if (!(sampleMs >= 0 && sampleMs < Number.POSITIVE_INFINITY)) return;
    this.#latestMs = sampleMs;
    if (this.#samples++ === 0) {
      // RFC 6298 §2.2
      this.#smoothedMs = sampleMs;
      this.#varianceMs = sampleMs / 2;
    } else {
      // RFC 6298 §2.3
      this.#varianceMs += BETA * (Math.abs(this.#smoothedMs - sampleMs) - this.#varianceMs);
      this.#smoothedMs += ALPHA * (sampleMs - this.#smoothedMs);
    }
  }
}
