// Which keys have their GHASH tables in the kernel's memory: as many as there is room for.

import { GHASH_SLOTS, GHASH_TABLE_LENGTH, getKernel, KernelAddress } from './kernel.ts';

/**
 * The hash key of one GCM key (NIST SP 800-38D §7.1), and its place. There may be any number of keys: a
 * table is made again, in less than a microsecond, for a key that another one took the place from.
 */
export class HashKey {
  readonly #h: Uint8Array;
  #slot = 0;

  /** @param h the block of zeros, encrypted; ours from now on. */
  constructor(h: Uint8Array) {
    this.#h = h;
  }

  /** The slot that holds the table, which stays until the next call for another key. */
  get slot(): number {
    if (owners[this.#slot] !== this) this.#load();
    return this.#slot;
  }

  /** Wipes key and table. */
  destroy(): void {
    if (owners[this.#slot] === this) {
      const start = KernelAddress.ghashTables + this.#slot * GHASH_TABLE_LENGTH;
      getKernel().memory.fill(0, start, start + GHASH_TABLE_LENGTH);
      owners[this.#slot] = undefined;
      free.push(this.#slot);
    }
    this.#h.fill(0);
  }

  #load(): void {
    let slot = free.pop();
    if (slot === undefined) {
      slot = victim;
      victim = (victim + 1) % GHASH_SLOTS;
    }
    const { exports, memory } = getKernel();
    memory.set(this.#h, KernelAddress.scratch);
    exports.makeTable(slot);
    owners[slot] = this;
    this.#slot = slot;
  }
}

/** Who has each slot, which have none, and who loses the next one if all are taken. */
const owners: (HashKey | undefined)[] = new Array<undefined>(GHASH_SLOTS).fill(undefined);
const free: number[] = Array.from({ length: GHASH_SLOTS }, (_, i) => GHASH_SLOTS - 1 - i);
let victim = 0;
