// Turns what the detector says into a bitrate: up by steps, down at once (draft-ietf-rmcat-gcc-02 §5.5, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5).
import { LinkCapacity } from './link-capacity.ts';
import type { BandwidthUsage } from './overuse-detector.ts';

/** §5.5: beta. */
const BACKOFF = 0.85;
/** §5.5: eta, to the power of the time since the last change, of which one second counts at the most. */
const INCREASE_PER_SECOND = 1.08;
const MIN_INCREASE_BPS = 1000;
/** §5.5: not beyond 1.5 times what arrives; with a little more, so that a trickle can grow. */
const MAX_ABOVE_ACKNOWLEDGED = 1.5;
const ABOVE_ACKNOWLEDGED_BPS = 10_000;
// Deviation: this is taken off beyond the draft's beta, as libwebrtc does, because 15% of a slow flow is less
// than a queue needs to drain.
const EXTRA_BACKOFF_BPS = 5000;
const FIRST_ROUND_TRIP_MS = 200;
/** §5.5: response_time is the round trip and the time that the detector takes. */
const DETECTION_MS = 100;
const FRAME_INTERVAL_S = 1 / 30;
const PACKET_BITS = 8 * 1200;
const MIN_ADDITIVE_BPS_PER_SECOND = 4000;
// Deviation: half a packet is 0.15% of 20 Mbit/s each second: after a backoff the rate would stay where it is for
// minutes. About what the draft gives at a round trip of 50 ms is given at any, and beyond 2 Mbit/s with the square
// root of the rate: the faster of two flows still grows by the smaller share, so that they become alike, if slowly.
const MIN_GROWTH_BPS_PER_SECOND = 30_000;
const FAST_BPS = 2_000_000;
// Deviation: the draft's half a packet is 15% of a rate of 150 kbit/s each second, more than the 8% that it
// grows by far from convergence, and the queue of a slow path is long before it is noticed.
const MAX_ADDITIVE_PER_SECOND = 0.05;
const MIN_DECREASE_INTERVAL_MS = 10;
const MAX_DECREASE_INTERVAL_MS = 200;

/** The states of §5.5. */
type RateControlState = 'hold' | 'increase' | 'decrease';

/** The rate controller of the delay-based part. */
export class AimdRateControl {
  readonly #capacity = new LinkCapacity();
  #state: RateControlState = 'hold';
  #bitrateBps: number;
  #isInitialized = false;
  #lastChange = Number.NaN;
  #lastDecrease = Number.NEGATIVE_INFINITY;
  #roundTripMs = FIRST_ROUND_TRIP_MS;

  /** Begins with `startBitrateBps`, which does not grow before something was learned of the path. */
  constructor(startBitrateBps: number) {
    this.#bitrateBps = startBitrateBps;
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** The round-trip time sets how fast it moves. */
  set roundTripMs(value: number) {
    this.#roundTripMs = value;
  }

  /** Takes over a bitrate that was measured or decided elsewhere. */
  setBitrate(bitrateBps: number, now: number): void {
    this.#isInitialized = true;
    const before = this.#bitrateBps;
    this.#bitrateBps = bitrateBps;
    this.#lastChange = now;
    if (bitrateBps < before) this.#lastDecrease = now;
  }

  /** A probe found so much: what was known of the path may be too little. */
  onProbe(bitrateBps: number, now: number): void {
    this.#capacity.onProbe(bitrateBps);
    this.setBitrate(bitrateBps, now);
  }

  /** Whether overuse may lower it once more: once a round trip, or if it is more than twice what arrives. */
  mayDecrease(acknowledgedBps: number, now: number): boolean {
    const interval = Math.min(
      MAX_DECREASE_INTERVAL_MS,
      Math.max(MIN_DECREASE_INTERVAL_MS, this.#roundTripMs),
    );
    return now - this.#lastDecrease >= interval || acknowledgedBps < 0.5 * this.#bitrateBps;
  }

  /**
   * @param acknowledgedBps what arrives, if it is known
   * @param maxBitrateBps beyond which it does not grow: a limit, or what the application's use justifies
   */
  update(
    usage: BandwidthUsage,
    acknowledgedBps: number | undefined,
    maxBitrateBps: number,
    now: number,
  ): number {
    this.#changeState(usage, now);
    const arriving = acknowledgedBps ?? this.#bitrateBps;
    if (this.#state === 'increase') this.#increase(arriving, maxBitrateBps, now);
    else if (this.#state === 'decrease') this.#decrease(arriving, now);
    return this.#bitrateBps;
  }

  // §5.5, figure 3. Underuse: the queues drain, which takes holding still.
  #changeState(usage: BandwidthUsage, now: number): void {
    if (usage === 'overusing') {
      this.#state = 'decrease';
    } else if (usage === 'underusing') {
      this.#state = 'hold';
    } else if (this.#state === 'hold') {
      this.#state = 'increase';
      this.#lastChange = now;
    }
  }

  #increase(arrivingBps: number, maxBitrateBps: number, now: number): void {
    const elapsedS = Math.min(1, Math.max(0, (now - this.#lastChange) / 1000));
    this.#lastChange = now;
    if (!this.#isInitialized) return;
    if (arrivingBps > this.#capacity.upperBoundBps) this.#capacity.reset();
    const limit = Math.min(
      maxBitrateBps,
      MAX_ABOVE_ACKNOWLEDGED * arrivingBps + ABOVE_ACKNOWLEDGED_BPS,
    );
    if (this.#bitrateBps >= limit) return;
    const bitrate = this.#bitrateBps;
    const increase =
      this.#capacity.bitrateBps === undefined
        ? Math.max(bitrate * (INCREASE_PER_SECOND ** elapsedS - 1), MIN_INCREASE_BPS * elapsedS)
        : this.#additiveBpsPerSecond() * elapsedS;
    this.#bitrateBps = Math.min(bitrate + increase, limit);
  }

  // §5.5: near convergence, half a packet for each response time; see above for fast and far paths.
  #additiveBpsPerSecond(): number {
    const frameBits = this.#bitrateBps * FRAME_INTERVAL_S;
    const packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
    const responseS = (this.#roundTripMs + DETECTION_MS) / 1000;
    const increase = Math.max(
      packetBits / (2 * responseS),
      MIN_GROWTH_BPS_PER_SECOND * Math.sqrt(Math.max(1, this.#bitrateBps / FAST_BPS)),
    );
    return Math.max(
      MIN_ADDITIVE_BPS_PER_SECOND,
      Math.min(increase, MAX_ADDITIVE_PER_SECOND * this.#bitrateBps),
    );
  }

  #decrease(arrivingBps: number, now: number): void {
    let decreased = BACKOFF * arrivingBps;
    if (decreased > EXTRA_BACKOFF_BPS) decreased -= EXTRA_BACKOFF_BPS;
    const capacity = this.#capacity.bitrateBps;
    // More arrives than is allowed to: what arrived during the last overuse is the better measure.
    if (decreased > this.#bitrateBps && capacity !== undefined) decreased = BACKOFF * capacity;
    if (decreased < this.#bitrateBps) this.#bitrateBps = decreased;
    if (arrivingBps < this.#capacity.lowerBoundBps) this.#capacity.reset();
    this.#capacity.onOveruse(arrivingBps);
    this.#isInitialized = true;
    this.#state = 'hold';
    this.#lastChange = now;
    this.#lastDecrease = now;
  }
}
