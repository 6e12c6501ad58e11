// Extends sequence numbers and timestamps beyond their 16 and 32 bits (RFC 3550 §A.1, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).
import { unwrapSerial16, unwrapSerial32 } from '@kaon/wire';

/**
 * Extends 16-bit numbers of one stream, which may come in any order as long as each lies within 32768 of
 * the highest before it.
 */
export class SequenceUnwrapper {
  #highest = -1;

  /** The highest extended number so far; -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * The extended number of `sequenceNumber`. The first is extended by 65536, so that numbers that come
   * late from before it do not get negative.
   */
  unwrap(sequenceNumber: number): number {
    if (this.#highest < 0) {
      this.#highest = 0x1_0000 + sequenceNumber;
      return this.#highest;
    }
    const extended = unwrapSerial16(sequenceNumber, this.#highest);
    if (extended > this.#highest) this.#highest = extended;
    return extended;
  }

  /** As {@link unwrap}, but remembers nothing; before the first number it gives what that would be. */
  peek(sequenceNumber: number): number {
    return this.#highest < 0
      ? 0x1_0000 + sequenceNumber
      : unwrapSerial16(sequenceNumber, this.#highest);
  }

  /** Forgets the stream: the next number is a first one. */
  reset(): void {
    this.#highest = -1;
  }
}

/** Extends 32-bit timestamps of one stream; as {@link SequenceUnwrapper}, with steps below 2^31. */
export class TimestampUnwrapper {
  #last = -1;

  /** The extended timestamp, measured against the one before; the first is extended by 2^32. */
  unwrap(timestamp: number): number {
    this.#last = this.#last < 0 ? 0x1_0000_0000 + timestamp : unwrapSerial32(timestamp, this.#last);
    return this.#last;
  }

  /** Forgets the stream. */
  reset(): void {
    this.#last = -1;
  }
}
