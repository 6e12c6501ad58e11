// What a connection's statistics say, in words and numbers for a person.

import { styleText } from 'node:util';
import type { RTCPeerConnection } from '@kaon/peerconnection';

/** The facts of one connection, from `getStats()`. */
export interface ConnectionSummary {
  readonly candidatePair: string;
  readonly dtls: string;
  readonly crypto: string;
  readonly roundTripTimeMs: number | undefined;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly retransmissions: number | undefined;
}

/** Any member of any statistics object. */
type Stats = Readonly<Record<string, string | number | boolean | undefined>> & {
  /** On a transport: what SCTP measures. */
  readonly sctp?: {
    readonly smoothedRoundTripTime?: number;
    readonly retransmissions: number;
  };
};

/** Reads a connection's statistics. */
export async function summarise(connection: RTCPeerConnection): Promise<ConnectionSummary> {
  const all = new Map<string, Stats>();
  (await connection.getStats()).forEach((value, id) => {
    all.set(id, value as unknown as Stats);
  });
  const byType = (type: string): Stats => [...all.values()].find((s) => s.type === type) ?? {};
  const byId = (id: unknown): Stats => all.get(String(id)) ?? {};
  const transport = byType('transport');
  const pair = byId(transport.selectedCandidatePairId);
  const local = byId(pair.localCandidateId);
  const remote = byId(pair.remoteCandidateId);
  const roundTripTime = transport.sctp?.smoothedRoundTripTime ?? pair.currentRoundTripTime;
  return {
    candidatePair: `${formatCandidate(local)} → ${formatCandidate(remote)}`,
    dtls: `${formatVersion(transport.tlsVersion)}, ${transport.dtlsCipher ?? 'unknown cipher'}`,
    crypto: formatCrypto(byType('peer-connection')),
    roundTripTimeMs: typeof roundTripTime === 'number' ? roundTripTime * 1000 : undefined,
    bytesSent: Number(transport.bytesSent ?? 0),
    bytesReceived: Number(transport.bytesReceived ?? 0),
    packetsSent: Number(transport.packetsSent ?? 0),
    retransmissions: transport.sctp?.retransmissions,
  };
}

function formatCandidate({ candidateType, protocol, address, port }: Stats): string {
  return `${candidateType} ${protocol} ${address}:${port}`;
}

/** The provider, and what seals and opens its packets. */
function formatCrypto({ cryptoProvider, packetKernel }: Stats): string {
  return `${cryptoProvider}, packets by ${packetKernel}`;
}

/** `FEFD`, as the statistics have it, is DTLS 1.2 (RFC 6347 §4.1). */
function formatVersion(tlsVersion: unknown): string {
  if (tlsVersion === 'FEFD') return 'DTLS 1.2';
  if (tlsVersion === 'FEFC') return 'DTLS 1.3';
  return `DTLS (${tlsVersion ?? 'unknown version'})`;
}

/** `12.3 MB`, `4.0 KB`, `17 B`: decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes >= 1e3) return `${(bytes / 1e3).toFixed(1)} KB`;
  return `${bytes} B`;
}

/** Lines of a name and a value, under a heading. */
export function formatTable(heading: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${styleText('dim', name.padEnd(width))}   ${value}`);
  return [styleText('bold', heading), ...lines].join('\n');
}
