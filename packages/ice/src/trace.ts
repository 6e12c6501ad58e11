// What an agent tells about its inside, when asked; and what it counts.

import type { TransportAddress } from '@kaon/wire';
import type { IceRole } from './role.ts';

/** The state of a pair on the check list (RFC 8445 §6.1.2.6). */
export type IceCandidatePairState = 'frozen' | 'waiting' | 'in-progress' | 'succeeded' | 'failed';

/** One thing that happened. */
export type IceTrace =
  | {
      readonly type: 'check-sent';
      readonly pairId: string;
      readonly purpose: 'ordinary' | 'triggered' | 'nomination' | 'consent' | 'retransmission';
    }
  | { readonly type: 'check-answered'; readonly pairId: string; readonly roundTripTimeMs: number }
  | { readonly type: 'pair-state'; readonly pairId: string; readonly state: IceCandidatePairState }
  | { readonly type: 'pair-nominated'; readonly pairId: string }
  | {
      readonly type: 'request-received';
      readonly local: TransportAddress;
      readonly remote: TransportAddress;
    }
  | { readonly type: 'role'; readonly role: IceRole }
  | { readonly type: 'dropped'; readonly reason: keyof IceCounters };

/** What an agent counts, from its beginning. */
export interface IceCounters {
  /** Binding requests to the peer, with retransmissions. */
  requestsSent: number;
  /** Binding requests from the peer whose integrity was right. */
  requestsReceived: number;
  responsesSent: number;
  responsesReceived: number;
  consentRequestsSent: number;
  errorResponsesSent: number;
  errorResponsesReceived: number;
  roleConflicts: number;
  /** Datagrams that are no well-formed Binding message, or came from port 0. */
  droppedMalformed: number;
  droppedFingerprint: number;
  droppedIntegrity: number;
  /** Responses that no outstanding transaction waits for: late, replayed or forged. */
  droppedUnknownTransaction: number;
  /** Responses that came another way than their request went. */
  droppedAsymmetric: number;
  /** Datagrams for a socket that was never given as a base. */
  droppedUnknownBase: number;
  /** Unauthenticated requests that got no answer because there were too many. */
  suppressedErrors: number;
  earlyChecksQueued: number;
  earlyChecksDropped: number;
  ignoredTcpCandidates: number;
  /** Remote candidates with a host name outside of .local. */
  ignoredHostnames: number;
  /** Remote candidates with an address, port or component that cannot be used. */
  ignoredCandidates: number;
  ignoredDuplicateCandidates: number;
  /** Remote candidates of another generation of credentials. */
  ignoredOtherGeneration: number;
  ignoredCandidatesOverLimit: number;
  ignoredPeerReflexiveOverLimit: number;
  ignoredPairsOverLimit: number;
  ignoredLookupsOverLimit: number;
}

/** All at zero. */
export function createCounters(): IceCounters {
  return {
    requestsSent: 0,
    requestsReceived: 0,
    responsesSent: 0,
    responsesReceived: 0,
    consentRequestsSent: 0,
    errorResponsesSent: 0,
    errorResponsesReceived: 0,
    roleConflicts: 0,
    droppedMalformed: 0,
    droppedFingerprint: 0,
    droppedIntegrity: 0,
    droppedUnknownTransaction: 0,
    droppedAsymmetric: 0,
    droppedUnknownBase: 0,
    suppressedErrors: 0,
    earlyChecksQueued: 0,
    earlyChecksDropped: 0,
    ignoredTcpCandidates: 0,
    ignoredHostnames: 0,
    ignoredCandidates: 0,
    ignoredDuplicateCandidates: 0,
    ignoredOtherGeneration: 0,
    ignoredCandidatesOverLimit: 0,
    ignoredPeerReflexiveOverLimit: 0,
    ignoredPairsOverLimit: 0,
    ignoredLookupsOverLimit: 0,
  };
}
