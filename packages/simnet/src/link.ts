// A link between a host or router and a subnet: two directions, each with conditions of its own.

import { Queue } from '@kaon/wire';
import {
  type GilbertElliott,
  type LinkConditions,
  type LinkOptions,
  type Outage,
  PERFECT,
  type ResolvedConditions,
  resolveConditions,
} from './link-conditions.ts';
import { Packet, type PacketSink } from './packet.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { DropReason, Trace } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What every part of a simulated network shares. */
export interface Medium {
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly random: SeededRandom;
}

/** What one direction of a link has carried so far. */
export interface LinkCounters {
  /** Packets that came to it. */
  packets: number;
  /** Their bytes, with IP headers. */
  bytes: number;
  /** How many of them it dropped, for whatever reason. */
  dropped: number;
}

interface Departure {
  readonly at: number;
  readonly bytes: number;
}

/**
 * One direction of a link.
 *
 * A packet first waits for the rate limit, then travels: loss and corruption happen on the wire, so what
 * is lost has used up capacity. Unless jitter or reordering is asked for, order is kept.
 */
export class LinkDirection {
  readonly counters: LinkCounters = { packets: 0, bytes: 0, dropped: 0 };
  readonly #name: string;
  readonly #medium: Medium;
  readonly #random: SeededRandom;
  readonly #sink: PacketSink;
  readonly #departures = new Queue<Departure>();
  #conditions: ResolvedConditions;
  #queuedBytes = 0;
  /** When the last bit of what was accepted has left. */
  #busyUntil = Number.NEGATIVE_INFINITY;
  #lastArrival = Number.NEGATIVE_INFINITY;
  #isBad = false;

  constructor(name: string, medium: Medium, sink: PacketSink, conditions: LinkConditions) {
    this.#name = name;
    this.#medium = medium;
    this.#random = medium.random.fork(`link ${name}`);
    this.#sink = sink;
    this.#conditions = resolveConditions(PERFECT, conditions);
  }

  /** The conditions as they are now. */
  get conditions(): ResolvedConditions {
    return this.#conditions;
  }

  /** Changes the conditions for packets that are still to come. */
  change(changes: LinkConditions): void {
    this.#conditions = resolveConditions(this.#conditions, changes);
  }

  /** Carries a packet to the other end, or drops it. */
  carry(packet: Packet): void {
    const { clock, trace } = this.#medium;
    const { corruption, duplication } = this.#conditions;
    this.counters.packets++;
    this.counters.bytes += packet.size;
    const reason = this.#refuse(packet.size, clock.now);
    if (reason !== undefined) {
      this.counters.dropped++;
      trace.drop(packet, this.#name, reason);
      return;
    }
    if (this.#random.chance(corruption)) this.#corrupt(packet);
    this.#travel(packet);
    if (this.#random.chance(duplication)) this.#travel(this.#copyOf(packet));
  }

  /** Why a packet does not get through, if so. */
  #refuse(bytes: number, now: number): DropReason | undefined {
    const { outages, mtu, loss } = this.#conditions;
    if (isDown(outages, now)) return 'outage';
    if (bytes > mtu) return 'mtu';
    if (!this.#enqueue(bytes, now)) return 'queue-full';
    return this.#isLost(loss) ? 'loss' : undefined;
  }

  /** Whether the packet found room; it then leaves at {@link #busyUntil}. */
  #enqueue(bytes: number, now: number): boolean {
    const { rateBps, queueBytes, queuePackets } = this.#conditions;
    if (rateBps === Number.POSITIVE_INFINITY) return true;
    let first = this.#departures.peek();
    while (first !== undefined && first.at <= now) {
      this.#queuedBytes -= first.bytes;
      this.#departures.shift();
      first = this.#departures.peek();
    }
    if (this.#departures.length + 1 > queuePackets) return false;
    if (this.#queuedBytes + bytes > queueBytes) return false;
    this.#busyUntil = Math.max(this.#busyUntil, now) + (bytes * 8000) / rateBps;
    this.#departures.push({ at: this.#busyUntil, bytes });
    this.#queuedBytes += bytes;
    return true;
  }

  #isLost(loss: number | GilbertElliott): boolean {
    if (typeof loss === 'number') return this.#random.chance(loss);
    if (this.#random.chance(this.#isBad ? loss.toGood : loss.toBad)) this.#isBad = !this.#isBad;
    return this.#random.chance(this.#isBad ? (loss.lossWhenBad ?? 1) : (loss.lossWhenGood ?? 0));
  }

  #corrupt(packet: Packet): void {
    if (packet.data.length === 0) return;
    const data = new Uint8Array(packet.data); // The sender's memory may be in other packets too.
    const bit = this.#random.below(8 * data.length);
    data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7));
    packet.data = data;
    this.#medium.trace.corrupt(packet, this.#name);
  }

  #travel(packet: Packet): void {
    const { clock } = this.#medium;
    const { latencyMs, jitterMs, jitterReorders, reordering, reorderingDelayMs } = this.#conditions;
    let arrival = Math.max(clock.now, this.#busyUntil) + latencyMs;
    if (jitterMs > 0) arrival += this.#random.fraction() * jitterMs;
    if (this.#random.chance(reordering)) {
      arrival += reorderingDelayMs;
    } else if (!jitterReorders) {
      arrival = Math.max(arrival, this.#lastArrival);
      this.#lastArrival = arrival;
    }
    packet.next = this.#sink;
    clock.schedule(arrival, packet);
  }

  #copyOf(packet: Packet): Packet {
    const { trace } = this.#medium;
    const { origin, source, destination, data, hops } = packet;
    const copy = new Packet(trace.takePacketId(), origin, source, destination, data);
    copy.hops = hops;
    trace.duplicate(copy, this.#name);
    return copy;
  }
}

/** A link, seen from the host or router that it attaches to a subnet. */
export class Link {
  /** Towards the subnet. */
  readonly outbound: LinkDirection;
  /** From the subnet. */
  readonly inbound: LinkDirection;
  readonly #clock: VirtualClock;

  /** Joins `node` and `subnet`; `name` names the node's end in traces. */
  constructor(
    name: string,
    medium: Medium,
    node: PacketSink,
    subnet: PacketSink,
    options: LinkOptions,
  ) {
    const { outbound, inbound, ...both } = options;
    this.outbound = new LinkDirection(`${name} out`, medium, subnet, { ...both, ...outbound });
    this.inbound = new LinkDirection(`${name} in`, medium, node, { ...both, ...inbound });
    this.#clock = medium.clock;
  }

  /** Changes both directions, or either, for packets that are still to come. */
  change(changes: LinkOptions): void {
    const { outbound, inbound, ...both } = changes;
    this.outbound.change({ ...both, ...outbound });
    this.inbound.change({ ...both, ...inbound });
  }

  /** Takes both directions down from now on, for `durationMs` or for good. */
  takeDown(durationMs: number = Number.POSITIVE_INFINITY): void {
    const outage = { fromMs: this.#clock.now, toMs: this.#clock.now + durationMs };
    for (const direction of [this.outbound, this.inbound]) {
      direction.change({ outages: [...direction.conditions.outages, outage] });
    }
  }

  /** Ends all outages, also those to come. */
  bringUp(): void {
    this.change({ outages: [] });
  }
}

function isDown(outages: readonly Outage[], now: number): boolean {
  for (const { fromMs, toMs } of outages) if (now >= fromMs && now < toMs) return true;
  return false;
}
