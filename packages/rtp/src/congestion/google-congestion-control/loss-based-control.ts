// The loss-based controller: few losses let the bitrate grow, many lower it (draft-ietf-rmcat-gcc-02 §6, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-6).
//
// Deviation: the draft takes the loss of each RTCP report and grows by 5% with each; reports of transport-wide
// feedback come at any interval, so it grows by 8% a second here, and decreases once in 300 ms and a round trip.

const LOW_LOSS = 0.02;
const HIGH_LOSS = 0.1;
const INCREASE_PER_SECOND = 1.08;
const MIN_INCREASE_BPS = 1000;
/** A share is only a share of some packets, and of the second that RTCP reports are apart. */
const MIN_PACKETS = 20;
const MIN_WINDOW_MS = 1000;
const DECREASE_INTERVAL_MS = 300;

/** Packets in, bitrate out; the caller bounds it by what the delay allows. */
export class LossBasedControl {
  #bitrateBps: number;
  #packets = 0;
  #lost = 0;
  #lossRatio = 0;
  #windowStart = Number.NaN;
  #lastUpdate = Number.NaN;
  #lastDecrease = Number.NEGATIVE_INFINITY;

  constructor(startBitrateBps: number) {
    this.#bitrateBps = startBitrateBps;
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** The share of packets lost, of the last second or longer. */
  get lossRatio(): number {
    return this.#lossRatio;
  }

  /** Takes over a bitrate that was measured or bounded elsewhere. */
  setBitrate(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
  }

  /**
   * Of `packets` packets `lost` were lost; negative, if more arrived late than were lost anew. The bitrate is
   * not raised beyond `maxBitrateBps`.
   */
  update(
    packets: number,
    lost: number,
    roundTripMs: number,
    maxBitrateBps: number,
    now: number,
  ): void {
    if (Number.isNaN(this.#windowStart)) this.#windowStart = now;
    this.#packets += packets;
    this.#lost += lost;
    const isNew = this.#packets >= MIN_PACKETS && now - this.#windowStart >= MIN_WINDOW_MS;
    if (isNew) {
      this.#windowStart = now;
      this.#lossRatio = Math.max(0, this.#lost) / this.#packets;
      this.#packets = 0;
      this.#lost = 0;
    }
    const elapsedS = Number.isNaN(this.#lastUpdate)
      ? 0
      : Math.min(1, (now - this.#lastUpdate) / 1000);
    this.#lastUpdate = now;
    if (this.#lossRatio <= LOW_LOSS) {
      const bitrate = this.#bitrateBps;
      const grown = bitrate * INCREASE_PER_SECOND ** elapsedS;
      this.#bitrateBps = Math.max(grown, bitrate + MIN_INCREASE_BPS * elapsedS);
    } else if (
      isNew &&
      this.#lossRatio > HIGH_LOSS &&
      now - this.#lastDecrease >= DECREASE_INTERVAL_MS + roundTripMs
    ) {
      // §6: A_s(i) = A_s(i-1) * (1 - 0.5 * loss).
      this.#bitrateBps *= 1 - 0.5 * this.#lossRatio;
      this.#lastDecrease = now;
    }
    this.#bitrateBps = Math.min(this.#bitrateBps, maxBitrateBps);
  }
}
