// The options of a connection, checked and filled up with defaults.

import type { CryptoProvider, KeyAgreementGroup } from '@kaon/crypto';
import type { RandomSource } from '@kaon/wire';
import type { DtlsCertificate } from './certificate.ts';
import {
  CIPHER_SUITES,
  type CipherSuite,
  type CipherSuiteName,
  cipherSuiteByName,
} from './cipher-suite.ts';
import { DtlsError } from './errors.ts';
import { type ExpectedFingerprints, expectFingerprints, type Fingerprint } from './fingerprint.ts';
import { NAMED_GROUPS } from './named-group.ts';
import type { DtlsTraceEvent } from './trace.ts';

/** How a connection is set up. */
export interface DtlsOptions {
  /** The client speaks first: `a=setup:active` (RFC 8842 §5). */
  readonly role: 'client' | 'server';
  /** What we show to the peer. */
  readonly certificate: DtlsCertificate;
  readonly crypto: CryptoProvider;
  readonly random: RandomSource;
  /**
   * What the peer's certificate must match (RFC 8122). Of several algorithms the strongest counts;
   * of several with that algorithm, one must match.
   */
  readonly remoteFingerprints: readonly Fingerprint[];
  /** Numbers of SRTP protection profiles, our favourite first (RFC 5764); none by default. */
  readonly srtpProtectionProfiles?: readonly number[];
  /** The suites we take, our favourite first; all by default. */
  readonly cipherSuites?: readonly CipherSuiteName[];
  /** The groups we take, our favourite first; all by default. */
  readonly groups?: readonly KeyAgreementGroup[];
  /** Bytes of the largest datagram of the handshake; 1200 by default. */
  readonly mtu?: number;
  /**
   * Whether a server makes sure with a HelloVerifyRequest that the client can be reached (RFC 6347
   * §4.2.1); true by default. Where ICE has shown that already, it only costs a round trip.
   */
  readonly cookieExchange?: boolean;
  /** Whether a peer without the extended master secret (RFC 7627) is refused; true by default. */
  readonly requireExtendedMasterSecret?: boolean;
  /**
   * Milliseconds to the first retransmission, doubled each time; 100 by default. RFC 6347
   * §4.2.4.1 says a second for want of anything known; where the round trip time is known, one and a
   * half of it is best (RFC 9147 §5.8.2).
   */
  readonly initialRetransmissionMs?: number;
  /**
   * The longest time between retransmissions, in milliseconds; a minute by default (RFC 6347 §4.2.4.1).
   * Where something else watches over the path, as ICE does, less lets a handshake go on sooner once a
   * path that was interrupted is back.
   */
  readonly maxRetransmissionMs?: number;
  /** Milliseconds until a handshake that has begun and is not done has failed; 60,000 by default. */
  readonly handshakeTimeoutMs?: number;
  /** Told of records, handshake messages, alerts and drops. */
  readonly onTrace?: (event: DtlsTraceEvent) => void;
  /** Told the master secret as a line of an NSS key log, as Wireshark reads it. For debugging only. */
  readonly onKeyLog?: (line: string) => void;
}

/** Options with nothing left open. */
export interface DtlsSettings {
  readonly role: 'client' | 'server';
  readonly certificate: DtlsCertificate;
  readonly crypto: CryptoProvider;
  readonly random: RandomSource;
  readonly expectedFingerprints: ExpectedFingerprints;
  readonly srtpProtectionProfiles: readonly number[];
  readonly cipherSuites: readonly CipherSuite[];
  readonly groups: readonly KeyAgreementGroup[];
  readonly mtu: number;
  readonly cookieExchange: boolean;
  readonly requireExtendedMasterSecret: boolean;
  readonly initialRetransmissionMs: number;
  readonly maxRetransmissionMs: number;
  readonly handshakeTimeoutMs: number;
  readonly onTrace: ((event: DtlsTraceEvent) => void) | undefined;
  readonly onKeyLog: ((line: string) => void) | undefined;
}

/** The smallest MTU: headers, tag and a few bytes of a message must fit. */
const MIN_MTU = 64;
/** What a UDP datagram can carry. */
const MAX_MTU = 65507;

/**
 * Checks `options` and fills them up.
 *
 * @throws DtlsError with code `DTLS_INVALID_OPTION`.
 */
export function resolveSettings(options: DtlsOptions): DtlsSettings {
  const {
    mtu = 1200,
    // Deviation: RFC 6347 §4.2.4.1 starts at a second; most round trips are far shorter, and a flight that
    // is sent once too often does no harm.
    initialRetransmissionMs = 100,
    maxRetransmissionMs = 60_000,
    handshakeTimeoutMs = 60_000,
    srtpProtectionProfiles = [],
  } = options;
  checkInteger('mtu', mtu, MIN_MTU, MAX_MTU);
  checkRange('initialRetransmissionMs', initialRetransmissionMs, 1, 60_000);
  checkRange('maxRetransmissionMs', maxRetransmissionMs, initialRetransmissionMs, 60_000);
  checkRange('handshakeTimeoutMs', handshakeTimeoutMs, 1, 86_400_000);
  for (const profile of srtpProtectionProfiles) {
    checkInteger('srtpProtectionProfiles', profile, 0, 0xffff);
  }
  return {
    role: options.role,
    certificate: options.certificate,
    crypto: options.crypto,
    random: options.random,
    expectedFingerprints: expectFingerprints(options.remoteFingerprints),
    srtpProtectionProfiles,
    cipherSuites: resolveSuites(options.cipherSuites),
    groups: resolveGroups(options.groups),
    mtu,
    cookieExchange: options.cookieExchange ?? true,
    requireExtendedMasterSecret: options.requireExtendedMasterSecret ?? true,
    initialRetransmissionMs,
    maxRetransmissionMs,
    handshakeTimeoutMs,
    onTrace: options.onTrace,
    onKeyLog: options.onKeyLog,
  };
}

function resolveSuites(names: readonly CipherSuiteName[] | undefined): readonly CipherSuite[] {
  if (names === undefined) return CIPHER_SUITES;
  const suites = names.map(
    (name) => cipherSuiteByName(name) ?? invalid(`There is no suite ${name}.`),
  );
  return suites.length > 0 ? suites : invalid('cipherSuites is empty.');
}

function resolveGroups(
  groups: readonly KeyAgreementGroup[] | undefined,
): readonly KeyAgreementGroup[] {
  if (groups === undefined) return NAMED_GROUPS;
  const unknown = groups.find((group) => !NAMED_GROUPS.includes(group));
  if (unknown !== undefined) invalid(`There is no group ${unknown}.`);
  return groups.length > 0 ? groups : invalid('groups is empty.');
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  invalid(`${name} is ${value}; it must be from ${min} to ${max}.`);
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value)) invalid(`${name} is ${value}; it must be an integer.`);
  checkRange(name, value, min, max);
}

function invalid(message: string): never {
  throw new DtlsError('DTLS_INVALID_OPTION', message);
}
