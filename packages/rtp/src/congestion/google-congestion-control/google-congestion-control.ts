// Google congestion control for real-time media, at the sender (draft-ietf-rmcat-gcc-02, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02).
import { Queue } from '@kaon/wire';
import type { BitrateLimits, CongestionControl, CongestionEvent } from '../congestion-control.ts';
import { type FeedbackReport, NO_PROBE_CLUSTER, type PacketResult } from '../packet-result.ts';
import { AcknowledgedBitrate } from './acknowledged-bitrate.ts';
import { AlrDetector } from './alr-detector.ts';
import { DelayBasedControl } from './delay-based-control.ts';
import { LossBasedControl } from './loss-based-control.ts';
import type { BandwidthUsage } from './overuse-detector.ts';
import { ProbeBitrateEstimator } from './probe-bitrate-estimator.ts';
import { ProbeController } from './probe-controller.ts';
import { RoundTripBackoff } from './round-trip-backoff.ts';

const DEFAULT_START_BPS = 300_000;
const DEFAULT_MIN_BPS = 30_000;
const DEFAULT_MAX_BPS = 100_000_000;
/** Frames leave faster than their mean rate, so that the pacer adds little delay. */
const PACING_FACTOR = 2.5;
const FIRST_ROUND_TRIP_MS = 200;
const ROUND_TRIP_GAIN = 1 / 8;
/** A probe may lower the estimate to this share of what arrives, and no further. */
const MIN_PROBE_OF_ACKNOWLEDGED = 0.85;

/** Where it begins and between what it stays. */
export interface GoogleCongestionControlOptions extends Partial<BitrateLimits> {
  /** 300 kbit/s by default. The first probes try 3 and 6 times as much. */
  readonly startBitrateBps?: number;
  /** 30 kbit/s by default. */
  readonly minBitrateBps?: number;
  /**
   * 100 Mbit/s by default. Not more than the application may ever want: up to it, the path is probed with
   * padding when the application sends less.
   */
  readonly maxBitrateBps?: number;
  /** Up to what rate padding fills what media leaves of the target; 0, for none, by default. */
  readonly maxPaddingBitrateBps?: number;
  /** Whether to probe every 5 s while the application sends less than it may; true by default. */
  readonly probesWhenApplicationLimited?: boolean;
}

/** How it sees the path. */
export interface GoogleCongestionControlStats {
  readonly targetBitrateBps: number;
  readonly delayBasedBitrateBps: number;
  readonly lossBasedBitrateBps: number;
  /** What arrives; undefined before it is known. */
  readonly acknowledgedBitrateBps: number | undefined;
  readonly usage: BandwidthUsage;
  /** Of the last four seconds or so, later ones counting more. */
  readonly lossRatio: number;
  /** What of it is lost whatever the rate, as it seems. */
  readonly inherentLoss: number;
  /** Smoothed, with the time that feedback takes. */
  readonly roundTripMs: number;
  readonly isApplicationLimited: boolean;
}

/**
 * Congestion control by delay and loss. Feed it with what {@link TransportFeedbackSender} makes of
 * feedback:
 *
 * ```ts
 * const control = new GoogleCongestionControl({ startBitrateBps: 500_000, maxBitrateBps: 4_000_000 });
 * const report = sender.onTransportFeedback(feedback, now);
 * if (report) control.onFeedback(report);
 * for (let event = control.pollEvent(); event; event = control.pollEvent()) {
 *   if (event.type === 'probe') pacer.addProbe(event.cluster);
 *   else encoder.bitrate = event.targetBitrateBps;
 * }
 * ```
 */
export class GoogleCongestionControl implements CongestionControl {
  readonly #events = new Queue<CongestionEvent>();
  readonly #acknowledged = new AcknowledgedBitrate();
  readonly #delayBased: DelayBasedControl;
  readonly #lossBased: LossBasedControl;
  readonly #probes: ProbeController;
  readonly #probeEstimator = new ProbeBitrateEstimator();
  readonly #alr = new AlrDetector();
  readonly #backoff = new RoundTripBackoff();
  readonly #maxPaddingBitrateBps: number;
  /** The packets of a report that arrived, in order of arrival. */
  readonly #arrived: PacketResult[] = [];
  #minBitrateBps: number;
  #maxBitrateBps: number;
  #remoteBitrateBps = Number.POSITIVE_INFINITY;
  #targetBitrateBps: number;
  #reportedBitrateBps = Number.NaN;
  #roundTripMs = Number.NaN;
  /** When the application last ceased to be the limit; NaN if the packets sent then have arrived. */
  #unlimitedSince = Number.NaN;

