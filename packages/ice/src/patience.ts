// When an agent without a valid pair gives up.
// https://www.rfc-editor.org/rfc/rfc8863

import type { IceTiming } from './options.ts';

/** How long there is still hope for a valid pair. */
export class Patience {
  readonly #patienceMs: number;
  readonly #connectTimeoutMs: number;
  #startedAt = Number.POSITIVE_INFINITY;
  #latestPairAt = Number.POSITIVE_INFINITY;

  constructor({ patienceMs, connectTimeoutMs }: IceTiming) {
    this.#patienceMs = patienceMs;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** The peer's credentials are known, so that checks could begin. */
  start(now: number): void {
    this.#startedAt = now;
  }

  /** The peer has a candidate. The wait has its end even if no pair can be formed with any. */
  noteCandidate(now: number): void {
    this.#latestPairAt = Math.min(this.#latestPairAt, now);
  }

  /** There is a pair that was not there before, or is to be checked again. */
  notePair(now: number): void {
    this.#latestPairAt = now;
  }

  /** When there is none left. `isExhausted` says that all pairs have failed and no candidate is to come. */
  deadline(isExhausted: boolean): number {
    // Deviation: RFC 8863 asks for 39.5 seconds of patience; browsers give up after about 15.
    return isExhausted
      ? this.#startedAt + this.#patienceMs
      : this.#latestPairAt + this.#connectTimeoutMs;
  }
}
