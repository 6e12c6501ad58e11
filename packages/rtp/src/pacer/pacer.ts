// Sends packets at an even pace, the most urgent first, and probes exactly as asked (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/pacing/g3doc/index.md).
import { Queue } from '@kaon/wire';
import type { ProbeCluster } from '../congestion/congestion-control.ts';
import { NO_PROBE_CLUSTER } from '../congestion/packet-result.ts';
import { PACKET_PRIORITY, type PacedPacket, PacketQueue } from './packet-queue.ts';

/** So much may leave at once: timers are no finer, and a packet is no smaller. */
const BURST_MS = 5;
const DEFAULT_MAX_QUEUE_TIME_MS = 2000;
const DEFAULT_MAX_PACKETS = 4096;
/** However much was sent outside the pace, what follows does not wait for longer. */
const MAX_DEBT_MS = 500;
/** Padding comes in portions of this length. */
const PADDING_MS = 5;
/** So much of a probe is sent at a time. */
const PROBE_STEP_MS = 2;
/** A probe that nothing was sent for is given up when it is as late. */
const MAX_PROBE_DELAY_MS = 20;
const PROBE_TIMEOUT_MS = 5000;
const MAX_PROBES = 16;
/** If the application had no padding, it is asked again after as long. */
const ASK_AGAIN_MS = 5;

/** How a pacer paces. */
export interface PacerOptions {
  /** Bits a second. */
  readonly pacingBitrateBps: number;
  /** Up to what rate padding is asked for when nothing else is sent; 0 by default. */
  readonly paddingBitrateBps?: number;
  /** Above this mean wait it sends faster than its rate; 2000 by default. */
  readonly maxQueueTimeMs?: number;
  /** How many packets may wait; 4096 by default. */
  readonly maxPackets?: number;
  /** Whether audio waits for its turn as well; false by default: it leaves at once. */
  readonly paceAudio?: boolean;
}

/** What a pacer has done. */
export interface PacerCounters {
  sentPackets: number;
  sentBytes: number;
  /** Packets that were refused because the queue was full. */
  refusedPackets: number;
  probesSent: number;
  /** Probes given up for want of packets. */
  probesAborted: number;
}

/** A cluster that is being sent, or waits for that. */
interface Probe {
  readonly cluster: ProbeCluster;
  readonly since: number;
  /** When its first packet left; NaN before. */
  startedAt: number;
  packets: number;
  bytes: number;
}

/**
 * A pacer for packets of the application's own type. After every call {@link poll} until it gives nothing,
 * then answer {@link pollPadding}, then read {@link nextTimeout} and come back at that time:
 *
 * ```ts
 * for (;;) {
 *   for (let packet = pacer.poll(now); packet; packet = pacer.poll(now)) send(packet, pacer.probeClusterId);
 *   const bytes = pacer.pollPadding(now);
 *   if (bytes === 0) break;
 *   for (const packet of makePadding(bytes)) pacer.enqueue(packet, now);
 * }
 * ```
 */
export class Pacer<Packet extends PacedPacket> {
  readonly counters: PacerCounters = {
    sentPackets: 0,
    sentBytes: 0,
    refusedPackets: 0,
    probesSent: 0,
    probesAborted: 0,
  };
  /** The probe that the packet polled last is part of. */
  probeClusterId: number = NO_PROBE_CLUSTER;
  readonly #queue = new PacketQueue<Packet>();
  readonly #probes = new Queue<Probe>();
  readonly #maxQueueTimeMs: number;
  readonly #maxPackets: number;
  readonly #paceAudio: boolean;
  #pacingBitrateBps: number;
  #paddingBitrateBps: number;
  /** When all that was sent is paid for at the pacing rate, and at that of padding. */
  #freeAt = Number.NEGATIVE_INFINITY;
  #paddingFreeAt = Number.NEGATIVE_INFINITY;
  #hasSent = false;
  /** Padding is not asked for before: it was, and there was none. */
  #askAfter = Number.NEGATIVE_INFINITY;

