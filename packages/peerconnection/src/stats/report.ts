// RTCStatsReport and the dictionaries in it.
// https://www.w3.org/TR/webrtc-stats/

import type { RTCDataChannelState } from '../data/channel.ts';
import type {
  RTCIceCandidateType,
  RTCIceServerTransportProtocol,
  RTCIceTcpCandidateType,
} from '../ice-candidate.ts';
import type { RTCDtlsTransportState } from '../transports/dtls-transport.ts';
import type { RTCIceRole, RTCIceTransportState } from '../transports/ice-transport.ts';
import { defineInterface } from '../web-idl.ts';

export type RTCStatsType =
  | 'candidate-pair'
  | 'certificate'
  | 'data-channel'
  | 'local-candidate'
  | 'peer-connection'
  | 'remote-candidate'
  | 'transport';

export interface RTCStats {
  id: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  timestamp: number;
  type: RTCStatsType;
}

export interface RTCPeerConnectionStats extends RTCStats {
  type: 'peer-connection';
  dataChannelsOpened: number;
  dataChannelsClosed: number;
  /** Kaon's own: the name of the crypto provider, such as `kernel`. */
  cryptoProvider: string;
  /** Kaon's own: what seals and opens packets: `wasm-simd`, `node` or `noble`. */
  packetKernel: string;
}

export type RTCDtlsRole = 'client' | 'server' | 'unknown';

export interface RTCTransportStats extends RTCStats {
  type: 'transport';
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  iceRole: RTCIceRole;
  iceLocalUsernameFragment: string;
  iceState: RTCIceTransportState;
  dtlsState: RTCDtlsTransportState;
  dtlsRole: RTCDtlsRole;
  /** Four hexadecimal digits: `FEFD` is DTLS 1.2. */
  tlsVersion?: string;
  /** The name in the IANA's registry of TLS cipher suites. */
  dtlsCipher?: string;
  /** The name in the IANA's registry of DTLS-SRTP protection profiles. */
  srtpCipher?: string;
  selectedCandidatePairId?: string;
  selectedCandidatePairChanges: number;
  localCertificateId?: string;
  remoteCertificateId?: string;
  /** Kaon's own: what SCTP measures; absent before there is an association. */
  sctp?: RTCKaonSctpStats;
}

/** Kaon's own: what SCTP measures. */
export interface RTCKaonSctpStats {
  /** Seconds. */
  smoothedRoundTripTime?: number;
  /** Seconds, the least of the last minutes. */
  minRoundTripTime?: number;
  /** Seconds, of the timer of last resort. */
  retransmissionTimeout?: number;
  /** `bbr`, `cubic` or `newreno`. */
  congestionControl?: string;
  /** Bytes. */
  congestionWindow: number;
  /** Bytes a second; absent while packets are not paced. */
  pacingRate?: number;
  /** Bytes that the peer has room for. */
  receiverWindow: number;
  /** The largest SCTP packet that is sent, in bytes. */
  mtu: number;
  /** DATA chunks sent and not acknowledged. */
  unackData: number;
  /** Chunks sent. */
  chunksSent: number;
  /** Chunks sent again. */
  retransmissions: number;
  /** Of those, needlessly. */
  spuriousRetransmissions: number;
  fastRetransmits: number;
  tailLossProbes: number;
  retransmissionTimeouts: number;
  /** Messages given up, as their channels allow. */
  messagesAbandoned: number;
  /** Whether messages are interleaved (RFC 8260). */
  interleaving: boolean;
  /** Whether packets go without a checksum (RFC 9653). */
  zeroChecksum: boolean;
}

export interface RTCIceCandidateStats extends RTCStats {
  type: 'local-candidate' | 'remote-candidate';
  transportId: string;
  address: string | null;
  port: number;
  protocol: string;
  candidateType: RTCIceCandidateType;
  priority: number;
  foundation: string;
  url?: string;
  relayProtocol?: RTCIceServerTransportProtocol;
  relatedAddress?: string;
  relatedPort?: number;
  usernameFragment?: string;
  tcpType?: RTCIceTcpCandidateType;
}

export type RTCStatsIceCandidatePairState =
  | 'frozen'
  | 'waiting'
  | 'in-progress'
  | 'failed'
  | 'succeeded';

export interface RTCIceCandidatePairStats extends RTCStats {
  type: 'candidate-pair';
  transportId: string;
  localCandidateId: string;
  remoteCandidateId: string;
  state: RTCStatsIceCandidatePairState;
  nominated: boolean;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  lastPacketSentTimestamp?: number;
  lastPacketReceivedTimestamp?: number;
  /** Seconds, over all responses. */
  totalRoundTripTime: number;
  /** Seconds. */
  currentRoundTripTime?: number;
  requestsReceived: number;
  requestsSent: number;
  responsesReceived: number;
  responsesSent: number;
  consentRequestsSent: number;
}

export interface RTCCertificateStats extends RTCStats {
  type: 'certificate';
  fingerprint: string;
  fingerprintAlgorithm: string;
  base64Certificate: string;
  issuerCertificateId?: string;
}

export interface RTCDataChannelStats extends RTCStats {
  type: 'data-channel';
  label: string;
  protocol: string;
  dataChannelIdentifier?: number;
  state: RTCDataChannelState;
  messagesSent: number;
  bytesSent: number;
  messagesReceived: number;
  bytesReceived: number;
}

/** Any of them. */
export type RTCStatsEntry =
  | RTCPeerConnectionStats
  | RTCTransportStats
  | RTCIceCandidateStats
  | RTCIceCandidatePairStats
  | RTCCertificateStats
  | RTCDataChannelStats;

/** The measurements of a connection by their ids: a map that cannot be changed. */
export class RTCStatsReport implements ReadonlyMap<string, RTCStatsEntry> {
  readonly #entries: ReadonlyMap<string, RTCStatsEntry>;

  /** Not for applications. */
  constructor(entries: ReadonlyMap<string, RTCStatsEntry>) {
    if (entries === undefined) throw new TypeError('Illegal constructor.');
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): RTCStatsEntry | undefined {
    return this.#entries.get(id);
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  entries(): MapIterator<[string, RTCStatsEntry]> {
    return this.#entries.entries();
  }

  keys(): MapIterator<string> {
    return this.#entries.keys();
  }

  values(): MapIterator<RTCStatsEntry> {
    return this.#entries.values();
  }

  forEach(
    callback: (value: RTCStatsEntry, id: string, report: RTCStatsReport) => void,
    thisArgument?: unknown,
  ): void {
    for (const [id, entry] of this.#entries) callback.call(thisArgument, entry, id, this);
  }

  [Symbol.iterator](): MapIterator<[string, RTCStatsEntry]> {
    return this.#entries.entries();
  }
}

defineInterface(RTCStatsReport, 'RTCStatsReport');
