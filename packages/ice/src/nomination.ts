// When the controlling agent nominates which pair (regular nomination).
// https://www.rfc-editor.org/rfc/rfc8445#section-8.1.1

import type { CandidatePair } from './candidate-pair.ts';
import { type Checklist, isUnfinished } from './checklist.ts';

/**
 * Decides when to stop looking for a better pair.
 *
 * A valid pair is nominated at once if no better one may still succeed; else when the delay since the
 * first valid pair has passed. So a reachable host pair, which is the best there is, is nominated as soon
 * as it has answered, and behind a NAT it costs the delay. Meanwhile data may flow on the best valid pair
 * (RFC 8445 §12.1), so the delay is felt only by a peer that waits for nomination.
 */
export class Nominator {
  readonly #delayMs: number;
  #state: { name: 'watching' } | { name: 'delaying'; deadline: number } | { name: 'decided' } = {
    name: 'watching',
  };

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** When {@link decide} will have something to say even if nothing else happens. */
  get nextTimeout(): number {
    return this.#state.name === 'delaying' ? this.#state.deadline : Number.POSITIVE_INFINITY;
  }

  /** The pair to nominate now; undefined if it is too early, or was decided before. */
  decide(checklist: Checklist, now: number): CandidatePair | undefined {
    if (this.#state.name === 'decided') return undefined;
    const best = checklist.pairs.find((pair) => pair.state === 'succeeded');
    if (best === undefined) {
      this.#state = { name: 'watching' };
      return undefined;
    }
    if (this.#state.name === 'watching') {
      this.#state = { name: 'delaying', deadline: now + this.#delayMs };
    }
    const hasBetter = checklist.pairs.some(
      (pair) => pair.priority > best.priority && isUnfinished(pair.state),
    );
    if (hasBetter && now < this.nextTimeout) return undefined;
    this.#state = { name: 'decided' };
    return best;
  }

  /** Begins anew: the nominated pair failed, or the role has changed. */
  reset(): void {
    this.#state = { name: 'watching' };
  }
}
