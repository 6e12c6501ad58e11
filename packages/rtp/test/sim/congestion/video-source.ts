// A source of video frames as an encoder in a call has them: it follows the target with a lag, its frames vary, and now and then one is a key frame.
import type { SeededRandom } from '@kaon/simnet';

const FRAME_INTERVAL_MS = 1000 / 30;
/** Of the distance to the target, how much the encoder covers with a frame. */
const LAG = 0.3;
const NOISE = 0.15;
const KEY_FRAME_EVERY = 300;
const KEY_FRAME_SCALE = 4;
/** What a frame was too large by is made up for in as many frames. */
const REPAY_FRAMES = 30;
const MIN_FRAME_BYTES = 100;

/** Frames, as sizes at times. */
export class VideoSource {
  /** What the application would send at most, bits a second. */
  maxBitrateBps: number;
  targetBitrateBps: number;
  nextFrameAt: number;
  readonly #random: SeededRandom;
  #bitrateBps: number;
  #frames = 0;
  #owedBytes = 0;

  constructor(random: SeededRandom, startAt: number, bitrateBps: number, maxBitrateBps: number) {
    this.#random = random;
    this.nextFrameAt = startAt;
    this.#bitrateBps = Math.min(bitrateBps, maxBitrateBps);
    this.targetBitrateBps = bitrateBps;
    this.maxBitrateBps = maxBitrateBps;
  }

  /** The bytes of the frame that is due. */
  next(): number {
    const target = Math.min(this.targetBitrateBps, this.maxBitrateBps);
    this.#bitrateBps += LAG * (target - this.#bitrateBps);
    const mean = (this.#bitrateBps * FRAME_INTERVAL_MS) / 8000;
    const isKeyFrame = this.#frames % KEY_FRAME_EVERY === 0;
    this.#frames++;
    this.nextFrameAt += FRAME_INTERVAL_MS;
    const wanted =
      mean * (isKeyFrame ? KEY_FRAME_SCALE : 1 + NOISE * (2 * this.#random.fraction() - 1)) -
      (isKeyFrame ? 0 : this.#owedBytes / REPAY_FRAMES);
    const bytes = Math.max(MIN_FRAME_BYTES, Math.round(wanted));
    this.#owedBytes = Math.max(0, this.#owedBytes + bytes - mean);
    return bytes;
  }
}
