// Which VP8 frames a decoder can still use after a loss (RFC 7741 §4.2, https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
import type { Vp8Frame } from '../codecs/vp8/depacketizer.ts';
import type { FrameContinuity } from './frame-continuity.ts';

/** TID has two bits. */
const MAX_VP8_TEMPORAL_ID = 3;

/**
 * Follows VP8's temporal layers by PictureID, TL0PICIDX, TID and Y (RFC 7741 §4.2): what was lost in a
 * higher layer does not spoil the layers below it, and a layer is usable again from a frame with Y on.
 */
export class Vp8Continuity implements FrameContinuity<Vp8Frame> {
  #isIntact = false;
  // The highest layer that is whole since its last synchronisation.
  #wholeLayer = 0;
  #pictureId: number | undefined;
  #tl0PicIdx: number | undefined;

  get needsKeyFrame(): boolean {
    return !this.#isIntact;
  }

  isUsable(frame: Vp8Frame, afterLoss: boolean): boolean {
    const { pictureId, tl0PicIdx, temporalId = 0, layerSync } = frame.descriptor;
    const isNext = isNextVp8PictureId(this.#pictureId, pictureId);
    this.#pictureId = pictureId;
    if (frame.key) {
      this.#isIntact = true;
      this.#wholeLayer = MAX_VP8_TEMPORAL_ID;
      this.#tl0PicIdx = tl0PicIdx;
      return true;
    }
    if (!this.#isIntact) return false;
    if (afterLoss && !isNext) {
      if (tl0PicIdx === undefined || this.#tl0PicIdx === undefined) {
        this.#isIntact = false;
        return false;
      }
      this.#wholeLayer = 0;
    }
    if (temporalId > 0) {
      // Of the base layer frame that it builds upon, and with which all below it are whole.
      if (tl0PicIdx !== this.#tl0PicIdx) return false;
      if (layerSync && this.#wholeLayer < temporalId) this.#wholeLayer = temporalId;
      return this.#wholeLayer >= temporalId;
    }
    if (this.#tl0PicIdx !== undefined && tl0PicIdx !== ((this.#tl0PicIdx + 1) & 0xff)) {
      // A frame of the base layer is missing.
      this.#isIntact = false;
      return false;
    }
    this.#tl0PicIdx = tl0PicIdx;
    return true;
  }

  reset(): void {
    this.#isIntact = false;
    this.#wholeLayer = 0;
    this.#pictureId = undefined;
    this.#tl0PicIdx = undefined;
  }
}

/** Whether no picture is missing between two; they have 7 or 15 bits. */
function isNextVp8PictureId(previous: number | undefined, pictureId: number | undefined): boolean {
  if (previous === undefined || pictureId === undefined) return false;
  if (pictureId === 0) return previous === 0x7f || previous === 0x7fff;
  return pictureId === previous + 1;
}
