// Which VP9 layer frames a decoder can still use after a loss (RFC 9628 §4.2, https://www.rfc-editor.org/rfc/rfc9628#section-4.2).
import type { Vp9Frame } from '../codecs/vp9/depacketizer.ts';
import type { FrameContinuity } from './frame-continuity.ts';

/** TID and SID have three bits each. */
const MAX_TEMPORAL_ID = 7;
const SPATIAL_LAYERS = 8;
/** P_DIFF has seven bits: a reference lies less than so many pictures back. */
const PICTURES_KEPT = 128;

/** What is known of one spatial layer, in non-flexible mode. */
interface SpatialLayer {
  /** TL0PICIDX of its last frame in the base temporal layer, which was usable; -1 if there is none. */
  tl0PicIdx: number;
  /** The highest temporal layer that is whole. */
  wholeLayer: number;
}

/**
 * Follows VP9's layers: in flexible mode by what each frame says it refers to (P_DIFF and D), otherwise by
 * TL0PICIDX, TID, SID, U and D. What was lost spoils the layers that build on it, and no others.
 */
export class Vp9Continuity implements FrameContinuity<Vp9Frame> {
  readonly #layers: readonly SpatialLayer[] = Array.from({ length: SPATIAL_LAYERS }, () => ({
    tl0PicIdx: -1,
    wholeLayer: 0,
  }));
  // At the low bits of a picture ID: a bit for each usable spatial layer of that picture.
  readonly #usableLayers = new Uint8Array(PICTURES_KEPT);
  #needsKeyFrame = true;
  #pictureId = -1;
  // The last usable frame.
  #usableTimestamp = -1;
  #usableSpatialId = -1;

  /** Also true where only a higher spatial layer is lost for good; those below it are still usable. */
  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  isUsable(frame: Vp9Frame, afterLoss: boolean): boolean {
    const { descriptor } = frame;
    const spatialId = descriptor.spatialId ?? 0;
    if (frame.key && spatialId === 0) this.#begin();
    const hasNewPicture = this.#notePicture(descriptor.pictureId ?? -1, afterLoss);
    if (afterLoss && !frame.key) this.#noteLoss(frame, hasNewPicture);
    const isUsable =
      frame.key ||
      (this.#hasLowerLayer(frame) &&
        (!descriptor.interPicturePredicted || this.#hasEarlierPictures(frame)));
    if (isUsable) this.#note(frame);
    else this.#noteUnusable(spatialId, descriptor.temporalId ?? 0);
    return isUsable;
  }

  reset(): void {
    this.#begin();
    this.#needsKeyFrame = true;
  }

  #begin(): void {
    for (const layer of this.#layers) {
      layer.tl0PicIdx = -1;
      layer.wholeLayer = MAX_TEMPORAL_ID;
    }
    this.#usableLayers.fill(0);
    this.#needsKeyFrame = false;
    this.#pictureId = -1;
    this.#usableTimestamp = -1;
  }

  /** Forgets what stood at the numbers up to a new picture; whether it is the next one, or the same. */
  #notePicture(pictureId: number, afterLoss: boolean): boolean {
    const before = this.#pictureId;
    this.#pictureId = pictureId;
    if (pictureId < 0 || before < 0) return !afterLoss;
    // They have 7 or 15 bits; a number beyond 7 bits tells.
    const mask = pictureId > 0x7f || before > 0x7f ? 0x7fff : 0x7f;
    const ahead = (pictureId - before) & mask;
    for (let i = Math.min(ahead, PICTURES_KEPT); i > 0; i--) {
      this.#usableLayers[(pictureId - i + 1) & (PICTURES_KEPT - 1)] = 0;
    }
    return ahead <= 1;
  }

  /** Frames may be missing just before this one, in any layer. */
  #noteLoss({ descriptor }: Vp9Frame, isNextPicture: boolean): void {
    if (descriptor.flexibleMode) return;
    for (const layer of this.#layers) {
      layer.wholeLayer = 0;
      // Without TL0PICIDX only the picture ID shows that nothing is missing, and layers cannot be told.
      if (descriptor.tl0PicIdx === undefined && !isNextPicture) layer.tl0PicIdx = -1;
    }
    if (descriptor.tl0PicIdx === undefined && !isNextPicture) this.#needsKeyFrame = true;
  }

  /** A frame is left out, though it came: what builds on it is not whole either. */
  #noteUnusable(spatialId: number, temporalId: number): void {
    const layer = this.#layers[spatialId] as SpatialLayer;
    // Frames of higher temporal layers may be left out; they come back with U.
    if (temporalId === 0) this.#needsKeyFrame = true;
    else layer.wholeLayer = Math.min(layer.wholeLayer, temporalId - 1);
  }

  /** D: whether the frame below it in its picture is usable, if it needs it. */
  #hasLowerLayer({ descriptor, timestamp }: Vp9Frame): boolean {
    return (
      !descriptor.interLayerPredicted ||
      (this.#usableTimestamp === timestamp &&
        this.#usableSpatialId === (descriptor.spatialId ?? 0) - 1)
    );
  }

  /** P: whether the pictures that it refers to are usable. */
  #hasEarlierPictures({ descriptor }: Vp9Frame): boolean {
    const { flexibleMode, tl0PicIdx, temporalId = 0, spatialId = 0 } = descriptor;
    if (flexibleMode) {
      const bit = 1 << spatialId;
      return descriptor.referenceDiffs.every(
        (diff) =>
          ((this.#usableLayers[(this.#pictureId - diff) & (PICTURES_KEPT - 1)] as number) & bit) !==
          0,
      );
    }
    if (tl0PicIdx === undefined) return !this.#needsKeyFrame;
    const layer = this.#layers[spatialId] as SpatialLayer;
    if (layer.tl0PicIdx < 0) return false;
    if (temporalId === 0) return tl0PicIdx === ((layer.tl0PicIdx + 1) & 0xff);
    return tl0PicIdx === layer.tl0PicIdx && layer.wholeLayer >= temporalId;
  }

  /** Keeps what later frames need to know of a usable one. */
  #note({ descriptor, timestamp }: Vp9Frame): void {
    const { spatialId = 0, temporalId = 0, tl0PicIdx, switchingUpPoint } = descriptor;
    const layer = this.#layers[spatialId] as SpatialLayer;
    this.#usableTimestamp = timestamp;
    this.#usableSpatialId = spatialId;
    const at = this.#pictureId & (PICTURES_KEPT - 1);
    if (this.#pictureId >= 0) {
      this.#usableLayers[at] = (this.#usableLayers[at] as number) | (1 << spatialId);
    }
    if (temporalId === 0 && tl0PicIdx !== undefined) layer.tl0PicIdx = tl0PicIdx;
    // U: what follows in higher layers refers to nothing in them from before this frame.
    if (switchingUpPoint) layer.wholeLayer = MAX_TEMPORAL_ID;
  }
}
