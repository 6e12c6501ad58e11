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
/** If it stands even so after as long, it is another flow's. */
const MAX_MS = 2000;

/** Says what share of the bitrate to send. */
export class QueueDrain {
  #share = 1;
  /** When the drain began, or was last made stronger; NaN if there is none. */
  #since = Number.NaN;
  /** It was tried and did not help: not again before the queue has been short. */
  #isFutile = false;

  /** Of the bitrate, how much is to be sent: 1 unless it drains. */
  get share(): number {
    return this.#share;
  }

  get isDraining(): boolean {
    return !Number.isNaN(this.#since);
  }

  /** The bitrate went down because of a queue. */
  onDecrease(standingMs: number, now: number): void {
    if (this.#isFutile || this.isDraining || standingMs < FROM_MS) return;
    this.#since = now;
    this.#deepen(standingMs, now);
  }

  /** The queue is now so long. */
  update(standingMs: number, now: number): void {
    if (standingMs < UNTIL_MS) this.#isFutile = false;
    if (!this.isDraining) return;
    this.#deepen(standingMs, now);
    if (standingMs >= UNTIL_MS && now - this.#since <= MAX_MS) return;
    this.#isFutile = standingMs >= UNTIL_MS;
    this.#since = Number.NaN;
    this.#share = 1;
  }

  // What was on its way when it began still lengthens the queue.
  #deepen(standingMs: number, now: number): void {
    const share = Math.max(MIN_SHARE, 1 - standingMs / EMPTY_SHARE_MS);
    if (share >= this.#share) return;
    this.#share = share;
    this.#since = now;
  }
}
