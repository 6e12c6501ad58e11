// What each signature algorithm consists of (RFC 8446 §4.2.3).

import { CryptoError } from './errors.ts';
import type { HashAlgorithm, SignatureAlgorithm } from './provider.ts';

/** Hashes that signatures are made with. */
export type SignatureHash = 'sha256' | 'sha384' | 'sha512';

/** A signature algorithm, taken apart. Ed25519 hashes inside. */
export type SignatureScheme =
  | { readonly kind: 'ecdsa'; readonly keyType: 'ec'; readonly hash: SignatureHash }
  | { readonly kind: 'rsa-pkcs1'; readonly keyType: 'rsa'; readonly hash: SignatureHash }
  | { readonly kind: 'rsa-pss'; readonly keyType: 'rsa'; readonly hash: SignatureHash }
  | { readonly kind: 'ed25519'; readonly keyType: 'ed25519' };

/** The parts of each algorithm. */
export const SIGNATURE_SCHEMES: Readonly<Record<SignatureAlgorithm, SignatureScheme>> = {
  'ecdsa-sha256': { kind: 'ecdsa', keyType: 'ec', hash: 'sha256' },
  'ecdsa-sha384': { kind: 'ecdsa', keyType: 'ec', hash: 'sha384' },
  'ecdsa-sha512': { kind: 'ecdsa', keyType: 'ec', hash: 'sha512' },
  'rsa-pkcs1-sha256': { kind: 'rsa-pkcs1', keyType: 'rsa', hash: 'sha256' },
  'rsa-pkcs1-sha384': { kind: 'rsa-pkcs1', keyType: 'rsa', hash: 'sha384' },
  'rsa-pkcs1-sha512': { kind: 'rsa-pkcs1', keyType: 'rsa', hash: 'sha512' },
  'rsa-pss-sha256': { kind: 'rsa-pss', keyType: 'rsa', hash: 'sha256' },
  'rsa-pss-sha384': { kind: 'rsa-pss', keyType: 'rsa', hash: 'sha384' },
  'rsa-pss-sha512': { kind: 'rsa-pss', keyType: 'rsa', hash: 'sha512' },
  ed25519: { kind: 'ed25519', keyType: 'ed25519' },
};

/** The error of a key asked for a signature it cannot make. */
export function keyMismatch(algorithm: SignatureAlgorithm, keyType: string): CryptoError {
  return new CryptoError(
    'CRYPTO_KEY_MISMATCH',
    `A key of type "${keyType}" cannot sign with "${algorithm}".`,
  );
}

/** Bytes that each hash gives. */
export const HASH_LENGTHS: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};
