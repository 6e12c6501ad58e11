// An agent's measurements as plain records, in the terms of the W3C's RTCIceCandidatePairStats.
// https://www.w3.org/TR/webrtc-stats/#candidatepair-dict*

import type { IceCandidate, LocalIceCandidate } from './candidate.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { IceCandidatePairState } from './trace.ts';

/** One pair's measurements. Times are on the caller's clock. */
export interface IceCandidatePairStats {
  readonly id: string;
  readonly local: LocalIceCandidate;
  readonly remote: IceCandidate;
  readonly state: IceCandidatePairState;
  readonly isNominated: boolean;
  readonly isSelected: boolean;
  readonly priority: bigint;
  /** Application data only, as the W3C counts it. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly lastPacketSentAt: number | undefined;
  readonly lastPacketReceivedAt: number | undefined;
  /** Checks, with retransmissions and consent checks. */
  readonly requestsSent: number;
  readonly requestsReceived: number;
  readonly responsesSent: number;
  readonly responsesReceived: number;
  readonly consentRequestsSent: number;
  readonly currentRoundTripTimeMs: number | undefined;
  /** Sum over all {@link responsesReceived}. */
  readonly totalRoundTripTimeMs: number;
}

/** An agent's measurements. */
export interface IceStats {
  readonly pairs: readonly IceCandidatePairStats[];
  readonly selectedPairId: string | undefined;
  /** How often another pair was selected (RTCTransportStats.selectedCandidatePairChanges). */
  readonly selectedPairChanges: number;
}

/** A snapshot of one pair. */
export function candidatePairStats(
  pair: CandidatePair,
  isSelected: boolean,
): IceCandidatePairStats {
  return {
    id: pair.id,
    local: pair.local,
    remote: pair.remote,
    state: pair.state,
    isNominated: pair.isNominated,
    isSelected,
    priority: pair.priority,
    bytesSent: pair.bytesSent,
    bytesReceived: pair.bytesReceived,
    packetsSent: pair.packetsSent,
    packetsReceived: pair.packetsReceived,
    lastPacketSentAt: pair.lastPacketSentAt,
    lastPacketReceivedAt: pair.lastPacketReceivedAt,
    requestsSent: pair.requestsSent,
    requestsReceived: pair.requestsReceived,
    responsesSent: pair.responsesSent,
    responsesReceived: pair.responsesReceived,
    consentRequestsSent: pair.consentRequestsSent,
    currentRoundTripTimeMs: pair.currentRoundTripTimeMs,
    totalRoundTripTimeMs: pair.totalRoundTripTimeMs,
  };
}