  /** @throws RangeError if a rate or a limit is out of range. */
  constructor(options: PacerOptions) {
    const {
      pacingBitrateBps,
      paddingBitrateBps = 0,
      maxQueueTimeMs = DEFAULT_MAX_QUEUE_TIME_MS,
      maxPackets = DEFAULT_MAX_PACKETS,
      paceAudio = false,
    } = options;
    checkRates(pacingBitrateBps, paddingBitrateBps);
    if (!(maxQueueTimeMs > 0)) {
      throw new RangeError(`maxQueueTimeMs: more than 0, not ${maxQueueTimeMs}.`);
    }
    if (!(maxPackets >= 1)) throw new RangeError(`maxPackets: 1 or more, not ${maxPackets}.`);
    this.#pacingBitrateBps = pacingBitrateBps;
    this.#paddingBitrateBps = paddingBitrateBps;
    this.#maxQueueTimeMs = maxQueueTimeMs;
    this.#maxPackets = maxPackets;
    this.#paceAudio = paceAudio;
  }

  /** How many packets wait. */
  get queuedPackets(): number {
    return this.#queue.length;
  }

  /** Their bytes. */
  get queuedBytes(): number {
    return this.#queue.sizeBytes;
  }

  /** How long what waits has waited on average, milliseconds. */
  meanWaitMs(now: number): number {
    return this.#queue.meanWaitMs(now);
  }

  /**
   * Sets the rates, bits a second.
   *
   * @throws RangeError if they are out of range.
   */
  setBitrates(pacingBitrateBps: number, paddingBitrateBps: number, now: number): void {
    checkRates(pacingBitrateBps, paddingBitrateBps);
    // The debt is of bytes: at another rate it takes another time.
    if (this.#freeAt > now) {
      this.#freeAt = now + ((this.#freeAt - now) * this.#pacingBitrateBps) / pacingBitrateBps;
    }
    this.#pacingBitrateBps = pacingBitrateBps;
    this.#paddingBitrateBps = paddingBitrateBps;
  }

  /** Takes a packet in; false if it is refused because the queue is full. */
  enqueue(packet: Packet, now: number): boolean {
    if (this.#queue.length >= this.#maxPackets) {
      this.counters.refusedPackets++;
      return false;
    }
    this.#queue.push(packet, now);
    return true;
  }

  /** Forgets what waits of a stream; returns how many packets that were. */
  removeStream(ssrc: number): number {
    return this.#queue.remove(ssrc);
  }

