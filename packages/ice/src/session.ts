// One generation of credentials: its candidates, check list, checks, nomination and consent.
// https://www.rfc-editor.org/rfc/rfc8445#section-6

import type { CryptoProvider } from '@kaon/crypto';
import { ERROR_CODE, readAttribute, type StunMessage, XOR_MAPPED_ADDRESS } from '@kaon/stun';
import { equalAddresses, type RandomSource, type TransportAddress } from '@kaon/wire';
import {
  candidatePriority,
  canPair,
  type FoundationTable,
  type IceCandidate,
  type LocalIceCandidate,
} from './candidate.ts';
import { CandidatePair } from './candidate-pair.ts';
import { type CheckRequest, encodeCheckResponse, encodeRoleConflict } from './check-request.ts';
import { Checklist } from './checklist.ts';
import { type CheckTransaction, CheckTransactions } from './connectivity-check.ts';
import { Consent } from './consent.ts';
import { type IceCredentials, type KeyedCredentials, keyCredentials } from './credentials.ts';
import { IceError } from './errors.ts';
import { Nominator } from './nomination.ts';
import type { IceLimits, IceTiming } from './options.ts';
import { RemoteCandidates, type RemoteCandidateVerdict } from './remote-candidates.ts';
import type { RoleState } from './role.ts';
import { TokenBucket } from './token-bucket.ts';
import type { IceCounters, IceTrace } from './trace.ts';

/** What the sessions of an agent share, and how they reach out. */
export interface SessionEnvironment {
  readonly random: RandomSource;
  readonly crypto: CryptoProvider;
  readonly timing: IceTiming;
  readonly limits: IceLimits;
  readonly counters: IceCounters;
  readonly role: RoleState;
  readonly foundations: FoundationTable;
  readonly onTrace: ((event: IceTrace) => void) | undefined;
  nextPairId(): string;
  send(data: Uint8Array, local: TransportAddress, remote: TransportAddress): void;
  lookup(hostname: string): void;
  /** The role was switched in {@link role}: all priorities change. */
  roleChanged(): void;
}

/** A check that came before the peer's credentials (RFC 8445 §7.3). */
interface EarlyCheck {
  readonly base: TransportAddress;
  readonly source: TransportAddress;
  readonly priority: number;
  readonly useCandidate: boolean;
  readonly remoteUsernameFragment: string;
}

/** Checks and answers of one generation. */
export class IceSession {
  readonly localCredentials: KeyedCredentials;
  readonly checklist: Checklist;
  readonly remoteCandidates: RemoteCandidates;
  readonly #environment: SessionEnvironment;
  readonly #transactions: CheckTransactions;
  readonly #nominator: Nominator;
  readonly #consent: Consent;
  readonly #triggeredBucket: TokenBucket;
  readonly #hosts: LocalIceCandidate[] = [];
  readonly #reflexive: LocalIceCandidate[] = [];
  readonly #earlyChecks: EarlyCheck[] = [];
  /** Candidates that came before the credentials they belong to. */
  readonly #earlyCandidates: IceCandidate[] = [];
  #remoteCredentials: KeyedCredentials | undefined = undefined;
  #selected: CandidatePair | undefined = undefined;
  #nominee: CandidatePair | undefined = undefined;
  #failure: 'none' | 'no-pair' | 'consent' = 'none';
  #isRetired = false;
  #isConcluded = false;
  #peerReflexiveCount = 0;
  #nextOrdinaryAt = Number.NEGATIVE_INFINITY;
  #startedAt = Number.POSITIVE_INFINITY;
  #latestPairAt = Number.POSITIVE_INFINITY;

  constructor(environment: SessionEnvironment, localCredentials: KeyedCredentials) {
    const { random, limits, timing, counters, onTrace } = environment;
    this.#environment = environment;
    this.localCredentials = localCredentials;
    this.checklist = new Checklist(limits.maxPairs, onTrace);
    this.remoteCandidates = new RemoteCandidates(limits, timing, counters, onTrace);
    this.#transactions = new CheckTransactions(random, limits.maxTransactions);
    this.#nominator = new Nominator(timing.nominationDelayMs);
    this.#consent = new Consent(random, timing.consentIntervalMs, timing.consentTimeoutMs);
    this.#triggeredBucket = new TokenBucket(limits.triggeredBurst, timing.pacingMs);
  }

