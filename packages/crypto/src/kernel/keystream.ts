// Keystream made ahead for the packets that come next, for AES-GCM and AES in counter mode.

import { writeNonce } from '../packet/packet-number.ts';
import type { AesBlocks } from './aes-blocks.ts';
import { copyBytes, getKernel, KernelAddress } from './kernel.ts';

const BLOCK_LENGTH = 16;
/** The most packets that keystream is made for at a time. */
const MAX_AHEAD = 16;
/** The most blocks made at a time, unless one packet needs more: 10 KiB, or eight packets of 1200 bytes. */
const MAX_BLOCKS = 640;
/** How many packets say how long the next ones are. */
const RECENT = 8;
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
export class Keystream {
  readonly #aes: AesBlocks;
  readonly #iv: Uint8Array;
  /** The counter of a packet's first block, in the last byte. */
  readonly #firstCounter: number;
  /** Keystream of `#count` packets from `#first` on, `#blocks` each; zeros for those that are used. */
  #made: Uint8Array = NONE;
  #first = 0;
  #count = 0;
  #blocks = 0;
  /** A bit for each packet that is used. */
  #used = 0;
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
    this.#firstCounter = firstCounter;
  }

  /** Puts the first `blocks` blocks of the keystream of packet `number` into the kernel's memory. */
  load(number: number, blocks: number): void {
    if (number === this.#next && !this.#has(number)) this.#makeAhead(number, blocks);
    if (!this.#has(number)) {
      this.#make(number, 0, blocks);
      return;
    }
    const there = Math.min(blocks, this.#blocks);
    if (blocks > there) this.#make(number, there, blocks - there);
    const start = (number - this.#first) * this.#blocks * BLOCK_LENGTH;
    const end = start + there * BLOCK_LENGTH;
    copyBytes(this.#made, start, end, getKernel().memory, KernelAddress.keystream);
  }

  /**
   * Packet `number` was genuine and its keystream is used up: wipes it, and learns from it. A packet that
   * needed none has no blocks.
   */
  take(number: number, blocks: number): void {
    if (blocks > 0) {
      this.#recent[this.#recentIndex] = blocks;
      this.#recentIndex = (this.#recentIndex + 1) % RECENT;
    }
    if (number >= this.#next) this.#next = number + 1;
    if (!this.#has(number)) return;
    const index = number - this.#first;
    const start = index * this.#blocks * BLOCK_LENGTH;
    fill.call(this.#made, 0, start, start + this.#blocks * BLOCK_LENGTH);
    this.#used |= 1 << index;
  }

  /** Wipes all that was made ahead. */
  destroy(): void {
    this.#made.fill(0);
    this.#made = NONE;
    this.#count = 0;
    this.#iv.fill(0);
  }

  /** Whether there is unused keystream for that packet. */
  #has(number: number): boolean {
    const index = number - this.#first;
    return index >= 0 && index < this.#count && (this.#used & (1 << index)) === 0;
  }

  #makeAhead(number: number, blocks: number): void {
    // Lost packets leave theirs behind.
    if (this.#used !== (1 << this.#count) - 1) this.#made.fill(0);
    // What only claims to be the next packet does not say how long those behind it are.
    const perPacket = this.#usualBlocks() || blocks;
    const count = Math.max(1, Math.min(this.#ahead, Math.floor(MAX_BLOCKS / perPacket)));
    const { memory } = getKernel();
    for (let i = 0; i < count; i++) {
      this.#writeInitialBlock(memory, KernelAddress.parameters + BLOCK_LENGTH * i, number + i);
    }
    this.#made = this.#encrypt(count, 0, perPacket);
    this.#first = number;
    this.#count = count;
    this.#blocks = perPacket;
    this.#used = 0;
    this.#ahead = Math.min(2 * this.#ahead, MAX_AHEAD);
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
    this.#writeInitialBlock(memory, KernelAddress.parameters, number);
    const made = this.#encrypt(1, first, blocks);
    memory.set(made, KernelAddress.keystream + first * BLOCK_LENGTH);
    made.fill(0);
  }

  #encrypt(packets: number, first: number, blocks: number): Uint8Array {
    const { exports, memory } = getKernel();
    exports.makeCounterBlocks(packets, first, blocks);
    const start = KernelAddress.keystream;
    return this.#aes.encrypt(memory.subarray(start, start + packets * blocks * BLOCK_LENGTH));
  }

  #writeInitialBlock(memory: Uint8Array, at: number, number: number): void {
    const end = writeNonce(memory, at, this.#iv, number);
    for (let i = end; i < at + BLOCK_LENGTH; i++) memory[i] = 0;
    memory[at + BLOCK_LENGTH - 1] = this.#firstCounter;
  }
}

/** Buffer's own does more than it has to. */
const { fill } = Uint8Array.prototype;