  /** @throws RangeError if the bitrates are negative or not in order. */
  constructor(options: GoogleCongestionControlOptions = {}) {
    const {
      startBitrateBps = DEFAULT_START_BPS,
      minBitrateBps = DEFAULT_MIN_BPS,
      maxBitrateBps = DEFAULT_MAX_BPS,
      maxPaddingBitrateBps = 0,
      probesWhenApplicationLimited = true,
    } = options;
    checkLimits(minBitrateBps, maxBitrateBps);
    if (!(startBitrateBps >= minBitrateBps && startBitrateBps <= maxBitrateBps)) {
      throw new RangeError(
        `startBitrateBps: from ${minBitrateBps} to ${maxBitrateBps}, not ${startBitrateBps}.`,
      );
    }
    if (!(maxPaddingBitrateBps >= 0)) {
      throw new RangeError(`maxPaddingBitrateBps: 0 or more, not ${maxPaddingBitrateBps}.`);
    }
    this.#minBitrateBps = minBitrateBps;
    this.#maxBitrateBps = maxBitrateBps;
    this.#maxPaddingBitrateBps = maxPaddingBitrateBps;
    this.#targetBitrateBps = startBitrateBps;
    this.#delayBased = new DelayBasedControl(startBitrateBps);
    this.#lossBased = new LossBasedControl(startBitrateBps, minBitrateBps);
    this.#alr.bitrateBps = startBitrateBps;
    this.#probes = new ProbeController(
      startBitrateBps,
      maxBitrateBps,
      probesWhenApplicationLimited,
    );
    this.#report();
  }

  get targetBitrateBps(): number {
    return this.#targetBitrateBps;
  }

  get pacingBitrateBps(): number {
    return PACING_FACTOR * this.#targetBitrateBps;
  }

  get paddingBitrateBps(): number {
    return Math.min(this.#maxPaddingBitrateBps, this.#targetBitrateBps);
  }

  get nextTimeout(): number {
    return this.#probes.nextTimeout;
  }

  /** How it sees the path now. */
  get stats(): GoogleCongestionControlStats {
    return {
      targetBitrateBps: this.#targetBitrateBps,
      delayBasedBitrateBps: this.#delayBased.bitrateBps,
      lossBasedBitrateBps: this.#lossBased.bitrateBps,
      acknowledgedBitrateBps: this.#acknowledged.bitrateBps,
      usage: this.#delayBased.usage,
      lossRatio: this.#lossBased.lossRatio,
      inherentLoss: this.#lossBased.inherentLoss,
      roundTripMs: this.#roundTrip(),
      isApplicationLimited: this.#alr.isLimited,
    };
  }

  onPacketSent(sizeBytes: number, now: number): void {
    const wasLimited = this.#alr.isLimited;
    this.#alr.onPacketSent(sizeBytes, now);
    if (wasLimited && !this.#alr.isLimited) this.#unlimitedSince = now;
    this.#probes.limitedSince = this.#alr.since;
    this.#probes.onPacketSent(now);
    const bitrate = this.#backoff.onPacketSent(this.#targetBitrateBps, now);
    if (bitrate < this.#targetBitrateBps) {
      this.#delayBased.setBitrate(bitrate, now);
      this.#lossBased.setBitrate(bitrate);
      this.#decide(now);
    }
  }

  onFeedback(report: FeedbackReport): void {
    const { feedbackTime: now, packets } = report;
    let lastSendTime = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < packets.length; i++) {
      const { received, sendTime } = packets[i] as PacketResult;
      if (received && sendTime > lastSendTime) lastSendTime = sendTime;
    }
    if (lastSendTime !== Number.NEGATIVE_INFINITY) {
      this.#backoff.onFeedback(now - lastSendTime, now);
      this.onRoundTripTime(now - lastSendTime);
    }
    const probeBps = this.#digest(packets);
    const usageBefore = this.#delayBased.usage;
    const isProbe = this.#delayBased.update(this.#arrived, now, {
      acknowledgedBps: this.#acknowledged.bitrateBps,
      probeBps,
      maxBitrateBps: this.#ceilingBps(),
    });
    this.#arrived.length = 0;
    const { usage } = this.#delayBased;
    if (usage !== 'normal' || this.#delayBased.isDraining) this.#probes.onUnsettled(now);
    // Deviation: libwebrtc expects a change only at the end of the application-limited region; here overuse is
    // a reason too, and its going on while a queue is drained, because backing off from what arrived before the
    // path shrank takes a second longer, and may leave the queue standing.
    const isNews = usageBefore !== 'overusing' || this.#delayBased.isDraining;
    if (usage === 'overusing' && isNews) this.#acknowledged.expectChange();
    const delayBps = this.#delayBased.bitrateBps;
    if (isProbe) {
      this.#lossBased.setBitrate(delayBps);
      this.#acknowledged.expectChange();
    }
    this.#lossBased.update(packets, delayBps, this.#acknowledged.bitrateBps);
    this.#decide(now);
  }

  onRoundTripTime(roundTripMs: number): void {
    const before = this.#roundTripMs;
    this.#roundTripMs = Number.isNaN(before)
      ? roundTripMs
      : before + ROUND_TRIP_GAIN * (roundTripMs - before);
    this.#delayBased.roundTripMs = this.#roundTripMs;
  }

  onRemoteBitrate(bitrateBps: number, now: number): void {
    this.#remoteBitrateBps = bitrateBps;
    this.#decide(now);
  }

  setLimits({ minBitrateBps, maxBitrateBps }: BitrateLimits, now: number): void {
    checkLimits(minBitrateBps, maxBitrateBps);
    this.#minBitrateBps = minBitrateBps;
    this.#maxBitrateBps = maxBitrateBps;
    this.#lossBased.minBitrateBps = minBitrateBps;
    this.#decide(now);
  }

  handleTimeout(now: number): void {
    this.#probes.handleTimeout(now);
    this.#takeProbes();
  }

  pollEvent(): CongestionEvent | undefined {
    this.#takeProbes();
    return this.#events.shift();
  }

  /** Notes the packets that arrived; returns the result of a probe, if there is one. */
  #digest(packets: readonly PacketResult[]): number | undefined {
    const arrived = this.#arrived;
    let isInOrder = true;
    for (let i = 0; i < packets.length; i++) {
      const packet = packets[i] as PacketResult;
      if (!packet.received || Number.isNaN(packet.arrivalTime)) continue;
      const last = arrived.at(-1);
      if (last !== undefined && last.arrivalTime > packet.arrivalTime) isInOrder = false;
      arrived.push(packet);
    }
    if (!isInOrder) arrived.sort((a, b) => a.arrivalTime - b.arrivalTime);
    let probeBps: number | undefined;
    for (let i = 0; i < arrived.length; i++) {
      const packet = arrived[i] as PacketResult;
      const { arrivalTime, probeClusterId, sendTime, sizeBytes } = packet;
      if (sendTime > this.#unlimitedSince) {
        this.#acknowledged.expectChange();
        this.#unlimitedSince = Number.NaN;
      }
      this.#acknowledged.add(arrivalTime, sizeBytes, this.#alr.isLimited);
      if (probeClusterId !== NO_PROBE_CLUSTER) {
        probeBps = this.#probeEstimator.add(packet) ?? probeBps;
      }
    }
    if (probeBps === undefined) return undefined;
    const arriving = MIN_PROBE_OF_ACKNOWLEDGED * (this.#acknowledged.bitrateBps ?? 0);
    return Math.max(probeBps, Math.min(this.#targetBitrateBps, arriving));
  }

  #decide(now: number): void {
    const wanted = Math.min(this.#delayBased.bitrateBps, this.#lossBased.bitrateBps);
    const estimateBps = this.#withinLimits(wanted);
    this.#targetBitrateBps = this.#withinLimits(this.#delayBased.drainShare * estimateBps);
    this.#alr.bitrateBps = this.#targetBitrateBps;
    this.#probes.maxBitrateBps = this.#ceilingBps();
    this.#probes.onEstimate(estimateBps, now);
    this.#report();
  }

  #withinLimits(bitrateBps: number): number {
    return Math.max(this.#minBitrateBps, Math.min(bitrateBps, this.#ceilingBps()));
  }

  #ceilingBps(): number {
    return Math.min(this.#maxBitrateBps, this.#remoteBitrateBps);
  }

  #roundTrip(): number {
    return Number.isNaN(this.#roundTripMs) ? FIRST_ROUND_TRIP_MS : this.#roundTripMs;
  }

  #report(): void {
    if (this.#targetBitrateBps === this.#reportedBitrateBps) return;
    this.#reportedBitrateBps = this.#targetBitrateBps;
    this.#events.push({
      type: 'target-bitrate',
      targetBitrateBps: this.targetBitrateBps,
      pacingBitrateBps: this.pacingBitrateBps,
      paddingBitrateBps: this.paddingBitrateBps,
    });
  }

  #takeProbes(): void {
    for (let cluster = this.#probes.poll(); cluster; cluster = this.#probes.poll()) {
      this.#probeEstimator.expect(cluster);
      this.#events.push({ type: 'probe', cluster });
    }
  }
}

function checkLimits(minBitrateBps: number, maxBitrateBps: number): void {
  if (!(minBitrateBps >= 0)) {
    throw new RangeError(`minBitrateBps: 0 or more, not ${minBitrateBps}.`);
  }
  if (!(maxBitrateBps >= minBitrateBps)) {
    throw new RangeError(`maxBitrateBps: ${minBitrateBps} or more, not ${maxBitrateBps}.`);
  }
}