  /** Sends a probe, as soon as those before it are over and media flows. */
  addProbe(cluster: ProbeCluster, now: number): void {
    if (this.#probes.length === MAX_PROBES) this.#abortProbe();
    this.#probes.push({ cluster, since: now, startedAt: Number.NaN, packets: 0, bytes: 0 });
  }

  /** The packet to send now; undefined if none is due. */
  poll(now: number): Packet | undefined {
    this.#dropLateProbes(now);
    const priority = this.#queue.peekPriority();
    if (priority === undefined) return undefined;
    const probe = this.#probes.peek();
    if (probe !== undefined) {
      if (now < dueAt(probe)) return undefined;
    } else if (priority !== PACKET_PRIORITY.audio || this.#paceAudio) {
      if (now < this.#freeAt - BURST_MS) return undefined;
    }
    const packet = this.#queue.shift() as Packet;
    this.#account(packet.sizeBytes, now);
    this.#accountProbe(probe, packet.sizeBytes, now);
    return packet;
  }

  /**
   * Bytes of padding that are to be enqueued now; 0 if none are. It asks once: who has no padding need not
   * do anything.
   */
  pollPadding(now: number): number {
    if (this.#queue.length > 0 || !this.#hasSent || now < this.#askAfter) return 0;
    if (now < this.#paddingDueAt()) return 0;
    this.#askAfter = now + ASK_AGAIN_MS;
    const probe = this.#probes.peek();
    return probe === undefined
      ? Math.ceil((this.#paddingBitrateBps * PADDING_MS) / 8000)
      : Math.ceil((probe.cluster.bitrateBps * PROBE_STEP_MS) / 8000);
  }

  /** When to come back; Infinity if there is nothing to do. */
  get nextTimeout(): number {
    const priority = this.#queue.peekPriority();
    const probe = this.#probes.peek();
    if (priority === undefined) {
      if (!this.#hasSent) return Number.POSITIVE_INFINITY;
      // There was nothing to begin the probe with: it waits for media.
      if (probe?.packets === 0 && this.#askAfter !== Number.NEGATIVE_INFINITY) {
        return Number.POSITIVE_INFINITY;
      }
      return Math.max(this.#paddingDueAt(), this.#askAfter);
    }
    if (probe !== undefined) return dueAt(probe);
    if (priority === PACKET_PRIORITY.audio && !this.#paceAudio) return Number.NEGATIVE_INFINITY;
    return this.#freeAt - BURST_MS;
  }

  #paddingDueAt(): number {
    const probe = this.#probes.peek();
    if (probe !== undefined) return dueAt(probe);
    if (this.#paddingBitrateBps === 0) return Number.POSITIVE_INFINITY;
    return Math.max(this.#freeAt, this.#paddingFreeAt);
  }

  #account(sizeBytes: number, now: number): void {
    this.#hasSent = true;
    this.#askAfter = Number.NEGATIVE_INFINITY;
    this.counters.sentPackets++;
    this.counters.sentBytes += sizeBytes;
    const bits = 8000 * sizeBytes;
    const freeAt = Math.max(now, this.#freeAt) + bits / this.#effectiveBitrate(now);
    this.#freeAt = Math.min(freeAt, now + MAX_DEBT_MS);
    if (this.#paddingBitrateBps > 0) {
      const paddingFreeAt = Math.max(now, this.#paddingFreeAt) + bits / this.#paddingBitrateBps;
      this.#paddingFreeAt = Math.min(paddingFreeAt, now + MAX_DEBT_MS);
    }
  }

  // A packet shall not wait beyond the limit: what waits is spread over the time that is left on average.
  #effectiveBitrate(now: number): number {
    const leftMs = Math.max(1, this.#maxQueueTimeMs - this.#queue.meanWaitMs(now));
    return Math.max(this.#pacingBitrateBps, (8000 * this.#queue.sizeBytes) / leftMs);
  }

  #accountProbe(probe: Probe | undefined, sizeBytes: number, now: number): void {
    this.probeClusterId = NO_PROBE_CLUSTER;
    if (probe === undefined) return;
    this.probeClusterId = probe.cluster.id;
    if (probe.packets === 0) probe.startedAt = now;
    probe.packets++;
    probe.bytes += sizeBytes;
    if (probe.packets >= probe.cluster.minPackets && probe.bytes >= probe.cluster.minBytes) {
      this.#probes.shift();
      this.counters.probesSent++;
    }
  }

  #dropLateProbes(now: number): void {
    for (let probe = this.#probes.peek(); probe; probe = this.#probes.peek()) {
      const isLate =
        probe.packets === 0
          ? now - probe.since > PROBE_TIMEOUT_MS
          : now - dueAt(probe) > MAX_PROBE_DELAY_MS;
      if (!isLate) return;
      this.#abortProbe();
    }
  }

  #abortProbe(): void {
    this.#probes.shift();
    this.counters.probesAborted++;
  }
}

/** When the next packet of a probe is due; -Infinity for the first. */
function dueAt({ bytes, cluster, packets, startedAt }: Probe): number {
  return packets === 0 ? Number.NEGATIVE_INFINITY : startedAt + (8000 * bytes) / cluster.bitrateBps;
}

function checkRates(pacingBitrateBps: number, paddingBitrateBps: number): void {
  if (!(pacingBitrateBps > 0)) {
    throw new RangeError(`pacingBitrateBps: more than 0, not ${pacingBitrateBps}.`);
  }
  if (!(paddingBitrateBps >= 0)) {
    throw new RangeError(`paddingBitrateBps: 0 or more, not ${paddingBitrateBps}.`);
  }
}
