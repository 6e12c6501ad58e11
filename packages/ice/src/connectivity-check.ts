// Connectivity checks that we send: their encoding, retransmission, and the table of those unanswered.
// https://www.rfc-editor.org/rfc/rfc8445#section-7.2

import {
  attribute,
  BINDING_METHOD,
  encodeMessage,
  ICE_CONTROLLED,
  ICE_CONTROLLING,
  type OutgoingAttribute,
  PRIORITY,
  TRANSACTION_ID_LENGTH,
  USE_CANDIDATE,
  USERNAME,
} from '@kaon/stun';
import { formatHex, type RandomSource, Timer } from '@kaon/wire';
import type { CandidatePair } from './candidate-pair.ts';
import type { KeyedCredentials } from './credentials.ts';
import type { IceLimits, IceTiming } from './options.ts';
import type { IceRole } from './role.ts';

/** What a check says. */
export interface CheckContents {
  readonly pair: CandidatePair;
  readonly local: KeyedCredentials;
  readonly remote: KeyedCredentials;
  readonly role: IceRole;
  readonly tieBreaker: bigint;
  /** Of the peer-reflexive candidate that the check may reveal (RFC 8445 §7.1.1). */
  readonly priority: number;
  /** Nominates the pair (RFC 8445 §8.1.1). */
  readonly useCandidate: boolean;
  /** A consent check is sent once and not again (RFC 7675 §5.1). */
  readonly purpose: 'check' | 'consent';
}

/** How often and how long a check is sent. */
export interface CheckSchedule {
  readonly rtoMs: number;
  readonly maxRtoMs: number;
  readonly requestCount: number;
  /** How long a consent check may be answered. */
  readonly consentTimeoutMs: number;
}

/** The schedule of a check while `activeCount` pairs are checked or are about to be (RFC 8445 §14.3). */
export function checkSchedule(
  { rtoMs, maxRtoMs, pacingMs, consentTimeoutMs }: IceTiming,
  { requestCount }: IceLimits,
  activeCount: number,
): CheckSchedule {
  return {
    rtoMs: Math.max(rtoMs, pacingMs * activeCount),
    maxRtoMs,
    requestCount,
    consentTimeoutMs,
  };
}

/** A check without an answer yet. */
export class CheckTransaction {
  readonly key: string;
  readonly contents: CheckContents;
  readonly request: Uint8Array;
  /** When the latest copy went out. */
  sentAt: number;
  requestsSent = 1;
  /** RFC 8445 §7.3.1.4: sent no more, and its loss means nothing; an answer still counts. */
  isCancelled = false;
  readonly #timer: Timer;

  constructor(
    transactionId: Uint8Array,
    contents: CheckContents,
    schedule: CheckSchedule,
    now: number,
  ) {
    this.key = formatHex(transactionId);
    this.contents = contents;
    this.request = encodeCheck(transactionId, contents);
    this.sentAt = now;
    // Deviation: the backoff of RFC 8489 §6.2.1 is capped (at 2 s by default), because pauses of 8 and
    // 16 seconds would outlast the outage that they were to bridge. As many requests are sent.
    this.#timer = new Timer(
      contents.purpose === 'consent'
        ? { durationMs: schedule.consentTimeoutMs, maxExpirations: 1 }
        : {
            durationMs: schedule.rtoMs,
            backoffFactor: 2,
            maxDurationMs: Math.max(schedule.rtoMs, schedule.maxRtoMs),
            maxExpirations: schedule.requestCount,
          },
    );
    this.#timer.start(now);
  }

  get nextTimeout(): number {
    return this.#timer.deadline;
  }

  /** What its timer asks for at `now`. */
  handleTimeout(now: number): 'nothing' | 'retransmit' | 'timed-out' {
    if (!this.#timer.expire(now)) return 'nothing';
    if (!this.#timer.isRunning) return 'timed-out';
    if (this.isCancelled) return 'nothing';
    this.sentAt = now;
    this.requestsSent++;
    return 'retransmit';
  }
}

/** The checks that wait for an answer, by transaction ID; bounded. */
export class CheckTransactions {
  readonly #random: RandomSource;
  readonly #limit: number;
  readonly #table = new Map<string, CheckTransaction>();

  constructor(random: RandomSource, limit: number) {
    this.#random = random;
    this.#limit = limit;
  }

  get nextTimeout(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const transaction of this.#table.values()) {
      earliest = Math.min(earliest, transaction.nextTimeout);
    }
    return earliest;
  }

  /** A new transaction; in a full table it takes the place of the oldest. */
  create(contents: CheckContents, schedule: CheckSchedule, now: number): CheckTransaction {
    if (this.#table.size >= this.#limit) {
      const [oldest] = this.#table.keys();
      if (oldest !== undefined) this.#table.delete(oldest);
    }
    const transactionId = this.#random.fill(new Uint8Array(TRANSACTION_ID_LENGTH));
    const transaction = new CheckTransaction(transactionId, contents, schedule, now);
    this.#table.set(transaction.key, transaction);
    return transaction;
  }

  /** The transaction that a response belongs to. */
  find(transactionId: Uint8Array): CheckTransaction | undefined {
    return this.#table.get(formatHex(transactionId));
  }

  /** Forgets one: it was answered, or gave up. */
  remove(transaction: CheckTransaction): void {
    this.#table.delete(transaction.key);
  }

  /** Cancels what was sent for `pair` (RFC 8445 §7.3.1.4). */
  cancel(pair: CandidatePair): void {
    for (const transaction of this.#table.values()) {
      if (transaction.contents.pair === pair && transaction.contents.purpose === 'check') {
        transaction.isCancelled = true;
      }
    }
  }

  /** Stops retransmitting all checks but consent's (RFC 8445 §8.1.2). */
  cancelAll(): void {
    for (const transaction of this.#table.values()) {
      if (transaction.contents.purpose === 'check') transaction.isCancelled = true;
    }
  }

  clear(): void {
    this.#table.clear();
  }

  [Symbol.iterator](): IterableIterator<CheckTransaction> {
    return this.#table.values();
  }
}

/** RFC 8445 §7.1. */
function encodeCheck(transactionId: Uint8Array, contents: CheckContents): Uint8Array {
  const { local, remote, role, tieBreaker, priority } = contents;
  const roleKind = role === 'controlling' ? ICE_CONTROLLING : ICE_CONTROLLED;
  const attributes: OutgoingAttribute[] = [
    // §7.2.2: the peer's fragment first, and the peer's password as key.
    attribute(USERNAME, `${remote.usernameFragment}:${local.usernameFragment}`),
    attribute(roleKind, tieBreaker),
    attribute(PRIORITY, priority),
  ];
  if (contents.useCandidate) attributes.push(attribute(USE_CANDIDATE, true));
  return encodeMessage(
    { class: 'request', method: BINDING_METHOD, transactionId, attributes },
    { integrity: remote.integrity, fingerprint: true },
  );
}
