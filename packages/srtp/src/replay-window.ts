// Which indices have been used, near the highest. https://www.rfc-editor.org/rfc/rfc3711#section-3.3.2

import { checkInteger } from './errors.ts';

/** The least window that RFC 3711 §3.3.2 allows. */
export const MIN_WINDOW_SIZE = 64;
/** Half the circle of sequence numbers: what is further behind is taken for a later one. */
export const MAX_WINDOW_SIZE = 32768;

/** What a window says of an index. */
export const IndexState = {
  /** Not used so far. */
  fresh: 0,
  /** Used already. */
  used: 1,
  /** So far behind the highest that nobody knows. */
  tooOld: 2,
} as const;

/** One of {@link IndexState}. */
export type IndexState = (typeof IndexState)[keyof typeof IndexState];

/** A window of indices that ends with the highest one used. Indices have up to 48 bits. */
export class ReplayWindow {
  readonly #size: number;
  /** A bit for each index of the window, by the index's last bits. */
  readonly #used: Uint32Array;
  /** Bits there are, less one. */
  readonly #mask: number;
  #highest = -1;

  /** @throws SrtpError with code `SRTP_INVALID_OPTION` if `size` is no integer from 1 to 32768. */
  constructor(size: number) {
    checkInteger('window size', size, 1, MAX_WINDOW_SIZE);
    this.#size = size;
    let bits = 32;
    while (bits < size) bits *= 2;
    this.#used = new Uint32Array(bits >> 5);
    this.#mask = bits - 1;
  }

  /** The highest index used; -1 if none is. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `index` may be used. */
  check(index: number): IndexState {
    const behind = this.#highest - index;
    if (behind < 0) return IndexState.fresh;
    if (behind >= this.#size) return IndexState.tooOld;
    const bit = index & this.#mask;
    const isUsed = ((this.#used[bit >> 5] as number) & (1 << (bit & 31))) !== 0;
    return isUsed ? IndexState.used : IndexState.fresh;
  }

  /** Notes that `index` is used, which {@link check} found fresh and, on receipt, whose packet is genuine. */
  use(index: number): void {
    const ahead = index - this.#highest;
    if (ahead > this.#mask) {
      this.#used.fill(0);
    } else {
      for (let skipped = this.#highest + 1; skipped < index; skipped++) {
        const bit = skipped & this.#mask;
        this.#used[bit >> 5] = (this.#used[bit >> 5] as number) & ~(1 << (bit & 31));
      }
    }
    if (ahead > 0) this.#highest = index;
    const bit = index & this.#mask;
    this.#used[bit >> 5] = (this.#used[bit >> 5] as number) | (1 << (bit & 31));
  }
}
