// Finds NAL units in what H.264 and H.265 encoders give out (ISO/IEC 14496-10 Annex B, https://www.itu.int/rec/T-REC-H.264; ISO/IEC 14496-15).

/**
 * How NAL units stand in a frame: `annexb` with a start code before each, `length-prefixed` (AVCC, HVCC)
 * with its length in 4 bytes.
 */
export type NalUnitFormat = 'annexb' | 'length-prefixed';

/** Where the NAL units of one frame lie; its arrays are kept from frame to frame. */
export class NalUnitList {
  /** How many there are. */
  count = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Offset of NAL unit `index` in the frame. */
  start(index: number): number {
    return this.#starts[index] as number;
  }

  /** Offset behind NAL unit `index`. */
  end(index: number): number {
    return this.#ends[index] as number;
  }

  /** Bytes of NAL unit `index`. */
  size(index: number): number {
    return this.end(index) - this.start(index);
  }

  /**
   * Finds the NAL units of `frame`.
   *
   * @throws RangeError if there is none, or one is cut off.
   */
  split(frame: Uint8Array, format: NalUnitFormat): void {
    this.count = 0;
    if (format === 'annexb') this.#splitAnnexB(frame);
    else this.#splitLengthPrefixed(frame);
    if (this.count === 0) {
      throw new RangeError(`frame.data holds no NAL unit; expected the format ${format}`);
    }
  }

  #add(start: number, end: number): void {
    if (end <= start) return;
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.count++;
  }

  #splitAnnexB(frame: Uint8Array): void {
    let start = -1;
    // Zero bytes are rare in what is encoded, and searching for a byte is much faster than a loop.
    for (let at = frame.indexOf(0); at >= 0 && at + 2 < frame.length; at = frame.indexOf(0, at)) {
      if (frame[at + 1] !== 0) {
        at += 2;
      } else if (frame[at + 2] === 1) {
        if (start >= 0) this.#add(start, withoutTrailingZeros(frame, start, at));
        start = at + 3;
        at = start;
      } else {
        at += frame[at + 2] === 0 ? 1 : 3;
      }
    }
    if (start >= 0) this.#add(start, withoutTrailingZeros(frame, start, frame.length));
  }

  #splitLengthPrefixed(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    let at = 0;
    while (at < frame.length) {
      const start = at + 4;
      const end = start <= frame.length ? start + view.getUint32(at) : Infinity;
      if (end > frame.length) {
        throw new RangeError(
          `frame.data is cut off at offset ${at}; expected a length in 4 bytes and that many more`,
        );
      }
      this.#add(start, end);
      at = end;
    }
  }
}

/** A NAL unit never ends with a zero byte: those before a start code are not part of it (B.1.1). */
function withoutTrailingZeros(frame: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && frame[last - 1] === 0) last--;
  return last;
}
