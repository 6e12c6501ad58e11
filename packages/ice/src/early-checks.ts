// Checks that came before the credentials of whoever sent them; they are answered at once, learned later.
// https://www.rfc-editor.org/rfc/rfc8445#section-7.3

import { equalAddresses, type TransportAddress } from '@kaon/wire';
import type { IceCounters } from './trace.ts';

/** What a check teaches, without its bytes. */
export interface LearnedCheck {
  readonly base: TransportAddress;
  readonly source: TransportAddress;
  readonly priority: number;
  readonly useCandidate: boolean;
  readonly remoteUsernameFragment: string;
}

/** A bounded list of them. */
export class EarlyChecks {
  readonly #limit: number;
  readonly #counters: IceCounters;
  readonly #checks: LearnedCheck[] = [];

  constructor(limit: number, counters: IceCounters) {
    this.#limit = limit;
    this.#counters = counters;
  }

  /** Keeps a check; a repeated one takes the place of the first. */
  hold(check: LearnedCheck): void {
    const index = this.#checks.findIndex(
      (held) =>
        equalAddresses(held.base, check.base) &&
        equalAddresses(held.source, check.source) &&
        held.remoteUsernameFragment === check.remoteUsernameFragment,
    );
    const held = this.#checks[index];
    if (held !== undefined) {
      // A retransmission, or the nomination that follows.
      const useCandidate = held.useCandidate || check.useCandidate;
      this.#checks[index] = { ...check, useCandidate };
    } else if (this.#checks.length >= this.#limit) {
      this.#counters.earlyChecksDropped++;
    } else {
      this.#counters.earlyChecksQueued++;
      this.#checks.push(check);
    }
  }

  /** Takes all, keeping those of `usernameFragment`: whose credentials are known now. */
  release(usernameFragment: string): readonly LearnedCheck[] {
    return this.#checks
      .splice(0)
      .filter((check) => check.remoteUsernameFragment === usernameFragment);
  }
}
