// Estimates whether the queueing delay grows: a line fitted through it (draft-ietf-rmcat-gcc-02 §5.3, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.3).
//
// Deviation: the draft filters the delay gradient with a Kalman filter; this is libwebrtc's successor of it, a
// linear regression, which needs no model of the noise and settles within twenty groups.

const WINDOW_GROUPS = 20;
const SMOOTHING = 0.9;
const GAIN = 4;
/** Until as many groups have come, their number tells how far the slope is trusted. */
const MAX_GROUPS_COUNTED = 60;

/** The slope of the queueing delay over the last twenty groups of packets. */
export class TrendlineEstimator {
  // A ring of points: arrival, and accumulated delay after smoothing.
  readonly #arrivals = new Float64Array(WINDOW_GROUPS);
  readonly #delays = new Float64Array(WINDOW_GROUPS);
  #points = 0;
  #groups = 0;
  #firstArrival = 0;
  #accumulatedDelay = 0;
  #smoothedDelay = 0;
  #slope = 0;

  /** How many groups it has seen. */
  get groups(): number {
    return this.#groups;
  }

  /**
   * The slope as the overuse detector wants it, in milliseconds: per group, with the gain and the number of
   * groups multiplied in.
   */
  get modifiedTrend(): number {
    return Math.min(this.#groups, MAX_GROUPS_COUNTED) * this.#slope * GAIN;
  }

  /** A group arrived `arrivalDeltaMs` after the one before it, and was sent `sendDeltaMs` after it. */
  add(sendDeltaMs: number, arrivalDeltaMs: number, arrivalTime: number): void {
    if (this.#groups === 0) this.#firstArrival = arrivalTime;
    this.#groups++;
    this.#accumulatedDelay += arrivalDeltaMs - sendDeltaMs;
    this.#smoothedDelay =
      SMOOTHING * this.#smoothedDelay + (1 - SMOOTHING) * this.#accumulatedDelay;
    const index = this.#points % WINDOW_GROUPS;
    this.#arrivals[index] = arrivalTime - this.#firstArrival;
    this.#delays[index] = this.#smoothedDelay;
    this.#points++;
    if (this.#points >= WINDOW_GROUPS) this.#fit();
  }

  /** Forgets all groups. */
  reset(): void {
    this.#points = 0;
    this.#groups = 0;
    this.#accumulatedDelay = 0;
    this.#smoothedDelay = 0;
    this.#slope = 0;
  }

  // Least squares.
  #fit(): void {
    let sumX = 0;
    let sumY = 0;
    for (let i = 0; i < WINDOW_GROUPS; i++) {
      sumX += this.#arrivals[i] as number;
      sumY += this.#delays[i] as number;
    }
    const meanX = sumX / WINDOW_GROUPS;
    const meanY = sumY / WINDOW_GROUPS;
    let covariance = 0;
    let variance = 0;
    for (let i = 0; i < WINDOW_GROUPS; i++) {
      const x = (this.#arrivals[i] as number) - meanX;
      covariance += x * ((this.#delays[i] as number) - meanY);
      variance += x * x;
    }
    if (variance > 0) this.#slope = covariance / variance;
  }
}
