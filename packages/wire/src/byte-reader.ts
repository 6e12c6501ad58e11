// Reads big-endian fields of variable layouts with a sticky failure flag instead of exceptions.

/**
 * A cursor over received bytes, for formats whose layout depends on what was read before
 * (TLVs, TLS vectors).
 *
 * A read past the end gives 0 or an empty view and sets {@link failed}, which stays set. A decoder is
 * therefore straight-line code that ends `return reader.failed ? undefined : message`. No method
 * throws.
 */
export class ByteReader {
  /** The bytes being read. */
  readonly bytes: Uint8Array;
  /** Index in {@link bytes} behind the last byte that may be read. */
  readonly end: number;
  #offset: number;
  #failed = false;

  /** Reads `bytes` from `start` up to, not including, `end`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.end = Math.min(end, bytes.length);
    this.#offset = start;
    if (start > this.end) this.fail();
  }

  /** Index in {@link bytes} of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.end - this.#offset;
  }

  /** Whether any read went past the end, or {@link fail} was called. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Marks the input as malformed; for contents that contradict the format. */
  fail(): void {
    this.#failed = true;
    this.#offset = this.end;
  }

  /** The next 8-bit unsigned integer. */
  uint8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : (this.bytes[at] as number);
  }

  /** The next 16-bit unsigned integer. */
  uint16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : readUint16(this.bytes, at);
  }

  /** The next 24-bit unsigned integer. */
  uint24(): number {
    const at = this.#take(3);
    return at < 0 ? 0 : readUint24(this.bytes, at);
  }

  /** The next 32-bit unsigned integer. */
  uint32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : readUint32(this.bytes, at);
  }

  /** The next 48-bit unsigned integer. */
  uint48(): number {
    const at = this.#take(6);
    return at < 0 ? 0 : readUint48(this.bytes, at);
  }

  /** A view (not a copy) of the next `length` bytes. */
  view(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? EMPTY : this.bytes.subarray(at, at + length);
  }

  /** A view of everything not yet read. */
  rest(): Uint8Array {
    return this.view(this.remaining);
  }

  /** A reader over the next `length` bytes; it has failed already if there are fewer. */
  sub(length: number): ByteReader {
    const at = this.#take(length);
    if (at >= 0) return new ByteReader(this.bytes, at, at + length);
    const reader = new ByteReader(EMPTY);
    reader.fail();
    return reader;
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length < 0 || length > this.end - at) {
      this.fail();
      return -1;
    }
    this.#offset = at + length;
    return at;
  }
}

const EMPTY = new Uint8Array(0);

/** The 16-bit unsigned big-endian integer at `offset`; the caller has checked the length. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** The 24-bit unsigned big-endian integer at `offset`; the caller has checked the length. */
export function readUint24(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 16) |
    ((bytes[offset + 1] as number) << 8) |
    (bytes[offset + 2] as number)
  );
}

/** The 32-bit unsigned big-endian integer at `offset`; the caller has checked the length. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

/** The 48-bit unsigned big-endian integer at `offset`; the caller has checked the length. */
export function readUint48(bytes: Uint8Array, offset: number): number {
  return readUint16(bytes, offset) * 0x1_0000_0000 + readUint32(bytes, offset + 2);
}
