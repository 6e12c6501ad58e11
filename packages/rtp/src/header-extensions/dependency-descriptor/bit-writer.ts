// Writes fields of any number of bits, most significant first (RTP Payload Format For AV1 §A.8.2, https://aomediacodec.github.io/av1-rtp-spec/#a82-syntax).

/** Appends bits at an offset of given memory. */
export class BitWriter {
  readonly #out: Uint8Array;
  #at: number;

  /** Writes from the byte at `offset` of `out`. */
  constructor(out: Uint8Array, offset: number) {
    this.#out = out;
    this.#at = 8 * offset;
  }

  /** The index behind the last byte begun. */
  get offset(): number {
    return (this.#at + 7) >> 3;
  }

  /** f(n): the low `count` bits of `value`, at most 32. Bits behind them in the last byte become 0. */
  bits(count: number, value: number): void {
    for (let i = count - 1; i >= 0; i--) {
      const index = this.#at >> 3;
      const mask = 0x80 >> (this.#at & 7);
      if (mask === 0x80) this.#out[index] = 0;
      if (((value >>> i) & 1) === 1) this.#out[index] = (this.#out[index] as number) | mask;
      this.#at++;
    }
  }

  /** f(1). */
  flag(value: boolean): void {
    this.bits(1, value ? 1 : 0);
  }

  /** ns(n): a number below `n`, in one bit less where that is enough. */
  nonSymmetric(n: number, value: number): void {
    const width = 32 - Math.clz32(n);
    const shortCodes = 2 ** width - n;
    if (value < shortCodes) this.bits(width - 1, value);
    else this.bits(width, value + shortCodes);
  }
}
