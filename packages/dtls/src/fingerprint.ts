// Certificate fingerprints, as `a=fingerprint` lines carry them. https://www.rfc-editor.org/rfc/rfc8122#section-5

import type { CryptoProvider, HashAlgorithm } from '@kaon/crypto';
import { equalBytes, formatHex, parseHex } from '@kaon/wire';
import { DtlsError } from './errors.ts';

/** A hash of a certificate's DER form. */
export interface Fingerprint {
  /** `sha-256`, `sha-384` or `sha-512`; others are passed over. */
  readonly algorithm: string;
  /** Pairs of hexadecimal digits with colons between. */
  readonly value: string;
}

/** The hashes we take, strongest first; SHA-1 and MD5 are not among them. */
const ALGORITHMS: readonly (readonly [string, HashAlgorithm, number])[] = [
  ['sha-512', 'sha512', 64],
  ['sha-384', 'sha384', 48],
  ['sha-256', 'sha256', 32],
];

/** The fingerprints of the strongest hash among those offered, ready to compare. */
export interface ExpectedFingerprints {
  readonly algorithm: HashAlgorithm;
  readonly values: readonly Uint8Array[];
}

/**
 * The fingerprint of `certificate` (DER): upper-case pairs with colons between.
 *
 * @throws DtlsError with code `DTLS_INVALID_OPTION` if `algorithm` is none of ours.
 */
export function certificateFingerprint(
  crypto: CryptoProvider,
  certificate: Uint8Array,
  algorithm: string,
): string {
  const found = ALGORITHMS.find(([name]) => name === algorithm.toLowerCase());
  if (found === undefined) {
    throw new DtlsError(
      'DTLS_INVALID_OPTION',
      `Fingerprints are made with sha-256, sha-384 or sha-512, not with ${algorithm}.`,
    );
  }
  const digits = formatHex(crypto.hash(found[1], certificate)).toUpperCase();
  return (digits.match(/../g) as string[]).join(':');
}

/**
 * The fingerprints to check against: of all that were signalled, those of the strongest hash
 * (RFC 8122 §5).
 *
 * @throws DtlsError with code `DTLS_INVALID_OPTION` if none is left, or one of ours is malformed.
 */
export function expectFingerprints(fingerprints: readonly Fingerprint[]): ExpectedFingerprints {
  for (const [name, algorithm, length] of ALGORITHMS) {
    const matching = fingerprints.filter((each) => each.algorithm.toLowerCase() === name);
    if (matching.length === 0) continue;
    return { algorithm, values: matching.map((each) => parseValue(each, length)) };
  }
  const offered = fingerprints.map((each) => each.algorithm).join(', ') || 'none';
  throw new DtlsError(
    'DTLS_INVALID_OPTION',
    `remoteFingerprints needs one with sha-256, sha-384 or sha-512; given: ${offered}.`,
  );
}

/** Whether `certificate` (DER) has one of the expected fingerprints. */
export function matchesFingerprint(
  crypto: CryptoProvider,
  certificate: Uint8Array,
  expected: ExpectedFingerprints,
): boolean {
  const actual = crypto.hash(expected.algorithm, certificate);
  return expected.values.some((value) => equalBytes(value, actual));
}

function parseValue(fingerprint: Fingerprint, length: number): Uint8Array {
  const { algorithm, value } = fingerprint;
  const bytes = /^([0-9a-f]{2}:)*[0-9a-f]{2}$/i.test(value)
    ? parseHex(value.replaceAll(':', ''))
    : undefined;
  if (bytes?.length === length) return bytes;
  throw new DtlsError(
    'DTLS_INVALID_OPTION',
    `The ${algorithm} fingerprint "${value}" is not ${length} pairs of hexadecimal digits with colons between.`,
  );
}
