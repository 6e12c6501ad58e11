// A timer as a value: a deadline with backoff that its owner reads and asks, and that never calls.

/** How long a {@link Timer} runs, and what happens when it expires. */
export interface TimerOptions {
  /** Milliseconds from start to the first expiry. */
  readonly durationMs: number;
  /** What each expiry multiplies the next duration by; 1 (the default) keeps it. */
  readonly backoffFactor?: number;
  /** The backed-off duration never exceeds this many milliseconds; Infinity by default. */
  readonly maxDurationMs?: number;
  /** After how many expiries the timer stops by itself; Infinity by default. */
  readonly maxExpirations?: number;
}

/**
 * A timer that a machine owns as part of a state.
 *
 * It is data: `start` and `stop` set its {@link deadline}, the machine reports the smallest deadline of
 * its timers as `nextTimeout`, and asks each of them {@link expire} in `handleTimeout`.
 */
export class Timer {
  readonly #backoffFactor: number;
  readonly #maxDurationMs: number;
  readonly #maxExpirations: number;
  #durationMs: number;
  #deadline = Number.POSITIVE_INFINITY;
  #expirations = 0;

  constructor(options: TimerOptions) {
    this.#durationMs = options.durationMs;
    this.#backoffFactor = options.backoffFactor ?? 1;
    this.#maxDurationMs = options.maxDurationMs ?? Number.POSITIVE_INFINITY;
    this.#maxExpirations = options.maxExpirations ?? Number.POSITIVE_INFINITY;
  }

  /** When it expires, on the caller's clock; Infinity if it does not run. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.#deadline !== Number.POSITIVE_INFINITY;
  }

  /** How often it has expired since it was last started. */
  get expirations(): number {
    return this.#expirations;
  }

  /** Milliseconds of the first round; a change counts from the next {@link start}. */
  get durationMs(): number {
    return this.#durationMs;
  }

  set durationMs(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** Starts it, or starts it anew: no expiries yet and no backoff. */
  start(now: number): void {
    this.#expirations = 0;
    this.#deadline = now + Math.min(this.#durationMs, this.#maxDurationMs);
  }

  /** Stops it; nothing happens if it does not run. */
  stop(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes an expiry that is due at `now`.
   *
   * @returns true if the deadline has come: the timer then runs again with the backed-off duration, or
   * has stopped if that was the last expiry allowed. False if it is not due.
   */
  expire(now: number): boolean {
    if (now < this.#deadline) return false;
    this.#expirations++;
    if (this.#expirations >= this.#maxExpirations) {
      this.#deadline = Number.POSITIVE_INFINITY;
    } else {
      const backedOff = this.#durationMs * this.#backoffFactor ** this.#expirations;
      this.#deadline = now + Math.min(backedOff, this.#maxDurationMs);
    }
    return true;
  }
}
