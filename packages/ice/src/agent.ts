// The ICE agent: a machine that finds a path between two hosts and watches over it.
// https://www.rfc-editor.org/rfc/rfc8445

import {
  BINDING_METHOD,
  decodeMessage,
  type StunMessage,
  verifyFingerprint,
  verifyIntegrity,
} from '@kaon/stun';
import { formatAddress, Queue, type TransportAddress } from '@kaon/wire';
import {
  FoundationTable,
  type IceCandidate,
  isUnicast,
  type LocalIceCandidate,
} from './candidate.ts';
import type { CandidatePair, IceCandidatePair } from './candidate-pair.ts';
import { judgeCheckRequest } from './check-request.ts';
import {
  generateCredentials,
  generateIceCredentials,
  type IceCredentials,
  keyCredentials,
} from './credentials.ts';
import { IceError } from './errors.ts';
import type { IceDatagram, IceEvent, IceState } from './event.ts';
import { Gatherer, type IceBase, type IceGatheringState } from './gathering.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type IceAgentOptions,
  type IceLimits,
  type IceStunServer,
  type IceTiming,
} from './options.ts';
import { type IceRole, RoleState } from './role.ts';
import { IceSession, type SessionEnvironment } from './session.ts';
import { candidatePairStats, type IceStats } from './stats.ts';
import { TokenBucket } from './token-bucket.ts';
import { createCounters, type IceCounters } from './trace.ts';

/** A generation that a restart has succeeded, and when it is forgotten. */
interface FormerGeneration {
  readonly session: IceSession;
  retireAt: number;
}

/** One more unauthenticated request is answered every so many milliseconds. */
const UNAUTHENTICATED_INTERVAL_MS = 100;

/**
 * A full ICE agent (RFC 8445) with trickle (RFC 8838) and consent freshness (RFC 7675), for one component
 * of one data stream, as WebRTC's bundle has it. It is a machine: after each input drain
 * {@link pollDatagram}, then {@link pollEvent}, then read {@link nextTimeout}.
 *
 * Data may be sent on {@link selectedPair} as soon as there is one, which is before nomination if a check
 * has succeeded (RFC 8445 §12.1), and accepted wherever {@link isPathValid} allows.
 */
export class IceAgent {
  /** What was sent, received, dropped and why. */
  readonly counters: Readonly<IceCounters>;
  readonly #counters: IceCounters = createCounters();
  readonly #environment: SessionEnvironment;
  #stunServers: readonly IceStunServer[];
  readonly #foundations = new FoundationTable();
  readonly #strangers: TokenBucket;
  readonly #datagrams = new Queue<IceDatagram>();
  readonly #events = new Queue<IceEvent>();
  readonly #bases = new Set<string>();
  #session: IceSession;
  /** The generation before a restart, and from when on it is forgotten. */
  #former: FormerGeneration | undefined = undefined;
  /** What {@link revertRestart} goes back to. */
  #beforeRestart:
    | {
        readonly session: IceSession;
        readonly gatherer: Gatherer;
        readonly former: FormerGeneration | undefined;
        readonly restartedFrom: 'connected' | 'checking' | undefined;
      }
    | undefined = undefined;
  #gatherer: Gatherer;
  #pairCount = 0;
  #state: IceState = 'new';
  /** What the state is, after a restart, until the new generation has a pair. */
  #restartedFrom: 'connected' | 'checking' | undefined = undefined;
  #announcedPair: CandidatePair | undefined = undefined;
  #selectedPairChanges = 0;
  #nextTimeout = Number.POSITIVE_INFINITY;

