// Seeded randomness: sfc32 streams, one for each named consumer. It replays; it keeps no secret.

import type { RandomSource } from '@kaon/wire';

const TWO_POW_32 = 0x1_0000_0000;
const WARM_UP_ROUNDS = 12;
const FNV_PRIME = 0x01000193;
const SECOND_MULTIPLIER = 0x5bd1e995;

/**
 * A stream of random numbers that depends on nothing but a seed and a path of names, by Chris
 * Doty-Humphrey's sfc32 (128 bits of state, passes PractRand).
 *
 * {@link fork} gives an independent stream for a name, whatever was drawn before. A new consumer with a
 * new name therefore changes no number that the others see.
 *
 * Anyone who knows the seed knows every number: never use it for keys that guard something.
 */
export class SeededRandom implements RandomSource {
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Starts the stream of `seed`, which may be any text or number. */
  constructor(seed: string | number) {
    this.#path = String(seed);
    // Two hashes of the path, so that streams are told apart by 64 bits and not by 32.
    const first = hashText(this.#path);
    const second = hashText(this.#path, SECOND_MULTIPLIER);
    this.#a = splitmix32(first);
    this.#b = splitmix32(second);
    this.#c = splitmix32(first ^ ((second << 16) | (second >>> 16)));
    for (let i = 0; i < WARM_UP_ROUNDS; i++) this.uint32();
  }

  /** The stream for `name` under this one; the same name gives the same stream, from its start. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#path}/${name}`);
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** Fills all of `out` and returns it. */
  fill(out: Uint8Array): Uint8Array {
    let word = 0;
    for (let i = 0; i < out.length; i++) {
      word = (i & 3) === 0 ? this.uint32() : word >>> 8;
      out[i] = word;
    }
    return out;
  }

  /** A number from 0 to just under 1. */
  fraction(): number {
    return this.uint32() / TWO_POW_32;
  }

  /** A whole number from 0 to `bound` - 1; `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** True with this probability; draws nothing if it is 0, so that an absent effect shifts no other. */
  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }
}

/** FNV-1a over UTF-16 code units, 32 bits; another odd `multiplier` makes another hash. */
export function hashText(text: string, multiplier: number = FNV_PRIME): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), multiplier);
  return hash >>> 0;
}

/** The output of splitmix32 for the state after `seed`: spreads every bit of it over the word. */
function splitmix32(seed: number): number {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
