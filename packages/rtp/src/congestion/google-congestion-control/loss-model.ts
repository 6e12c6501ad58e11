// What loss says of a path: some of it is inherent, the rest comes from sending more than the path carries (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).
//
// A packet sent at `rate` over a path of bandwidth `bandwidth` with inherent loss `inherent` is lost with the
// probability inherent + (1 - inherent) * max(0, 1 - bandwidth / rate). What was observed of late makes one
// pair of these two likelier than another.

/** How many observations count, and how much less each counts than the one after it. */
const WINDOW = 15;
const TEMPORAL_WEIGHT = 0.9;
const MIN_PROBABILITY = 1e-6;
const MIN_INHERENT_LOSS = 1e-3;
/** Inherent loss is at most 5%, and more where the bandwidth is small: 75 kbit/s as a share of it. */
const INHERENT_LOSS_OFFSET = 0.05;
const INHERENT_LOSS_BALANCE_BPS = 75_000;
const NEWTON_STEP = 0.75;
/** Of two bandwidths that explain the loss equally well the larger is preferred, by so much a packet. */
const BIAS_PER_KBPS = 0.0002;
const BIAS_PER_LOG_KBPS = 0.02;
// Deviation: above this loss the smaller one is preferred; libwebrtc does so from 20% on. Where a fifth is lost
// whatever the rate, that is every other second, and each time the bitrate went down for good: to 30 kbit/s.
const PREFERENCE_LOSS = 0.3;
/** Smooths the change from one preference to the other. */
const PREFERENCE_SMOOTHING = 0.002;

/** Of the observation that is so many observations old. */
const WEIGHTS = Float64Array.from({ length: WINDOW }, (_, age) => TEMPORAL_WEIGHT ** age);

/** The observations of late, and how well an estimate explains them. */
export class LossModel {
  // A ring: packets sent, packets lost, at what rate.
  readonly #packets = new Float64Array(WINDOW);
  readonly #lost = new Float64Array(WINDOW);
  readonly #ratesBps = new Float64Array(WINDOW);
  #observations = 0;
  #lossRatio = 0;

  /** The share of packets lost, with the weights that later observations have over earlier ones. */
  get lossRatio(): number {
    return this.#lossRatio;
  }

  /** Of `packets` packets, sent at `rateBps`, `lost` were lost. */
  observe(packets: number, lost: number, rateBps: number): void {
    const slot = this.#observations % WINDOW;
    this.#packets[slot] = packets;
    this.#lost[slot] = lost;
    this.#ratesBps[slot] = rateBps;
    this.#observations++;
    let allPackets = 0;
    let allLost = 0;
    for (let age = 0; age < this.#count; age++) {
      const weight = WEIGHTS[age] as number;
      allPackets += weight * (this.#packets[this.#slot(age)] as number);
      allLost += weight * (this.#lost[this.#slot(age)] as number);
    }
    this.#lossRatio = allPackets === 0 ? 0 : allLost / allPackets;
  }

  /** The inherent loss that goes best with this bandwidth: one step of Newton's method from `inherentLoss`. */
  inherentLoss(bandwidthBps: number, inherentLoss: number): number {
    let first = 0;
    let second = 0;
    for (let age = 0; age < this.#count; age++) {
      const slot = this.#slot(age);
      const weight = WEIGHTS[age] as number;
      const lost = this.#lost[slot] as number;
      const received = (this.#packets[slot] as number) - lost;
      const p = lossProbability(inherentLoss, bandwidthBps, this.#ratesBps[slot] as number);
      first += weight * (lost / p - received / (1 - p));
      second -= weight * (lost / p ** 2 + received / (1 - p) ** 2);
    }
    const next = second === 0 ? inherentLoss : inherentLoss - (NEWTON_STEP * first) / second;
    const limit = Math.min(1, INHERENT_LOSS_OFFSET + INHERENT_LOSS_BALANCE_BPS / bandwidthBps);
    return Math.max(MIN_INHERENT_LOSS, Math.min(limit, next));
  }

  /** How well a path explains what was observed: the log of the likelihood, and the preference. */
  likelihood(bandwidthBps: number, inherentLoss: number): number {
    const kbps = bandwidthBps / 1000;
    const distance = PREFERENCE_LOSS - this.#lossRatio;
    const preference = distance / (PREFERENCE_SMOOTHING + Math.abs(distance));
    const bias = preference * (BIAS_PER_KBPS * kbps + BIAS_PER_LOG_KBPS * Math.log1p(kbps));
    let sum = 0;
    for (let age = 0; age < this.#count; age++) {
      const slot = this.#slot(age);
      const packets = this.#packets[slot] as number;
      const lost = this.#lost[slot] as number;
      const p = lossProbability(inherentLoss, bandwidthBps, this.#ratesBps[slot] as number);
      const likelihood = lost * Math.log(p) + (packets - lost) * Math.log1p(-p);
      sum += (WEIGHTS[age] as number) * (likelihood + bias * packets);
    }
    return sum;
  }

  get #count(): number {
    return Math.min(this.#observations, WINDOW);
  }

  /** Where the observation is that is so many observations old. */
  #slot(age: number): number {
    return (this.#observations - 1 - age) % WINDOW;
  }
}

function lossProbability(inherentLoss: number, bandwidthBps: number, rateBps: number): number {
  const excess = rateBps > bandwidthBps ? 1 - bandwidthBps / rateBps : 0;
  const p = inherentLoss + (1 - inherentLoss) * excess;
  return Math.min(1 - MIN_PROBABILITY, Math.max(MIN_PROBABILITY, p));
}
