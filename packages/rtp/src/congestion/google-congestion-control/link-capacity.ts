// What the path carried when it was full: mean and deviation of the rate at overuse (draft-ietf-rmcat-gcc-02 §5.5, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5).

const MIN_DEVIATION_KBPS = 0.4;
const MAX_DEVIATION_KBPS = 2.5;
const FIRST_DEVIATION_KBPS = 0.4;
/** §5.5: the smoothing factor of 0.95, and three standard deviations around the mean. */
const OVERUSE_WEIGHT = 0.05;
const PROBE_WEIGHT = 0.5;
const DEVIATIONS = 3;

/** The capacity of the path, as long as it looks the same. */
export class LinkCapacity {
  #estimateKbps = -1;
  /** Relative to the estimate: variance over mean. */
  #deviationKbps = FIRST_DEVIATION_KBPS;

  /** Bits a second; undefined if it is not known. */
  get bitrateBps(): number | undefined {
    return this.#estimateKbps < 0 ? undefined : this.#estimateKbps * 1000;
  }

  /** Above it the path is not what it was; Infinity if nothing is known. */
  get upperBoundBps(): number {
    return this.#estimateKbps < 0
      ? Number.POSITIVE_INFINITY
      : 1000 * (this.#estimateKbps + DEVIATIONS * this.#standardDeviation());
  }

  /** Below it the path is not what it was; 0 if nothing is known. */
  get lowerBoundBps(): number {
    return this.#estimateKbps < 0
      ? 0
      : 1000 * Math.max(0, this.#estimateKbps - DEVIATIONS * this.#standardDeviation());
  }

  /** So much arrived while the path was overused. */
  onOveruse(acknowledgedBps: number): void {
    this.#update(acknowledgedBps / 1000, OVERUSE_WEIGHT);
  }

  /** A probe found it. */
  onProbe(bitrateBps: number): void {
    this.#update(bitrateBps / 1000, PROBE_WEIGHT);
  }

  /** Forgets it. */
  reset(): void {
    this.#estimateKbps = -1;
  }

  #standardDeviation(): number {
    return Math.sqrt(this.#deviationKbps * this.#estimateKbps);
  }

  #update(sampleKbps: number, weight: number): void {
    if (this.#estimateKbps < 0) this.#estimateKbps = sampleKbps;
    else this.#estimateKbps += weight * (sampleKbps - this.#estimateKbps);
    const error = this.#estimateKbps - sampleKbps;
    const normalized = error ** 2 / Math.max(this.#estimateKbps, 1);
    this.#deviationKbps += weight * (normalized - this.#deviationKbps);
    this.#deviationKbps = Math.min(
      MAX_DEVIATION_KBPS,
      Math.max(MIN_DEVIATION_KBPS, this.#deviationKbps),
    );
  }
}
