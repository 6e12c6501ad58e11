// Gathers the statistics of a connection from its machines.
// https://www.w3.org/TR/webrtc/#dom-rtcpeerconnection-getstats

import { certificateFingerprint, SrtpProtectionProfile } from '@kaon/dtls';
import type { IceCandidate, IceCandidatePairStats, LocalIceCandidate } from '@kaon/ice';
import type { SctpStats } from '@kaon/sctp';
import { RTCCertificate } from '../certificate.ts';
import type { Connection } from '../connection.ts';
import type { PeerTransport } from '../transports/peer-transport.ts';
import {
  type RTCCertificateStats,
  type RTCIceCandidatePairStats,
  type RTCIceCandidateStats,
  type RTCKaonSctpStats,
  type RTCStatsEntry,
  RTCStatsReport,
  type RTCTransportStats,
} from './report.ts';

/** The IANA's names of DTLS-SRTP protection profiles. */
const SRTP_CIPHERS: ReadonlyMap<number | undefined, string> = new Map([
  [SrtpProtectionProfile.aes128CmHmacSha1_80, 'SRTP_AES128_CM_HMAC_SHA1_80'],
  [SrtpProtectionProfile.aes128CmHmacSha1_32, 'SRTP_AES128_CM_HMAC_SHA1_32'],
  [SrtpProtectionProfile.aeadAes128Gcm, 'SRTP_AEAD_AES_128_GCM'],
  [SrtpProtectionProfile.aeadAes256Gcm, 'SRTP_AEAD_AES_256_GCM'],
]);

/** One snapshot being made. */
interface Snapshot {
  readonly connection: Connection;
  readonly entries: Map<string, RTCStatsEntry>;
  readonly timestamp: number;
}

/** What `getStats` without a selector gathers. */
export function collectStats(connection: Connection): RTCStatsReport {
  const timestamp = connection.timeOrigin + connection.network.now();
  const snapshot: Snapshot = { connection, entries: new Map(), timestamp };
  const { opened, closed } = connection.channels.counters;
  add(snapshot, {
    id: idOf(snapshot, 'P'),
    timestamp,
    type: 'peer-connection',
    dataChannelsOpened: opened,
    dataChannelsClosed: closed,
    cryptoProvider: connection.crypto.name,
    packetKernel: connection.crypto.packetKernel,
  });
  if (connection.transport !== undefined && connection.sctpTransport !== null) {
    addTransport(snapshot, connection.transport);
  }
  addDataChannels(snapshot);
  return new RTCStatsReport(snapshot.entries);
}

function add(snapshot: Snapshot, entry: RTCStatsEntry): string {
  snapshot.entries.set(entry.id, entry);
  return entry.id;
}

/** Stable for one object, and not to be guessed: with the connection's own random salt. */
function idOf({ connection }: Snapshot, key: string): string {
  return `${key}_${connection.statsSalt}`;
}

function addTransport(snapshot: Snapshot, transport: PeerTransport): void {
  const { connection, timestamp } = snapshot;
  const { shell, iceSlots, dtlsSlots } = transport;
  const id = idOf(snapshot, 'T0');
  const { pairs, selectedPairId, selectedPairChanges } = shell.ice.stats(shell.now);
  const { certificate } = connection;
  const [remoteCertificate] = addRemoteCertificates(snapshot, dtlsSlots.remoteCertificates);
  const localCertificate =
    certificate === undefined
      ? undefined
      : addCertificate(snapshot, RTCCertificate.unwrap(certificate).chain[0]);
  const info = shell.dtls?.info;
  const { packetsSent, packetsReceived, bytesSent, bytesReceived } = shell.counters;
  const entry: RTCTransportStats = {
    id,
    timestamp,
    type: 'transport',
    packetsSent,
    packetsReceived,
    bytesSent,
    bytesReceived,
    iceRole: iceSlots.role,
    iceLocalUsernameFragment: transport.localCredentials.usernameFragment,
    iceState: iceSlots.state,
    dtlsState: dtlsSlots.state,
    dtlsRole: connection.dtlsRole ?? 'unknown',
    selectedCandidatePairChanges: selectedPairChanges,
  };
  if (info !== undefined) {
    entry.tlsVersion = 'FEFD';
    entry.dtlsCipher = info.cipherSuite;
    const srtpCipher = SRTP_CIPHERS.get(info.srtpProtectionProfile);
    if (srtpCipher !== undefined) entry.srtpCipher = srtpCipher;
  }
  if (selectedPairId !== undefined)
    entry.selectedCandidatePairId = pairId(snapshot, selectedPairId);
  if (localCertificate !== undefined) entry.localCertificateId = localCertificate;
  if (remoteCertificate !== undefined) entry.remoteCertificateId = remoteCertificate;
  const sctp = shell.sctp?.stats;
  if (sctp !== undefined) entry.sctp = sctpStats(sctp);
  add(snapshot, entry);

  for (const candidate of shell.ice.localCandidates) addCandidate(snapshot, id, candidate, true);
  for (const candidate of shell.ice.remoteCandidates) addCandidate(snapshot, id, candidate, false);
  for (const pair of pairs) addPair(snapshot, id, pair);
}

