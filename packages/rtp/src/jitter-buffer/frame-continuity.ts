// Which frames a decoder can still use after a loss.
import type { AssembledFrame } from '../codecs/payload-format.ts';
import type { Vp8Frame } from '../codecs/vp8/depacketizer.ts';

/** TID has two bits (RFC 7741 §4.2). */
const MAX_VP8_TEMPORAL_ID = 3;

/** Judges the frames of one stream, all of them, in their order. */
export interface FrameContinuity<Frame extends AssembledFrame> {
  /**
   * Whether a decoder that got all frames judged usable so far can decode `frame`.
   *
   * @param afterLoss whether frames may be missing just before it.
   */
  isUsable(frame: Frame, afterLoss: boolean): boolean;

  /** Whether nothing but a key frame is usable next. */
  readonly needsKeyFrame: boolean;

  /** Forgets the stream; the next frame has to be a key frame. */
  reset(): void;
}

/** Knows nothing of how frames depend on each other: after a loss only a key frame is usable. */
export class KeyFrameContinuity implements FrameContinuity<AssembledFrame> {
  #isIntact = false;

  get needsKeyFrame(): boolean {
    return !this.#isIntact;
  }

  isUsable(frame: AssembledFrame, afterLoss: boolean): boolean {
    if (frame.key) this.#isIntact = true;
    else if (afterLoss) this.#isIntact = false;
    return this.#isIntact;
  }

  reset(): void {
    this.#isIntact = false;
  }
}

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