  constructor(options: IceAgentOptions) {
    const { random, crypto, onTrace } = options;
    const timing: IceTiming = { ...DEFAULT_TIMING, ...options.timing };
    const limits: IceLimits = { ...DEFAULT_LIMITS, ...options.limits };
    this.counters = this.#counters;
    this.#stunServers = options.stunServers ?? [];
    this.#strangers = new TokenBucket(limits.unauthenticatedBurst, UNAUTHENTICATED_INTERVAL_MS);
    this.#environment = {
      random,
      crypto,
      timing,
      limits,
      counters: this.#counters,
      role: new RoleState(options.role, random),
      foundations: this.#foundations,
      onTrace,
      nextPairId: () => this.#nextPairId(),
      send: (data, local, remote) => this.#send(data, local, remote),
      lookup: (hostname) => this.#events.push({ type: 'lookup', hostname }),
      roleChanged: () => this.#roleChanged(),
    };
    this.#session = this.#createSession();
    this.#gatherer = this.#createGatherer();
  }

  // ── What it knows ────────────────────────────────────────────────────────────────────────────────

  /** Ours, of the current generation. */
  get localCredentials(): IceCredentials {
    const { usernameFragment, password } = this.#session.localCredentials;
    return { usernameFragment, password };
  }

  /** The peer's, of the current generation. */
  get remoteCredentials(): IceCredentials | undefined {
    const credentials = this.#session.remoteCredentials;
    if (credentials === undefined) return undefined;
    const { usernameFragment, password } = credentials;
    return { usernameFragment, password };
  }

  get role(): IceRole {
    return this.#environment.role.role;
  }

  /**
   * `connected` from the first valid pair on; `completed` when a pair is nominated and neither side has
   * candidates to come; `disconnected` while nothing is received on the selected pair, which passes by
   * itself. `failed` for lack of a valid pair is left when a late candidate, check or answer brings one; `failed`
   * for lack of consent only by {@link restart}.
   */
  get state(): IceState {
    return this.#state;
  }

  get gatheringState(): IceGatheringState {
    return this.#gatherer.state;
  }

  /** Where data is to be sent: the nominated pair, before that the best valid one. */
  get selectedPair(): IceCandidatePair | undefined {
    return this.#selected();
  }

  get localCandidates(): readonly LocalIceCandidate[] {
    return this.#gatherer.candidates;
  }

  get remoteCandidates(): readonly IceCandidate[] {
    return this.#session.remoteCandidates.all;
  }

  /** A snapshot of all measurements. */
  stats(_now: number): IceStats {
    const selected = this.#selected();
    const former = this.#former?.session.selected;
    const pairs = [...this.#session.checklist.pairs, ...(former === undefined ? [] : [former])];
    return {
      pairs: pairs.map((pair) => candidatePairStats(pair, pair === selected)),
      selectedPairId: selected?.id,
      selectedPairChanges: this.#selectedPairChanges,
    };
  }

  /**
   * Whether application data is to be accepted on a path: one that a check of ours has proved, or from
   * which the peer has proved itself, since its data can overtake the answer to our check.
   */
  isPathValid(local: TransportAddress, remote: TransportAddress): boolean {
    return this.#findPath(local, remote) !== undefined;
  }

  // ── Commands ─────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes the role, before checks start.
   *
   * @throws IceError `ICE_INVALID_STATE` once they have; from then on only a conflict changes it.
   */
  setRole(role: IceRole): void {
    if (role === this.role) return;
    if (this.#session.checklist.pairs.length > 0) {
      throw new IceError('ICE_INVALID_STATE', 'setRole() is for before the checks start.');
    }
    this.#environment.role.role = role;
  }

  /** Other STUN servers, from the next {@link gather} of a generation on (RFC 9429 §4.1.18). */
  setStunServers(servers: readonly IceStunServer[]): void {
    this.#stunServers = servers;
    if (this.#gatherer.state === 'new') this.#gatherer = this.#createGatherer();
  }

  /** Makes candidates of the sockets in `bases`; after a {@link restart} the same ones may be given. */
  gather(bases: readonly IceBase[], now: number): void {
    this.#requireOpen('gather');
    for (const { address } of bases) {
      if (!isUnicast(address.address) || address.port === 0) {
        throw new IceError(
          'ICE_INVALID_CANDIDATE',
          `A base must be a literal unicast address with a port, not ${formatAddress(address)}.`,
        );
      }
      this.#bases.add(formatAddress(address));
    }
    this.#gatherer.gather(bases, now);
    this.#refresh(now);
  }

  /**
   * The peer's credentials, from its description.
   *
   * @throws IceError `ICE_INVALID_CREDENTIALS` if they break the grammar, `ICE_INVALID_STATE` if other
   * ones are set already (call {@link restart} before).
   */
  setRemoteCredentials(credentials: IceCredentials, now: number): void {
    this.#requireOpen('setRemoteCredentials');
    this.#session.setRemoteCredentials(credentials, now);
    this.#refresh(now);
  }

  /** A candidate of the peer's. What cannot be used is counted and passed over. */
  addRemoteCandidate(candidate: IceCandidate, now: number): void {
    this.#requireOpen('addRemoteCandidate');
    this.#session.addRemoteCandidate(candidate, now);
    this.#refresh(now);
  }

  /** The peer has no more candidates (RFC 8838 §14). */
  endOfRemoteCandidates(now: number): void {
    this.#requireOpen('endOfRemoteCandidates');
    this.#session.remoteCandidates.hasEnded = true;
    this.#refresh(now);
  }

  /** What a `lookup` event asked for; an empty list if the name has no address. */
  handleLookup(hostname: string, addresses: readonly string[], now: number): void {
    if (this.#state === 'closed') return;
    this.#gatherer.handleLookup(hostname, addresses, now);
    this.#session.handleLookup(hostname, addresses, now);
    this.#refresh(now);
  }

  /**
   * Begins a new generation with new credentials (RFC 8445 §9). Call {@link gather} and
   * {@link setRemoteCredentials} again; the selected pair carries data until there is a new one.
   *
   * @param credentials ours of the new generation, if they had to be known before; fresh ones by default.
   * @throws IceError `ICE_INVALID_CREDENTIALS` if they break the grammar.
   */
  restart(now: number, credentials?: IceCredentials): void {
    this.#requireOpen('restart');
    const { random, crypto } = this.#environment;
    const keyed = keyCredentials(credentials ?? generateIceCredentials(random), crypto);
    this.#beforeRestart = {
      session: this.#session,
      gatherer: this.#gatherer,
      former: this.#former,
      restartedFrom: this.#restartedFrom,
    };
    const carrier = this.#session.selected === undefined ? this.#former?.session : this.#session;
    if (carrier?.selected !== undefined) {
      carrier.retire();
      this.#former = { session: carrier, retireAt: Number.POSITIVE_INFINITY };
    } else {
      this.#former = undefined;
    }
    // W3C webrtc-pc §5.6.2: a restart forgets `completed` and `disconnected`.
    const wasConnected = this.#state === 'connected' || this.#state === 'completed';
    this.#restartedFrom = wasConnected ? 'connected' : 'checking';
    if (this.#state === 'new') this.#restartedFrom = undefined;
    this.#session = new IceSession(this.#environment, keyed);
    this.#gatherer = this.#createGatherer();
    this.#events.push({ type: 'gathering-state', state: 'new' });
    this.#refresh(now);
  }

  /**
   * Goes back to the generation before the latest {@link restart}: the offer that began it was rolled
   * back (RFC 9429 §4.1.10.2). Nothing happens if there was none, or the old generation is retired.
   */
  revertRestart(now: number): void {
    this.#requireOpen('revertRestart');
    const before = this.#beforeRestart;
    if (before === undefined) return;
    this.#beforeRestart = undefined;
    before.session.resume();
    this.#session = before.session;
    if (this.#gatherer.state !== before.gatherer.state) {
      this.#events.push({ type: 'gathering-state', state: before.gatherer.state });
    }
    this.#gatherer = before.gatherer;
    this.#former = before.former;
    this.#restartedFrom = before.restartedFrom;
    this.handleTimeout(now); // its time has gone on
  }

  /** Ends everything; nothing is sent to the peer. */
  close(now: number): void {
    if (this.#state === 'closed') return;
    this.#datagrams.clear();
    this.#former = undefined;
    this.#beforeRestart = undefined;
    this.#setState('closed');
    this.#refresh(now);
  }

  // ── The machine ──────────────────────────────────────────────────────────────────────────────────

  /** A STUN datagram that came on a base. */
  handleDatagram({ data, local, remote }: IceDatagram, now: number): void {
    if (this.#state === 'closed') return;
    if (!this.#bases.has(formatAddress(local))) {
      this.#drop('droppedUnknownBase');
      return;
    }
    const message = decodeMessage(data);
    // RFC 768: whoever sends from port 0 expects no answer, and none can be sent there.
    if (message === undefined || message.method !== BINDING_METHOD || remote.port === 0) {
      this.#drop('droppedMalformed');
      return;
    }
    if (message.class === 'request') this.#handleRequest(message, local, remote, now);
    else if (message.class !== 'indication')
      this.#handleResponse(message, data, local, remote, now);
    else return; // RFC 8445 §11: a keepalive, with nothing to answer
    this.#refresh(now);
  }

  /**
   * Application data was received: it shows that the path lives, and is counted. Costs no allocation.
   *
   * @returns whether the path is valid, as {@link isPathValid}; if not, the data should be dropped.
   */
  noteDatagram(
    local: TransportAddress,
    remote: TransportAddress,
    bytes: number,
    now: number,
  ): boolean {
    const pair = this.#findPath(local, remote);
    if (pair === undefined) return false;
    pair.bytesReceived += bytes;
    pair.packetsReceived++;
    pair.lastPacketReceivedAt = now;
    // Deviation: data counts as a sign of life as soon as it comes from where an authenticated check came;
    // it is not authenticated itself. It never extends consent, only delays the state `disconnected`.
    pair.lastReceivedAt = now;
    if (this.#state === 'disconnected') this.#refresh(now);
    return true;
  }

  /** Application data was sent on the selected pair; for the statistics. */
  noteSent(bytes: number, now: number): void {
    const pair = this.#selected();
    if (pair === undefined) return;
    pair.bytesSent += bytes;
    pair.packetsSent++;
    pair.lastPacketSentAt = now;
  }

  handleTimeout(now: number): void {
    if (this.#state === 'closed') return;
    this.#gatherer.handleTimeout(now);
    this.#session.handleTimeout(now);
    this.#former?.session.handleTimeout(now);
    this.#refresh(now);
  }

  pollDatagram(): IceDatagram | undefined {
    return this.#datagrams.shift();
  }

  pollEvent(): IceEvent | undefined {
    return this.#events.shift();
  }

  /** When {@link handleTimeout} is to be called; Infinity if never. Cheap to read. */
  get nextTimeout(): number {
    return this.#nextTimeout;
  }

  // ── Messages ─────────────────────────────────────────────────────────────────────────────────────

  #handleRequest(
    message: StunMessage,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): void {
    if (!verifyFingerprint(message)) {
      this.#drop('droppedFingerprint'); // RFC 8445 §7.1: it must be there
      return;
    }
    const generations =
      this.#former === undefined ? [this.#session] : [this.#session, this.#former.session];
    const { generation, verdict } = judgeCheckRequest(message, generations);
    if (verdict.kind === 'accepted') {
      generation?.handleRequest(verdict.request, local, remote, now);
      return;
    }
    if (!verdict.isAuthenticated) {
      this.#drop('droppedIntegrity');
      // Strangers get answers at a bounded rate, each hardly larger than its request.
      if (!this.#strangers.take(now)) {
        this.#drop('suppressedErrors');
        return;
      }
    }
    this.#counters.errorResponsesSent++;
    this.#send(verdict.response, local, remote);
  }

  #handleResponse(
    message: StunMessage,
    data: Uint8Array,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): void {
    const session = [this.#session, this.#former?.session].find(
      (candidate) => candidate?.findTransaction(message.transactionId) !== undefined,
    );
    const transaction = session?.findTransaction(message.transactionId);
    if (session === undefined || transaction === undefined) {
      if (this.#gatherer.handleDatagram(data, local, remote, now)) return;
      this.#drop('droppedUnknownTransaction');
    } else if (!verifyFingerprint(message)) {
      this.#drop('droppedFingerprint');
    } else if (!verifyIntegrity(message, transaction.contents.remote.integrity)) {
      this.#drop('droppedIntegrity'); // RFC 8489 §9.1.4: as if it had never been received
    } else {
      session.handleResponse(message, transaction, local, remote, now);
    }
  }

  // ── What follows from an input ───────────────────────────────────────────────────────────────────

  /** The one place where consequences are drawn, after every input. */
  #refresh(now: number): void {
    if (this.#state === 'closed') {
      this.#nextTimeout = Number.POSITIVE_INFINITY;
      return;
    }
    const isGatheringComplete = this.#gatherer.state === 'complete';
    this.#session.pump(isGatheringComplete, now);
    this.#former?.session.pump(true, now);
    this.#retireFormer(now);
    if (this.#session.isConcluded) this.#gatherer.stopKeepalives();
    this.#announcePair();
    this.#setState(this.#computeState(isGatheringComplete, now));
    this.#nextTimeout = Math.min(
      this.#gatherer.nextTimeout,
      this.#session.nextTimeout(isGatheringComplete, now),
      this.#former?.session.nextTimeout(true, now) ?? Number.POSITIVE_INFINITY,
      this.#former?.retireAt ?? Number.POSITIVE_INFINITY,
    );
  }

  /** RFC 8445 §8.3: the former generation is answered for a while after the new one has a pair. */
  #retireFormer(now: number): void {
    const former = this.#former;
    if (former === undefined) {
      if (this.#session.isConcluded) this.#beforeRestart = undefined;
      return;
    }
    if (former.retireAt === Number.POSITIVE_INFINITY && this.#session.isConcluded) {
      former.retireAt = now + this.#environment.timing.retirementMs;
    }
    if (now < former.retireAt) return;
    this.#former = undefined;
    this.#beforeRestart = undefined;
  }

  #computeState(isGatheringComplete: boolean, now: number): IceState {
    const session = this.#session;
    if (session.failure !== 'none') return 'failed';
    if (session.selected !== undefined) {
      this.#restartedFrom = undefined;
      if (session.isSilent(now)) return 'disconnected';
      const isComplete =
        session.isConcluded && isGatheringComplete && session.remoteCandidates.hasEnded;
      return isComplete ? 'completed' : 'connected';
    }
    if (this.#restartedFrom === 'connected' && this.#former?.session.selected === undefined) {
      this.#restartedFrom = 'checking'; // the old pair was lost before there was a new one
    }
    return this.#restartedFrom ?? (session.isChecking ? 'checking' : 'new');
  }

  #announcePair(): void {
    const pair = this.#selected();
    if (pair === this.#announcedPair) return;
    this.#announcedPair = pair;
    if (pair !== undefined) this.#selectedPairChanges++;
    this.#events.push({ type: 'selected-pair', pair });
  }

  #setState(state: IceState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.push({ type: 'state', state });
  }

  #roleChanged(): void {
    this.#session.updatePriorities();
    this.#former?.session.updatePriorities();
    this.#events.push({ type: 'role-changed', role: this.role });
  }

  #selected(): CandidatePair | undefined {
    return this.#session.selected ?? this.#former?.session.selected;
  }

  #findPath(local: TransportAddress, remote: TransportAddress): CandidatePair | undefined {
    const selected = this.#selected();
    if (selected?.isPath(local, remote)) return selected;
    const pair = this.#session.checklist.find(local, remote);
    if (pair !== undefined && (pair.state === 'succeeded' || pair.hasRemoteCheck)) return pair;
    const former = this.#former?.session.selected;
    return former?.isPath(local, remote) ? former : undefined;
  }

  #nextPairId(): string {
    this.#pairCount += 1;
    return String(this.#pairCount);
  }

  #createSession(): IceSession {
    const { random, crypto } = this.#environment;
    return new IceSession(this.#environment, generateCredentials(random, crypto));
  }

  #createGatherer(): Gatherer {
    const { random, timing } = this.#environment;
    const { usernameFragment } = this.#session.localCredentials;
    return new Gatherer(random, timing, this.#foundations, this.#stunServers, usernameFragment, {
      candidate: (candidate, now) => {
        this.#session.addLocalCandidate(candidate, now);
        this.#events.push({ type: 'candidate', candidate });
      },
      serverUnreachable: (url) => this.#events.push({ type: 'server-unreachable', url }),
      state: (state) => this.#events.push({ type: 'gathering-state', state }),
      lookup: (hostname) => this.#events.push({ type: 'lookup', hostname }),
      send: (data, local, remote) => this.#send(data, local, remote),
    });
  }

  #send(data: Uint8Array, { address, port }: TransportAddress, remote: TransportAddress): void {
    this.#datagrams.push({
      data,
      local: { address, port },
      remote: { address: remote.address, port: remote.port },
    });
  }

  #drop(reason: keyof IceCounters): void {
    this.#counters[reason]++;
    this.#environment.onTrace?.({ type: 'dropped', reason });
  }

  #requireOpen(method: string): void {
    if (this.#state === 'closed') {
      throw new IceError('ICE_CLOSED', `${method}() was called on a closed agent.`);
    }
  }
}
