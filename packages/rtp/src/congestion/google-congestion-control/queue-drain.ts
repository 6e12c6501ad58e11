// Drains the queue that is left where a path has shrunk, instead of letting everything wait in it (draft-ietf-rmcat-gcc-02 §5.5, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.5).
//
// Deviation: the draft backs off to 85% of what arrives, which takes six times as long to drain a queue as it
// holds: for 800 ms five seconds. Here less is sent until it is gone, about a second.

/** A queue that stands like this at a backoff is drained, and so far. */
const FROM_MS = 100;
const UNTIL_MS = 50;
/** What is sent meanwhile, of the bitrate: the less, the longer the queue, and so that a picture remains. */
const EMPTY_SHARE_MS = 900;
const MIN_SHARE = 0.35;
/**
 * What is not sent makes it shorter once what was in it is out. If after this time beyond that it is not half as
 * much shorter as it should be, the bitrate is still more than the path carries; a queue that is full does not
 * grow, so that no trend shows it.
 */
const EFFECT_MS = 500;
const MIN_EFFECT = 0.5;
/**
 * A delay that has moved no further than this for so long, although less is sent, is not a queue's, if that arrives:
 * the route has become longer, and there is nothing to drain. What a full queue drops does not arrive.
 */
const STILL_MS = 2;
const STILL_FOR_MS = 500;
const MIN_ARRIVING = 0.8;
/** If it stands even so after as long, it is another flow's. */
const MAX_MS = 2000;

/** Says what share of the bitrate to send, and when the bitrate itself is to go down. */
export class QueueDrain {
  #share = 1;
  /** When the drain began, or was last made stronger, and how long the queue was; NaN if there is none. */
  #since = Number.NaN;
  #fromMs = Number.NaN;
  #isRepeated = false;
  /** It was tried and did not help: not again before the queue has been short. */
  #isFutile = false;
  #standingMs = 0;
  /** Since when the queue has been about so long, while what is sent arrives. */
  #stillSince = Number.NaN;
  #stillMs = Number.NaN;

  /** Of the bitrate, how much is to be sent: 1 unless it drains. */
  get share(): number {
    return this.#share;
  }

  get isDraining(): boolean {
    return !Number.isNaN(this.#since);
  }

  /** Whether the queue stays, or nearly, although less is sent: the bitrate is to go down once more. */
  isWithoutEffect(now: number): boolean {
    if (this.#isRepeated || !this.isDraining) return false;
    const elapsedMs = now - this.#since - this.#fromMs;
    const shorterMs = this.#fromMs - this.#standingMs;
    return elapsedMs >= EFFECT_MS && shorterMs < MIN_EFFECT * (1 - this.#share) * elapsedMs;
  }

  /** The bitrate went down because of a queue. */
  onDecrease(now: number): void {
    if (this.isDraining) {
      this.#isRepeated ||= this.isWithoutEffect(now);
    } else if (!this.#isFutile && this.#standingMs >= FROM_MS) {
      this.#isRepeated = false;
      this.#deepen(now);
    }
  }

  /** The queue is now so long, and this share of the bitrate arrives. */
  update(standingMs: number, arrivingShare: number, now: number): void {
    this.#standingMs = standingMs;
    const isArriving = arrivingShare >= MIN_ARRIVING * this.#share;
    if (!(isArriving && Math.abs(standingMs - this.#stillMs) <= STILL_MS)) {
      this.#stillMs = standingMs;
      this.#stillSince = now;
    }
    const isShort = standingMs < UNTIL_MS;
    if (isShort) this.#isFutile = false;
    if (!this.isDraining) return;
    this.#deepen(now);
    if (!isShort && !this.#isStill(now) && now - this.#since <= MAX_MS) return;
    this.#isFutile = !isShort;
    this.#since = Number.NaN;
    this.#share = 1;
  }

  // Nothing can be said before what is not sent could be seen.
  #isStill(now: number): boolean {
    const effectMs = now - this.#since - this.#fromMs;
    return effectMs >= EFFECT_MS && now - this.#stillSince >= STILL_FOR_MS;
  }

  // What was on its way when it began still lengthens the queue.
  #deepen(now: number): void {
    const share = Math.max(MIN_SHARE, 1 - this.#standingMs / EMPTY_SHARE_MS);
    if (share >= this.#share) return;
    this.#share = share;
    this.#since = now;
    this.#fromMs = this.#standingMs;
  }
}
