// Remote candidates behind names: .local names are resolved, others are not.
// https://datatracker.ietf.org/doc/html/draft-ietf-mmusic-mdns-ice-candidates

import type { IceCandidate } from './candidate.ts';

/** Candidates waiting behind one name. */
const MAX_CANDIDATES_PER_NAME = 8;
/** Addresses of one name that are looked at. */
const MAX_ADDRESSES_PER_NAME = 4;

/** Whether a name is of the kind that browsers hide host addresses behind. */
export function isMdnsName(address: string): boolean {
  return address.toLowerCase().endsWith('.local') || address.toLowerCase().endsWith('.local.');
}

/** The names being resolved, and the candidates that wait for them; bounded. */
export class MdnsLookups {
  readonly #limit: number;
  readonly #timeoutMs: number;
  readonly #pending = new Map<string, { candidates: IceCandidate[]; deadline: number }>();

  constructor(limit: number, timeoutMs: number) {
    this.#limit = limit;
    this.#timeoutMs = timeoutMs;
  }

  /** Names not resolved yet. */
  get size(): number {
    return this.#pending.size;
  }

  get nextTimeout(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#pending.values()) earliest = Math.min(earliest, deadline);
    return earliest;
  }

  /** Lets a candidate wait for its name. `ask` says that the name is new and must be looked up. */
  add(candidate: IceCandidate, now: number): 'ask' | 'wait' | 'over-limit' {
    const name = candidate.address;
    const entry = this.#pending.get(name);
    if (entry !== undefined) {
      if (entry.candidates.length >= MAX_CANDIDATES_PER_NAME) return 'over-limit';
      entry.candidates.push(candidate);
      return 'wait';
    }
    if (this.#pending.size >= this.#limit) return 'over-limit';
    this.#pending.set(name, { candidates: [candidate], deadline: now + this.#timeoutMs });
    return 'ask';
  }

  /** The candidates that waited for `name`, with its addresses in place of it. */
  resolve(name: string, addresses: readonly string[]): readonly IceCandidate[] {
    const entry = this.#pending.get(name);
    if (entry === undefined) return [];
    this.#pending.delete(name);
    return entry.candidates.flatMap((candidate) =>
      addresses.slice(0, MAX_ADDRESSES_PER_NAME).map((address) => ({ ...candidate, address })),
    );
  }

  /** Gives up the names that took too long. */
  handleTimeout(now: number): void {
    for (const [name, { deadline }] of this.#pending) {
      if (now >= deadline) this.#pending.delete(name);
    }
  }

  clear(): void {
    this.#pending.clear();
  }
}
