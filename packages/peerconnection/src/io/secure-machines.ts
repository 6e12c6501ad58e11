// The DTLS and SCTP machines of a transport, as WebRTC has them (RFC 8827 §6.5, RFC 8831 §5).

import type { CryptoProvider } from '@kaon/crypto';
import {
  type DtlsCertificate,
  DtlsConnection,
  type Fingerprint,
  SrtpProtectionProfile,
} from '@kaon/dtls';
import { SctpAssociation } from '@kaon/sctp';
import type { Network } from '@kaon/wire';
import type { KaonOptions } from './options.ts';

/** What descriptions have agreed on for DTLS and SCTP. */
export interface SecureParameters {
  readonly role: 'client' | 'server';
  readonly certificate: DtlsCertificate;
  readonly remoteFingerprints: readonly Fingerprint[];
  readonly remoteSctpPort: number;
  readonly localSctpPort: number;
  /** The largest message the peer accepts; Infinity if any. */
  readonly remoteMaxMessageSize: number;
  readonly localMaxMessageSize: number;
  /** The INIT of the peer's description, if ours has one too (draft-hancke-tsvwg-snap). */
  readonly remoteSctpInit: Uint8Array | undefined;
}

/** What machines are made with. */
export interface MachineMeans {
  readonly network: Network;
  readonly crypto: CryptoProvider;
  readonly kaon: KaonOptions;
}

/** Leaves room below the 1280 bytes that every IPv6 path carries (RFC 8261 §5). */
const DEFAULT_MTU = 1200;
/** The least that SCTP can work with. */
const MIN_SCTP_PACKET_BYTES = 256;
/** Header, explicit nonce and tag of a record (RFC 5288 §3, RFC 6347 §4.1). */
const AES_GCM_OVERHEAD = 13 + 8 + 16;
const MAX_DTLS_RETRANSMISSION_MS = 2000;
/**
 * The profiles that every WebRTC endpoint negotiates, best first (RFC 8827 §6.5, RFC 7714 §14.2). Some
 * peers end a handshake without them, even one for data channels alone.
 */
const SRTP_PROTECTION_PROFILES: readonly number[] = [
  SrtpProtectionProfile.aeadAes128Gcm,
  SrtpProtectionProfile.aeadAes256Gcm,
  SrtpProtectionProfile.aes128CmHmacSha1_80,
];

/** One end of DTLS, not yet started. */
export function createDtls(
  secure: SecureParameters,
  { network, crypto, kaon }: MachineMeans,
): DtlsConnection {
  const { onTrace, onKeyLog, mtu = DEFAULT_MTU } = kaon;
  return new DtlsConnection({
    role: secure.role,
    certificate: secure.certificate,
    crypto,
    random: network.random,
    remoteFingerprints: secure.remoteFingerprints,
    srtpProtectionProfiles: SRTP_PROTECTION_PROFILES,
    mtu,
    // ICE has shown that the peer can be reached.
    cookieExchange: false,
    // Deviation: RFC 6347 §4.2.4.1 backs off to a minute; ICE watches over the path, so that a handshake
    // may be quick to go on after an interruption.
    maxRetransmissionMs: MAX_DTLS_RETRANSMISSION_MS,
    ...(onTrace === undefined ? {} : { onTrace: (event) => onTrace({ layer: 'dtls', event }) }),
    ...(onKeyLog === undefined ? {} : { onKeyLog }),
  });
}

/**
 * Bytes of an SCTP packet that fits one record: of `dtls` if it is connected, else of the records that it will
 * most likely have.
 */
export function sctpPacketBytes({ kaon }: MachineMeans, dtls?: DtlsConnection): number {
  const { mtu = DEFAULT_MTU } = kaon;
  const limit = dtls?.info?.remoteRecordSizeLimit ?? Number.POSITIVE_INFINITY;
  const bytes = Math.min(mtu - (dtls?.overhead ?? AES_GCM_OVERHEAD), limit);
  return Math.max(MIN_SCTP_PACKET_BYTES, bytes & ~3);
}

/** One end of SCTP over DTLS, not yet begun. */
export function createSctp(
  secure: SecureParameters,
  { network, crypto, kaon }: MachineMeans,
  maxPacketBytes: number,
  signaledInit: Uint8Array | undefined,
): SctpAssociation {
  const { onTrace } = kaon;
  return new SctpAssociation({
    random: network.random,
    crypto,
    localPort: secure.localSctpPort,
    remotePort: secure.remoteSctpPort,
    maxMessageBytes: secure.localMaxMessageSize,
    remoteMaxMessageBytes: secure.remoteMaxMessageSize,
    maxPacketBytes,
    // DTLS protects packets better than a checksum (RFC 9653 §3).
    zeroChecksum: true,
    ...kaon.sctp,
    ...(signaledInit === undefined ? {} : { signaledInit }),
    // The bound on what waits is each channel's own.
    sendBufferBytes: Number.POSITIVE_INFINITY,
    // Deviation: RFC 9260 §8.1 gives a silent peer up; that is for ICE's consent to say (RFC 7675).
    maxRetransmits: Number.POSITIVE_INFINITY,
    maxInitRetransmits: Number.POSITIVE_INFINITY,
    ...(onTrace === undefined ? {} : { onTrace: (event) => onTrace({ layer: 'sctp', event }) }),
  });
}
