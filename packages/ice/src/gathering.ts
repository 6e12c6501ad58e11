// Gathering: host candidates of the bases, reflexive ones from STUN servers, and keeping those alive.
// https://www.rfc-editor.org/rfc/rfc8445#section-5.1.1

import { StunClient } from '@kaon/stun';
import {
  addressFamily,
  equalAddresses,
  formatIpAddress,
  parseIpAddress,
  type RandomSource,
  type TransportAddress,
} from '@kaon/wire';
import {
  candidatePriority,
  canPair,
  type FoundationTable,
  isRedundant,
  isUnicast,
  type LocalIceCandidate,
  orderByPreference,
} from './candidate.ts';
import type { IceStunServer, IceTiming } from './options.ts';

/** A socket that the shell has bound. */
export interface IceBase {
  readonly address: TransportAddress;
  readonly interfaceName?: string;
}

/** As RTCIceGatheringState. */
export type IceGatheringState = 'new' | 'gathering' | 'complete';

/** What the gatherer tells the agent. */
export interface GathererOutput {
  candidate(candidate: LocalIceCandidate, now: number): void;
  serverUnreachable(url: string): void;
  state(state: IceGatheringState): void;
  lookup(hostname: string): void;
  send(data: Uint8Array, local: TransportAddress, remote: TransportAddress): void;
}

/** One question to one server from one base, and its repetitions to keep the answer true. */
interface ReflexiveQuery {
  readonly host: LocalIceCandidate;
  readonly server: TransportAddress;
  readonly url: string;
  /** Whether the server has ever answered. */
  isAnswered: boolean;
  phase:
    | { readonly name: 'queued' }
    | { readonly name: 'asking'; readonly client: StunClient; readonly isFirst: boolean }
    | { readonly name: 'answered'; readonly refreshAt: number }
    | { readonly name: 'failed' };
}

/** Rc and Rm of gathering: 5 requests, silence after 9.5 seconds. */
// Deviation: RFC 8489 §6.2.1 would wait 39.5 seconds for a server, because gathering is not complete
// before then; browsers give up at the same time as we do.
const REQUEST_COUNT = 5;
const LAST_WAIT_FACTOR = 4;

/** Gathers for one generation of credentials. */
export class Gatherer {
  readonly #random: RandomSource;
  readonly #timing: IceTiming;
  readonly #foundations: FoundationTable;
  readonly #servers: readonly IceStunServer[];
  readonly #output: GathererOutput;
  readonly #candidates: LocalIceCandidate[] = [];
  readonly #queries: ReflexiveQuery[] = [];
  /** Names of servers being resolved, with when to give up. */
  readonly #lookups = new Map<string, number>();
  /** Literal addresses of resolved servers; several servers may have the same. */
  readonly #resolved: { readonly address: TransportAddress; readonly url: string }[] = [];
  readonly #usernameFragment: string;
  #state: IceGatheringState = 'new';
  #nextQueryAt = Number.NEGATIVE_INFINITY;
  #keepsAlive = true;

  constructor(
    random: RandomSource,
    timing: IceTiming,
    foundations: FoundationTable,
    servers: readonly IceStunServer[],
    usernameFragment: string,
    output: GathererOutput,
  ) {
    this.#random = random;
    this.#timing = timing;
    this.#foundations = foundations;
    this.#servers = servers;
    this.#usernameFragment = usernameFragment;
    this.#output = output;
  }

  get state(): IceGatheringState {
    return this.#state;
  }

  /** Host and server-reflexive candidates. */
  get candidates(): readonly LocalIceCandidate[] {
    return this.#candidates;
  }

