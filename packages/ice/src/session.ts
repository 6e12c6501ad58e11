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
import { type CheckTransaction, CheckTransactions, checkSchedule } from './connectivity-check.ts';
import { type IceCredentials, type KeyedCredentials, keyCredentials } from './credentials.ts';
import { EarlyChecks, type LearnedCheck } from './early-checks.ts';
import { IceError } from './errors.ts';
import { LocalCandidates } from './local-candidates.ts';
import { Nominator } from './nomination.ts';
import type { IceLimits, IceTiming } from './options.ts';
import { Patience } from './patience.ts';
import { RemoteCandidates, type RemoteCandidateVerdict } from './remote-candidates.ts';
import type { RoleState } from './role.ts';
import { Selection } from './selection.ts';
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

/** Checks and answers of one generation. */
export class IceSession {
  readonly localCredentials: KeyedCredentials;
  readonly checklist: Checklist;
  readonly remoteCandidates: RemoteCandidates;
  readonly #environment: SessionEnvironment;
  readonly #transactions: CheckTransactions;
  readonly #nominator: Nominator;
  readonly #selection: Selection;
  readonly #patience: Patience;
  readonly #triggeredBucket: TokenBucket;
  readonly #locals: LocalCandidates;
  readonly #earlyChecks: EarlyChecks;
  /** Candidates that came before the credentials they belong to. */
  readonly #earlyCandidates: IceCandidate[] = [];
  #remoteCredentials: KeyedCredentials | undefined = undefined;
  #nominee: CandidatePair | undefined = undefined;
  #failure: 'none' | 'no-pair' | 'consent' = 'none';
  #isRetired = false;
  #isConcluded = false;
  #nextOrdinaryAt = Number.NEGATIVE_INFINITY;

