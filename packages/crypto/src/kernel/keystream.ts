// Keystream made ahead for the packets that come next, for AES-GCM and AES in counter mode.

import { releaseMemory } from '@kaon/wire';
import { NUMBER_LENGTH } from '../packet/packet-number.ts';
import type { AesBlocks } from './aes-blocks.ts';
import { copyBytes, getKernel, KernelAddress } from './kernel.ts';
import { giveSlotBack, type SlotOwner, slotAddress, takeSlot } from './keystream-slots.ts';

const BLOCK_LENGTH = 16;
/** The most packets that keystream is made for at a time: as many as two words have bits. */
const MAX_AHEAD = 64;
/**
 * The most blocks made at a time, unless one packet needs more: 20 KiB, or sixteen packets of 1200 bytes.
 * A call of node:crypto costs as much before its first byte as for the first 10 KiB.
 */
const MAX_BLOCKS = 1280;
/** How many packets say how long the next ones are. */
const RECENT = 8;
const WORD_BITS = 32;
const NONE = new Uint8Array(0);

/**
 * The keystream of one sequence of packet numbers.
 *
 * The number after the highest genuine one is the expected one. When it comes and there is nothing for it,
 * keystream is made for it and some that follow: for one at first, then twice as many each time, so that
 * what hardly sends keeps hardly anything. Any other packet gets keystream of its own, as much as it is
 * long; only once it is known to be genuine does it change what is expected. So a number that somebody
 * made up costs its packet's length in work, or is the expected one, which is made once.
 */
export class Keystream implements SlotOwner {
  readonly #aes: AesBlocks;
  readonly #iv: Uint8Array;
  /** What the first counter blocks of all packets have in common: the IV, and the counter in the last byte. */
  readonly #commonBlock: Uint8Array;
  /** Where in it the packet's number belongs: at the end of the IV. */
  readonly #numberAt: number;
  /**
   * Keystream of `#count` packets from `#first` on, `#blocks` each, with zeros for those that are used: here,
   * or in a place of the kernel's memory.
   */
  #made: Uint8Array = NONE;
  #slot = -1;
  #first = 0;
  #count = 0;
  #blocks = 0;
  /** A bit for each packet that is used, in two words; and how many that are. */
  #used = 0;
  #usedBehind = 0;
  #usedCount = 0;
  /** The expected number. */
  #next = 0;
  /** How many packets to make keystream for next time. */
  #ahead = 1;
  /** How many blocks each of the last genuine packets took. */
  readonly #recent: number[] = [];
  #recentIndex = 0;

  constructor(aes: AesBlocks, iv: Uint8Array, firstCounter: number) {
    this.#aes = aes;
    this.#iv = iv;
    this.#commonBlock = new Uint8Array(BLOCK_LENGTH);
    this.#commonBlock.set(iv);
    this.#commonBlock[BLOCK_LENGTH - 1] = firstCounter;
    this.#numberAt = iv.length - NUMBER_LENGTH;
  }

