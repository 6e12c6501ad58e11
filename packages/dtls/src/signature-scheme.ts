// Signature schemes: pairs of hash and signature in DTLS 1.2 (RFC 5246 §7.4.1.4.1), single numbers since
// https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3, whose numbers are the same where they overlap.

import type { SignatureAlgorithm, SigningKey } from '@kaon/crypto';

/** One scheme. */
export interface SignatureScheme {
  readonly id: number;
  readonly algorithm: SignatureAlgorithm;
  readonly keyType: SigningKey['type'];
}

/** All schemes, in the order in which we prefer them; none with SHA-1. */
export const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  { id: 0x0403, algorithm: 'ecdsa-sha256', keyType: 'ec' },
  { id: 0x0807, algorithm: 'ed25519', keyType: 'ed25519' },
  { id: 0x0804, algorithm: 'rsa-pss-sha256', keyType: 'rsa' },
  { id: 0x0401, algorithm: 'rsa-pkcs1-sha256', keyType: 'rsa' },
  { id: 0x0503, algorithm: 'ecdsa-sha384', keyType: 'ec' },
  { id: 0x0805, algorithm: 'rsa-pss-sha384', keyType: 'rsa' },
  { id: 0x0501, algorithm: 'rsa-pkcs1-sha384', keyType: 'rsa' },
  { id: 0x0603, algorithm: 'ecdsa-sha512', keyType: 'ec' },
  { id: 0x0806, algorithm: 'rsa-pss-sha512', keyType: 'rsa' },
  { id: 0x0601, algorithm: 'rsa-pkcs1-sha512', keyType: 'rsa' },
];

/** The scheme with that number; undefined for those we don't speak. */
export function signatureSchemeById(id: number): SignatureScheme | undefined {
  return SIGNATURE_SCHEMES.find((scheme) => scheme.id === id);
}

/**
 * The scheme to sign with, given what the peer takes.
 *
 * A P-384 key prefers SHA-384, whose strength is its own; in DTLS 1.2 any hash goes with any curve.
 */
export function chooseSignatureScheme(
  key: SigningKey,
  offered: readonly number[],
): SignatureScheme | undefined {
  const usable = SIGNATURE_SCHEMES.filter(
    (scheme) => scheme.keyType === key.type && offered.includes(scheme.id),
  );
  if (key.curve === 'secp384r1') {
    return usable.find((scheme) => scheme.algorithm === 'ecdsa-sha384') ?? usable[0];
  }
  return usable[0];
}
