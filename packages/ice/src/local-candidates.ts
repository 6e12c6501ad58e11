// Our candidates as the checks see them: hosts that send, and the addresses that the peer saw instead.
// https://www.rfc-editor.org/rfc/rfc8445#section-7.2.5.3.1

import { equalAddresses, type TransportAddress } from '@kaon/wire';
import type { FoundationTable, LocalIceCandidate } from './candidate.ts';
import type { CandidatePair } from './candidate-pair.ts';

/** The local candidates of one generation. */
export class LocalCandidates {
  readonly #foundations: FoundationTable;
  readonly #usernameFragment: string;
  readonly #maxPeerReflexive: number;
  readonly #hosts: LocalIceCandidate[] = [];
  readonly #reflexive: LocalIceCandidate[] = [];
  #peerReflexiveCount = 0;

  constructor(foundations: FoundationTable, usernameFragment: string, maxPeerReflexive: number) {
    this.#foundations = foundations;
    this.#usernameFragment = usernameFragment;
    this.#maxPeerReflexive = maxPeerReflexive;
  }

  /** Those that are paired: checks of all others go out from their base (RFC 8445 §6.1.2.4). */
  get hosts(): readonly LocalIceCandidate[] {
    return this.#hosts;
  }

  add(candidate: LocalIceCandidate): void {
    (candidate.type === 'host' ? this.#hosts : this.#reflexive).push(candidate);
  }

  /** The host candidate of a socket. */
  findHost(base: TransportAddress): LocalIceCandidate | undefined {
    return this.#hosts.find((candidate) => equalAddresses(candidate.base, base));
  }

  /**
   * The candidate with the address that the peer saw, made as peer-reflexive if it is new.
   *
   * @param priority what our check said of it.
   * @returns undefined if there are too many already.
   */
  seenAs(
    mapped: TransportAddress,
    pair: CandidatePair,
    priority: number,
  ): LocalIceCandidate | undefined {
    const isIt = (candidate: LocalIceCandidate): boolean =>
      equalAddresses(candidate, mapped) && equalAddresses(candidate.base, pair.base);
    const known = this.#hosts.find(isIt) ?? this.#reflexive.find(isIt);
    if (known !== undefined) return known;
    if (this.#peerReflexiveCount >= this.#maxPeerReflexive) return undefined;
    this.#peerReflexiveCount++;
    const candidate: LocalIceCandidate = {
      foundation: this.#foundations.get('prflx', pair.base.address),
      component: 1,
      protocol: 'udp',
      priority,
      address: mapped.address,
      port: mapped.port,
      type: 'prflx',
      relatedAddress: pair.base.address,
      relatedPort: pair.base.port,
      usernameFragment: this.#usernameFragment,
      base: pair.base,
      localPreference: pair.local.localPreference,
    };
    this.#reflexive.push(candidate);
    return candidate;
  }
}
