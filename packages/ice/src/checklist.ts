// The check list: pairs in order of priority, their states, and which is to be checked next.
// https://www.rfc-editor.org/rfc/rfc8445#section-6.1.2

import { Queue, type TransportAddress } from '@kaon/wire';
import type { CandidatePair } from './candidate-pair.ts';
import type { IceRole } from './role.ts';
import type { IceCandidatePairState, IceTrace } from './trace.ts';

/** The check list of one generation. There is one component and one data stream, hence one list. */
export class Checklist {
  readonly #maxPairs: number;
  readonly #onTrace: ((event: IceTrace) => void) | undefined;
  readonly #pairs: CandidatePair[] = [];
  readonly #triggered = new Queue<CandidatePair>();

  constructor(maxPairs: number, onTrace: ((event: IceTrace) => void) | undefined) {
    this.#maxPairs = maxPairs;
    this.#onTrace = onTrace;
  }

  /** All pairs, the highest priority first. */
  get pairs(): readonly CandidatePair[] {
    return this.#pairs;
  }

  /** Whether a triggered check waits to be sent. */
  get hasTriggered(): boolean {
    return this.#triggered.length > 0;
  }

  /** Whether an ordinary check waits to be sent. */
  get hasWaiting(): boolean {
    return this.#pairs.some((pair) => pair.state === 'waiting');
  }

  /** Num-Waiting and Num-In-Progress, which the RTO depends on (RFC 8445 §14.3). */
  get activeCount(): number {
    let count = 0;
    for (const { state } of this.#pairs) {
      if (state === 'waiting' || state === 'in-progress') count++;
    }
    return count;
  }

  /** Pairs that were sent a check, or will be, without its outcome being known. */
  get unfinishedCount(): number {
    let count = 0;
    for (const pair of this.#pairs) if (isUnfinished(pair.state)) count++;
    return count;
  }

  /** The pair between these addresses. */
  find(base: TransportAddress, remote: TransportAddress): CandidatePair | undefined {
    return this.#pairs.find((pair) => pair.isPath(base, remote));
  }

  /**
   * Adds a pair whose path is not yet on the list.
   *
   * @returns false if the list is full of pairs that are better or in use.
   */
  add(pair: CandidatePair): boolean {
    if (this.#pairs.length >= this.#maxPairs && !this.#discardFor(pair)) return false;
    // RFC 8838 §12: the first of its foundation is Waiting, as is one whose foundation has succeeded.
    const siblings = this.#pairs.filter((other) => other.foundation === pair.foundation);
    const isBusy = siblings.some(
      (other) => other.state === 'waiting' || other.state === 'in-progress',
    );
    const hasSucceeded = siblings.some((other) => other.state === 'succeeded');
    this.#pairs.push(pair);
    this.sort();
    this.setState(pair, isBusy && !hasSucceeded ? 'frozen' : 'waiting');
    return true;
  }

  /** Moves a pair to `state`, and what depends on it (RFC 8445 §7.2.5.3.3). */
  setState(pair: CandidatePair, state: IceCandidatePairState): void {
    if (pair.state !== state) {
      pair.state = state;
      this.#onTrace?.({ type: 'pair-state', pairId: pair.id, state });
    }
    if (state !== 'succeeded') return;
    for (const other of this.#pairs) {
      if (other.state === 'frozen' && other.foundation === pair.foundation) {
        this.setState(other, 'waiting');
      }
    }
  }

  /** Puts a pair on the triggered-check queue, once (RFC 8445 §6.1.4.1). */
  trigger(pair: CandidatePair): void {
    for (const queued of this.#triggered) if (queued === pair) return;
    this.#triggered.push(pair);
  }

  /** Has a pair checked (anew) for its own sake: it is Waiting, and on the triggered-check queue. */
  triggerAgain(pair: CandidatePair): void {
    this.setState(pair, 'waiting');
    this.trigger(pair);
  }

  /** Takes the oldest pair off the triggered-check queue. */
  takeTriggered(): CandidatePair | undefined {
    return this.#triggered.shift();
  }

  /** Forgets the triggered checks: the list is completed (RFC 8445 §8.1.2). */
  clearTriggered(): void {
    this.#triggered.clear();
  }

  /** The pair for the next ordinary check (RFC 8445 §6.1.4.2). */
  nextOrdinary(): CandidatePair | undefined {
    return this.#pairs.find((pair) => pair.state === 'waiting');
  }

  /** RFC 8445 §6.1.4.2: if no pair waits, each foundation without a check under way thaws one. */
  thaw(): void {
    if (this.hasWaiting) return;
    const busy = new Set<string>();
    for (const pair of this.#pairs) if (pair.state === 'in-progress') busy.add(pair.foundation);
    for (const pair of this.#pairs) {
      if (pair.state !== 'frozen' || busy.has(pair.foundation)) continue;
      this.setState(pair, 'waiting');
      busy.add(pair.foundation);
    }
  }

  /** Gives up everything that might still have succeeded. */
  failUnfinished(): void {
    this.clearTriggered();
    for (const pair of this.#pairs) if (isUnfinished(pair.state)) this.setState(pair, 'failed');
  }

  /** Computes all priorities anew for another role (RFC 8445 §7.3.1.1). */
  updatePriorities(role: IceRole): void {
    for (const pair of this.#pairs) pair.updatePriority(role);
    this.sort();
  }

  /** Restores the order after a priority has changed. */
  sort(): void {
    this.#pairs.sort((a, b) => (a.priority > b.priority ? -1 : a.priority < b.priority ? 1 : 0));
  }

  /**
   * Makes room for `pair` by dropping the worst one that is not in use (RFC 8445 §6.1.2.5). Where the peer has
   * proved itself, the pair is put in whatever its priority (§7.3.1.4), and stays.
   */
  #discardFor(pair: CandidatePair): boolean {
    const isSpare = ({ state, hasRemoteCheck }: CandidatePair): boolean =>
      (state === 'frozen' || state === 'waiting') && !hasRemoteCheck;
    const failed = this.#pairs.findLastIndex(({ state }) => state === 'failed');
    const index = failed >= 0 ? failed : this.#pairs.findLastIndex(isSpare);
    const victim = this.#pairs[index];
    if (victim === undefined) return false;
    const isDue = victim.state === 'failed' || pair.hasRemoteCheck;
    if (!isDue && victim.priority >= pair.priority) return false;
    this.#pairs.splice(index, 1);
    return true;
  }
}

/** Whether a check on a pair in this state may yet succeed. */
export function isUnfinished(state: IceCandidatePairState): boolean {
  return state !== 'succeeded' && state !== 'failed';
}
