// Consent freshness: the selected pair is used only as long as the peer keeps agreeing.
// https://www.rfc-editor.org/rfc/rfc7675#section-5.1

import type { RandomSource } from '@kaon/wire';

// Deviation: RFC 7675 §5.1 sends one request every 4 to 6 seconds, of which 30 seconds hold six. When a
// fifth of all packets is lost in each direction, a request fails twice in five times, and six in a row
// often enough to end a living connection. So a request that is not answered is repeated every second,
// as STUN transactions elsewhere are; while answers come, the period is the RFC's.
const REPETITION_MS = 1000;

/** When to ask for consent, and when it has run out. */
export class Consent {
  readonly #random: RandomSource;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #nextRequestAt = Number.POSITIVE_INFINITY;
  #expiresAt = Number.POSITIVE_INFINITY;
  #isAwaitingAnswer = false;

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
    this.#nextRequestAt = Math.max(now, respondedAt + this.#randomInterval());
    this.#isAwaitingAnswer = false;
  }

  /** An authentic answer came on the selected pair. */
  renew(now: number): void {
    this.#expiresAt = now + this.#timeoutMs;
    if (this.#isAwaitingAnswer) this.#nextRequestAt = now + this.#randomInterval();
    this.#isAwaitingAnswer = false;
  }

  /** Whether a request is to be sent now; the next is then set. */
  isRequestDue(now: number): boolean {
    if (now < this.#nextRequestAt) return false;
    this.#nextRequestAt = now + REPETITION_MS;
    this.#isAwaitingAnswer = true;
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