  /**
   * The first `blocks` blocks of the keystream of packet `number`: where in the kernel's memory they are.
   * They must be wiped there and {@link take}n, or {@link putBack}.
   */
  load(number: number, blocks: number): number {
    if (number === this.#next && !this.#has(number)) this.#makeAhead(number, blocks);
    const { keystream } = KernelAddress;
    if (!this.#has(number)) {
      this.#make(number, 0, blocks);
      return keystream;
    }
    const start = (number - this.#first) * this.#blocks * BLOCK_LENGTH;
    if (this.#slot >= 0 && blocks <= this.#blocks) return slotAddress(this.#slot) + start;
    const there = Math.min(blocks, this.#blocks);
    if (blocks > there) this.#make(number, there, blocks - there);
    const { memory } = getKernel();
    const length = there * BLOCK_LENGTH;
    if (this.#slot >= 0) {
      const from = slotAddress(this.#slot) + start;
      memory.copyWithin(keystream, from, from + length);
    } else {
      copyBytes(this.#made, start, start + length, memory, keystream);
    }
    return keystream;
  }

  /** The packet was not genuine: nothing of `blocks` blocks at `address` stays where only copies are. */
  putBack(address: number, blocks: number): void {
    if (address !== KernelAddress.keystream) return;
    getKernel().memory.fill(0, address, address + blocks * BLOCK_LENGTH);
  }

  /**
   * Packet `number` was genuine, and `address` is what {@link load} gave, whose `blocks` blocks are wiped by
   * who uses them: wipes the rest, and learns from it.
   */
  take(number: number, blocks: number, address: number): void {
    this.#recent[this.#recentIndex] = blocks;
    this.#recentIndex = (this.#recentIndex + 1) % RECENT;
    this.#wipe(number, address === KernelAddress.keystream ? 0 : blocks);
  }

  /** Packet `number` was genuine and needed none. */
  skip(number: number): void {
    this.#wipe(number, 0);
  }

  /** Wipes all that was made ahead. */
  destroy(): void {
    this.#forget();
    if (this.#slot >= 0) giveSlotBack(this.#slot);
    this.#slot = -1;
    this.#made = NONE;
    this.#iv.fill(0);
    this.#commonBlock.fill(0);
  }

  /** {@link SlotOwner.leaveSlot}: its keystream is kept here again. */
  leaveSlot(): void {
    const start = slotAddress(this.#slot);
    const length = this.#count * this.#blocks * BLOCK_LENGTH;
    this.#made = Uint8Array.prototype.slice.call(getKernel().memory, start, start + length);
    this.#slot = -1;
  }

  /** Wipes all that is left: it is nobody's keystream from now on, whatever happens next. */
  #forget(): void {
    const count = this.#count;
    this.#count = 0;
    if (this.#usedCount === count) return;
    if (this.#slot < 0) this.#made.fill(0);
    else {
      const start = slotAddress(this.#slot);
      getKernel().memory.fill(0, start, start + count * this.#blocks * BLOCK_LENGTH);
    }
  }

  /** Wipes what there is for packet `number` from block `from` on. */
  #wipe(number: number, from: number): void {
    if (number >= this.#next) this.#next = number + 1;
    if (!this.#has(number)) return;
    const index = number - this.#first;
    const blocks = this.#blocks;
    if (from < blocks) {
      const start = (index * blocks + from) * BLOCK_LENGTH;
      const end = (index + 1) * blocks * BLOCK_LENGTH;
      if (this.#slot < 0) fill.call(this.#made, 0, start, end);
      else {
        const address = slotAddress(this.#slot);
        fill.call(getKernel().memory, 0, address + start, address + end);
      }
    }
    if (index < WORD_BITS) this.#used |= 1 << index;
    else this.#usedBehind |= 1 << index;
    this.#usedCount++;
  }

  /** Whether there is unused keystream for that packet. */
  #has(number: number): boolean {
    const index = number - this.#first;
    if (index < 0 || index >= this.#count) return false;
    return ((index < WORD_BITS ? this.#used : this.#usedBehind) & (1 << index)) === 0;
  }

  #makeAhead(number: number, blocks: number): void {
    // Lost packets leave theirs behind.
    this.#forget();
    // What only claims to be the next packet does not say how long those behind it are.
    const perPacket = this.#usualBlocks() || blocks;
    const count = Math.max(1, Math.min(this.#ahead, Math.floor(MAX_BLOCKS / perPacket)));
    this.#keep(this.#encrypt(number, count, 0, perPacket), count > 1);
    this.#first = number;
    this.#count = count;
    this.#blocks = perPacket;
    this.#used = 0;
    this.#usedBehind = 0;
    this.#usedCount = 0;
    this.#ahead = Math.min(2 * this.#ahead, MAX_AHEAD);
  }

  /** Keeps what was made, in a place of the kernel's memory if `isForLater` and there is one. */
  #keep(made: Uint8Array, isForLater: boolean): void {
    const slot = isForLater ? takeSlot(this, this.#slot) : -1;
    if (slot < 0 && this.#slot >= 0) giveSlotBack(this.#slot);
    this.#slot = slot;
    this.#made = slot < 0 ? made : NONE;
    if (slot < 0) return;
    getKernel().memory.set(made, slotAddress(slot));
    made.fill(0);
    releaseMemory(made);
  }

  /** The least of the last packets' sizes that is enough for three quarters of them; 0 before the first. */
  #usualBlocks(): number {
    const recent = this.#recent;
    let usual = 0;
    for (const candidate of recent) {
      let fitting = 0;
      for (const blocks of recent) if (blocks <= candidate) fitting++;
      if (4 * fitting >= 3 * recent.length && (usual === 0 || candidate < usual)) usual = candidate;
    }
    return usual;
  }

  /** Makes keystream for one packet, from block `first` on, and puts it where it belongs. */
  #make(number: number, first: number, blocks: number): void {
    const { memory } = getKernel();
    const made = this.#encrypt(number, 1, first, blocks);
    memory.set(made, KernelAddress.keystream + first * BLOCK_LENGTH);
    made.fill(0);
    releaseMemory(made);
  }

  /** Keystream of `packets` packets from `number` on, `blocks` of each from block `first` on. */
  #encrypt(number: number, packets: number, first: number, blocks: number): Uint8Array {
    const { exports, memory } = getKernel();
    memory.set(this.#commonBlock, KernelAddress.parameters);
    exports.makeCounterBlocks(packets, first, blocks, number, this.#numberAt);
    const start = KernelAddress.keystream;
    return this.#aes.encrypt(memory.subarray(start, start + packets * blocks * BLOCK_LENGTH));
  }
}

/** Buffer's own does more than it has to. */
const { fill } = Uint8Array.prototype;
