// Holds a rate while letting a short burst through: pacing of checks, and of answers to strangers.

/** A bucket of tokens that fills at a steady rate. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #intervalMs: number;
  #tokens: number;
  #filledAt = Number.NEGATIVE_INFINITY;

  /** Starts full. One token comes every `intervalMs`, up to `capacity`. */
  constructor(capacity: number, intervalMs: number) {
    this.#capacity = capacity;
    this.#intervalMs = intervalMs;
    this.#tokens = capacity;
  }

  /** Takes a token; false if there is none. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next token can be taken; in the past if there is one. */
  get nextTokenAt(): number {
    if (this.#tokens >= 1) return Number.NEGATIVE_INFINITY;
    return this.#filledAt + this.#intervalMs;
  }

  #fill(now: number): void {
    if (this.#tokens >= this.#capacity) {
      this.#filledAt = now;
      return;
    }
    // What is due by `nextTokenAt` is there then, whatever the division below is rounded to.
    if (now < this.#filledAt + this.#intervalMs) return;
    const fresh = Math.max(1, Math.floor((now - this.#filledAt) / this.#intervalMs));
    this.#tokens = Math.min(this.#capacity, this.#tokens + fresh);
    this.#filledAt += fresh * this.#intervalMs;
  }
}
