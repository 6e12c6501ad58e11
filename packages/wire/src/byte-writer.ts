// Writes big-endian fields: by offset into given memory, or appended to memory that grows.

/** Writes a 16-bit big-endian integer at `offset`; returns the offset behind it. */
export function writeUint16(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 8;
  out[offset + 1] = value;
  return offset + 2;
}

/** Writes a 24-bit big-endian integer at `offset`; returns the offset behind it. */
export function writeUint24(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 16;
  out[offset + 1] = value >>> 8;
  out[offset + 2] = value;
  return offset + 3;
}

/** Writes a 32-bit big-endian integer at `offset`; returns the offset behind it. */
export function writeUint32(out: Uint8Array, offset: number, value: number): number {
  out[offset] = value >>> 24;
  out[offset + 1] = value >>> 16;
  out[offset + 2] = value >>> 8;
  out[offset + 3] = value;
  return offset + 4;
}

/** Writes a 48-bit big-endian integer at `offset`; returns the offset behind it. */
export function writeUint48(out: Uint8Array, offset: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  return writeUint32(out, writeUint16(out, offset, high), value >>> 0);
}

/**
 * Appends fields to memory that grows, for messages whose length is known only when they are built
 * (handshake messages, session descriptions' certificates). Packet paths write by offset instead.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** Starts with room for `capacity` bytes. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends an 8-bit unsigned integer. */
  uint8(value: number): this {
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  /** Appends a 16-bit unsigned integer. */
  uint16(value: number): this {
    const at = this.#grow(2);
    writeUint16(this.#bytes, at, value);
    return this;
  }

  /** Appends a 24-bit unsigned integer. */
  uint24(value: number): this {
    const at = this.#grow(3);
    writeUint24(this.#bytes, at, value);
    return this;
  }

  /** Appends a 32-bit unsigned integer. */
  uint32(value: number): this {
    const at = this.#grow(4);
    writeUint32(this.#bytes, at, value);
    return this;
  }

  /** Appends a 48-bit unsigned integer. */
  uint48(value: number): this {
    const at = this.#grow(6);
    writeUint48(this.#bytes, at, value);
    return this;
  }

  /** Appends a copy of `bytes`. */
  append(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /**
   * Appends what `write` appends, preceded by its length in `lengthBytes` bytes: a TLS vector
   * (RFC 8446 §3.4).
   *
   * @throws RangeError if what was written is longer than the length field can say.
   */
  vector(lengthBytes: 1 | 2 | 3, write: (writer: this) => void): this {
    const at = this.#grow(lengthBytes);
    const start = this.#length;
    write(this);
    const length = this.#length - start;
    if (length >= 1 << (8 * lengthBytes)) {
      throw new RangeError(
        `A vector with a ${lengthBytes}-byte length cannot hold ${length} bytes.`,
      );
    }
    for (let i = 0; i < lengthBytes; i++) {
      this.#bytes[at + i] = length >>> (8 * (lengthBytes - 1 - i));
    }
    return this;
  }

  /** A copy of all that was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}
