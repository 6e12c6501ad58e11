// Which valid pair carries data, and whether the peer still agrees to it.
// https://www.rfc-editor.org/rfc/rfc8445#section-12.1, https://www.rfc-editor.org/rfc/rfc7675#section-5.1

import type { RandomSource } from '@kaon/wire';
import type { CandidatePair } from './candidate-pair.ts';
import { Consent } from './consent.ts';
import type { IceTiming } from './options.ts';

/** The selected pair with its consent. */
export class Selection {
  readonly #disconnectedTimeoutMs: number;
  readonly #freshnessMs: number;
  readonly #consent: Consent;
  #pair: CandidatePair | undefined = undefined;

  constructor(random: RandomSource, timing: IceTiming) {
    this.#disconnectedTimeoutMs = timing.disconnectedTimeoutMs;
    this.#freshnessMs = timing.consentTimeoutMs / 2; // the other half is for asking again
    this.#consent = new Consent(random, timing.consentIntervalMs, timing.consentTimeoutMs);
  }

  /** The nominated pair, or before nomination the best valid one. */
  get pair(): CandidatePair | undefined {
    return this.#pair;
  }

  /** When consent is to be asked for or runs out, or the pair falls silent. */
  nextTimeout(now: number): number {
    if (this.#pair === undefined) return Number.POSITIVE_INFINITY;
    const silentAt = this.#pair.lastReceivedAt + this.#disconnectedTimeoutMs;
    return Math.min(
      this.#consent.nextTimeout,
      silentAt > now ? silentAt : Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Selects the best of `pairs`, the valid ones among them. Only of the selected pair consent is kept fresh,
   * so another that was valid long ago cannot be taken as it is (RFC 7675 §5.1).
   *
   * @returns such a pair if it would be the best: a check has to show that it is still valid.
   */
  update(pairs: readonly CandidatePair[], now: number): CandidatePair | undefined {
    let best: CandidatePair | undefined;
    let lapsed: CandidatePair | undefined;
    for (const pair of pairs) {
      if (pair.state !== 'succeeded') continue;
      if (pair === this.#pair || now < pair.lastResponseAt + this.#freshnessMs) {
        if (best === undefined || this.#isBetter(pair, best, now)) best = pair;
      } else if (lapsed === undefined || this.#isBetter(pair, lapsed, now)) {
        lapsed = pair;
      }
    }
    if (best !== this.#pair) {
      this.#pair = best;
      if (best === undefined) this.#consent.stop();
      else this.#consent.start(best.lastResponseAt, now);
    }
    if (lapsed === undefined || best === undefined) return lapsed;
    return this.#isBetter(lapsed, best, now) ? lapsed : undefined;
  }

  /** An authentic answer came for `pair`. */
  renewConsent(pair: CandidatePair, now: number): void {
    if (pair === this.#pair) this.#consent.renew(now);
  }

  /** What consent asks for at `now`. */
  handleTimeout(now: number): 'nothing' | 'request' | 'expired' {
    if (this.#pair === undefined) return 'nothing';
    if (this.#consent.isExpired(now)) return 'expired';
    return this.#consent.isRequestDue(now) ? 'request' : 'nothing';
  }

  /** Takes the pair away: there is no consent. */
  clear(): void {
    this.#pair = undefined;
    this.#consent.stop();
  }

  /** Whether nothing was received on the selected pair for too long. */
  isSilent(now: number): boolean {
    return this.#pair !== undefined && this.#isPairSilent(this.#pair, now);
  }

  /**
   * RFC 8445 §8.1.1 nominates one pair. A peer may nominate several: aggressively (RFC 5245 §8.1.1.2),
   * where the highest priority counts, or one after another as paths die, where the living one counts.
   */
  #isBetter(pair: CandidatePair, best: CandidatePair, now: number): boolean {
    if (pair.isNominated !== best.isNominated) return pair.isNominated;
    const isSilent = this.#isPairSilent(pair, now);
    if (isSilent !== this.#isPairSilent(best, now)) return !isSilent;
    return pair.priority > best.priority;
  }

  #isPairSilent(pair: CandidatePair, now: number): boolean {
    return now >= pair.lastReceivedAt + this.#disconnectedTimeoutMs;
  }
}
