// A congestion controller that models the path, in the manner of BBR: its bandwidth and its round trip, and how much in flight it bears (draft-ietf-ccwg-bbr, https://datatracker.ietf.org/doc/html/draft-ietf-ccwg-bbr).
import type { RandomSource } from '@kaon/wire';
import type {
  Acknowledgement,
  CongestionController,
  CongestionOptions,
} from './congestion-controller.ts';
import { WindowedFilter } from './windowed-filter.ts';

const PACING_MARGIN = 0.99; // §2.5 BBRPacingMarginPercent
const STARTUP_PACING_GAIN = 2.77; // §2.4
const DRAIN_PACING_GAIN = 0.5;
const CWND_GAIN = 2; // §2.5
const UP_PACING_GAIN = 1.25;
const DOWN_PACING_GAIN = 0.9;
const BETA = 0.7; // §2.7
const HEADROOM = 0.15;
/** So much loss in a flight is taken for a full queue, if round trips show that there is one (BBRLossThresh). */
const LOSS_THRESHOLD = 0.02;
/**
 * The same where round trips show no queue.
 *
 * Deviation: the draft knows one threshold. At 2%, radio links alone would make it shrink round after round.
 */
const LOSS_THRESHOLD_WITHOUT_QUEUE = 0.1;
/** There may be a queue if no packet of a round was back as soon as that: the least round trip, and a tenth. */
const QUEUE_GAIN = 1.1;
/** Below that it is the jitter of hosts. */
const MIN_QUEUE_MS = 1;
/**
 * What is left of the flight that overflowed a queue, as the most in flight from then on.
 *
 * Deviation: §5.3.3.6 keeps all of it. Flows that lose packets at the same time would then keep their shares
 * for minutes, and those that answer loss by giving way, their small ones.
 */
const INFLIGHT_BETA = 0.85;
/** A flight of a few packets says nothing about a share of loss. */
const MIN_LOST_PACKETS = 6;
const FULL_BANDWIDTH_GROWTH = 1.25; // §5.3.1.2
const FULL_BANDWIDTH_ROUNDS = 3;
const MIN_RTT_WINDOW_MS = 10_000; // MinRTTFilterLen
const PROBE_RTT_INTERVAL_MS = 5000;
const PROBE_RTT_MS = 200;
const PROBE_RTT_CWND_GAIN = 0.5;
const MIN_PIPE_PACKETS = 4;
/**
 * The next probe for bandwidth begins after one to two seconds …
 *
 * Deviation: §5.3.3.5.3 has two to three seconds and 63 round trips; two flows of this kind then take
 * minutes until they share a path fairly.
 */
const PROBE_WAIT_MS = 1000;
const PROBE_WAIT_SPREAD_MS = 1000;
/** … or after as many round trips as Reno would need to grow as far. */
const MAX_PROBE_ROUNDS = 30;
/** Of acknowledgements that come in heaps, the excess over so many round trips is remembered (§5.5.9). */
const EXTRA_ACKED_ROUNDS = 10;

/** What the sender is doing (§5.2), with what only that needs. */
type Phase =
  | { readonly name: 'startup'; fullBandwidth: number; fullRounds: number }
  | { readonly name: 'drain' }
  | { readonly name: 'down' }
  | { readonly name: 'cruise' }
  | { readonly name: 'refill'; readonly untilRound: number }
  | {
      readonly name: 'up';
      readonly fromRound: number;
      growth: number;
      acked: number;
      fullBandwidth: number;
      fullRounds: number;
    }
  | { readonly name: 'probe-rtt'; doneAt: number | undefined; untilRound: number };

/** The model and the machine. */
export class Bbr implements CongestionController {
  readonly name = 'bbr';
  readonly ssthresh: number = Number.POSITIVE_INFINITY;
  readonly #random: RandomSource;
  readonly #initialCwndBytes: number;
  #packetBytes: number;
  #cwnd: number;
  #pacingRate = Number.POSITIVE_INFINITY;
  #phase: Phase = { name: 'startup', fullBandwidth: 0, fullRounds: 0 };
  #isPipeFilled = false;

