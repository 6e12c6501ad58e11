// Consent freshness: the selected pair is used only as long as the peer keeps agreeing.
// https://www.rfc-editor.org/rfc/rfc7675#section-5.1

import type { RandomSource } from '@kaon/wire';

/** When to ask for consent, and when it has run out. */
export class Consent {
  readonly #random: RandomSource;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #nextRequestAt = Number.POSITIVE_INFINITY;
  #expiresAt = Number.POSITIVE_INFINITY;

  constructor(random: RandomSource, intervalMs: number, timeoutMs: number) {
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
  }

  /** When a request is due or consent expires; Infinity while no pair is selected. */
  get nextTimeout(): number {
    return Math.min(this.#nextRequestAt, this.#expiresAt);
  }

  /** A pair was selected whose latest check was answered at `respondedAt`. */
  start(respondedAt: number, now: number): void {
    this.#expiresAt = respondedAt + this.#timeoutMs;
    this.#nextRequestAt = now + this.#randomInterval();
  }

  /** An authentic answer came on the selected pair. */
  renew(now: number): void {
    this.#expiresAt = now + this.#timeoutMs;
  }

  /** Whether a request is to be sent now; the next is then set. */
  isRequestDue(now: number): boolean {
    if (now < this.#nextRequestAt) return false;
    this.#nextRequestAt = now + this.#randomInterval();
    return true;
  }

  /** Whether the peer has not agreed for too long. */
  isExpired(now: number): boolean {
    return now >= this.#expiresAt;
  }

  /** No pair is selected. */
  stop(): void {
    this.#nextRequestAt = Number.POSITIVE_INFINITY;
    this.#expiresAt = Number.POSITIVE_INFINITY;
  }

  /** §5.1: 0.8 to 1.2 of the basic period, so that many agents do not fall into step. */
  #randomInterval(): number {
    return this.#intervalMs * (0.8 + (0.4 * this.#random.uint32()) / 0x1_0000_0000);
  }
}
