// What an agent may be told: timing, limits, servers; and their defaults with where they come from.

import type { CryptoProvider } from '@kaon/crypto';
import type { RandomSource } from '@kaon/wire';
import type { IceRole } from './role.ts';
import type { IceTrace } from './trace.ts';

/** Milliseconds that govern an agent. */
export interface IceTiming {
  /** Ta: between two new transactions (RFC 8445 §14.2). */
  readonly pacingMs: number;
  /** RTO: from a check to its first retransmission, at least (RFC 8445 §14.3). */
  readonly rtoMs: number;
  /** The backed-off RTO of a check never exceeds this. */
  readonly maxRtoMs: number;
  /** How long the controlling agent waits for a better pair once one is valid. */
  readonly nominationDelayMs: number;
  /** The basic period of consent checks; each lasts 0.8 to 1.2 of it (RFC 7675 §5.1). */
  readonly consentIntervalMs: number;
  /** Without a consent response for this long nothing more may be sent (RFC 7675 §5.1). */
  readonly consentTimeoutMs: number;
  /** Without anything received on the selected pair for this long the state is `disconnected`. */
  readonly disconnectedTimeoutMs: number;
  /**
   * When every pair has failed and no candidate is to come, the state is `failed`, but not before this
   * much time has passed since checks could begin: a peer behind a NAT may still reach us (RFC 8863).
   */
  readonly patienceMs: number;
  /**
   * Without any valid pair for this long since the latest pair was formed, or since the peer's first candidate
   * if none could be, the state is `failed`.
   */
  readonly connectTimeoutMs: number;
  /** How often a server-reflexive address is kept alive until a pair is nominated (RFC 8445 §11). */
  readonly keepaliveIntervalMs: number;
  /** A host name not resolved by then counts as unresolvable. */
  readonly lookupTimeoutMs: number;
  /** How long the former generation is still answered once a restart has succeeded (RFC 8445 §8.3). */
  readonly retirementMs: number;
}

/** Bounds on what a peer can make an agent hold or do. */
export interface IceLimits {
  /** Pairs on the check list (RFC 8445 §6.1.2.5). */
  readonly maxPairs: number;
  /** Requests of one check (Rc of RFC 8489 §6.2.1). */
  readonly requestCount: number;
  /** Candidates from signalling, in one generation. */
  readonly maxRemoteCandidates: number;
  /** Peer-reflexive candidates, remote and local each, in one generation. */
  readonly maxPeerReflexive: number;
  /** Authenticated checks held until the peer's credentials are known (RFC 8445 §7.3). */
  readonly maxEarlyChecks: number;
  /** Transactions that wait for an answer. */
  readonly maxTransactions: number;
  /** Host names being resolved at a time. */
  readonly maxLookups: number;
  /** Triggered checks and nominations that may go out at once before pacing holds them. */
  readonly triggeredBurst: number;
  /** Error responses to unauthenticated requests that may go out at once; one more every 100 ms. */
  readonly unauthenticatedBurst: number;
}

/** A STUN server that tells reflexive addresses over UDP. */
export interface IceStunServer {
  /** A literal address, or a name that the shell resolves. */
  readonly hostname: string;
  readonly port: number;
  /** What its candidates call it; `stun:hostname:port` by default. */
  readonly url?: string;
}

/** What an `IceAgent` is made of. */
export interface IceAgentOptions {
  /** The offerer of a session is controlling (RFC 8445 §6.1.1); a conflict may change it. */
  readonly role: IceRole;
  /** Must be cryptographically strong in production: passwords and transaction IDs come from it. */
  readonly random: RandomSource;
  readonly crypto: CryptoProvider;
  readonly stunServers?: readonly IceStunServer[];
  readonly timing?: Partial<IceTiming>;
  readonly limits?: Partial<IceLimits>;
  /** Told what happens inside; nothing is computed for it when it is absent. */
  readonly onTrace?: (event: IceTrace) => void;
}

/** RFC values where there are any. */
export const DEFAULT_TIMING: IceTiming = {
  pacingMs: 50,
  rtoMs: 500,
  maxRtoMs: 2_000,
  nominationDelayMs: 100,
  consentIntervalMs: 5_000,
  consentTimeoutMs: 30_000,
  disconnectedTimeoutMs: 7_000,
  patienceMs: 15_000,
  connectTimeoutMs: 30_000,
  keepaliveIntervalMs: 15_000,
  lookupTimeoutMs: 10_000,
  retirementMs: 3_000,
};

/** Generous for a peer in good faith. */
export const DEFAULT_LIMITS: IceLimits = {
  maxPairs: 100,
  requestCount: 7,
  maxRemoteCandidates: 128,
  maxPeerReflexive: 32,
  maxEarlyChecks: 32,
  maxTransactions: 256,
  maxLookups: 16,
  triggeredBurst: 8,
  unauthenticatedBurst: 20,
};
