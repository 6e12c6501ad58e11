// Sent packets, kept for a while in one piece of memory so that they can be sent again (rtx-time of RFC 4588 §8.1, https://www.rfc-editor.org/rfc/rfc4588#section-8.1).
import { RtpPacket } from '../packet/rtp-packet.ts';

/** How much is kept. */
export interface PacketHistoryOptions {
  /** Bytes at most; 1 MiB by default. It begins with 32 KiB and doubles while packets younger than `maxAgeMs` do not fit. */
  readonly maxBytes?: number;
  /** Packets at most, a power of two; 2048 by default. */
  readonly maxPackets?: number;
  /** For how long, in milliseconds; 2000 by default. */
  readonly maxAgeMs?: number;
}

const INITIAL_BYTES = 32_768;
const INITIAL_PACKETS = 64;
const LARGEST_PACKET_BYTES = 65_535;

/**
 * The packets of one stream that were sent last, oldest forgotten first.
 *
 * Bytes lie one packet behind the other in a ring; a packet is found by its sequence number in constant
 * time. Nothing is allocated for a packet, but for the few times that the memory doubles.
 */
export class PacketHistory {
  readonly #maxBytes: number;
  readonly #maxPackets: number;
  readonly #maxAgeMs: number;
  #bytes: Uint8Array;
  #writeAt = 0;
  readonly #copy: RtpPacket = new RtpPacket();
  // Entries in the order of sending: a ring over #tail to #head, which only ever grow.
  #capacity: number;
  #tail = 0;
  #head = 0;
  #offsets: Int32Array;
  #lengths: Int32Array;
  #sequenceNumbers: Uint16Array;
  #sentAt: Float64Array;
  #resentAt: Float64Array;
  // At the low bits of a sequence number: the entry that had it last, modulo 2^32.
  #bySequenceNumber: Uint32Array;

