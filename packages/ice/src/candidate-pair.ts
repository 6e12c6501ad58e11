// A pair of a local and a remote candidate: a path, its state on the check list, and its measurements.
// https://www.rfc-editor.org/rfc/rfc8445#section-6.1.2

import type { TransportAddress } from '@kaon/wire';
import type { IceCandidate, LocalIceCandidate } from './candidate.ts';
import type { IceRole } from './role.ts';
import type { IceCandidatePairState } from './trace.ts';

/** A pair as the layer above sees it. It is live: its fields change as the agent learns. */
export interface IceCandidatePair {
  /** Unique in the agent's lifetime. */
  readonly id: string;
  /**
   * Of a valid pair the candidate whose address the peer sees (RFC 8445 §7.2.5.3.2); until then the host
   * candidate from which checks are sent.
   */
  readonly local: LocalIceCandidate;
  readonly remote: IceCandidate;
  /** The socket to send from. */
  readonly base: TransportAddress;
  readonly state: IceCandidatePairState;
  readonly isNominated: boolean;
  /** RFC 8445 §6.1.2.3. */
  readonly priority: bigint;
  /** Of the latest check; undefined before the first answer. */
  readonly currentRoundTripTimeMs: number | undefined;
}

/** A pair's priority; `controlling` and `controlled` are the candidates' (RFC 8445 §6.1.2.3). */
export function pairPriority(controlling: number, controlled: number): bigint {
  const g = BigInt(controlling);
  const d = BigInt(controlled);
  const [min, max] = g < d ? [g, d] : [d, g];
  return (min << 32n) + 2n * max + (g > d ? 1n : 0n);
}

/**
 * One pair. Server-reflexive local candidates are never paired themselves: checks go out from their base,
 * whose own pair is the same path at a higher priority (RFC 8445 §6.1.2.4), so base and remote address
 * identify a pair. The valid pair that a check yields (§7.2.5.3.2) is this same object with the local
 * candidate replaced by the one the peer saw.
 */
export class CandidatePair implements IceCandidatePair {
  readonly id: string;
  local: LocalIceCandidate;
  remote: IceCandidate;
  readonly base: TransportAddress;
  /** RFC 8445 §6.1.2.6: local and remote foundation together. */
  foundation: string;
  state: IceCandidatePairState = 'frozen';
  priority: bigint;
  isNominated = false;
  /** A USE-CANDIDATE came before our own check succeeded (RFC 8445 §7.3.1.5). */
  isNominatedByPeer = false;
  /** An authenticated check came this way, so that the peer's data may as well. */
  hasRemoteCheck = false;

  /** When anything authentic was received this way; the time of creation if nothing was. */
  lastReceivedAt: number;
  /** When our latest check was answered: the peer's consent (RFC 7675 §5.1). */
  lastResponseAt: number = Number.NEGATIVE_INFINITY;
  currentRoundTripTimeMs: number | undefined = undefined;
  totalRoundTripTimeMs = 0;
  requestsSent = 0;
  requestsReceived = 0;
  responsesSent = 0;
  responsesReceived = 0;
  consentRequestsSent = 0;
  bytesSent = 0;
  bytesReceived = 0;
  packetsSent = 0;
  packetsReceived = 0;
  lastPacketSentAt: number | undefined = undefined;
  lastPacketReceivedAt: number | undefined = undefined;

  /** @param local a host candidate. */
  constructor(
    id: string,
    local: LocalIceCandidate,
    remote: IceCandidate,
    role: IceRole,
    now: number,
  ) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.base = local.base;
    this.foundation = `${local.foundation}:${remote.foundation}`;
    this.priority = checkPriority(local, remote, role);
    this.lastReceivedAt = now;
  }

  /** Whether the path runs between these addresses. */
  isPath(base: TransportAddress, remote: TransportAddress): boolean {
    return (
      this.remote.port === remote.port &&
      this.base.port === base.port &&
      this.remote.address === remote.address &&
      this.base.address === base.address
    );
  }

  /** Takes what signalling says of a remote candidate that was known as peer-reflexive. */
  replaceRemote(remote: IceCandidate, role: IceRole): void {
    this.foundation = `${this.local.foundation}:${remote.foundation}`;
    this.remote = remote;
    this.updatePriority(role);
  }

  /** Computes the priority anew, for another role (RFC 8445 §7.3.1.1). */
  updatePriority(role: IceRole): void {
    this.priority = checkPriority(this.local, this.remote, role);
  }
}

function checkPriority(local: LocalIceCandidate, remote: IceCandidate, role: IceRole): bigint {
  return role === 'controlling'
    ? pairPriority(local.priority, remote.priority)
    : pairPriority(remote.priority, local.priority);
}
