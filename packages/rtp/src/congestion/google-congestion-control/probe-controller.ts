// Decides when the path is probed for more, and at what rate (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).
import { Queue } from '@kaon/wire';
import type { ProbeCluster } from '../congestion-control.ts';

/** The first probes, as multiples of the start bitrate. */
const FIRST_SCALES = [3, 6] as const;
// Deviation: a probe that found so much of what it tried is followed by one of twice what it found; libwebrtc
// is content with 0.7, of which it is known already that the path was full.
const FURTHER_THRESHOLD = 0.85;
const FURTHER_SCALE = 2;
/** Less than this times the estimate is not worth a probe. */
const MIN_SCALE = 1.1;
const RESULT_TIMEOUT_MS = 1000;
const MIN_PACKETS = 5;
const MIN_DURATION_MS = 15;
const ALR_INTERVAL_MS = 5000;
/** Nothing is probed for an application that has sent nothing for as long. */
const IDLE_MS = 2000;
/** An estimate below this share of what it was lately has dropped; above the other, it has recovered. */
const DROP_RATIO = 0.66;
const RECOVERED_RATIO = 0.85;
// Deviation: libwebrtc probes after a drop only in the application-limited region, and otherwise grows by 8% a
// second; here it also probes every 2.5 s for a minute, and every 5 s after it, so that capacity that returns is
// found at once, and a flow that fills the queue does not starve this one.
const RECOVERY_INTERVAL_MS = 2500;
const LATE_RECOVERY_INTERVAL_MS = 5000;
const RECOVERY_MS = 60_000;
const SETTLED_MS = 500;
/** A drop so soon after the application was the limit is no news of the path: it is probed at once. */
const ALR_ENDED_MS = 3000;
// Deviation: what a probe of ours gains and loses again is not free but another flow's, which probes back if
// that is one of ours, and both fill the queue. Each time, the next such probe waits twice as long.
const GAIN_SCALE = 1.3;
const LOST_GAIN_RATIO = 0.85;
const GAIN_TRIAL_MS = 5000;
const MAX_LOST_GAINS = 3;
const LOST_GAINS_KEPT_MS = 60_000;
/** How fast "lately" forgets, and how long an estimate must last to be part of it: not every probe is right. */
const FORGET_MS = 20_000;
const LEARN_MS = 1000;

/** Makes probe clusters; {@link poll} gives them. */
export class ProbeController {
  readonly #clusters = new Queue<ProbeCluster>();
  readonly #probesWhenLimited: boolean;
  #nextId = 0;
  #maxBitrateBps: number;
  #estimateBps: number;
  #hasStarted = false;
  #lastProbe = Number.NEGATIVE_INFINITY;
  #lastSent = Number.NEGATIVE_INFINITY;
  #lastUnsettled = Number.NEGATIVE_INFINITY;
  /** An estimate beyond it sets off another probe; Infinity when none is awaited. */
  #furtherAboveBps = Number.POSITIVE_INFINITY;
  #limitedSince = Number.NaN;
  /** About the highest estimate of late. */
  #referenceBps: number;
  #referenceTime = 0;
  #recoveringSince = Number.NaN;
  #lastLimited = Number.NEGATIVE_INFINITY;
  /** The next probe for recovery comes so long after that time. */
  #recoveryIntervalMs = RECOVERY_INTERVAL_MS;
  #waitsSince = Number.NEGATIVE_INFINITY;
  /** When the last probe for recovery was made, what it gained if it did, and how many lost that again of late. */
  #lastRecoveryProbe = Number.NEGATIVE_INFINITY;
  #gainBps = Number.NaN;
  #lostGains = 0;
  #lastLostGain = Number.NEGATIVE_INFINITY;

  /**
   * @param startBitrateBps that the first probes are multiples of
   * @param probesWhenLimited whether to keep probing while the application is the limit
   */
  constructor(startBitrateBps: number, maxBitrateBps: number, probesWhenLimited: boolean) {
    this.#estimateBps = startBitrateBps;
    this.#referenceBps = startBitrateBps;
    this.#maxBitrateBps = maxBitrateBps;
    this.#probesWhenLimited = probesWhenLimited;
  }

