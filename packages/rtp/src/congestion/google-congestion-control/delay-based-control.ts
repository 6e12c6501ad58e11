// The delay-based controller: from arrival times to a bitrate (draft-ietf-rmcat-gcc-02 §5, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5).
import type { PacketResult } from '../packet-result.ts';
import { AimdRateControl } from './aimd-rate-control.ts';
import { InterArrival } from './inter-arrival.ts';
import { type BandwidthUsage, OveruseDetector } from './overuse-detector.ts';
import { QueueDelay } from './queue-delay.ts';
import { QueueDrain } from './queue-drain.ts';
import { TrendlineEstimator } from './trendline-estimator.ts';

/** After so long without a packet, what was known of the delay is of no use. */
const STREAM_TIMEOUT_MS = 2000;

// Deviation: the draft backs off from what arrives. Right after a probe that is what was sent before it, less
// than the path has just been shown to carry; for a second, overuse backs off from the probe's result instead.
// A queue of this length shows that the path does not carry it: the probe fell into a gap of another flow.
const PROBE_TRUST_MS = 1000;
const MAX_TRUST_QUEUE_MS = 50;

// Deviation: overuse is also a queue that stands, not only delay that grows: frames that grow, and key frames,
// are bursts whose own queue has a trend, but is gone before the next one.
const MIN_STANDING_MS = 15;

/** What the delay-based part may know when it decides. */
export interface DelayBasedInput {
  readonly acknowledgedBps: number | undefined;
  /** A probe's result; undefined if there is none. */
  readonly probeBps: number | undefined;
  /** Not to grow beyond. */
  readonly maxBitrateBps: number;
}

/** Packets in, bitrate out. */
export class DelayBasedControl {
  readonly #interArrival = new InterArrival();
  readonly #trendline = new TrendlineEstimator();
  readonly #detector = new OveruseDetector();
  readonly #queue = new QueueDelay();
  readonly #drain = new QueueDrain();
  readonly #rateControl: AimdRateControl;
  #lastPacket = Number.NEGATIVE_INFINITY;
  #lastProbe = Number.NEGATIVE_INFINITY;
  #lastProbeBps = 0;

  constructor(startBitrateBps: number) {
    this.#rateControl = new AimdRateControl(startBitrateBps);
  }

  get bitrateBps(): number {
    return this.#rateControl.bitrateBps;
  }

  /** What the delay says, of a queue that stands. */
  get usage(): BandwidthUsage {
    const { state } = this.#detector;
    const isBurst = state === 'overusing' && this.#queue.standingMs < MIN_STANDING_MS;
    return isBurst ? 'underusing' : state; // It drains by itself.
  }

  /** Whether less than the bitrate is to be sent, so that a queue drains. */
  get isDraining(): boolean {
    return this.#drain.isDraining;
  }

  /** How much less: what share of the bitrate. */
  get drainShare(): number {
    return this.#drain.share;
  }

  set roundTripMs(value: number) {
    this.#rateControl.roundTripMs = value;
  }

  /** Takes over a bitrate that was decided elsewhere. */
  setBitrate(bitrateBps: number, now: number): void {
    this.#rateControl.setBitrate(bitrateBps, now);
  }

  /**
   * Digests the packets of a report, in order of arrival.
   *
   * @returns whether the bitrate comes from the probe
   */
  update(arrived: readonly PacketResult[], now: number, input: DelayBasedInput): boolean {
    for (let i = 0; i < arrived.length; i++) this.#onPacket(arrived[i] as PacketResult, now);
    const { acknowledgedBps, maxBitrateBps, probeBps } = input;
    const rateControl = this.#rateControl;
    const arrivingShare = (acknowledgedBps ?? Number.NaN) / rateControl.bitrateBps;
    this.#drain.update(this.#queue.standingMs, arrivingShare, now);
    const usage = this.#drain.isWithoutEffect(now) ? 'overusing' : this.usage;
    if (usage === 'overusing') {
      this.#onOveruse(acknowledgedBps, maxBitrateBps, now);
      return false;
    }
    if (probeBps !== undefined) {
      this.#lastProbe = now;
      this.#lastProbeBps = Math.min(probeBps, maxBitrateBps);
      rateControl.onProbe(this.#lastProbeBps, now);
      return true;
    }
    // Nothing is to be had of a path while a queue stands in it.
    if (!this.isDraining) rateControl.update(usage, acknowledgedBps, maxBitrateBps, now);
    return false;
  }

  #onOveruse(acknowledgedBps: number | undefined, maxBitrateBps: number, now: number): void {
    const rateControl = this.#rateControl;
    if (acknowledgedBps !== undefined) {
      const carriedBps =
        now - this.#lastProbe < PROBE_TRUST_MS && this.#queue.standingMs < MAX_TRUST_QUEUE_MS
          ? Math.max(acknowledgedBps, this.#lastProbeBps)
          : acknowledgedBps;
      if (rateControl.mayDecrease(carriedBps, now)) {
        rateControl.update('overusing', carriedBps, maxBitrateBps, now);
        this.#drain.onDecrease(now);
      }
    } else if (rateControl.mayDecrease(Number.POSITIVE_INFINITY, now)) {
      // Overuse before it is known what arrives: the start was far too high.
      rateControl.setBitrate(rateControl.bitrateBps / 2, now);
    }
  }

  #onPacket({ sendTime, arrivalTime }: PacketResult, now: number): void {
    if (now - this.#lastPacket > STREAM_TIMEOUT_MS) {
      this.#interArrival.reset();
      this.#trendline.reset();
      this.#detector.reset();
      this.#queue.reset();
    }
    this.#lastPacket = now;
    this.#queue.add(sendTime, arrivalTime);
    if (!this.#interArrival.add(sendTime, arrivalTime, now)) return;
    const { sendDeltaMs, arrivalDeltaMs } = this.#interArrival;
    this.#trendline.add(sendDeltaMs, arrivalDeltaMs, arrivalTime);
    const { groups, modifiedTrend } = this.#trendline;
    this.#detector.update(modifiedTrend, sendDeltaMs, groups, arrivalTime);
  }
}
