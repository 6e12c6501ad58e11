// Reads fields of any number of bits, most significant first, as video headers have them.

/**
 * A cursor over bits. A read past the end gives 0 and sets {@link failed}, which stays set, so that a
 * parser is straight-line code. No method throws.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #failed = false;

  /** Reads `bytes[start..end)`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = 8 * start;
    this.#end = 8 * Math.min(end, bytes.length);
  }

  /** Whether any read went past the end or met a code that is too long. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The next bit. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** The next `count` bits, at most 32, as an unsigned number: u(n). */
  bits(count: number): number {
    if (count > this.#end - this.#at) {
      this.#failed = true;
      this.#at = this.#end;
      return 0;
    }
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.#bytes[this.#at >> 3] as number;
      const available = 8 - (this.#at & 7);
      const taken = Math.min(available, left);
      const part = (byte >> (available - taken)) & ((1 << taken) - 1);
      value = value * 2 ** taken + part;
      this.#at += taken;
      left -= taken;
    }
    return value;
  }

  /** Passes over `count` bits. */
  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#end) {
      this.#failed = true;
      this.#at = this.#end;
    }
  }

  /** The next Exp-Golomb number: ue(v) of H.264 §9.1, and uvlc() of AV1 §4.10.3. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros++;
      if (zeros > 31 || this.#failed) {
        this.#failed = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** The next signed Exp-Golomb number: se(v) of H.264 §9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}
