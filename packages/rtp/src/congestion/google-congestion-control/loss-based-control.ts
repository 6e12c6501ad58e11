// The loss-based controller: what bandwidth explains the packets that were lost (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).
//
// Deviation: draft-ietf-rmcat-gcc-02 §6 grows below 2% of loss, stays below 10% and goes down above, whatever
// the loss comes from. This is libwebrtc's second version in its main lines, because that one neither keeps
// overfilling a short queue at 5% nor gives a lossy path up.
import type { PacketResult } from '../packet-result.ts';
import { LossModel } from './loss-model.ts';

/** An observation spans as long at least. */
const OBSERVATION_MS = 250;
const FIRST_INHERENT_LOSS = 0.01;
/** What is tried each time, as multiples of the bandwidth so far. */
const CANDIDATES = [1.02, 1, 0.95] as const;
/** It grows by so much at the most with an observation. */
const MAX_GROWTH = 1.3;
/**
 * More loss than is inherent, but by no more than this, is chance: of the 400 packets or so of the observations
 * that count, one or two percent less or more are lost at 5% of loss.
 */
const CHANCE = 0.01;
/** Loss above 5% bounds the bandwidth in any case: to 75 kbit/s over the share beyond. */
const BOUND_LOSS_OFFSET = 0.05;
const BOUND_BALANCE_BPS = 75_000;

/** Packets in, bitrate out; never more than the delay allows. */
export class LossBasedControl {
  /** It believes in no bandwidth below. */
  minBitrateBps: number;
  readonly #model = new LossModel();
  #bitrateBps: number;
  // The path as it seems to be.
  #bandwidthBps: number;
  #inherentLoss = FIRST_INHERENT_LOSS;
  // The best candidate so far.
  #bestBandwidthBps = 0;
  #bestInherentLoss = 0;
  #bestLikelihood = 0;
  // The observation that is being made.
  #packets = 0;
  #lost = 0;
  #bytes = 0;
  /** When the last packet of the observation before was sent. */
  #since = Number.NaN;
  #lastSendTime = Number.NaN;

  constructor(startBitrateBps: number, minBitrateBps: number) {
    this.#bitrateBps = startBitrateBps;
    this.#bandwidthBps = startBitrateBps;
    this.minBitrateBps = minBitrateBps;
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** The share of packets lost, of the last four seconds or so. */
  get lossRatio(): number {
    return this.#model.lossRatio;
  }

  /** The share that is lost whatever the rate, as it seems. */
  get inherentLoss(): number {
    return this.#inherentLoss;
  }

  /** Takes over a bitrate that was measured or bounded elsewhere. */
  setBitrate(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
    this.#bandwidthBps = bitrateBps;
  }

  /**
   * Digests the packets of a report.
   *
   * @param delayBps what the delay allows
   * @param acknowledgedBps what arrives, if it is known
   */
  update(
    packets: readonly PacketResult[],
    delayBps: number,
    acknowledgedBps: number | undefined,
  ): void {
    for (let i = 0; i < packets.length; i++) this.#add(packets[i] as PacketResult);
    const durationMs = this.#lastSendTime - this.#since;
    if (durationMs >= OBSERVATION_MS) {
      this.#model.observe(
        this.#packets,
        Math.max(0, this.#lost),
        (8000 * this.#bytes) / durationMs,
      );
      this.#packets = 0;
      this.#lost = 0;
      this.#bytes = 0;
      this.#since = this.#lastSendTime;
      this.#explain(delayBps, acknowledgedBps);
    }
    this.#bitrateBps = Math.min(this.#bandwidthBps, this.#boundBps(), delayBps);
  }

  #add({ received, sendTime, sizeBytes, wasLost }: PacketResult): void {
    if (Number.isNaN(this.#since)) this.#since = sendTime;
    if (wasLost) {
      this.#lost--; // It was counted already.
      return;
    }
    this.#packets++;
    this.#bytes += sizeBytes;
    if (!received) this.#lost++;
    if (!(this.#lastSendTime >= sendTime)) this.#lastSendTime = sendTime;
  }

  /** Takes the candidate that explains best what was lost. */
  #explain(delayBps: number, acknowledgedBps: number | undefined): void {
    const before = this.#bandwidthBps;
    this.#bestLikelihood = Number.NEGATIVE_INFINITY;
    for (const factor of CANDIDATES) this.#consider(factor * before);
    if (acknowledgedBps !== undefined && acknowledgedBps < before) this.#consider(acknowledgedBps);
    if (delayBps > before) this.#consider(Math.min(delayBps, MAX_GROWTH * before));
    this.#inherentLoss = this.#bestInherentLoss;
    // More is lost than is inherent: whatever the model prefers, this is no time to send more.
    const maySendMore = this.#model.lossRatio <= this.#inherentLoss + CHANCE;
    const bandwidthBps = maySendMore
      ? this.#bestBandwidthBps
      : Math.min(this.#bestBandwidthBps, before);
    this.#bandwidthBps = Math.max(this.minBitrateBps, Math.min(bandwidthBps, delayBps));
  }

  #consider(bandwidthBps: number): void {
    const inherentLoss = this.#model.inherentLoss(bandwidthBps, this.#inherentLoss);
    const likelihood = this.#model.likelihood(bandwidthBps, inherentLoss);
    if (likelihood <= this.#bestLikelihood) return;
    this.#bestLikelihood = likelihood;
    this.#bestBandwidthBps = bandwidthBps;
    this.#bestInherentLoss = inherentLoss;
  }

  #boundBps(): number {
    const excess = this.#model.lossRatio - BOUND_LOSS_OFFSET;
    return excess <= 0 ? Number.POSITIVE_INFINITY : BOUND_BALANCE_BPS / excess;
  }
}
