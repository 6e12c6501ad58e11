// Which VP8 frames a decoder can still use after a loss (RFC 7741 §4.2, https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
import type { Vp8Frame } from '../codecs/vp8/depacketizer.ts';
import type { FrameContinuity } from './frame-continuity.ts';

/** TID has two bits. */
const MAX_VP8_TEMPORAL_ID = 3;
/** No layer is damaged. */
const NO_LAYER = MAX_VP8_TEMPORAL_ID + 1;

/**
 * Follows VP8's temporal layers by PictureID, TL0PICIDX, TID and Y (RFC 7741 §4.2): what was lost in a
 * higher layer does not spoil the layers below it, and a layer is usable again from a frame with Y on.
 */
export class Vp8Continuity implements FrameContinuity<Vp8Frame> {
  #isIntact = false;
  // The highest layer that is whole since its last synchronisation.
  #wholeLayer = 0;
  // The lowest layer of which frames are missing, or were not usable, since the last frame of the base layer.
  #damagedLayer = NO_LAYER;
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
      this.#damagedLayer = NO_LAYER;
      return true;
    }
    if (!this.#isIntact) return false;
    if (afterLoss && !isNext) {
      if (tl0PicIdx === undefined || this.#tl0PicIdx === undefined) {
        this.#isIntact = false;
        return false;
      }
      this.#wholeLayer = 0;
      this.#damagedLayer = 1;
    }
    if (temporalId > 0) return this.#isUpperUsable(temporalId, layerSync, tl0PicIdx);
    if (this.#tl0PicIdx !== undefined && tl0PicIdx !== ((this.#tl0PicIdx + 1) & 0xff)) {
      // A frame of the base layer is missing.
      this.#isIntact = false;
      return false;
    }
    this.#tl0PicIdx = tl0PicIdx;
    this.#damagedLayer = NO_LAYER;
    return true;
  }

  /** Of a frame of a higher layer: whether the base layer frame that it builds upon is the last one, and all below it whole. */
  #isUpperUsable(temporalId: number, layerSync: boolean, tl0PicIdx: number | undefined): boolean {
    if (tl0PicIdx !== this.#tl0PicIdx) return false;
    if (layerSync) {
      // Y: it needs the base layer only, and what follows needs nothing from before that frame of it. What is
      // missing since then, of this layer or below, may be needed all the same.
      if (temporalId < this.#damagedLayer && this.#wholeLayer < temporalId) {
        this.#wholeLayer = temporalId;
      }
      return true;
    }
    if (this.#wholeLayer >= temporalId) return true;
    this.#damagedLayer = Math.min(this.#damagedLayer, temporalId);
    return false;
  }

  reset(): void {
    this.#isIntact = false;
    this.#wholeLayer = 0;
    this.#damagedLayer = NO_LAYER;
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
