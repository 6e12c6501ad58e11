// The packets that a transport sent, until feedback speaks of them (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2, https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-2).

const FIRST_CAPACITY = 256;
/** Half of the numbers: with more, one could not tell a late report from an early one. */
const MAX_CAPACITY = 0x8000;
const NONE = -1;

/** What is known of a packet. */
export const PACKET_STATE = { inFlight: 1, lost: 2, received: 3 } as const;

/**
 * A ring of packets, found by their extended transport-wide sequence number, or by SSRC and RTP sequence
 * number. Columns instead of objects, so that a packet allocates nothing.
 *
 * It keeps at most 32768 packets, and none for longer than it was told to.
 */
export class SentPacketHistory {
  readonly #windowMs: number;
  #capacity = FIRST_CAPACITY;
  #sendTimes = new Float64Array(FIRST_CAPACITY);
  #sizes = new Uint32Array(FIRST_CAPACITY);
  #ssrcs = new Uint32Array(FIRST_CAPACITY);
  #rtpSequenceNumbers = new Uint16Array(FIRST_CAPACITY);
  #probeClusterIds = new Int32Array(FIRST_CAPACITY);
  #states = new Uint8Array(FIRST_CAPACITY);
  // Chains of slots with the same hash of SSRC and sequence number.
  #heads = new Int32Array(FIRST_CAPACITY).fill(NONE);
  #nexts = new Int32Array(FIRST_CAPACITY).fill(NONE);
  #first: number;
  #end: number;
  #bytesInFlight = 0;

  /** Begins with the extended sequence number `first`; forgets packets after `windowMs`. */
  constructor(first: number, windowMs: number) {
    this.#first = first;
    this.#end = first;
    this.#windowMs = windowMs;
  }

  /** The first sequence number that it remembers. */
  get first(): number {
    return this.#first;
  }

  /** The sequence number of the next packet. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of packets in flight. */
  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** Whether the packet is remembered. */
  has(sequenceNumber: number): boolean {
    return sequenceNumber >= this.#first && sequenceNumber < this.#end;
  }

  /** Adds the next packet. */
  add(
    now: number,
    sizeBytes: number,
    ssrc: number,
    rtpSequenceNumber: number,
    probeClusterId: number,
  ): void {
    this.forgetBefore(now - this.#windowMs);
    if (this.#end - this.#first === this.#capacity) {
      if (this.#capacity < MAX_CAPACITY) this.#grow();
      else this.#forgetFirst();
    }
    const slot = this.#end & (this.#capacity - 1);
    this.#sendTimes[slot] = now;
    this.#sizes[slot] = sizeBytes;
    this.#ssrcs[slot] = ssrc;
    this.#rtpSequenceNumbers[slot] = rtpSequenceNumber;
    this.#probeClusterIds[slot] = probeClusterId;
    this.#states[slot] = PACKET_STATE.inFlight;
    this.#link(slot);
    this.#bytesInFlight += sizeBytes;
    this.#end++;
  }

  /** Forgets the packets that were sent before `time`. */
  forgetBefore(time: number): void {
    while (
      this.#first < this.#end &&
      (this.#sendTimes[this.#first & (this.#capacity - 1)] as number) < time
    ) {
      this.#forgetFirst();
    }
  }

  /** Its sequence number; -1 if there is none of this SSRC and RTP sequence number. */
  find(ssrc: number, rtpSequenceNumber: number): number {
    const mask = this.#capacity - 1;
    let slot = this.#heads[hash(ssrc, rtpSequenceNumber) & mask] as number;
    while (slot !== NONE) {
      if (this.#ssrcs[slot] === ssrc && this.#rtpSequenceNumbers[slot] === rtpSequenceNumber) {
        return this.#first + ((slot - this.#first) & mask);
      }
      slot = this.#nexts[slot] as number;
    }
    return -1;
  }

  /** One of {@link PACKET_STATE}. */
  state(sequenceNumber: number): number {
    return this.#states[sequenceNumber & (this.#capacity - 1)] as number;
  }

  /** When it was sent. */
  sendTime(sequenceNumber: number): number {
    return this.#sendTimes[sequenceNumber & (this.#capacity - 1)] as number;
  }

  /** Its size in bytes. */
  sizeBytes(sequenceNumber: number): number {
    return this.#sizes[sequenceNumber & (this.#capacity - 1)] as number;
  }

  /** The probe that it is part of, or -1. */
  probeClusterId(sequenceNumber: number): number {
    return this.#probeClusterIds[sequenceNumber & (this.#capacity - 1)] as number;
  }

  /** Notes what became of it: it is in flight no more. */
  resolve(sequenceNumber: number, received: boolean): void {
    const slot = sequenceNumber & (this.#capacity - 1);
    if (this.#states[slot] === PACKET_STATE.inFlight) {
      this.#bytesInFlight -= this.#sizes[slot] as number;
    }
    this.#states[slot] = received ? PACKET_STATE.received : PACKET_STATE.lost;
  }

  #forgetFirst(): void {
    const slot = this.#first & (this.#capacity - 1);
    if (this.#states[slot] === PACKET_STATE.inFlight) {
      this.#bytesInFlight -= this.#sizes[slot] as number;
    }
    this.#unlink(slot);
    this.#first++;
  }

  #link(slot: number): void {
    const bucket = this.#bucket(slot);
    this.#nexts[slot] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
  }

  #unlink(slot: number): void {
    const bucket = this.#bucket(slot);
    const next = this.#nexts[slot] as number;
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = next;
      return;
    }
    while (this.#nexts[at] !== slot) at = this.#nexts[at] as number;
    this.#nexts[at] = next;
  }

  #bucket(slot: number): number {
    const ssrc = this.#ssrcs[slot] as number;
    return hash(ssrc, this.#rtpSequenceNumbers[slot] as number) & (this.#capacity - 1);
  }

  #grow(): void {
    const from = this.#capacity - 1;
    const capacity = 2 * this.#capacity;
    const to = capacity - 1;
    const move = <
      Column extends Float64Array | Uint32Array | Uint16Array | Int32Array | Uint8Array,
    >(
      column: Column,
      wider: Column,
    ): Column => {
      for (let at = this.#first; at < this.#end; at++) wider[at & to] = column[at & from] as number;
      return wider;
    };
    this.#sendTimes = move(this.#sendTimes, new Float64Array(capacity));
    this.#sizes = move(this.#sizes, new Uint32Array(capacity));
    this.#ssrcs = move(this.#ssrcs, new Uint32Array(capacity));
    this.#rtpSequenceNumbers = move(this.#rtpSequenceNumbers, new Uint16Array(capacity));
    this.#probeClusterIds = move(this.#probeClusterIds, new Int32Array(capacity));
    this.#states = move(this.#states, new Uint8Array(capacity));
    this.#capacity = capacity;
    this.#heads = new Int32Array(capacity).fill(NONE);
    this.#nexts = new Int32Array(capacity).fill(NONE);
    for (let at = this.#first; at < this.#end; at++) this.#link(at & to);
  }
}

// Neighbours in sequence fall into neighbouring buckets; streams are spread by a multiplication.
function hash(ssrc: number, rtpSequenceNumber: number): number {
  return (Math.imul(ssrc, 0x9e37_79b1) >>> 12) + rtpSequenceNumber;
}