  get nextTimeout(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const deadline of this.#lookups.values()) earliest = Math.min(earliest, deadline);
    for (const { phase } of this.#queries) {
      if (phase.name === 'queued') earliest = Math.min(earliest, this.#nextQueryAt);
      else if (phase.name === 'asking') earliest = Math.min(earliest, phase.client.nextTimeout);
      else if (phase.name === 'answered' && this.#keepsAlive) {
        earliest = Math.min(earliest, phase.refreshAt);
      }
    }
    return earliest;
  }

  /** Makes host candidates of `bases` and asks the servers from each. May be called again with more. */
  gather(bases: readonly IceBase[], now: number): void {
    this.#setState('gathering');
    if (this.#candidates.length === 0) {
      for (const server of this.#servers) this.#resolveServer(server, now);
    }
    const isKnown = (base: IceBase): boolean =>
      this.#candidates.some(
        ({ type, base: known }) => type === 'host' && equalAddresses(known, base.address),
      );
    for (const base of orderByPreference(bases)) {
      if (isKnown(base)) continue;
      const { address, port } = base.address;
      const rank = this.#candidates.filter(({ type }) => type === 'host').length;
      const localPreference = Math.max(0, 65535 - rank); // RFC 8421 §4: the order is the preference
      const host: LocalIceCandidate = {
        foundation: this.#foundations.get('host', address),
        component: 1,
        protocol: 'udp',
        priority: candidatePriority('host', localPreference),
        address,
        port,
        type: 'host',
        usernameFragment: this.#usernameFragment,
        base: base.address,
        localPreference,
      };
      this.#add(host, now);
      for (const server of this.#resolved) this.#query(host, server.address, server.url);
    }
    this.pump(now);
  }

  /** The answer to a lookup; true if the name was one of a server. */
  handleLookup(hostname: string, addresses: readonly string[], now: number): boolean {
    if (!this.#lookups.delete(hostname)) return false;
    for (const server of this.#servers) {
      if (server.hostname === hostname) this.#useServer(server, addresses);
    }
    this.pump(now);
    return true;
  }

  /** A datagram that may be a server's answer; true if it came from where one was asked for. */
  handleDatagram(
    datagram: Uint8Array,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): boolean {
    for (const query of this.#queries) {
      if (query.phase.name !== 'asking') continue;
      if (!equalAddresses(query.server, remote) || !equalAddresses(query.host.base, local))
        continue;
      query.phase.client.handleDatagram(datagram, now);
      this.pump(now);
      return true;
    }
    return false;
  }

  handleTimeout(now: number): void {
    for (const [hostname, deadline] of this.#lookups) {
      if (now >= deadline) this.#lookups.delete(hostname);
    }
    this.pump(now);
  }

  /** Stops keeping reflexive addresses alive: a pair has been nominated (RFC 8445 §8.3). */
  stopKeepalives(): void {
    this.#keepsAlive = false;
  }

  /** Sends what is due and takes what was answered. */
  pump(now: number): void {
    for (const query of this.#queries) {
      if (query.phase.name === 'answered' && this.#keepsAlive && now >= query.phase.refreshAt) {
        this.#ask(query, false, now);
      }
      if (query.phase.name === 'queued' && now >= this.#nextQueryAt) this.#ask(query, true, now);
      if (query.phase.name === 'asking') this.#advance(query, query.phase, now);
    }
    const isBusy = this.#queries.some(
      ({ phase }) => phase.name === 'queued' || (phase.name === 'asking' && phase.isFirst),
    );
    if (this.#state !== 'gathering' || isBusy || this.#lookups.size > 0) return;
    for (const url of new Set(this.#servers.map(urlOf))) {
      const isReached = this.#resolved.some(
        (known) =>
          known.url === url &&
          this.#queries.some(
            ({ server, isAnswered }) => isAnswered && equalAddresses(server, known.address),
          ),
      );
      if (!isReached) this.#output.serverUnreachable(url);
    }
    this.#setState('complete');
  }

  #ask(query: ReflexiveQuery, isFirst: boolean, now: number): void {
    const client = new StunClient({
      random: this.#random,
      rtoMs: this.#timing.rtoMs,
      requestCount: REQUEST_COUNT,
      lastWaitFactor: LAST_WAIT_FACTOR,
    });
    client.start(now);
    query.phase = { name: 'asking', client, isFirst };
    // Deviation: RFC 8445 §14.2 paces gathering and checks together. Ours have a pace each, so that
    // questions to servers do not hold up the first checks; Ta is kept by either.
    this.#nextQueryAt = now + this.#timing.pacingMs;
  }

  #advance(
    query: ReflexiveQuery,
    { client, isFirst }: { readonly client: StunClient; readonly isFirst: boolean },
    now: number,
  ): void {
    client.handleTimeout(now);
    const request = client.pollDatagram();
    // The client keeps the request to send it again; what the shell is given is the shell's.
    if (request !== undefined) this.#output.send(request.slice(), query.host.base, query.server);
    const event = client.pollEvent();
    if (event === undefined) return;
    if (event.type === 'mapped-address') {
      query.isAnswered = true;
      query.phase = { name: 'answered', refreshAt: now + this.#timing.keepaliveIntervalMs };
      if (isFirst) this.#addReflexive(query, event.address, now);
    } else {
      query.phase = { name: 'failed' };
    }
  }

  #addReflexive(
    { host, server, url }: ReflexiveQuery,
    mapped: TransportAddress,
    now: number,
  ): void {
    if (!isUnicast(mapped.address) || mapped.port === 0) return;
    const reflexive: LocalIceCandidate = {
      foundation: this.#foundations.get('srflx', host.address, server.address),
      component: 1,
      protocol: 'udp',
      priority: candidatePriority('srflx', host.localPreference),
      address: mapped.address,
      port: mapped.port,
      type: 'srflx',
      relatedAddress: host.address,
      relatedPort: host.port,
      usernameFragment: this.#usernameFragment,
      base: host.base,
      localPreference: host.localPreference,
      url,
    };
    // §5.1.3: without a NAT the mapped address is the host candidate's own.
    if (!this.#candidates.some((known) => isRedundant(known, reflexive))) this.#add(reflexive, now);
  }

  #resolveServer(server: IceStunServer, now: number): void {
    if (parseIpAddress(server.hostname) !== undefined) this.#useServer(server, [server.hostname]);
    else if (!this.#lookups.has(server.hostname)) {
      this.#lookups.set(server.hostname, now + this.#timing.lookupTimeoutMs);
      this.#output.lookup(server.hostname);
    }
  }

  /** Takes the first address of each family. */
  #useServer(server: IceStunServer, addresses: readonly string[]): void {
    const families = new Set<4 | 6>();
    for (const text of addresses) {
      const bytes = parseIpAddress(text);
      if (bytes === undefined || !isUnicast(text) || families.has(addressFamily(text))) continue;
      families.add(addressFamily(text));
      const address = { address: formatIpAddress(bytes), port: server.port };
      const url = urlOf(server);
      this.#resolved.push({ address, url });
      for (const host of this.#candidates) {
        if (host.type === 'host') this.#query(host, address, url);
      }
    }
  }

  #query(host: LocalIceCandidate, server: TransportAddress, url: string): void {
    // Loopback reaches no server elsewhere, nor link-local IPv6 a global one.
    if (!canPair(host.base.address, server.address)) return;
    if (this.#queries.some((query) => query.host === host && equalAddresses(query.server, server)))
      return;
    this.#queries.push({ host, server, url, isAnswered: false, phase: { name: 'queued' } });
  }

  #add(candidate: LocalIceCandidate, now: number): void {
    this.#candidates.push(candidate);
    this.#output.candidate(candidate, now);
  }

  #setState(state: IceGatheringState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#output.state(state);
  }
}

function urlOf(server: IceStunServer): string {
  return server.url ?? `stun:${server.hostname}:${server.port}`;
}