  get remoteCredentials(): KeyedCredentials | undefined {
    return this.#remoteCredentials;
  }

  /** The nominated pair, or before nomination the best valid one. */
  get selected(): CandidatePair | undefined {
    return this.#selected;
  }

  /** Whether a valid pair is nominated, so that nothing more is looked for (RFC 8445 §8.1.2). */
  get isConcluded(): boolean {
    return this.#isConcluded;
  }

  /** Why there is no way to the peer, if so. */
  get failure(): 'none' | 'no-pair' | 'consent' {
    return this.#failure;
  }

  /** Whether the peer is known well enough to be checked. */
  get isChecking(): boolean {
    return (
      this.#remoteCredentials !== undefined &&
      (this.remoteCandidates.all.length > 0 || this.remoteCandidates.hasEnded)
    );
  }

  /** Takes a local candidate; a host candidate is paired with all remote ones. */
  addLocalCandidate(candidate: LocalIceCandidate, now: number): void {
    if (candidate.type !== 'host') {
      this.#reflexive.push(candidate); // RFC 8445 §6.1.2.4: its base stands for it
      return;
    }
    this.#hosts.push(candidate);
    for (const remote of this.remoteCandidates.all) this.#pair(candidate, remote, now);
  }

  /**
   * The peer's credentials of this generation.
   *
   * @throws IceError `ICE_INVALID_STATE` if there are others already: those need a restart.
   */
  setRemoteCredentials(credentials: IceCredentials, now: number): void {
    const known = this.#remoteCredentials;
    if (known !== undefined) {
      const { usernameFragment, password } = credentials;
      if (known.usernameFragment === usernameFragment && known.password === password) return;
      throw new IceError(
        'ICE_INVALID_STATE',
        'The remote credentials of this generation are set; other ones need restart() before.',
      );
    }
    this.#remoteCredentials = keyCredentials(credentials, this.#environment.crypto);
    this.#startedAt = now;
    for (const candidate of this.#earlyCandidates.splice(0))
      this.addRemoteCandidate(candidate, now);
    for (const check of this.#earlyChecks.splice(0)) {
      if (check.remoteUsernameFragment === credentials.usernameFragment) this.#learn(check, now);
    }
  }

  /** Takes a candidate of the peer's from signalling. */
  addRemoteCandidate(candidate: IceCandidate, now: number): void {
    const { limits, counters } = this.#environment;
    if (this.#remoteCredentials === undefined) {
      if (this.#earlyCandidates.length < limits.maxRemoteCandidates) {
        this.#earlyCandidates.push(candidate);
      } else {
        counters.ignoredCandidatesOverLimit++;
      }
      return;
    }
    const { usernameFragment } = this.#remoteCredentials;
    this.#take(this.remoteCandidates.add(candidate, usernameFragment, now), now);
  }

  /** Addresses of a name that a remote candidate had. */
  handleLookup(hostname: string, addresses: readonly string[], now: number): void {
    for (const verdict of this.remoteCandidates.resolve(hostname, addresses)) {
      this.#take(verdict, now);
    }
  }

  /** An authenticated check from the peer. */
  handleRequest(
    request: CheckRequest,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): void {
    const { counters, role, onTrace } = this.#environment;
    const { message, claim, priority, useCandidate, remoteUsernameFragment } = request;
    counters.requestsReceived++;
    onTrace?.({ type: 'request-received', local, remote });
    if (claim !== undefined && !this.#isRetired) {
      const resolution = role.resolveConflict(claim.role, claim.tieBreaker);
      if (resolution !== 'none') counters.roleConflicts++;
      if (resolution === 'reject') {
        counters.errorResponsesSent++;
        const response = encodeRoleConflict(message, this.localCredentials);
        this.#environment.send(response, local, remote);
        return;
      }
      if (resolution === 'switch') this.#switchRole();
    }
    counters.responsesSent++;
    const response = encodeCheckResponse(message, remote, this.localCredentials);
    this.#environment.send(response, local, remote);
    const check: EarlyCheck = {
      base: { address: local.address, port: local.port },
      source: { address: remote.address, port: remote.port },
      priority,
      useCandidate,
      remoteUsernameFragment,
    };
    if (this.#remoteCredentials?.usernameFragment === remoteUsernameFragment)
      this.#learn(check, now);
    else this.#hold(check);
  }

  /** A response with right integrity to one of our checks. */
  handleResponse(
    message: StunMessage,
    transaction: CheckTransaction,
    local: TransportAddress,
    remote: TransportAddress,
    now: number,
  ): void {
    const { counters, onTrace } = this.#environment;
    const { pair, purpose, role } = transaction.contents;
    // Deviation: RFC 8445 §7.2.5.2.1 fails the pair. We wait on, so that a response copied by someone on
    // the path and sent faster from elsewhere cannot kill a good pair; a path that really is asymmetric
    // fails when its check times out.
    if (!pair.isPath(local, remote)) {
      this.#drop('droppedAsymmetric');
      return;
    }
    this.#transactions.remove(transaction);
    pair.lastReceivedAt = now;
    if (message.class === 'error') {
      counters.errorResponsesReceived++;
      this.#refused(readAttribute(message, ERROR_CODE)?.code ?? 0, transaction);
      return;
    }
    const mapped = readAttribute(message, XOR_MAPPED_ADDRESS);
    if (mapped === undefined) {
      this.#drop('droppedMalformed');
      return;
    }
    counters.responsesReceived++;
    pair.responsesReceived++;
    pair.lastResponseAt = now;
    const roundTripTimeMs = now - transaction.sentAt;
    pair.currentRoundTripTimeMs = roundTripTimeMs;
    pair.totalRoundTripTimeMs += roundTripTimeMs;
    onTrace?.({ type: 'check-answered', pairId: pair.id, roundTripTimeMs });
    if (this.#failure === 'consent') return; // RFC 7675 §5.1: only a restart brings consent back
    if (pair === this.#selected) this.#consent.renew(now);
    if (purpose === 'consent') return;
    pair.local = this.#localCandidate(pair, mapped, transaction.contents.priority);
    this.checklist.setState(pair, 'succeeded');
    const weNominated = transaction.contents.useCandidate && role === this.#environment.role.role;
    if (weNominated || pair.isNominatedByPeer) this.#nominated(pair);
  }

  /** The transaction of this generation that a response belongs to. */
  findTransaction(transactionId: Uint8Array): CheckTransaction | undefined {
    return this.#transactions.find(transactionId);
  }

  handleTimeout(now: number): void {
    this.remoteCandidates.handleTimeout(now);
    for (const transaction of this.#transactions) {
      const action = transaction.handleTimeout(now);
      if (action === 'retransmit') this.#retransmit(transaction);
      else if (action === 'timed-out') this.#timedOut(transaction);
    }
    if (this.#selected === undefined) return;
    if (this.#consent.isExpired(now)) {
      this.checklist.setState(this.#selected, 'failed');
      this.#failure = 'consent';
      this.#selected = undefined;
      this.#consent.stop();
      this.#transactions.clear();
      this.checklist.clearTriggered();
    } else if (this.#consent.isRequestDue(now)) {
      this.#sendCheck(this.#selected, 'consent', now);
    }
  }

  /** Does what has become possible: selects, nominates, sends. Called after every input. */
  pump(isGatheringComplete: boolean, now: number): void {
    this.#select(now);
    if (this.#isRetired || this.#remoteCredentials === undefined) return;
    if (this.#failure === 'consent') return;
    if (this.#environment.role.role === 'controlling' && !this.#isConcluded) {
      const nominee = this.#nominator.decide(this.checklist, now);
      if (nominee !== undefined) {
        this.#nominee = nominee;
        this.checklist.trigger(nominee);
      }
    }
    this.#sendTriggered(now);
    this.#sendOrdinary(now);
    if (now >= this.#failureDeadline(isGatheringComplete) && this.#failure === 'none') {
      this.#failure = 'no-pair';
      this.#transactions.cancelAll();
    }
  }

  /** When this session next wants {@link handleTimeout} and {@link pump}. */
  nextTimeout(isGatheringComplete: boolean, now: number): number {
    let next = Math.min(
      this.#transactions.nextTimeout,
      this.#consent.nextTimeout,
      this.remoteCandidates.nextTimeout,
    );
    if (this.#selected !== undefined) {
      const silentAt =
        this.#selected.lastReceivedAt + this.#environment.timing.disconnectedTimeoutMs;
      if (silentAt > now) next = Math.min(next, silentAt);
    }
    if (this.#isRetired || this.#remoteCredentials === undefined) return next;
    if (this.#failure !== 'none') return next;
    if (this.checklist.hasTriggered) next = Math.min(next, this.#triggeredBucket.nextTokenAt);
    if (this.#isConcluded) return next;
    if (this.checklist.hasOrdinary) {
      next = Math.min(next, Math.max(this.#nextOrdinaryAt, this.#triggeredBucket.nextTokenAt));
    }
    if (this.#environment.role.role === 'controlling') {
      next = Math.min(next, this.#nominator.nextTimeout);
    }
    return Math.min(next, this.#failureDeadline(isGatheringComplete));
  }

  /** Whether nothing was received on the selected pair for too long. */
  isSilent(now: number): boolean {
    return this.#selected !== undefined && this.#isPairSilent(this.#selected, now);
  }

  /** Computes all priorities anew; the role has changed. */
  updatePriorities(): void {
    this.#nominee = undefined;
    this.#nominator.reset();
    this.checklist.updatePriorities(this.#environment.role.role);
  }

  /** A restart has begun: only the selected pair lives on, and requests are answered. */
  retire(): void {
    this.#isRetired = true;
    this.#transactions.cancelAll();
    this.checklist.clearTriggered();
  }

  // ── What the peer tells ──────────────────────────────────────────────────────────────────────────

  #take(verdict: RemoteCandidateVerdict, now: number): void {
    switch (verdict.kind) {
      case 'added':
        for (const host of this.#hosts) this.#pair(host, verdict.candidate, now);
        break;
      case 'identified':
        for (const pair of this.checklist.pairs) {
          if (equalAddresses(pair.remote, verdict.candidate)) {
            pair.replaceRemote(verdict.candidate, this.#environment.role.role);
          }
        }
        this.checklist.sort();
        break;
      case 'lookup':
        this.#environment.lookup(verdict.hostname);
        break;
      case 'ignored':
        break;
    }
  }

  #hold(check: EarlyCheck): void {
    const { counters, limits } = this.#environment;
    const index = this.#earlyChecks.findIndex(
      (held) =>
        equalAddresses(held.base, check.base) &&
        equalAddresses(held.source, check.source) &&
        held.remoteUsernameFragment === check.remoteUsernameFragment,
    );
    const held = this.#earlyChecks[index];
    if (held !== undefined) {
      // A retransmission, or the nomination that follows.
      const useCandidate = held.useCandidate || check.useCandidate;
      this.#earlyChecks[index] = { ...check, useCandidate };
    } else if (this.#isRetired || this.#earlyChecks.length >= limits.maxEarlyChecks) {
      this.#drop('earlyChecksDropped');
    } else {
      counters.earlyChecksQueued++;
      this.#earlyChecks.push(check);
    }
  }

  /** RFC 8445 §7.3.1.3 to §7.3.1.5: what a check teaches. */
  #learn({ base, source, priority, useCandidate }: EarlyCheck, now: number): void {
    let pair = this.checklist.find(base, source);
    if (pair === undefined && !this.#isRetired) {
      const host = this.#hosts.find((candidate) => equalAddresses(candidate.base, base));
      const remote =
        this.remoteCandidates.find(source) ??
        this.remoteCandidates.addPeerReflexive(source, priority);
      if (host !== undefined && remote !== undefined) pair = this.#addPair(host, remote, now);
    }
    if (pair === undefined) return;
    pair.requestsReceived++;
    pair.responsesSent++;
    pair.hasRemoteCheck = true;
    pair.lastReceivedAt = now;
    if (this.#isRetired || this.#failure === 'consent') return;
    const isNomination = useCandidate && this.#environment.role.role === 'controlled';
    if (pair.state === 'succeeded') {
      if (isNomination) this.#nominated(pair);
      return;
    }
    if (isNomination) pair.isNominatedByPeer = true;
    // §8.1.2: once a pair is nominated, only another nomination makes us look again.
    if (this.#isConcluded && !isNomination) return;
    this.#transactions.cancel(pair);
    if (pair.state === 'failed') this.#revive(now);
    this.checklist.setState(pair, 'waiting');
    this.checklist.trigger(pair);
  }

  // ── Pairs ────────────────────────────────────────────────────────────────────────────────────────

  #pair(host: LocalIceCandidate, remote: IceCandidate, now: number): void {
    if (!canPair(host.address, remote.address)) return;
    if (this.checklist.find(host.base, remote) !== undefined) return;
    this.#addPair(host, remote, now);
  }

  #addPair(host: LocalIceCandidate, remote: IceCandidate, now: number): CandidatePair | undefined {
    const { role } = this.#environment.role;
    const pair = new CandidatePair(this.#environment.nextPairId(), host, remote, role, now);
    if (!this.checklist.add(pair)) {
      this.#drop('ignoredPairsOverLimit');
      return undefined;
    }
    this.#revive(now);
    return pair;
  }

  // Deviation: W3C calls `failed` terminal until a restart. Ours is, when consent was lost; where merely no
  // pair had succeeded yet, a late candidate or check of the peer's takes it back to `checking`.
  #revive(now: number): void {
    this.#latestPairAt = now;
    if (this.#failure === 'no-pair') this.#failure = 'none';
  }

  /** RFC 8445 §7.2.5.3.1: the candidate with the address that the peer saw. */
  #localCandidate(
    pair: CandidatePair,
    mapped: TransportAddress,
    priority: number,
  ): LocalIceCandidate {
    const isIt = (candidate: LocalIceCandidate): boolean =>
      equalAddresses(candidate, mapped) && equalAddresses(candidate.base, pair.base);
    const known = this.#hosts.find(isIt) ?? this.#reflexive.find(isIt);
    if (known !== undefined) return known;
    if (this.#peerReflexiveCount >= this.#environment.limits.maxPeerReflexive) {
      this.#drop('ignoredPeerReflexiveOverLimit');
      return pair.local;
    }
    this.#peerReflexiveCount++;
    const candidate: LocalIceCandidate = {
      foundation: this.#environment.foundations.get('prflx', pair.base.address),
      component: 1,
      protocol: 'udp',
      priority,
      address: mapped.address,
      port: mapped.port,
      type: 'prflx',
      relatedAddress: pair.base.address,
      relatedPort: pair.base.port,
      usernameFragment: this.localCredentials.usernameFragment,
      base: pair.base,
      localPreference: pair.local.localPreference,
    };
    this.#reflexive.push(candidate);
    return candidate;
  }

  #select(now: number): void {
    let best: CandidatePair | undefined;
    for (const pair of this.checklist.pairs) {
      if (pair.state !== 'succeeded') continue;
      if (best === undefined || this.#isBetter(pair, best, now)) best = pair;
    }
    if (best === this.#selected) return;
    this.#selected = best;
    if (best === undefined) this.#consent.stop();
    else this.#consent.start(best.lastResponseAt, now);
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
    return now >= pair.lastReceivedAt + this.#environment.timing.disconnectedTimeoutMs;
  }

  #nominated(pair: CandidatePair): void {
    if (!pair.isNominated) this.#environment.onTrace?.({ type: 'pair-nominated', pairId: pair.id });
    pair.isNominated = true;
    if (this.#isConcluded) return;
    this.#isConcluded = true;
    this.#transactions.cancelAll();
    this.checklist.clearTriggered();
  }

  #switchRole(): void {
    this.#environment.role.switch();
    this.#environment.onTrace?.({ type: 'role', role: this.#environment.role.role });
    this.#environment.roleChanged();
  }

  // ── Checks of ours ───────────────────────────────────────────────────────────────────────────────

  // Deviation: RFC 8445 §6.1.4.1 paces triggered checks like the others. Ours go out at once while a
  // bucket of a few tokens, filled at one per Ta, lasts: each answers a peer that has proved itself, so it
  // is no traffic that a stranger could cause, and a connection on a local network is up within
  // milliseconds instead of several Ta.
  #sendTriggered(now: number): void {
    while (this.checklist.hasTriggered && this.#triggeredBucket.take(now)) {
      const pair = this.checklist.takeTriggered() as CandidatePair;
      if (pair === this.#nominee && pair.state === 'succeeded') {
        this.#sendCheck(pair, 'nomination', now);
      } else if (pair.state !== 'succeeded' && this.checklist.pairs.includes(pair)) {
        this.checklist.setState(pair, 'in-progress');
        this.#sendCheck(pair, 'triggered', now);
      }
      this.#nextOrdinaryAt = now + this.#environment.timing.pacingMs;
    }
  }

  #sendOrdinary(now: number): void {
    if (this.#isConcluded || this.#failure !== 'none' || now < this.#nextOrdinaryAt) return;
    const pair = this.checklist.nextOrdinary();
    if (pair === undefined || !this.#triggeredBucket.take(now)) return;
    this.checklist.setState(pair, 'in-progress');
    this.#sendCheck(pair, 'ordinary', now);
    this.#nextOrdinaryAt = now + this.#environment.timing.pacingMs;
  }

  #sendCheck(
    pair: CandidatePair,
    kind: 'ordinary' | 'triggered' | 'nomination' | 'consent',
    now: number,
  ): void {
    const remote = this.#remoteCredentials;
    if (remote === undefined) return;
    const { timing, limits, counters, role } = this.#environment;
    const transaction = this.#transactions.create(
      {
        pair,
        local: this.localCredentials,
        remote,
        role: role.role,
        tieBreaker: role.tieBreaker,
        priority: candidatePriority('prflx', pair.local.localPreference),
        useCandidate: kind === 'nomination',
        purpose: kind === 'consent' ? 'consent' : 'check',
      },
      {
        // RFC 8445 §14.3
        rtoMs: Math.max(timing.rtoMs, timing.pacingMs * this.checklist.unfinishedCount),
        maxRtoMs: timing.maxRtoMs,
        requestCount: limits.requestCount,
        consentTimeoutMs: timing.consentTimeoutMs,
      },
      now,
    );
    counters.requestsSent++;
    pair.requestsSent++;
    if (kind === 'consent') {
      counters.consentRequestsSent++;
      pair.consentRequestsSent++;
    }
    this.#environment.onTrace?.({ type: 'check-sent', pairId: pair.id, purpose: kind });
    // The transaction keeps the request to send it again; what the shell is given is the shell's.
    this.#environment.send(transaction.request.slice(), pair.base, pair.remote);
  }

  #retransmit({ contents, request }: CheckTransaction): void {
    const { pair } = contents;
    this.#environment.counters.requestsSent++;
    pair.requestsSent++;
    this.#environment.onTrace?.({
      type: 'check-sent',
      pairId: pair.id,
      purpose: 'retransmission',
    });
    this.#environment.send(request.slice(), pair.base, pair.remote);
  }

  #timedOut(transaction: CheckTransaction): void {
    this.#transactions.remove(transaction);
    if (transaction.isCancelled || transaction.contents.purpose === 'consent') return;
    this.#checkFailed(transaction);
  }

  /** RFC 8445 §7.2.5.2: the check came to nothing. */
  #checkFailed({ contents }: CheckTransaction): void {
    this.checklist.setState(contents.pair, 'failed');
    if (contents.pair !== this.#nominee) return;
    this.#nominee = undefined;
    this.#nominator.reset();
  }

  #refused(code: number, transaction: CheckTransaction): void {
    const { pair, purpose, role } = transaction.contents;
    if (code === 487) {
      // RFC 8445 §7.2.5.1
      this.#environment.counters.roleConflicts++;
      if (role !== this.#environment.role.role || this.#isRetired) return;
      this.#environment.role.renewTieBreaker();
      this.#switchRole();
      if (pair.state === 'succeeded') return;
      this.checklist.setState(pair, 'waiting');
      this.checklist.trigger(pair);
      return;
    }
    if (purpose === 'check' && !transaction.isCancelled) this.#checkFailed(transaction);
  }

  #failureDeadline(isGatheringComplete: boolean): number {
    if (this.#selected !== undefined || this.#failure !== 'none') return Number.POSITIVE_INFINITY;
    const { patienceMs, connectTimeoutMs } = this.#environment.timing;
    const { hasEnded, isResolving } = this.remoteCandidates;
    const isExhausted =
      isGatheringComplete && hasEnded && !isResolving && this.checklist.unfinishedCount === 0;
    // Deviation: RFC 8863 asks for 39.5 seconds of patience; browsers give up after about 15.
    return isExhausted ? this.#startedAt + patienceMs : this.#latestPairAt + connectTimeoutMs;
  }

  #drop(reason: keyof IceCounters): void {
    this.#environment.counters[reason]++;
    this.#environment.onTrace?.({ type: 'dropped', reason });
  }
}