  constructor(environment: SessionEnvironment, localCredentials: KeyedCredentials) {
    const { random, limits, timing, counters, onTrace } = environment;
    this.#environment = environment;
    this.localCredentials = localCredentials;
    this.checklist = new Checklist(limits.maxPairs, onTrace);
    this.remoteCandidates = new RemoteCandidates(limits, timing, counters, onTrace);
    this.#transactions = new CheckTransactions(random, limits.maxTransactions);
    this.#nominator = new Nominator(timing.nominationDelayMs);
    this.#selection = new Selection(random, timing);
    this.#patience = new Patience(timing);
    this.#earlyChecks = new EarlyChecks(limits.maxEarlyChecks, counters);
    this.#locals = new LocalCandidates(
      environment.foundations,
      localCredentials.usernameFragment,
      limits.maxPeerReflexive,
    );
    this.#triggeredBucket = new TokenBucket(limits.triggeredBurst, timing.pacingMs);
  }

  get remoteCredentials(): KeyedCredentials | undefined {
    return this.#remoteCredentials;
  }

  /** The nominated pair, or before nomination the best valid one. */
  get selected(): CandidatePair | undefined {
    return this.#selection.pair;
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
    this.#locals.add(candidate);
    if (candidate.type !== 'host') return;
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
    this.#patience.start(now);
    for (const candidate of this.#earlyCandidates.splice(0)) {
      this.addRemoteCandidate(candidate, now);
    }
    for (const check of this.#earlyChecks.release(credentials.usernameFragment)) {
      this.#learn(check, now);
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
    this.#patience.noteCandidate(now);
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
    const check: LearnedCheck = {
      base: { address: local.address, port: local.port },
      source: { address: remote.address, port: remote.port },
      priority,
      useCandidate,
      remoteUsernameFragment,
    };
    if (this.#remoteCredentials?.usernameFragment === remoteUsernameFragment) {
      this.#learn(check, now);
    } else if (!this.#isRetired) {
      this.#earlyChecks.hold(check);
    }
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
      this.#checkFailed(transaction); // RFC 8489 §6.3.3
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
    this.#selection.renewConsent(pair, now);
    if (purpose === 'consent') return;
    this.#failure = 'none'; // an answer can come after all pairs were given up
    const seen = this.#locals.seenAs(mapped, pair, transaction.contents.priority);
    if (seen === undefined) this.#drop('ignoredPeerReflexiveOverLimit');
    else pair.local = seen;
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
    const { pair } = this.#selection;
    if (pair === undefined) return;
    const action = this.#selection.handleTimeout(now);
    if (action === 'expired') this.#loseConsent(pair);
    else if (action === 'request') this.#sendCheck(pair, 'consent', now);
  }

  /** Does what has become possible: selects, nominates, sends. Called after every input. */
  pump(isGatheringComplete: boolean, now: number): void {
    // RFC 7675 §5.1: once consent is lost, nothing is sent any other way either.
    if (this.#failure === 'consent') return;
    const lapsed = this.#selection.update(this.checklist.pairs, now);
    if (this.#isRetired || this.#remoteCredentials === undefined) return;
    if (lapsed !== undefined) this.#checkAgain(lapsed, now);
    if (this.#environment.role.role === 'controlling' && !this.#isConcluded) {
      const nominee = this.#nominator.decide(this.checklist, now);
      if (nominee !== undefined) {
        this.#nominee = nominee;
        this.checklist.trigger(nominee);
      }
    }
    this.checklist.thaw();
    this.#sendTriggered(now);
    this.#sendOrdinary(now);
    if (now >= this.#failureDeadline(isGatheringComplete) && this.#failure === 'none') {
      this.#failure = 'no-pair';
      this.#transactions.cancelAll();
      this.checklist.failUnfinished();
    }
  }

  /** When this session next wants {@link handleTimeout} and {@link pump}. */
  nextTimeout(isGatheringComplete: boolean, now: number): number {
    let next = Math.min(
      this.#transactions.nextTimeout,
      this.#selection.nextTimeout(now),
      this.remoteCandidates.nextTimeout,
    );
    if (this.#isRetired || this.#remoteCredentials === undefined) return next;
    if (this.#failure !== 'none') return next;
    if (this.checklist.hasTriggered) next = Math.min(next, this.#triggeredBucket.nextTokenAt);
    if (this.#isConcluded) return next;
    if (this.checklist.hasWaiting) {
      next = Math.min(next, Math.max(this.#nextOrdinaryAt, this.#triggeredBucket.nextTokenAt));
    }
    if (this.#environment.role.role === 'controlling') {
      next = Math.min(next, this.#nominator.nextTimeout);
    }
    return Math.min(next, this.#failureDeadline(isGatheringComplete));
  }

  /** Whether nothing was received on the selected pair for too long. */
  isSilent(now: number): boolean {
    return this.#selection.isSilent(now);
  }

  /** Computes all priorities anew; the role has changed. */
  updatePriorities(): void {
    this.#nominee = undefined;
    this.#nominator.reset();
    this.checklist.updatePriorities(this.#environment.role.role);
    if (this.#environment.role.role === 'controlled' || this.#isRetired) return;
    // §8.1.1: to nominate is ours now. What the peer nominated counts for it no more, unless we do so too.
    for (const pair of this.checklist.pairs) pair.isNominatedByPeer = false;
    if (!this.#isConcluded || this.#selection.pair === undefined) return;
    this.#nominee = this.#selection.pair;
    this.checklist.trigger(this.#nominee);
  }

  /** A restart has begun: only the selected pair lives on, and requests are answered. */
  retire(): void {
    this.#isRetired = true;
    this.#transactions.cancelAll();
    this.checklist.clearTriggered();
  }

  /** The restart was undone: what {@link retire} gave up is begun anew. */
  resume(): void {
    if (!this.#isRetired) return;
    this.#isRetired = false;
    this.#nominee = undefined;
    this.#nominator.reset();
    for (const pair of this.checklist.pairs) {
      if (pair.state === 'in-progress') this.checklist.setState(pair, 'waiting');
    }
  }

  // ── What the peer tells ──────────────────────────────────────────────────────────────────────────

  #take(verdict: RemoteCandidateVerdict, now: number): void {
    switch (verdict.kind) {
      case 'added':
        for (const host of this.#locals.hosts) this.#pair(host, verdict.candidate, now);
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

  /** RFC 8445 §7.3.1.3 to §7.3.1.5: what a check teaches. */
  #learn({ base, source, priority, useCandidate }: LearnedCheck, now: number): void {
    let pair = this.checklist.find(base, source);
    if (pair === undefined && !this.#isRetired) {
      const host = this.#locals.findHost(base);
      const remote =
        this.remoteCandidates.find(source) ??
        this.remoteCandidates.addPeerReflexive(source, priority);
      if (host !== undefined && remote !== undefined) pair = this.#addPair(host, remote, now, true);
    }
    if (pair === undefined) return;
    pair.requestsReceived++;
    pair.responsesSent++;
    pair.hasRemoteCheck = true;
    pair.lastReceivedAt = now;
    if (this.#failure === 'consent') return;
    const isNomination = useCandidate && this.#environment.role.role === 'controlled';
    if (pair.state === 'succeeded') {
      if (isNomination) this.#nominated(pair);
      return;
    }
    if (isNomination) pair.isNominatedByPeer = true;
    if (this.#isRetired) return;
    // §8.1.2: once a pair is nominated, only another nomination makes us look again.
    if (this.#isConcluded && !isNomination) return;
    this.#transactions.cancel(pair);
    if (pair.state === 'failed' || this.#failure === 'no-pair') this.#revive(now);
    this.checklist.triggerAgain(pair);
  }

  // ── Pairs ────────────────────────────────────────────────────────────────────────────────────────

  #pair(host: LocalIceCandidate, remote: IceCandidate, now: number): void {
    if (!canPair(host.address, remote.address)) return;
    if (this.checklist.find(host.base, remote) !== undefined) return;
    this.#addPair(host, remote, now);
  }

  #addPair(
    host: LocalIceCandidate,
    remote: IceCandidate,
    now: number,
    hasRemoteCheck = false,
  ): CandidatePair | undefined {
    const { nextPairId, role } = this.#environment;
    const pair = new CandidatePair(nextPairId(), host, remote, role.role, now);
    pair.hasRemoteCheck = hasRemoteCheck;
    if (!this.checklist.add(pair)) {
      this.#drop('ignoredPairsOverLimit');
      return undefined;
    }
    this.#revive(now);
    return pair;
  }

  // Deviation: W3C calls `failed` terminal until a restart. Ours is, when consent was lost; where merely no
  // pair had succeeded yet, a late candidate or check of the peer's takes it back to `checking`, and a late
  // answer to `connected`.
  #revive(now: number): void {
    this.#patience.notePair(now);
    if (this.#failure === 'no-pair') this.#failure = 'none';
  }

  #nominated(pair: CandidatePair): void {
    if (!pair.isNominated) this.#environment.onTrace?.({ type: 'pair-nominated', pairId: pair.id });
    pair.isNominated = true;
    if (this.#isConcluded) return;
    this.#isConcluded = true;
    this.#transactions.cancelAll();
    this.checklist.clearTriggered();
  }

  /** A pair is wanted whose consent is too old: it has to be valid once more (RFC 7675 §5.1). */
  #checkAgain(pair: CandidatePair, now: number): void {
    if (pair === this.#nominee) {
      this.#nominee = undefined;
      this.#nominator.reset();
    }
    this.#revive(now);
    this.checklist.triggerAgain(pair);
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
      checkSchedule(timing, limits, this.checklist.activeCount),
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
    this.#checkFailed(transaction);
  }

  /** RFC 8445 §7.2.5.2: the check came to nothing. */
  #checkFailed({ contents, isCancelled }: CheckTransaction): void {
    if (isCancelled || contents.purpose === 'consent') return;
    // A nomination that was repeated for a change of roles: consent decides whether the pair lives.
    if (this.#isConcluded && contents.pair === this.#selection.pair) return;
    this.checklist.setState(contents.pair, 'failed');
    if (contents.pair !== this.#nominee) return;
    this.#nominee = undefined;
    this.#nominator.reset();
  }

  #refused(code: number, transaction: CheckTransaction): void {
    const { pair, role } = transaction.contents;
    if (code === 487) {
      // RFC 8445 §7.2.5.1
      this.#environment.counters.roleConflicts++;
      if (this.#isRetired) return;
      // Of several checks that were under way, the first answer makes us switch; each is made again.
      if (role === this.#environment.role.role) {
        this.#environment.role.renewTieBreaker();
        this.#switchRole();
      }
      if (pair.state === 'succeeded' || transaction.isCancelled) return;
      this.checklist.triggerAgain(pair);
      return;
    }
    // RFC 7675 §5.2: the peer takes its consent back.
    if (code === 403 && pair === this.#selection.pair) this.#loseConsent(pair);
    else this.#checkFailed(transaction);
  }

  /** RFC 7675 §5.1: nothing may be sent on this pair any more, and only a restart changes that. */
  #loseConsent(pair: CandidatePair): void {
    this.checklist.setState(pair, 'failed');
    this.#failure = 'consent';
    this.#selection.clear();
    this.#transactions.clear();
    this.checklist.clearTriggered();
  }

  #failureDeadline(isGatheringComplete: boolean): number {
    if (this.#selection.pair !== undefined || this.#failure !== 'none')
      return Number.POSITIVE_INFINITY;
    const { hasEnded, isResolving } = this.remoteCandidates;
    return this.#patience.deadline(
      isGatheringComplete && hasEnded && !isResolving && this.checklist.unfinishedCount === 0,
    );
  }

  #drop(reason: keyof IceCounters): void {
    this.#environment.counters[reason]++;
    this.#environment.onTrace?.({ type: 'dropped', reason });
  }
}
