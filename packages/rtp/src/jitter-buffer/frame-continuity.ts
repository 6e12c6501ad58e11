// Which frames a decoder can still use after a loss.
import type { AssembledFrame } from '../codecs/payload-format.ts';

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
