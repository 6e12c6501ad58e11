// Signature schemes: pairs of hash and signature in DTLS 1.2 (RFC 5246 §7.4.1.4.1), single numbers since
// https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3, whose numbers are the same where they overlap.

import type { SignatureAlgorithm, SigningKey } from '@kaon/crypto';

/** One scheme. */
export interface SignatureScheme {
  readonly id: number;
  readonly algorithm: SignatureAlgorithm;
  readonly keyType: SigningKey['type'];
  /** Bits that an RSA key must have: room for hash, salt and two more bytes (RFC 8017 §9.1.1 step 3). */
  readonly minModulusLength?: number;
}

/** All schemes, in the order in which we prefer them; none with SHA-1. */
export const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  { id: 0x0403, algorithm: 'ecdsa-sha256', keyType: 'ec' },
  { id: 0x0807, algorithm: 'ed25519', keyType: 'ed25519' },
  rsaPss(0x0804, 'rsa-pss-sha256', 32),
  { id: 0x0401, algorithm: 'rsa-pkcs1-sha256', keyType: 'rsa' },
  { id: 0x0503, algorithm: 'ecdsa-sha384', keyType: 'ec' },
  rsaPss(0x0805, 'rsa-pss-sha384', 48),
  { id: 0x0501, algorithm: 'rsa-pkcs1-sha384', keyType: 'rsa' },
  { id: 0x0603, algorithm: 'ecdsa-sha512', keyType: 'ec' },
  rsaPss(0x0806, 'rsa-pss-sha512', 64),
  { id: 0x0601, algorithm: 'rsa-pkcs1-sha512', keyType: 'rsa' },
];

/** A salt is as long as the hash (RFC 8446 §4.2.3), and the bytes must fit into a bit less than the modulus. */
function rsaPss(id: number, algorithm: SignatureAlgorithm, hashLength: number): SignatureScheme {
  return { id, algorithm, keyType: 'rsa', minModulusLength: 8 * (2 * hashLength + 1) + 2 };
}

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
    ({ id, keyType, minModulusLength = 0 }) =>
      keyType === key.type &&
      offered.includes(id) &&
      (key.modulusLength ?? Number.POSITIVE_INFINITY) >= minModulusLength,
  );
  if (key.curve === 'secp384r1') {
    return usable.find((scheme) => scheme.algorithm === 'ecdsa-sha384') ?? usable[0];
  }
  return usable[0];
}
