// Memory for packets that wait: slots in four sizes, used again and again, bounded by count and bytes.
import { RtpPacket } from '../packet/rtp-packet.ts';

/** What a slot holds at most, smallest first: voice, a packet of common size, a jumbo frame, anything. */
const SIZES: readonly number[] = [256, 1536, 9216, 65536];
const NOTHING = new Uint8Array(0);

/** How long memory that nobody needed stays. */
const TRIM_PERIOD_MS = 10_000;

/** A packet that waits, and what is known of it. */
export interface PacketSlot {
  /** Its number among all slots. */
  readonly index: number;
  /** A view of the copy. */
  readonly packet: RtpPacket;
  memory: Uint8Array;
  /** Extended sequence number. */
  sequence: number;
  /** When it came. */
  arrival: number;
  /** Its timestamp, extended, in milliseconds. */
  mediaMs: number;
  /** How many packets before it were given up. */
  missing: number;
  /** Whether it came by retransmission or was restored. */
  recovered: boolean;
  /** Whether a new source, or a restarted one, begins with it. */
  restart: boolean;
}

/** Which slots have memory of one size and are free. */
interface FreeList {
  readonly slots: PacketSlot[];
  /** The fewest that were free since the last trim. */
  least: number;
}

/**
 * Slots for at most `maxPackets` packets in at most `maxBytes` of memory.
 *
 * Memory comes as it is needed and stays with its slot, so that a steady stream allocates nothing; what
 * was not needed for ten seconds is given back.
 */
export class PacketSlots {
  readonly #maxPackets: number;
  readonly #maxBytes: number;
  readonly #slots: PacketSlot[] = [];
  // Free slots without memory, and with memory of each size.
  readonly #bare: PacketSlot[] = [];
  readonly #free: readonly FreeList[] = SIZES.map(() => ({ slots: [], least: 0 }));
  #allocatedBytes = 0;
  #usedBytes = 0;
  #used = 0;
  #nextTrim = Number.NEGATIVE_INFINITY;

  constructor(maxPackets: number, maxBytes: number) {
    this.#maxPackets = maxPackets;
    this.#maxBytes = maxBytes;
  }

  /** How many slots are taken. */
  get used(): number {
    return this.#used;
  }

  /** Bytes of memory in slots that are taken. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes of memory held, also by free slots. */
  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  /** Whether there is no room for another packet of common size. */
  get isFull(): boolean {
    return (
      this.#used >= this.#maxPackets || this.#usedBytes + (SIZES[1] as number) > this.#maxBytes
    );
  }

  /** The slot with this index. */
  at(index: number): PacketSlot {
    return this.#slots[index] as PacketSlot;
  }

  /** A slot with a copy of `packet`; undefined if there is no room. */
  take(packet: RtpPacket): PacketSlot | undefined {
    let size = 0;
    while (size < SIZES.length && packet.length > (SIZES[size] as number)) size++;
    if (size === SIZES.length) return undefined;
    const slot = this.#free[size]?.slots.pop() ?? this.#furnish(size);
    if (slot === undefined) return undefined;
    const free = this.#free[size] as FreeList;
    if (free.slots.length < free.least) free.least = free.slots.length;
    this.#used++;
    this.#usedBytes += slot.memory.length;
    packet.copyTo(slot.memory, 0, slot.packet);
    slot.missing = 0;
    slot.recovered = false;
    slot.restart = false;
    return slot;
  }

  /** Makes a taken slot free. */
  release(slot: PacketSlot): void {
    this.#used--;
    this.#usedBytes -= slot.memory.length;
    this.#free[SIZES.indexOf(slot.memory.length)]?.slots.push(slot);
  }

  /** Every ten seconds, gives back the memory of slots that were free all the time. */
  trim(now: number): void {
    if (now < this.#nextTrim) return;
    for (const free of this.#free) {
      if (this.#nextTrim !== Number.NEGATIVE_INFINITY) {
        for (; free.least > 0; free.least--) this.#strip(free.slots.pop() as PacketSlot);
      }
      free.least = free.slots.length;
    }
    this.#nextTrim = now + TRIM_PERIOD_MS;
  }

  /** A free slot with new memory of this size. */
  #furnish(size: number): PacketSlot | undefined {
    const bytes = SIZES[size] as number;
    if (this.#used >= this.#maxPackets) return undefined;
    if (this.#usedBytes + bytes > this.#maxBytes) return undefined;
    // Free slots of other sizes stand back, the largest first.
    for (let other = SIZES.length - 1; other >= 0; other--) {
      const { slots } = this.#free[other] as FreeList;
      while (slots.length > 0 && this.#allocatedBytes + bytes > this.#maxBytes) {
        this.#strip(slots.pop() as PacketSlot);
      }
    }
    const slot = this.#bare.pop() ?? this.#makeSlot() ?? this.#takeFromOther();
    if (slot === undefined) return undefined;
    slot.memory = new Uint8Array(bytes);
    this.#allocatedBytes += bytes;
    return slot;
  }

  #makeSlot(): PacketSlot | undefined {
    if (this.#slots.length === this.#maxPackets) return undefined;
    const slot: PacketSlot = {
      index: this.#slots.length,
      packet: new RtpPacket(),
      memory: NOTHING,
      sequence: 0,
      arrival: 0,
      mediaMs: 0,
      missing: 0,
      recovered: false,
      restart: false,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** All slots exist and have memory: one of another size loses it. */
  #takeFromOther(): PacketSlot | undefined {
    for (const { slots } of this.#free) {
      const slot = slots.pop();
      if (slot === undefined) continue;
      this.#strip(slot);
      return this.#bare.pop();
    }
    return undefined;
  }

  #strip(slot: PacketSlot): void {
    this.#allocatedBytes -= slot.memory.length;
    slot.packet.clear();
    slot.memory = NOTHING;
    this.#bare.push(slot);
  }
}