/** What SCTP measures, in the units of webrtc-stats. */
export function sctpStats(stats: SctpStats): RTCKaonSctpStats {
  const { congestionControl, counters, minRttMs, pacingRateBps, rtoMs, srttMs } = stats;
  return {
    ...(srttMs === undefined ? {} : { smoothedRoundTripTime: srttMs / 1000 }),
    ...(minRttMs === undefined ? {} : { minRoundTripTime: minRttMs / 1000 }),
    ...(rtoMs === undefined ? {} : { retransmissionTimeout: rtoMs / 1000 }),
    ...(congestionControl === undefined ? {} : { congestionControl }),
    congestionWindow: stats.cwnd,
    ...(pacingRateBps === Number.POSITIVE_INFINITY ? {} : { pacingRate: pacingRateBps }),
    receiverWindow: stats.peerWindow,
    mtu: stats.packetBytes,
    unackData: stats.outstandingChunks,
    chunksSent: counters.dataChunksSent,
    retransmissions: counters.dataChunksRetransmitted,
    spuriousRetransmissions: counters.spuriousRetransmissions,
    fastRetransmits: counters.fastRetransmits,
    tailLossProbes: counters.tailLossProbes,
    retransmissionTimeouts: counters.retransmissionTimeouts,
    messagesAbandoned: counters.messagesAbandoned,
    interleaving: stats.interleaving,
    zeroChecksum: stats.zeroChecksum,
  };
}

function pairId(snapshot: Snapshot, id: string): string {
  return idOf(snapshot, `CP${id}`);
}

function addPair(snapshot: Snapshot, transportId: string, pair: IceCandidatePairStats): void {
  const { timestamp } = snapshot;
  const { timeOrigin } = snapshot.connection;
  const entry: RTCIceCandidatePairStats = {
    id: pairId(snapshot, pair.id),
    timestamp,
    type: 'candidate-pair',
    transportId,
    localCandidateId: addCandidate(snapshot, transportId, pair.local, true),
    remoteCandidateId: addCandidate(snapshot, transportId, pair.remote, false),
    state: pair.state,
    nominated: pair.isNominated,
    packetsSent: pair.packetsSent,
    packetsReceived: pair.packetsReceived,
    bytesSent: pair.bytesSent,
    bytesReceived: pair.bytesReceived,
    totalRoundTripTime: pair.totalRoundTripTimeMs / 1000,
    requestsReceived: pair.requestsReceived,
    requestsSent: pair.requestsSent - pair.consentRequestsSent,
    responsesReceived: pair.responsesReceived,
    responsesSent: pair.responsesSent,
    consentRequestsSent: pair.consentRequestsSent,
  };
  const { lastPacketSentAt, lastPacketReceivedAt, currentRoundTripTimeMs } = pair;
  if (lastPacketSentAt !== undefined) {
    entry.lastPacketSentTimestamp = lastPacketSentAt + timeOrigin;
  }
  if (lastPacketReceivedAt !== undefined) {
    entry.lastPacketReceivedTimestamp = lastPacketReceivedAt + timeOrigin;
  }
  if (currentRoundTripTimeMs !== undefined) {
    entry.currentRoundTripTime = currentRoundTripTimeMs / 1000;
  }
  add(snapshot, entry);
}

function addCandidate(
  snapshot: Snapshot,
  transportId: string,
  candidate: IceCandidate | LocalIceCandidate,
  isLocal: boolean,
): string {
  // Deviation: addresses that signalling has not told of are shown too: a process is not a page.
  const { address, port, protocol, type, usernameFragment } = candidate;
  const key = `${isLocal ? 'L' : 'R'}${type}/${protocol}/${address}/${port}/${usernameFragment ?? ''}`;
  const entry: RTCIceCandidateStats = {
    id: idOf(snapshot, key),
    timestamp: snapshot.timestamp,
    type: isLocal ? 'local-candidate' : 'remote-candidate',
    transportId,
    address,
    port,
    protocol,
    candidateType: type,
    priority: candidate.priority,
    foundation: candidate.foundation,
  };
  if (usernameFragment !== undefined) entry.usernameFragment = usernameFragment;
  if (candidate.relatedAddress !== undefined) entry.relatedAddress = candidate.relatedAddress;
  if (candidate.relatedPort !== undefined) entry.relatedPort = candidate.relatedPort;
  if (candidate.tcpType !== undefined) entry.tcpType = candidate.tcpType;
  if ('url' in candidate && candidate.url !== undefined) entry.url = candidate.url;
  return add(snapshot, entry);
}

/** The chain, each certificate with its issuer's; returns the ids, the peer's own first. */
function addRemoteCertificates(snapshot: Snapshot, chain: readonly Uint8Array[]): string[] {
  const ids = chain.map((der) => addCertificate(snapshot, der));
  for (const [i, id] of ids.entries()) {
    const issuer = ids[i + 1];
    const entry = snapshot.entries.get(id as string) as RTCCertificateStats;
    if (issuer !== undefined) entry.issuerCertificateId = issuer;
  }
  return ids as string[];
}

function addCertificate(snapshot: Snapshot, der: Uint8Array | undefined): string | undefined {
  if (der === undefined) return undefined;
  const fingerprint = certificateFingerprint(snapshot.connection.crypto, der, 'sha-256');
  return add(snapshot, {
    id: idOf(snapshot, `CF${fingerprint}`),
    timestamp: snapshot.timestamp,
    type: 'certificate',
    fingerprint: fingerprint.toLowerCase(),
    fingerprintAlgorithm: 'sha-256',
    base64Certificate: Buffer.from(der).toString('base64'),
  });
}

function addDataChannels(snapshot: Snapshot): void {
  for (const channel of snapshot.connection.channels.channels) {
    const { parameters, number, id, readyState } = channel;
    add(snapshot, {
      id: idOf(snapshot, `D${number}`),
      timestamp: snapshot.timestamp,
      type: 'data-channel',
      label: parameters.label,
      protocol: parameters.protocol,
      ...(id === null ? {} : { dataChannelIdentifier: id }),
      state: readyState,
      messagesSent: channel.messagesSent,
      bytesSent: channel.bytesSent,
      messagesReceived: channel.messagesReceived,
      bytesReceived: channel.bytesReceived,
    });
  }
}
