// The peer's candidates of one generation: which are taken, which wait, which are passed over.
// https://www.rfc-editor.org/rfc/rfc8445#section-5.3, https://www.rfc-editor.org/rfc/rfc8838#section-11

import { equalAddresses, formatIpAddress, parseIpAddress, type TransportAddress } from '@kaon/wire';
import { type IceCandidate, isUnicast } from './candidate.ts';
import { isMdnsName, MdnsLookups } from './mdns.ts';
import type { IceLimits, IceTiming } from './options.ts';
import type { IceCounters, IceTrace } from './trace.ts';

/** What became of a candidate. */
export type RemoteCandidateVerdict =
  | { readonly kind: 'added'; readonly candidate: IceCandidate }
  /** It was known as peer-reflexive; now we know what the peer calls it (RFC 8445 §7.3.1.3). */
  | { readonly kind: 'identified'; readonly candidate: IceCandidate }
  /** Its name is to be resolved. */
  | { readonly kind: 'lookup'; readonly hostname: string }
  | { readonly kind: 'ignored' };

const IGNORED: RemoteCandidateVerdict = { kind: 'ignored' };

/** A bounded table of remote candidates. */
export class RemoteCandidates {
  readonly #limits: IceLimits;
  readonly #counters: IceCounters;
  readonly #onTrace: ((event: IceTrace) => void) | undefined;
  readonly #candidates: IceCandidate[] = [];
  readonly #lookups: MdnsLookups;
  #peerReflexiveCount = 0;
  /** Whether the peer said that no more will come (RFC 8838 §14). */
  hasEnded = false;

  constructor(
    limits: IceLimits,
    timing: IceTiming,
    counters: IceCounters,
    onTrace: ((event: IceTrace) => void) | undefined,
  ) {
    this.#limits = limits;
    this.#counters = counters;
    this.#onTrace = onTrace;
    this.#lookups = new MdnsLookups(limits.maxLookups, timing.lookupTimeoutMs);
  }

  /** All with a usable address, peer-reflexive ones included. */
  get all(): readonly IceCandidate[] {
    return this.#candidates;
  }

  /** Whether names are still being resolved. */
  get isResolving(): boolean {
    return this.#lookups.size > 0;
  }

  get nextTimeout(): number {
    return this.#lookups.nextTimeout;
  }

  handleTimeout(now: number): void {
    this.#lookups.handleTimeout(now);
  }

  /** Takes a candidate from signalling; `usernameFragment` is the peer's of this generation. */
  add(candidate: IceCandidate, usernameFragment: string, now: number): RemoteCandidateVerdict {
    if (
      candidate.usernameFragment !== undefined &&
      candidate.usernameFragment !== usernameFragment
    ) {
      return this.#ignore('ignoredOtherGeneration');
    }
    if (candidate.protocol !== 'udp') return this.#ignore('ignoredTcpCandidates');
    if (candidate.component !== 1 || !isIn(1, candidate.port, 0xffff)) {
      return this.#ignore('ignoredCandidates');
    }
    if (!isIn(1, candidate.priority, 0xffff_ffff)) return this.#ignore('ignoredCandidates');
    const bytes = parseIpAddress(candidate.address);
    if (bytes !== undefined) return this.#addLiteral(candidate, formatIpAddress(bytes));
    // As browsers do: resolving any name would let the peer make us query servers of its choice.
    if (!isMdnsName(candidate.address)) return this.#ignore('ignoredHostnames');
    switch (this.#lookups.add(candidate, now)) {
      case 'ask':
        return { kind: 'lookup', hostname: candidate.address };
      case 'over-limit':
        return this.#ignore('ignoredLookupsOverLimit');
      case 'wait':
        return IGNORED;
    }
  }

  /** The answer to a lookup. */
  resolve(hostname: string, addresses: readonly string[]): readonly RemoteCandidateVerdict[] {
    return this.#lookups.resolve(hostname, addresses).map((candidate) => {
      const bytes = parseIpAddress(candidate.address);
      if (bytes === undefined) return this.#ignore('ignoredCandidates');
      return this.#addLiteral(candidate, formatIpAddress(bytes));
    });
  }

  /** The known candidate at `address`. */
  find(address: TransportAddress): IceCandidate | undefined {
    return this.#candidates.find((known) => equalAddresses(known, address));
  }

  /**
   * A candidate for the source of a check that signalling has not told of (RFC 8445 §7.3.1.3).
   *
   * @returns undefined if there are too many already.
   */
  addPeerReflexive(source: TransportAddress, priority: number): IceCandidate | undefined {
    if (this.#peerReflexiveCount >= this.#limits.maxPeerReflexive) {
      this.#ignore('ignoredPeerReflexiveOverLimit');
      return undefined;
    }
    this.#peerReflexiveCount++;
    const candidate: IceCandidate = {
      foundation: `prflx${this.#peerReflexiveCount}`, // §7.3.1.3: unlike any other
      component: 1,
      protocol: 'udp',
      priority,
      address: source.address,
      port: source.port,
      type: 'prflx',
    };
    this.#candidates.push(candidate);
    return candidate;
  }

  #addLiteral(given: IceCandidate, address: string): RemoteCandidateVerdict {
    if (!isUnicast(address)) return this.#ignore('ignoredCandidates');
    const candidate: IceCandidate = { ...given, address };
    const index = this.#candidates.findIndex((known) => equalAddresses(known, candidate));
    const known = this.#candidates[index];
    if (known !== undefined) {
      if (known.type !== 'prflx') return this.#ignore('ignoredDuplicateCandidates');
      this.#candidates[index] = candidate;
      return { kind: 'identified', candidate };
    }
    if (this.#candidates.length >= this.#limits.maxRemoteCandidates) {
      return this.#ignore('ignoredCandidatesOverLimit');
    }
    this.#candidates.push(candidate);
    return { kind: 'added', candidate };
  }

  #ignore(reason: keyof IceCounters): RemoteCandidateVerdict {
    this.#counters[reason]++;
    this.#onTrace?.({ type: 'dropped', reason });
    return IGNORED;
  }
}

function isIn(min: number, value: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
