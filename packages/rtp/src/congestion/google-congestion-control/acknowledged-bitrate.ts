// Estimates at what rate packets arrive: R_hat (draft-ietf-rmcat-gcc-02 §5.5, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5).
//
// Deviation: the draft takes the mean of the last 500 ms; here, as in libwebrtc, samples of 150 ms go into a
// Bayesian estimate that trusts a sample the less the further it lies off.

const FIRST_WINDOW_MS = 500;
const WINDOW_MS = 150;
const UNCERTAINTY = 10;
/** When the application does not send all it may, a low sample says little. */
const UNCERTAINTY_IN_ALR = 20;
const FIRST_VARIANCE = 50;
/** What the variance gains with each sample, and when the rate is expected to change. */
const PROCESS_NOISE = 5;
const CHANGE_NOISE = 200;

/** The rate at which the receiver got packets. */
export class AcknowledgedBitrate {
  #estimateKbps = -1;
  #variance = FIRST_VARIANCE;
  #windowMs = 0;
  #bytes = 0;
  #lastArrival = Number.NaN;

  /** Bits a second; undefined as long as too little has arrived. */
  get bitrateBps(): number | undefined {
    return this.#estimateKbps < 0 ? undefined : this.#estimateKbps * 1000;
  }

  /** A packet arrived; in order of arrival. */
  add(arrivalTime: number, sizeBytes: number, isApplicationLimited: boolean): void {
    const sample = this.#sample(arrivalTime, sizeBytes);
    if (sample < 0) return;
    if (this.#estimateKbps < 0) {
      this.#estimateKbps = sample;
      return;
    }
    const scale =
      isApplicationLimited && sample < this.#estimateKbps ? UNCERTAINTY_IN_ALR : UNCERTAINTY;
    const deviation = Math.abs(this.#estimateKbps - sample) / Math.max(this.#estimateKbps, 1);
    const sampleVariance = (scale * deviation) ** 2;
    const predicted = this.#variance + PROCESS_NOISE;
    const sum = sampleVariance + predicted;
    this.#estimateKbps = (sampleVariance * this.#estimateKbps + predicted * sample) / sum;
    this.#variance = (sampleVariance * predicted) / sum;
  }

  /** The rate is about to change: what comes now counts for more. */
  expectChange(): void {
    this.#variance += CHANGE_NOISE;
  }

  /** The rate of a whole window in kbit/s; -1 while it lasts. */
  #sample(arrivalTime: number, sizeBytes: number): number {
    const length = this.#estimateKbps < 0 ? FIRST_WINDOW_MS : WINDOW_MS;
    const elapsed = arrivalTime - this.#lastArrival;
    let sample = -1;
    if (elapsed < 0) {
      this.#windowMs = 0; // Its clock was set back.
      this.#bytes = 0;
    } else if (elapsed > 0) {
      this.#windowMs += elapsed;
      if (elapsed > length) {
        this.#windowMs %= length; // A pause: what was before it is too old.
        this.#bytes = 0;
      }
      if (this.#windowMs >= length) {
        sample = (8 * this.#bytes) / length;
        this.#windowMs -= length;
        this.#bytes = 0;
      }
    }
    this.#lastArrival = arrivalTime;
    this.#bytes += sizeBytes;
    return sample;
  }
}