  /** When {@link handleTimeout} is due. */
  get nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY;
    if (this.#furtherAboveBps !== Number.POSITIVE_INFINITY) {
      next = this.#lastProbe + RESULT_TIMEOUT_MS;
    }
    const nextLimited = this.#nextWhenLimited();
    const nextRecovery = this.#nextRecovery();
    // A path that nothing is sent over is not probed: the next packet makes up for it.
    if (nextLimited < this.#lastSent + IDLE_MS) next = Math.min(next, nextLimited);
    if (nextRecovery < this.#lastSent + IDLE_MS) next = Math.min(next, nextRecovery);
    return next;
  }

  /** No probe goes beyond it. */
  set maxBitrateBps(value: number) {
    this.#maxBitrateBps = value;
  }

  /** Since when the application is the limit; NaN if it is not. */
  set limitedSince(value: number) {
    this.#limitedSince = value;
  }

  /** A packet was sent. The very first one starts the first probes. */
  onPacketSent(now: number): void {
    this.#lastSent = now;
    if (!Number.isNaN(this.#limitedSince)) this.#lastLimited = now;
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    for (const scale of FIRST_SCALES) this.#probe(scale * this.#estimateBps, now);
  }

  /** A queue grows, or drains: what a probe finds now is not what the path carries. */
  onUnsettled(now: number): void {
    this.#lastUnsettled = now;
  }

  /** The estimate is now `bitrateBps`. */
  onEstimate(bitrateBps: number, now: number): void {
    this.#watchGain(bitrateBps, now);
    this.#estimateBps = bitrateBps;
    this.#follow(bitrateBps, now);
    if (bitrateBps > this.#furtherAboveBps && now < this.#lastProbe + RESULT_TIMEOUT_MS) {
      this.#probe(FURTHER_SCALE * bitrateBps, now);
    }
  }

  /** Makes the probes that are due. */
  handleTimeout(now: number): void {
    if (now >= this.#lastProbe + RESULT_TIMEOUT_MS) {
      this.#furtherAboveBps = Number.POSITIVE_INFINITY;
    }
    if (now >= this.#nextRecovery()) {
      const elapsed = now - this.#recoveringSince;
      this.#recoveryIntervalMs =
        elapsed < RECOVERY_MS ? RECOVERY_INTERVAL_MS : LATE_RECOVERY_INTERVAL_MS;
      this.#waitsSince = now;
      this.#lastRecoveryProbe = now;
      this.#probe(Math.min(FURTHER_SCALE * this.#estimateBps, this.#referenceBps), now);
    } else if (now >= this.#nextWhenLimited()) {
      this.#probe(FURTHER_SCALE * this.#estimateBps, now);
    }
  }

  /** The next cluster to send; undefined if there is none. */
  poll(): ProbeCluster | undefined {
    return this.#clusters.shift();
  }

  #nextWhenLimited(): number {
    if (!this.#probesWhenLimited || Number.isNaN(this.#limitedSince)) {
      return Number.POSITIVE_INFINITY;
    }
    if (this.#estimateBps >= this.#maxBitrateBps) return Number.POSITIVE_INFINITY;
    return Math.max(this.#limitedSince, this.#lastProbe) + ALR_INTERVAL_MS;
  }

  #nextRecovery(): number {
    if (Number.isNaN(this.#recoveringSince)) return Number.POSITIVE_INFINITY;
    return Math.max(
      this.#waitsSince + 2 ** this.#lostGains * this.#recoveryIntervalMs,
      this.#lastUnsettled + SETTLED_MS,
    );
  }

  // Notices that a probe for recovery has raised the estimate, and whether that lasts.
  #watchGain(bitrateBps: number, now: number): void {
    if (now - this.#lastLostGain > LOST_GAINS_KEPT_MS) this.#lostGains = 0;
    const elapsed = now - this.#lastRecoveryProbe;
    if (elapsed < RESULT_TIMEOUT_MS && bitrateBps > GAIN_SCALE * this.#estimateBps) {
      this.#gainBps = bitrateBps;
    } else if (elapsed >= GAIN_TRIAL_MS) {
      this.#gainBps = Number.NaN;
    } else if (bitrateBps < LOST_GAIN_RATIO * this.#gainBps) {
      this.#gainBps = Number.NaN;
      this.#lastRecoveryProbe = Number.NEGATIVE_INFINITY;
      this.#lastLostGain = now;
      this.#lostGains = Math.min(MAX_LOST_GAINS, this.#lostGains + 1);
    }
  }

  // Notices that the estimate has dropped from what it was lately, and when it has recovered.
  #follow(bitrateBps: number, now: number): void {
    if (!Number.isNaN(this.#recoveringSince)) {
      // What a probe has just found may not last.
      const isRecovered = bitrateBps >= RECOVERED_RATIO * this.#referenceBps;
      if (isRecovered && now >= this.#lastProbe + RESULT_TIMEOUT_MS) {
        this.#recoveringSince = Number.NaN;
      }
    } else if (bitrateBps < DROP_RATIO * this.#referenceBps) {
      this.#recoveringSince = now;
      this.#waitsSince = now;
      this.#recoveryIntervalMs = now - this.#lastLimited < ALR_ENDED_MS ? 0 : RECOVERY_INTERVAL_MS;
    }
    let time = Number.isNaN(this.#recoveringSince) ? FORGET_MS : RECOVERY_MS;
    if (bitrateBps > this.#referenceBps) time = LEARN_MS;
    const share = Math.min(1, (now - this.#referenceTime) / time);
    this.#referenceBps *= (bitrateBps / this.#referenceBps) ** share; // By ratio: one may be tenfold.
    this.#referenceTime = now;
  }

  #probe(bitrateBps: number, now: number): void {
    this.#lastProbe = now;
    this.#furtherAboveBps = Number.POSITIVE_INFINITY;
    const bitrate = Math.min(bitrateBps, this.#maxBitrateBps);
    if (bitrate < MIN_SCALE * this.#estimateBps) return;
    if (bitrate < this.#maxBitrateBps) {
      this.#furtherAboveBps = FURTHER_THRESHOLD * bitrate;
    }
    this.#clusters.push({
      id: this.#nextId++,
      bitrateBps: bitrate,
      minPackets: MIN_PACKETS,
      minBytes: Math.ceil((bitrate * MIN_DURATION_MS) / 8000),
    });
  }
}
