// Packets that wait for the pacer: the most urgent kind first, streams of one kind in turn (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/pacing/g3doc/index.md).
import { Queue } from '@kaon/wire';

/** Kinds of packets, the most urgent first. */
export const PACKET_PRIORITY = {
  audio: 0,
  retransmission: 1,
  video: 2,
  fec: 3,
  padding: 4,
} as const;

/** One of {@link PACKET_PRIORITY}. */
export type PacketPriority = (typeof PACKET_PRIORITY)[keyof typeof PACKET_PRIORITY];

const PRIORITIES = Object.keys(PACKET_PRIORITY).length;

/** A packet, whatever the application has it look like. */
export interface PacedPacket {
  readonly ssrc: number;
  readonly priority: PacketPriority;
  /** As congestion control counts it. */
  readonly sizeBytes: number;
}

interface Waiting<Packet> {
  readonly packet: Packet;
  readonly since: number;
}

interface Stream<Packet> {
  readonly packets: Queue<Waiting<Packet>>;
}

/** For each priority the streams that have packets, in turn. */
export class PacketQueue<Packet extends PacedPacket> {
  readonly #streams: Map<number, Stream<Packet>>[] = [];
  readonly #turns: Queue<Stream<Packet>>[] = [];
  #length = 0;
  #sizeBytes = 0;
  /** The sum of the times at which they came, of which the mean wait follows. */
  #sinceSum = 0;

  constructor() {
    for (let i = 0; i < PRIORITIES; i++) {
      this.#streams.push(new Map());
      this.#turns.push(new Queue());
    }
  }

  /** How many packets wait. */
  get length(): number {
    return this.#length;
  }

  /** Their bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** How long they have waited on average, milliseconds; 0 if there are none. */
  meanWaitMs(now: number): number {
    return this.#length === 0 ? 0 : now - this.#sinceSum / this.#length;
  }

  /** Appends a packet. */
  push(packet: Packet, now: number): void {
    const streams = this.#streams[packet.priority] as Map<number, Stream<Packet>>;
    let stream = streams.get(packet.ssrc);
    if (stream === undefined) {
      stream = { packets: new Queue() };
      streams.set(packet.ssrc, stream);
    }
    if (stream.packets.length === 0)
      (this.#turns[packet.priority] as Queue<Stream<Packet>>).push(stream);
    stream.packets.push({ packet, since: now });
    this.#length++;
    this.#sizeBytes += packet.sizeBytes;
    this.#sinceSum += now;
  }

  /** The most urgent priority among those that wait; undefined if none does. */
  peekPriority(): PacketPriority | undefined {
    for (let i = 0; i < PRIORITIES; i++) {
      if ((this.#turns[i] as Queue<Stream<Packet>>).length > 0) return i as PacketPriority;
    }
    return undefined;
  }

  /** Takes the next packet. */
  shift(): Packet | undefined {
    const priority = this.peekPriority();
    if (priority === undefined) return undefined;
    const turns = this.#turns[priority] as Queue<Stream<Packet>>;
    const stream = turns.shift() as Stream<Packet>;
    const waiting = stream.packets.shift() as Waiting<Packet>;
    if (stream.packets.length > 0) turns.push(stream);
    this.#account(waiting);
    return waiting.packet;
  }

  /** Takes out all packets of a stream; returns how many there were. */
  remove(ssrc: number): number {
    const before = this.#length;
    for (let i = 0; i < PRIORITIES; i++) {
      const streams = this.#streams[i] as Map<number, Stream<Packet>>;
      const stream = streams.get(ssrc);
      if (stream === undefined) continue;
      streams.delete(ssrc);
      for (const each of stream.packets) this.#account(each);
      const turns = this.#turns[i] as Queue<Stream<Packet>>;
      for (let left = turns.length; left > 0; left--) {
        const each = turns.shift() as Stream<Packet>;
        if (each !== stream) turns.push(each);
      }
    }
    return before - this.#length;
  }

  #account({ packet, since }: Waiting<Packet>): void {
    this.#length--;
    this.#sizeBytes -= packet.sizeBytes;
    this.#sinceSum = this.#length === 0 ? 0 : this.#sinceSum - since;
  }
}