  /** @throws RangeError if a limit is out of range. */
  constructor(options: PacketHistoryOptions = {}) {
    const { maxBytes = 1024 * 1024, maxPackets = 2048, maxAgeMs = 2000 } = options;
    if (!(Number.isInteger(maxBytes) && maxBytes >= 2048 && maxBytes <= 0x4000_0000)) {
      throw new RangeError(`maxBytes is ${maxBytes}; expected an integer from 2048 to 2^30`);
    }
    if (!(maxPackets >= 1 && maxPackets <= 32_768 && (maxPackets & (maxPackets - 1)) === 0)) {
      throw new RangeError(`maxPackets is ${maxPackets}; expected a power of two from 1 to 32768`);
    }
    if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs is ${maxAgeMs}; expected more than 0`);
    this.#maxBytes = maxBytes;
    this.#maxPackets = maxPackets;
    this.#maxAgeMs = maxAgeMs;
    this.#capacity = Math.min(INITIAL_PACKETS, maxPackets);
    this.#bytes = new Uint8Array(Math.min(INITIAL_BYTES, maxBytes));
    this.#offsets = new Int32Array(this.#capacity);
    this.#lengths = new Int32Array(this.#capacity);
    this.#sequenceNumbers = new Uint16Array(this.#capacity);
    this.#sentAt = new Float64Array(this.#capacity);
    this.#resentAt = new Float64Array(this.#capacity);
    this.#bySequenceNumber = new Uint32Array(this.#capacity);
  }

  /** How many packets it holds. */
  get length(): number {
    return this.#head - this.#tail;
  }

  /** Bytes of memory that it has for packets at present. */
  get byteCapacity(): number {
    return this.#bytes.length;
  }

  /** Keeps a copy of `packet`; false if it is too large to be kept at all. */
  push(packet: RtpPacket, now: number): boolean {
    const { length } = packet;
    if (length > this.#maxBytes >> 1 || length > LARGEST_PACKET_BYTES) return false;
    this.#forgetOlderThan(now - this.#maxAgeMs);
    if (this.length === this.#capacity) {
      if (this.#capacity < this.#maxPackets) this.#growEntries();
      else this.#tail++;
    }
    const offset = this.#allocate(length);
    const slot = this.#head & (this.#capacity - 1);
    const { sequenceNumber } = packet;
    packet.copyTo(this.#bytes, offset, this.#copy);
    this.#offsets[slot] = offset;
    this.#lengths[slot] = length;
    this.#sequenceNumbers[slot] = sequenceNumber;
    this.#sentAt[slot] = now;
    this.#resentAt[slot] = Number.NEGATIVE_INFINITY;
    this.#bySequenceNumber[sequenceNumber & (this.#capacity - 1)] = this.#head;
    this.#head++;
    return true;
  }

  /** The place of the packet with this sequence number, valid until the next {@link push}; -1 if it is not kept any more. */
  find(sequenceNumber: number, now: number): number {
    const entry = this.#bySequenceNumber[sequenceNumber & (this.#capacity - 1)] as number;
    // Entries are counted beyond 2^32 and looked up below it: a distance tells whether it is still there.
    const age = (this.#head - entry) >>> 0;
    if (age === 0 || age > this.length) return -1;
    const slot = entry & (this.#capacity - 1);
    if (this.#sequenceNumbers[slot] !== sequenceNumber) return -1;
    return (this.#sentAt[slot] as number) < now - this.#maxAgeMs ? -1 : slot;
  }

  /** When the packet at `place` was sent or, if it was, sent again last. */
  lastSentAt(place: number): number {
    return Math.max(this.#sentAt[place] as number, this.#resentAt[place] as number);
  }

  /** When the packet at `place` was sent again last; -Infinity if never. */
  resentAt(place: number): number {
    return this.#resentAt[place] as number;
  }

  /** Notes that the packet at `place` is sent again. */
  noteResent(place: number, now: number): void {
    this.#resentAt[place] = now;
  }

  /** Bytes of the packet at `place`. */
  packetLength(place: number): number {
    return this.#lengths[place] as number;
  }

  /** Lets `view` look at the packet at `place`, in this history's memory: not to be written to, nor kept. */
  look(place: number, view: RtpPacket): boolean {
    const offset = this.#offsets[place] as number;
    return view.parse(this.#bytes, offset, offset + (this.#lengths[place] as number));
  }

  #forgetOlderThan(time: number): void {
    while (
      this.#tail < this.#head &&
      (this.#sentAt[this.#tail & (this.#capacity - 1)] as number) < time
    ) {
      this.#tail++;
    }
  }

  /** Finds room for `length` bytes, growing or forgetting the oldest. */
  #allocate(length: number): number {
    for (;;) {
      if (this.length === 0) this.#writeAt = 0;
      const offset = this.#room(length);
      if (offset >= 0) {
        this.#writeAt = offset + length;
        return offset;
      }
      if (this.#bytes.length < this.#maxBytes) this.#growBytes();
      else this.#tail++;
    }
  }

  /** Where `length` bytes are free behind those written last; -1 if nowhere. */
  #room(length: number): number {
    const at = this.#writeAt;
    if (this.length === 0) return length <= this.#bytes.length ? 0 : -1;
    const oldest = this.#offsets[this.#tail & (this.#capacity - 1)] as number;
    if (oldest >= at) return at + length <= oldest ? at : -1;
    if (at + length <= this.#bytes.length) return at;
    return length <= oldest ? 0 : -1;
  }

  #growBytes(): void {
    const bytes = new Uint8Array(Math.min(2 * this.#bytes.length, this.#maxBytes));
    let at = 0;
    for (let entry = this.#tail; entry < this.#head; entry++) {
      const slot = entry & (this.#capacity - 1);
      const offset = this.#offsets[slot] as number;
      const length = this.#lengths[slot] as number;
      bytes.set(this.#bytes.subarray(offset, offset + length), at);
      this.#offsets[slot] = at;
      at += length;
    }
    this.#bytes = bytes;
    this.#writeAt = at;
  }

  #growEntries(): void {
    const from = this.#capacity - 1;
    const capacity = 2 * this.#capacity;
    const offsets = new Int32Array(capacity);
    const lengths = new Int32Array(capacity);
    const sequenceNumbers = new Uint16Array(capacity);
    const sentAt = new Float64Array(capacity);
    const resentAt = new Float64Array(capacity);
    const bySequenceNumber = new Uint32Array(capacity);
    for (let entry = this.#tail; entry < this.#head; entry++) {
      const slot = entry & (capacity - 1);
      const old = entry & from;
      offsets[slot] = this.#offsets[old] as number;
      lengths[slot] = this.#lengths[old] as number;
      sequenceNumbers[slot] = this.#sequenceNumbers[old] as number;
      sentAt[slot] = this.#sentAt[old] as number;
      resentAt[slot] = this.#resentAt[old] as number;
      bySequenceNumber[(sequenceNumbers[slot] as number) & (capacity - 1)] = entry;
    }
    this.#capacity = capacity;
    this.#offsets = offsets;
    this.#lengths = lengths;
    this.#sequenceNumbers = sequenceNumbers;
    this.#sentAt = sentAt;
    this.#resentAt = resentAt;
    this.#bySequenceNumber = bySequenceNumber;
  }
}
