// Where a VP8 or VP9 payload has its picture ID and TL0PICIDX, read and written in place (RFC 7741 §4.2, RFC 9628 §4.2, https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
import { readUint16, writeUint16 } from '@kaon/wire';

/** A payload format whose running numbers are rewritten. */
export type NumberedCodec = 'vp8' | 'vp9';

const NOTHING = new Uint8Array(0);
const NOWHERE = -1;

/** A reusable view of the running numbers in one payload. It never allocates or throws. */
export class PictureFields {
  #bytes: Uint8Array = NOTHING;
  #pictureIdAt = NOWHERE;
  #isLong = false;
  #tl0PicIdxAt = NOWHERE;

  /** Whether there is a picture ID. */
  get hasPictureId(): boolean {
    return this.#pictureIdAt !== NOWHERE;
  }

  /** Whether there is a TL0PICIDX. */
  get hasTl0PicIdx(): boolean {
    return this.#tl0PicIdxAt !== NOWHERE;
  }

  /** How many picture IDs there are: 128 or 32768. */
  get pictureIdModulus(): number {
    return this.#isLong ? 0x8000 : 0x80;
  }

  /** The picture ID; only where there is one. */
  get pictureId(): number {
    return this.#isLong
      ? readUint16(this.#bytes, this.#pictureIdAt) & 0x7fff
      : (this.#bytes[this.#pictureIdAt] as number);
  }

  set pictureId(pictureId: number) {
    if (this.#isLong) writeUint16(this.#bytes, this.#pictureIdAt, 0x8000 | (pictureId & 0x7fff));
    else this.#bytes[this.#pictureIdAt] = pictureId & 0x7f;
  }

  /** TL0PICIDX; only where there is one. */
  get tl0PicIdx(): number {
    return this.#bytes[this.#tl0PicIdxAt] as number;
  }

  set tl0PicIdx(tl0PicIdx: number) {
    this.#bytes[this.#tl0PicIdxAt] = tl0PicIdx & 0xff;
  }

  /** Looks at the payload in `bytes[start..end)`; one that is cut off has no fields. */
  locate(codec: NumberedCodec, bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#pictureIdAt = NOWHERE;
    this.#tl0PicIdxAt = NOWHERE;
    const isCut = codec === 'vp8' ? this.#locateVp8(start, end) : this.#locateVp9(start, end);
    if (!isCut) return;
    this.#pictureIdAt = NOWHERE;
    this.#tl0PicIdxAt = NOWHERE;
  }

  // RFC 7741 §4.2; returns whether it is cut off.
  #locateVp8(start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (end - start < 2 || ((bytes[start] as number) & 0x80) === 0) return end === start;
    const extension = bytes[start + 1] as number;
    const at = this.#takePictureId((extension & 0x80) !== 0, start + 2, end);
    if ((extension & 0x40) === 0) return at > end;
    this.#tl0PicIdxAt = at;
    return at + 1 > end;
  }

  // RFC 9628 §4.2; TL0PICIDX comes behind the layer byte, and not in flexible mode.
  #locateVp9(start: number, end: number): boolean {
    if (start === end) return true;
    const first = this.#bytes[start] as number;
    const at = this.#takePictureId((first & 0x80) !== 0, start + 1, end);
    if ((first & 0x30) !== 0x20) return at > end;
    this.#tl0PicIdxAt = at + 1;
    return at + 2 > end;
  }

  #takePictureId(isThere: boolean, at: number, end: number): number {
    if (!isThere) return at;
    this.#pictureIdAt = at;
    this.#isLong = at < end && ((this.#bytes[at] as number) & 0x80) !== 0;
    return at + (this.#isLong ? 2 : 1);
  }
}
