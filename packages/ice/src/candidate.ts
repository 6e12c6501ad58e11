// Candidates: their kinds, priorities, foundations, and which addresses can reach one another.
// https://www.rfc-editor.org/rfc/rfc8445#section-5.1

import {
  addressFamily,
  addressScope,
  equalAddresses,
  parseIpAddress,
  type TransportAddress,
} from '@kaon/wire';

/** How a candidate was learned (RFC 8445 §5.1.1). */
export type IceCandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** The part a TCP candidate plays (RFC 6544 §4.5). */
export type IceTcpType = 'active' | 'passive' | 'so';

/** A transport address at which an agent may be reached. */
export interface IceCandidate {
  /** 1 to 32 ice-chars; equal for candidates of the same type, base and server (RFC 8445 §5.1.1.3). */
  readonly foundation: string;
  /** 1 for everything that Kaon makes: RTCP and data share the component. */
  readonly component: number;
  readonly protocol: 'udp' | 'tcp';
  /** 1 to 2^32 - 1; higher is preferred. */
  readonly priority: number;
  /** Literal, canonical IP address; or, of a remote candidate, a host name (RFC 8839 §5.1). */
  readonly address: string;
  readonly port: number;
  readonly type: IceCandidateType;
  /** Of all types but `host`: what it was derived from, for diagnosis. */
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  readonly tcpType?: IceTcpType;
  /** Which generation of credentials it belongs to (RFC 8838 §9 and RFC 8839 §5.1). */
  readonly usernameFragment?: string;
}

/** A candidate of our own. */
export interface LocalIceCandidate extends IceCandidate {
  /** The bound socket from which it sends (RFC 8445 §2.2). */
  readonly base: TransportAddress;
  /** 0 to 65535: how its base ranks among all bases (RFC 8445 §5.1.2.1). */
  readonly localPreference: number;
  /** Of a server-reflexive candidate: the server that saw it, such as `stun:stun.example.org:3478`. */
  readonly url?: string;
}

/** RFC 8445 §5.1.2.2. */
const TYPE_PREFERENCES: Readonly<Record<IceCandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/**
 * A candidate's priority (RFC 8445 §5.1.2.1).
 *
 * @param localPreference 0 to 65535.
 * @param component 1 to 256.
 */
export function candidatePriority(
  type: IceCandidateType,
  localPreference: number,
  component = 1,
): number {
  return TYPE_PREFERENCES[type] * 2 ** 24 + localPreference * 2 ** 8 + (256 - component);
}

/**
 * Puts addresses in order of preference: the wider their scope the earlier, and IPv6 and IPv4 taking
 * turns, so that a host with many addresses of one family does not starve the other (RFC 8421 §4).
 */
export function orderByPreference<T extends { readonly address: TransportAddress }>(
  bases: readonly T[],
): readonly T[] {
  const tiers: { readonly v6: T[]; readonly v4: T[] }[] = [0, 1, 2].map(() => ({ v6: [], v4: [] }));
  for (const base of bases) {
    const { address } = base.address;
    const tier = tiers[reachTier(address)] as { v6: T[]; v4: T[] };
    (addressFamily(address) === 6 ? tier.v6 : tier.v4).push(base);
  }
  return tiers.flatMap(({ v6, v4 }) => {
    const ordered: T[] = [];
    for (let i = 0; i < Math.max(v6.length, v4.length); i++) {
      ordered.push(...v6.slice(i, i + 1), ...v4.slice(i, i + 1));
    }
    return ordered;
  });
}

/** 0 for addresses that may be reached from elsewhere, 1 for link-local, 2 for loopback. */
function reachTier(address: string): 0 | 1 | 2 {
  const bytes = parseIpAddress(address);
  const scope = bytes === undefined ? 'reserved' : addressScope(bytes);
  if (scope === 'loopback') return 2;
  return scope === 'link-local' ? 1 : 0;
}

/**
 * Whether a check from local `base` to `remote` makes sense: same family, link-local IPv6 only with its
 * like (RFC 8445 §6.1.2.2), and loopback only with loopback, so that a remote party cannot have us probe
 * the services of our own host.
 */
export function canPair(base: string, remote: string): boolean {
  if (addressFamily(base) !== addressFamily(remote)) return false;
  const baseTier = reachTier(base);
  const remoteTier = reachTier(remote);
  if ((baseTier === 2) !== (remoteTier === 2)) return false;
  return addressFamily(base) === 4 || (baseTier === 1) === (remoteTier === 1);
}

/** Whether datagrams may be sent to `address`: a literal that is neither unspecified nor multicast. */
export function isUnicast(address: string): boolean {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return false;
  const scope = addressScope(bytes);
  return scope !== 'unspecified' && scope !== 'multicast';
}

/** Whether two local candidates are redundant: same address, same base (RFC 8445 §5.1.3). */
export function isRedundant(a: LocalIceCandidate, b: LocalIceCandidate): boolean {
  return equalAddresses(a, b) && equalAddresses(a.base, b.base);
}

/**
 * Gives foundations: one for each type, base address, protocol and server (RFC 8445 §5.1.1.3).
 *
 * They are counted, not computed from the addresses, so that they disclose nothing (RFC 8828 §3).
 */
export class FoundationTable {
  readonly #foundations = new Map<string, string>();

  /** @param server the address of the server that a reflexive candidate was learned from. */
  get(type: IceCandidateType, baseAddress: string, server = ''): string {
    const key = `${type} ${baseAddress} ${server}`;
    let foundation = this.#foundations.get(key);
    if (foundation === undefined) {
      foundation = String(this.#foundations.size + 1);
      this.#foundations.set(key, foundation);
    }
    return foundation;
  }
}
