// How long packets wait in the queues of the path: their delay beyond the least of late (as LEDBAT estimates it, RFC 6817, https://www.rfc-editor.org/rfc/rfc6817).

/** The least delay of so long is that of the empty path; clocks drift by a millisecond or two in it. */
const BASE_HALF_MS = 15_000;
/** A frame is a burst that makes a queue of its own; what stands for longer than a frame stands. */
const STANDING_HALF_MS = 75;
/** Reports come in order, their packets nearly. */
const MAX_REORDERING_MS = 1000;

/** The queueing delay that remains between the bursts. */
export class QueueDelay {
  readonly #base = new WindowedMinimum(BASE_HALF_MS);
  readonly #standing = new WindowedMinimum(STANDING_HALF_MS);

  /** What every packet of the last 75 to 150 ms has waited at least, milliseconds; 0 if nothing came. */
  get standingMs(): number {
    const waited = this.#standing.value - this.#base.value;
    return Number.isFinite(waited) ? waited : 0;
  }

  /** A packet came. The two clocks need not agree. */
  add(sendTime: number, arrivalTime: number): void {
    const delay = arrivalTime - sendTime;
    this.#base.add(delay, arrivalTime);
    this.#standing.add(delay, arrivalTime);
  }

  /** Forgets what it knew of the path. */
  reset(): void {
    this.#base.reset();
    this.#standing.reset();
  }
}

/** The least value of the last one to two half windows. */
class WindowedMinimum {
  readonly #halfMs: number;
  #since = Number.NEGATIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;

  constructor(halfMs: number) {
    this.#halfMs = halfMs;
  }

  get value(): number {
    return Math.min(this.#current, this.#previous);
  }

  add(value: number, now: number): void {
    const elapsed = now - this.#since;
    if (elapsed < -MAX_REORDERING_MS) this.reset(); // The clock was set back.
    if (elapsed >= this.#halfMs || this.#since === Number.NEGATIVE_INFINITY) {
      this.#previous = elapsed >= 2 * this.#halfMs ? Number.POSITIVE_INFINITY : this.#current;
      this.#current = Number.POSITIVE_INFINITY;
      this.#since = now;
    }
    if (value < this.#current) this.#current = value;
  }

  reset(): void {
    this.#since = Number.NEGATIVE_INFINITY;
    this.#current = Number.POSITIVE_INFINITY;
    this.#previous = Number.POSITIVE_INFINITY;
  }
}