  // Round trips, counted by what was delivered (§5.5.1).
  #round = 0;
  #roundEnd = 0;
  #isRoundStart = false;

  // The path (§2.6): bandwidth in bytes a millisecond, by probing cycle.
  #bandwidthOfCycle = 0;
  #bandwidthOfLastCycle = 0;
  readonly #minRtt = new WindowedFilter(MIN_RTT_WINDOW_MS, 'min');
  #minRttMs = Number.POSITIVE_INFINITY;
  /** When a round trip as short as the least was seen last. */
  #minRttAt = Number.NEGATIVE_INFINITY;
  /** BBR.inflight_longterm: more in flight has overflowed a queue. */
  #inflightHigh = Number.POSITIVE_INFINITY;
  /** BBR.inflight_shortterm and BBR.bw_shortterm: what the last round trips with loss have shown. */
  #inflightLow = Number.POSITIVE_INFINITY;
  #bandwidthLow = Number.POSITIVE_INFINITY;

  /** What they were when the recovery began that is going on (§5.5.11). */
  #beforeRecovery = {
    inflightHigh: Number.POSITIVE_INFINITY,
    inflightLow: Number.POSITIVE_INFINITY,
    bandwidthLow: Number.POSITIVE_INFINITY,
  };

  // This round (§5.5.10).
  #latestBandwidth = 0;
  #latestDelivered = 0;
  #lostInRound = 0;
  #lossEventsInRound = 0;
  #minRttOfRound = Number.POSITIVE_INFINITY;
  #maxRttOfRound = 0;
  /** Whether the last round showed a queue. */
  #hasQueue = false;

  // Aggregation of acknowledgements (§5.5.9).
  readonly #extraAcked = new WindowedFilter(EXTRA_ACKED_ROUNDS, 'max');
  #ackEpochAt = Number.NEGATIVE_INFINITY;
  #ackEpochBytes = 0;

  // When to probe next (§5.3.3.5.3).
  #probeAt = Number.POSITIVE_INFINITY;
  #probeRound = 0;

  constructor({ packetBytes, initialCwndBytes, random }: CongestionOptions) {
    this.#random = random;
    this.#packetBytes = packetBytes;
    this.#initialCwndBytes = initialCwndBytes;
    this.#cwnd = initialCwndBytes;
  }

  get cwnd(): number {
    return Math.floor(this.#cwnd);
  }

  get pacingRate(): number {
    return this.#pacingRate;
  }

  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes;
  }

  onAcknowledgement(acknowledgement: Acknowledgement): void {
    this.#updateRound(acknowledgement);
    this.#updateBandwidth(acknowledgement);
    this.#updateMinRtt(acknowledgement);
    this.#updateExtraAcked(acknowledgement);
    this.#adaptToLoss(acknowledgement);
    this.#advance(acknowledgement);
    this.#setPacingRate(acknowledgement);
    this.#setCwnd(acknowledgement);
  }

  onFastRetransmit(): void {
    // Loss counts round by round, in #adaptToLoss; a single one says nothing.
    this.#beforeRecovery = {
      inflightHigh: this.#inflightHigh,
      inflightLow: this.#inflightLow,
      bandwidthLow: this.#bandwidthLow,
    };
  }

  onSpuriousRecovery(): void {
    const { inflightHigh, inflightLow, bandwidthLow } = this.#beforeRecovery;
    this.#lostInRound = 0;
    this.#lossEventsInRound = 0;
    this.#inflightHigh = Math.max(this.#inflightHigh, inflightHigh);
    this.#inflightLow = Math.max(this.#inflightLow, inflightLow);
    this.#bandwidthLow = Math.max(this.#bandwidthLow, bandwidthLow);
  }

  onRetransmissionTimeout(): void {
    // RFC 9260 §6.3.3 E1. What follows grows the window back as it is acknowledged, up to what the model says.
    this.#cwnd = this.#packetBytes;
    if (!this.#isPipeFilled) return;
    this.#inflightLow = Math.max(this.#bdp(1), this.#minPipe);
  }

  onIdle(_idleMs: number, _rtoMs: number, now: number): void {
    // §5.4.1: what comes next goes out at the rate of the path at once, and not in the gain of a probe.
    this.#ackEpochAt = Number.NEGATIVE_INFINITY;
    if (this.#isPipeFilled && this.#bandwidth > 0) {
      this.#pacingRate = PACING_MARGIN * this.#bandwidth;
    }
    // A queue of ours has drained long ago; the least round trip can be believed anew.
    if (this.#phase.name === 'probe-rtt') this.#endProbeRtt(now);
  }

  // ── The model ────────────────────────────────────────────────────────────────────────────────────

  /** The bandwidth to send at: the largest of two cycles, or less where there is loss. */
  get #bandwidth(): number {
    return Math.min(this.#maxBandwidth, this.#bandwidthLow);
  }

  get #maxBandwidth(): number {
    return Math.max(this.#bandwidthOfCycle, this.#bandwidthOfLastCycle);
  }

  get #minPipe(): number {
    return MIN_PIPE_PACKETS * this.#packetBytes;
  }

  /** So many times what the path itself holds; the initial window while that is not known. */
  #bdp(gain: number, bandwidth: number = this.#maxBandwidth): number {
    if (this.#minRttMs === Number.POSITIVE_INFINITY) return this.#initialCwndBytes;
    return gain * bandwidth * this.#minRttMs;
  }

  #updateRound({ deliveredBytes, rate }: Acknowledgement): void {
    this.#isRoundStart = rate.priorDelivered >= this.#roundEnd;
    if (!this.#isRoundStart) return;
    this.#roundEnd = deliveredBytes;
    this.#round++;
  }

  #updateBandwidth({ rate }: Acknowledgement): void {
    if (rate.rate <= 0) return;
    this.#latestBandwidth = Math.max(this.#latestBandwidth, rate.rate);
    // §5.5.5: a sample that the application limited counts only if it is more than what is known.
    if (rate.isAppLimited && rate.rate < this.#maxBandwidth) return;
    this.#bandwidthOfCycle = Math.max(this.#bandwidthOfCycle, rate.rate);
  }

  #updateMinRtt({ now, rttMs }: Acknowledgement): void {
    if (rttMs === undefined) return;
    this.#minRtt.update(rttMs, now);
    const minRttMs = this.#minRtt.best as number;
    this.#minRttOfRound = Math.min(this.#minRttOfRound, rttMs);
    this.#maxRttOfRound = Math.max(this.#maxRttOfRound, rttMs);
    if (rttMs <= this.#minRttMs) this.#minRttAt = now;
    this.#minRttMs = minRttMs;
  }

  #updateExtraAcked({ ackedBytes, now }: Acknowledgement): void {
    const expected = this.#bandwidth * (now - this.#ackEpochAt);
    if (this.#ackEpochBytes <= expected || this.#ackEpochAt === Number.NEGATIVE_INFINITY) {
      this.#ackEpochAt = now;
      this.#ackEpochBytes = ackedBytes;
      this.#extraAcked.update(0, this.#round);
      return;
    }
    this.#ackEpochBytes += ackedBytes;
    const extra = Math.min(this.#ackEpochBytes - expected, this.#cwnd);
    this.#extraAcked.update(extra, this.#round);
  }

  /** §5.5.10.3: in a round with loss, what was delivered is what the path bears just now. */
  #adaptToLoss({ ackedBytes, lostBytes }: Acknowledgement): void {
    this.#latestDelivered += ackedBytes;
    if (lostBytes > 0) {
      this.#lostInRound += lostBytes;
      this.#lossEventsInRound++;
    }
    if (!this.#isRoundStart) return;
    if (this.#minRttOfRound !== Number.POSITIVE_INFINITY) {
      // Where round trips differ by more than they are longer, it is jitter.
      const spreadMs = this.#maxRttOfRound - this.#minRttOfRound;
      const leastMs = Math.max(this.#queueingRttMs, this.#minRttMs + spreadMs);
      this.#hasQueue = this.#minRttOfRound > leastMs;
      this.#maxRttOfRound = 0;
      this.#minRttOfRound = Number.POSITIVE_INFINITY;
    }
    const { name } = this.#phase;
    const isProbing = name === 'startup' || name === 'refill' || name === 'up';
    const share = this.#lostInRound / (this.#lostInRound + this.#latestDelivered);
    // Deviation: the draft does so for any loss; here for as much as a full queue would bring, so that
    // random loss costs what is lost and nothing more.
    if (share > this.#lossThreshold && !isProbing) {
      if (this.#bandwidthLow === Number.POSITIVE_INFINITY) this.#bandwidthLow = this.#maxBandwidth;
      if (this.#inflightLow === Number.POSITIVE_INFINITY) this.#inflightLow = this.#cwnd;
      this.#bandwidthLow = Math.max(this.#latestBandwidth, BETA * this.#bandwidthLow);
      this.#inflightLow = Math.max(this.#latestDelivered, BETA * this.#inflightLow);
    }
    if (this.#phase.name === 'startup') this.#judgeStartup(share);
    this.#latestBandwidth = 0;
    this.#latestDelivered = 0;
    this.#lostInRound = 0;
    this.#lossEventsInRound = 0;
  }

  /** A round trip longer than that has waited in a queue. */
  get #queueingRttMs(): number {
    return Math.max(QUEUE_GAIN * this.#minRttMs, this.#minRttMs + MIN_QUEUE_MS);
  }

  get #lossThreshold(): number {
    return this.#hasQueue ? LOSS_THRESHOLD : LOSS_THRESHOLD_WITHOUT_QUEUE;
  }

  /** §5.3.1.3: so much loss in a round of startup means that the queue is full. */
  #judgeStartup(share: number): void {
    if (share <= this.#lossThreshold || this.#lossEventsInRound < MIN_LOST_PACKETS) return;
    this.#isPipeFilled = true;
    this.#inflightHigh = Math.max(this.#bdp(1), this.#latestDelivered);
  }

  /** §5.5.10.2: whether the flight that a sample is of lost too much. */
  #isInflightTooHigh({ lostBytesTotal, rate }: Acknowledgement): boolean {
    const lost = lostBytesTotal - rate.lostAtSend;
    return (
      lost > this.#lossThreshold * rate.flightAtSend && lost >= MIN_LOST_PACKETS * this.#packetBytes
    );
  }

  // ── The machine ──────────────────────────────────────────────────────────────────────────────────

  #advance(acknowledgement: Acknowledgement): void {
    const { flightBytes, now, rate } = acknowledgement;
    const phase = this.#phase;
    switch (phase.name) {
      case 'startup':
        if (this.#isRoundStart && !rate.isAppLimited) this.#checkFullBandwidth(phase);
        if (this.#isPipeFilled) this.#phase = { name: 'drain' };
        break;
      case 'drain':
        if (flightBytes <= this.#bdp(1)) this.#enterDown(now);
        break;
      case 'down':
        if (this.#isTimeToProbe(now)) this.#enterRefill();
        else if (flightBytes <= Math.min(this.#bdp(1), this.#inflightWithHeadroom)) {
          this.#phase = { name: 'cruise' };
        }
        break;
      case 'cruise':
        if (this.#isTimeToProbe(now)) this.#enterRefill();
        break;
      case 'refill':
        if (this.#isRoundStart && this.#round >= phase.untilRound) {
          this.#enterUp();
        }
        break;
      case 'up':
        this.#probeUp(phase, acknowledgement);
        break;
      case 'probe-rtt':
        this.#stayInProbeRtt(phase, acknowledgement);
        return;
    }
    // §5.3.4.3
    const isStale = now - this.#minRttAt > PROBE_RTT_INTERVAL_MS;
    if (isStale && this.#isPipeFilled && this.#minRttAt !== Number.NEGATIVE_INFINITY) {
      this.#phase = { name: 'probe-rtt', doneAt: undefined, untilRound: 0 };
    }
  }

  /** §5.3.1.2: three rounds without a quarter more. */
  #checkFullBandwidth(phase: Extract<Phase, { name: 'startup' }>): void {
    this.#noteGrowth(phase);
    if (phase.fullRounds >= FULL_BANDWIDTH_ROUNDS) this.#isPipeFilled = true;
  }

  #noteGrowth(phase: { fullBandwidth: number; fullRounds: number }): void {
    if (this.#maxBandwidth >= phase.fullBandwidth * FULL_BANDWIDTH_GROWTH) {
      phase.fullBandwidth = this.#maxBandwidth;
      phase.fullRounds = 0;
    } else {
      phase.fullRounds++;
    }
  }

  /** Gives back what the probe has put into the queue (§5.3.3.1). */
  #enterDown(now: number): void {
    this.#phase = { name: 'down' };
    const spread = (this.#random.uint32() / 0x1_0000_0000) * PROBE_WAIT_SPREAD_MS;
    this.#probeAt = now + PROBE_WAIT_MS + spread;
    const rounds = Math.min(this.#bdp(1) / this.#packetBytes, MAX_PROBE_ROUNDS);
    this.#probeRound = this.#round + Math.max(1, Math.ceil(rounds));
  }

  #isTimeToProbe(now: number): boolean {
    return now >= this.#probeAt || this.#round >= this.#probeRound;
  }

  /** Fills the pipe for a round before the probe, so that it is the probe that makes the queue (§5.3.3.3). */
  #enterRefill(): void {
    this.#inflightLow = Number.POSITIVE_INFINITY;
    this.#bandwidthLow = Number.POSITIVE_INFINITY;
    this.#phase = { name: 'refill', untilRound: this.#round + 1 };
    // §5.5.6: a new cycle; the one before the last is forgotten, unless the last has shown nothing.
    if (this.#bandwidthOfCycle === 0) return;
    this.#bandwidthOfLastCycle = this.#bandwidthOfCycle;
    this.#bandwidthOfCycle = 0;
  }

  #enterUp(): void {
    this.#phase = {
      name: 'up',
      fromRound: this.#round,
      growth: 1,
      acked: 0,
      fullBandwidth: this.#maxBandwidth,
      fullRounds: 0,
    };
  }

  #probeUp(phase: Extract<Phase, { name: 'up' }>, acknowledgement: Acknowledgement): void {
    const { ackedBytes, flightBytes, now, rate, rttMs = 0 } = acknowledgement;
    if (this.#isInflightTooHigh(acknowledgement)) {
      // §5.3.3.6
      if (!rate.isAppLimited) {
        const { flightAtSend } = rate;
        const least = Math.max(Math.min(this.#bdp(1), flightAtSend), this.#minPipe);
        this.#inflightHigh = Math.max(INFLIGHT_BETA * flightAtSend, least);
      }
      this.#enterDown(now);
      return;
    }
    if (this.#inflightHigh !== Number.POSITIVE_INFINITY) {
      // §5.3.3.5.1: raised slowly first, then faster and faster.
      if (this.#isRoundStart) phase.growth *= 2;
      if (flightBytes + ackedBytes + this.#packetBytes >= this.#inflightHigh) {
        phase.acked += ackedBytes;
        const step = Math.max(this.#cwnd / phase.growth, this.#packetBytes);
        if (phase.acked >= step) {
          this.#inflightHigh += Math.floor(phase.acked / step) * this.#packetBytes;
          phase.acked %= step;
        }
      }
      this.#inflightHigh = Math.max(this.#inflightHigh, rate.flightAtSend);
    }
    // §5.3.3.4: one round at least, until there is a queue or bandwidth no longer grows.
    const rounds = this.#round - phase.fromRound;
    if (this.#isRoundStart) this.#noteGrowth(phase);
    const isQueued = rttMs > this.#queueingRttMs && flightBytes >= this.#bdp(UP_PACING_GAIN);
    if (rounds >= 1 && (isQueued || phase.fullRounds >= FULL_BANDWIDTH_ROUNDS)) {
      this.#enterDown(now);
    }
  }

  /** Little in flight for 200 ms and a round trip, so that the least round trip shows (§5.3.4). */
  #stayInProbeRtt(phase: Extract<Phase, { name: 'probe-rtt' }>, ack: Acknowledgement): void {
    const { flightBytes, now } = ack;
    if (phase.doneAt === undefined) {
      if (flightBytes > this.#probeRttCwnd) return;
      phase.doneAt = now + PROBE_RTT_MS;
      phase.untilRound = this.#round + 1;
    } else if (now >= phase.doneAt && this.#round >= phase.untilRound) {
      this.#endProbeRtt(now);
    }
  }

  #endProbeRtt(now: number): void {
    this.#minRttAt = now;
    this.#enterDown(now);
    this.#phase = { name: 'cruise' };
    this.#cwnd = Math.max(this.#cwnd, this.#bdp(1));
  }

  // ── What follows from it ─────────────────────────────────────────────────────────────────────────

  get #pacingGain(): number {
    switch (this.#phase.name) {
      case 'startup':
        return STARTUP_PACING_GAIN;
      case 'drain':
        return DRAIN_PACING_GAIN;
      case 'down':
        return DOWN_PACING_GAIN;
      case 'up':
        return UP_PACING_GAIN;
      default:
        return 1;
    }
  }

  #setPacingRate({ srttMs }: Acknowledgement): void {
    const bandwidth = this.#bandwidth;
    if (bandwidth === 0) {
      // §5.6.2: before the first sample, the initial window in a round trip.
      if (srttMs !== undefined && srttMs > 0) {
        this.#pacingRate = (STARTUP_PACING_GAIN * this.#initialCwndBytes) / srttMs;
      }
      return;
    }
    const rate = PACING_MARGIN * this.#pacingGain * bandwidth;
    // §5.6.2: startup does not slow down for a sample that is low by chance.
    if (this.#isPipeFilled || rate > this.#pacingRate || this.#isUnpaced) this.#pacingRate = rate;
  }

  get #isUnpaced(): boolean {
    return this.#pacingRate === Number.POSITIVE_INFINITY;
  }

  get #inflightWithHeadroom(): number {
    if (this.#inflightHigh === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    return Math.max((1 - HEADROOM) * this.#inflightHigh, this.#minPipe);
  }

  get #probeRttCwnd(): number {
    return Math.max(this.#bdp(PROBE_RTT_CWND_GAIN), this.#minPipe);
  }

  /** §5.6.4 */
  #setCwnd({ ackedBytes, deliveredBytes }: Acknowledgement): void {
    const extra = this.#extraAcked.best ?? 0;
    // What is sent at once must fit too (§5.6.4.2).
    const quantum = 3 * this.#packetBytes;
    const max = Math.max(this.#bdp(CWND_GAIN, this.#bandwidth) + extra + quantum, this.#minPipe);
    if (this.#isPipeFilled) {
      this.#cwnd = Math.min(this.#cwnd + ackedBytes, max);
    } else if (this.#cwnd < max || deliveredBytes < this.#initialCwndBytes) {
      this.#cwnd += ackedBytes;
    }
    this.#cwnd = Math.max(this.#cwnd, this.#minPipe);
    this.#boundCwnd();
  }

  #boundCwnd(): void {
    let bound = Number.POSITIVE_INFINITY;
    switch (this.#phase.name) {
      case 'probe-rtt':
        this.#cwnd = Math.min(this.#cwnd, this.#probeRttCwnd);
        bound = this.#inflightWithHeadroom;
        break;
      case 'cruise':
        bound = this.#inflightWithHeadroom;
        break;
      case 'down':
      case 'refill':
      case 'up':
        bound = this.#inflightHigh;
        break;
      default:
    }
    bound = Math.max(Math.min(bound, this.#inflightLow), this.#minPipe);
    this.#cwnd = Math.min(this.#cwnd, bound);
  }
}
