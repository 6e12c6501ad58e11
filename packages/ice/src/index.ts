// The public face of @kaon/ice: the agent, candidates and their lines.

export { IceAgent } from './agent.ts';
export type {
  IceCandidate,
  IceCandidateType,
  IceTcpType,
  LocalIceCandidate,
} from './candidate.ts';
export { candidatePriority } from './candidate.ts';
export { formatCandidate, parseCandidate } from './candidate-line.ts';
export type { IceCandidatePair } from './candidate-pair.ts';
export { pairPriority } from './candidate-pair.ts';
export type { IceCredentials } from './credentials.ts';
export { generateIceCredentials } from './credentials.ts';
export type { IceErrorCode } from './errors.ts';
export { IceError } from './errors.ts';
export type { IceDatagram, IceEvent, IceState } from './event.ts';
export type { IceBase, IceGatheringState } from './gathering.ts';
export { isMdnsName } from './mdns.ts';
export type { IceAgentOptions, IceLimits, IceStunServer, IceTiming } from './options.ts';
export { DEFAULT_LIMITS, DEFAULT_TIMING } from './options.ts';
export type { IceRole } from './role.ts';
export type { IceCandidatePairStats, IceStats } from './stats.ts';
export type { IceCandidatePairState, IceCounters, IceTrace } from './trace.ts';
