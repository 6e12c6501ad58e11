// The public face of @kaon/sctp: the association, its events and options, and DCEP.

export type { AddedStreams, OutboundMessage } from './association.ts';
export { SctpAssociation } from './association.ts';
export type { SctpCounters } from './counters.ts';
export type { DataChannelOpen } from './dcep.ts';
export {
  DATA_CHANNEL_PPID,
  decodeDataChannelOpen,
  encodeDataChannelAck,
  encodeDataChannelOpen,
  isDataChannelAck,
} from './dcep.ts';
export type { SctpErrorCode } from './errors.ts';
export { SctpError } from './errors.ts';
export type { SctpEvent, SctpTraceEvent } from './events.ts';
export type { SctpOptions } from './options.ts';
export { checkSctpOptions } from './options.ts';
export { createSctpInit } from './signaled-init.ts';
export type { AssociationStateName } from './state.ts';
export type { SctpStats } from './stats.ts';
export type { CongestionControlName } from './tx/congestion-controller.ts';
export type { StreamSchedulerName } from './tx/stream-scheduler.ts';
