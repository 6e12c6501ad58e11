// Reads and writes the little of DER that keys, signatures and certificates need (ITU-T X.690 §8, §10).

import { ByteReader, concatBytes } from '@kaon/wire';

/** Identifier octets of the types in use. */
export const DerTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

const EMPTY = new Uint8Array(0);

/**
 * A cursor over DER elements, strict and with a sticky failure flag as {@link ByteReader} has: a wrong
 * tag, an indefinite or needlessly long length, or a missing byte sets {@link failed}. No method throws.
 */
export class DerReader {
  readonly #reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  /** Whether anything was malformed, or not what was asked for. */
  get failed(): boolean {
    return this.#reader.failed;
  }

  /** Whether all was read, and without a fault. */
  get isComplete(): boolean {
    return !this.#reader.failed && this.#reader.remaining === 0;
  }

  /** Identifier octet of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#reader.remaining > 0 ? this.#reader.bytes[this.#reader.offset] : undefined;
  }

  /** Marks the input as malformed. */
  fail(): void {
    this.#reader.fail();
  }

  /** A view of the contents of the next element, which must have `tag`. */
  contents(tag: number): Uint8Array {
    const reader = this.#reader;
    if (reader.uint8() !== tag) reader.fail();
    return reader.view(this.#length());
  }

  /** A view of the whole next element, header included, which must have `tag`. */
  element(tag: number): Uint8Array {
    const start = this.#reader.offset;
    this.contents(tag);
    return this.#reader.failed ? EMPTY : this.#reader.bytes.subarray(start, this.#reader.offset);
  }

  /** A reader of what is in the next element, a SEQUENCE. */
  sequence(): DerReader {
    const inner = new DerReader(this.contents(DerTag.sequence));
    if (this.failed) inner.fail();
    return inner;
  }

  /** The next element, an INTEGER that is not negative: big-endian bytes without leading zeros. */
  unsignedInteger(): Uint8Array {
    const contents = this.contents(DerTag.integer);
    const first = contents[0];
    const second = contents[1];
    if (first === undefined || first >= 0x80) {
      this.fail();
    } else if (first === 0) {
      // X.690 §8.3.2: no byte more than needed.
      if (second !== undefined && second < 0x80) this.fail();
      else return contents.subarray(1);
    }
    return this.failed ? EMPTY : contents;
  }

  /** The next element, a BIT STRING of whole bytes. */
  wholeBytes(): Uint8Array {
    const contents = this.contents(DerTag.bitString);
    if (contents[0] === 0) return contents.subarray(1);
    this.fail();
    return EMPTY;
  }

  #length(): number {
    const reader = this.#reader;
    const first = reader.uint8();
    if (first < 0x80) return first;
    let length = 0;
    if (first === 0x81) length = reader.uint8();
    else if (first === 0x82) length = reader.uint16();
    else if (first === 0x83) length = reader.uint24();
    // Indefinite (0x80), longer than anything here can be, or longer than needed (X.690 §10.1).
    const least = first === 0x81 ? 0x80 : first === 0x82 ? 0x100 : 0x10000;
    if (length < least) reader.fail();
    return length;
  }
}

/**
 * One element: its identifier octet, length, and all `parts` as its contents.
 *
 * @throws RangeError if the contents are longer than {@link DerReader} takes: 2^24 - 1 bytes.
 */
export function encodeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = concatBytes(...parts);
  const n = contents.length;
  if (n < 0x80) return concatBytes(Uint8Array.of(tag, n), contents);
  if (n < 0x100) return concatBytes(Uint8Array.of(tag, 0x81, n), contents);
  if (n < 0x10000) return concatBytes(Uint8Array.of(tag, 0x82, n >> 8, n), contents);
  if (n < 0x1000000) return concatBytes(Uint8Array.of(tag, 0x83, n >> 16, n >> 8, n), contents);
  throw new RangeError(`An element of ${n} bytes is too long; the most is 16777215.`);
}

/** An INTEGER of the number that big-endian `bytes` stand for. */
export function encodeDerUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const first = digits[0] ?? 0x80; // Zero is one byte of zero.
  return encodeDer(DerTag.integer, first >= 0x80 ? Uint8Array.of(0) : EMPTY, digits);
}
