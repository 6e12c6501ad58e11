// What an association can tell about itself at one moment.
import type { SctpCounters } from './counters.ts';
import type { AssociationStateName } from './state.ts';

/** A snapshot; bytes of the sending side count chunk headers and padding unless said otherwise. */
export interface SctpStats {
  readonly state: AssociationStateName;
  readonly counters: SctpCounters;
  /** What was agreed on: I-DATA (RFC 8260), no checksums (RFC 9653), FORWARD TSN (RFC 3758). */
  readonly interleaving: boolean;
  readonly zeroChecksum: boolean;
  readonly partialReliability: boolean;
  /** The smoothed round-trip time; undefined before the first measurement. */
  readonly srttMs: number | undefined;
  /** The latest round-trip time, the least of the last five minutes, and how far they vary. */
  readonly latestRttMs: number | undefined;
  readonly minRttMs: number | undefined;
  readonly rttVarMs: number | undefined;
  readonly rtoMs: number | undefined;
  /** The name of the congestion control algorithm. */
  readonly congestionControl: string | undefined;
  /** The largest packet that is sent now, with its header. */
  readonly packetBytes: number;
  readonly cwnd: number;
  readonly ssthresh: number;
  /** Bytes a second at which packets leave; Infinity if they are not paced. */
  readonly pacingRateBps: number;
  /** Bytes a second that arrived at the peer, by the latest measurement; 0 before the first. */
  readonly deliveryRateBps: number;
  /** Bytes sent, and neither acknowledged nor taken for lost. */
  readonly flightBytes: number;
  /** DATA chunks sent and not acknowledged cumulatively. */
  readonly outstandingChunks: number;
  /** User data that the peer has room for. */
  readonly peerWindow: number;
  /** User data that we have room for. */
  readonly localWindow: number;
  /** User data received and held, here and in the layers above. */
  readonly receiveBufferedBytes: number;
  /** User data accepted and not yet sent. */
  readonly sendBufferedBytes: number;
}
