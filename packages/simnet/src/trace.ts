// What happened to every packet: counted, folded into one digest, and told to whoever listens.

import { crc32, formatAddress, type TransportAddress } from '@kaon/wire';
import type { Packet } from './packet.ts';
import { hashText } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Why a packet went no further. */
export type DropReason =
  /** The link lost it. */
  | 'loss'
  /** The link was down. */
  | 'outage'
  /** The link's queue was full. */
  | 'queue-full'
  /** It was larger than the link's MTU. */
  | 'mtu'
  /** No subnet on the way knows its destination, or its sender has no address of that family. */
  | 'no-route'
  /** It passed too many subnets: it went round in a circle. */
  | 'hop-limit'
  /** No socket is bound where it arrived. */
  | 'port-unreachable'
  /** It was still waiting to be flushed when its socket was closed, or was sent after. */
  | 'socket-closed'
  /** The translator has no mapping for the port. */
  | 'nat-unmapped'
  /** The mapping admits no packets from there. */
  | 'nat-filtered'
  /** The translator has no port left. */
  | 'nat-exhausted'
  /** It would have had to turn around at a translator that does not hairpin. */
  | 'nat-no-hairpin';

/** One thing that happened to a packet. */
export interface TraceRecord {
  readonly type: 'send' | 'deliver' | 'drop' | 'duplicate' | 'corrupt';
  /** Virtual milliseconds. */
  readonly at: number;
  /** The host, link or translator where it happened. */
  readonly place: string;
  /** Counts the simulation's packets from 0; a duplicate has its own. */
  readonly packetId: number;
  /** As translated so far. */
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  /** The UDP payload; not to be changed. */
  readonly data: Uint8Array;
  /** Subnets passed. */
  readonly hops: number;
  /** Of a drop. */
  readonly reason?: DropReason;
}

/** Gets every record as it happens; it only looks, and calls nothing in the simulation. */
export type TraceListener = (record: TraceRecord) => void;

/** How many packets met which fate. */
export interface TraceCounters {
  sent: number;
  delivered: number;
  duplicated: number;
  corrupted: number;
  /** Drops of every reason. */
  dropped: number;
}

const TYPE_CODES: Readonly<Record<TraceRecord['type'], number>> = {
  send: 1,
  deliver: 2,
  drop: 3,
  duplicate: 4,
  corrupt: 5,
};

/**
 * The record of a simulation. Counters and {@link digest} are always kept; records are built only while
 * someone listens.
 */
export class Trace {
  readonly counters: TraceCounters = {
    sent: 0,
    delivered: 0,
    duplicated: 0,
    corrupted: 0,
    dropped: 0,
  };
  readonly #drops = new Map<DropReason, number>();
  readonly #clock: VirtualClock;
  readonly #listeners: TraceListener[] = [];
  readonly #textHashes = new Map<string, number>();
  readonly #time = new Float64Array(1);
  readonly #timeWords = new Uint32Array(this.#time.buffer);
  #low = 0x9e3779b9;
  #high = 0x85ebca6b;
  #nextPacketId = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /**
   * Sixteen hexadecimal digits that stand for all that has happened so far: every packet's time, place,
   * addresses, bytes and fate. Two runs with equal digests went the same way.
   */
  get digest(): string {
    return hexWord(this.#high) + hexWord(this.#low);
  }

  /** How many packets were dropped for `reason`. */
  drops(reason: DropReason): number {
    return this.#drops.get(reason) ?? 0;
  }

  /** Tells `listener` everything from now on, until the returned function is called. */
  listen(listener: TraceListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /** A number for a new packet. */
  takePacketId(): number {
    return this.#nextPacketId++;
  }

  /** A host sent it. */
  send(packet: Packet): void {
    this.counters.sent++;
    this.#fold(crc32(packet.data));
    this.#fold(packet.data.length);
    this.#note('send', packet, packet.origin);
  }

  /** The socket that it was sent to got it. */
  deliver(packet: Packet, place: string): void {
    this.counters.delivered++;
    this.#note('deliver', packet, place);
  }

  /** It went no further. */
  drop(packet: Packet, place: string, reason: DropReason): void {
    this.counters.dropped++;
    this.#drops.set(reason, this.drops(reason) + 1);
    this.#fold(this.#hashOf(reason));
    this.#note('drop', packet, place, reason);
  }

  /** It is a copy that a link made of another. */
  duplicate(packet: Packet, place: string): void {
    this.counters.duplicated++;
    this.#note('duplicate', packet, place);
  }

  /** A link changed its bytes. */
  corrupt(packet: Packet, place: string): void {
    this.counters.corrupted++;
    this.#fold(crc32(packet.data));
    this.#note('corrupt', packet, place);
  }

  #note(type: TraceRecord['type'], packet: Packet, place: string, reason?: DropReason): void {
    const at = this.#clock.now;
    this.#time[0] = at;
    this.#fold(TYPE_CODES[type]);
    this.#fold(this.#timeWords[0] as number);
    this.#fold(this.#timeWords[1] as number);
    this.#fold(packet.id);
    this.#fold(this.#hashOf(place));
    this.#fold(this.#hashOf(packet.source.address));
    this.#fold(this.#hashOf(packet.destination.address));
    this.#fold((packet.source.port << 16) | packet.destination.port);
    if (this.#listeners.length === 0) return;
    const { id, source, destination, data, hops } = packet;
    const record: TraceRecord = { type, at, place, packetId: id, source, destination, data, hops };
    const told = reason === undefined ? record : { ...record, reason };
    for (const listener of this.#listeners) listener(told);
  }

  /** One round of a two-lane multiply-rotate hash (after MurmurHash3's body). */
  #fold(word: number): void {
    const low = Math.imul(this.#low ^ word, 0xcc9e2d51);
    const high = Math.imul(this.#high ^ ((word << 15) | (word >>> 17)), 0x1b873593);
    this.#low = (((low << 13) | (low >>> 19)) + high) | 0;
    this.#high = (((high << 16) | (high >>> 16)) ^ this.#low) | 0;
  }

  #hashOf(text: string): number {
    let hash = this.#textHashes.get(text);
    if (hash === undefined) {
      hash = hashText(text);
      this.#textHashes.set(text, hash);
    }
    return hash;
  }
}

/** One line of a record, for logs: `12.500 alice send #3 10.0.0.1:5000 > 10.0.0.2:5000 100 bytes`. */
export function formatTraceRecord(record: TraceRecord): string {
  const { at, place, type, packetId, source, destination, data, reason } = record;
  const fate = reason === undefined ? type : `${type} (${reason})`;
  const path = `${formatAddress(source)} > ${formatAddress(destination)}`;
  return `${at.toFixed(3)} ${place} ${fate} #${packetId} ${path} ${data.length} bytes`;
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
