// Signatures by @noble/curves; ECDSA by RFC 6979, so that they depend on key and message only.

import type { RandomSource } from '@kaon/wire';
import { type ECDSA, ecdsa } from '@noble/curves/abstract/weierstrass.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { encodeEcKeyPair } from '../ec-key-pair.ts';
import { type CurveName, generateScalar } from '../elliptic-curve.ts';
import { type PrivateKey, parsePrivateKey } from '../private-key.ts';
import type { SignatureAlgorithm, SigningKey, SigningKeyPair } from '../provider.ts';
import { decodeEcdsaSignature, encodeEcdsaSignature, type Hasher } from '../signature-encoding.ts';
import { keyMismatch, SIGNATURE_SCHEMES, type SignatureHash } from '../signature-scheme.ts';
import { type PublicKey, parseSubjectPublicKeyInfo } from '../subject-public-key.ts';
import { createNobleHmac, NOBLE_HASHES, nobleHash } from './hash.ts';
import { signRsa, verifyRsa } from './rsa.ts';

const HASHER: Hasher = { hash: nobleHash, createHmac: createNobleHmac };
const NOBLE_CURVES = { secp256r1: p256, secp384r1: p384, secp521r1: p521 } as const;
// `s` of either sign: TLS has no rule for it. `zip215: false` is RFC 8032 §5.1.7 to the letter.
const ECDSA_OPTIONS = { lowS: false, prehash: true } as const;
const ED25519_OPTIONS = { zip215: false } as const;

/** A fresh ECDSA key made from `random`. */
export function generateNobleSigningKeyPair(
  curve: 'secp256r1' | 'secp384r1',
  random: RandomSource,
): SigningKeyPair {
  const scalar = generateScalar(curve, random);
  const pair = encodeEcKeyPair(curve, scalar, NOBLE_CURVES[curve].getPublicKey(scalar, false));
  scalar.fill(0);
  return pair;
}

/** A private key in our own memory. */
export class NobleSigningKey implements SigningKey {
  readonly type: 'ec' | 'rsa' | 'ed25519';
  declare readonly curve?: CurveName;
  declare readonly modulusLength?: number;
  readonly #key: PrivateKey;
  readonly #random: RandomSource;

  /** @throws CryptoError with code `CRYPTO_INVALID_KEY` if `pkcs8` is no supported private key. */
  constructor(pkcs8: Uint8Array, random: RandomSource) {
    this.#key = parsePrivateKey(pkcs8);
    this.#random = random;
    this.type = this.#key.type;
    if (this.#key.type === 'ec') this.curve = this.#key.curve;
    if (this.#key.type === 'rsa') this.modulusLength = this.#key.bits;
  }

  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array {
    const scheme = SIGNATURE_SCHEMES[algorithm];
    const key = this.#key;
    if (scheme.keyType === 'rsa' && key.type === 'rsa') {
      return signRsa(HASHER, this.#random, scheme, key, data);
    }
    if (scheme.keyType === 'ec' && key.type === 'ec') {
      const numbers = ecdsaOf(key.curve, scheme.hash).sign(data, key.scalar, ECDSA_OPTIONS);
      const half = numbers.length / 2;
      return encodeEcdsaSignature(numbers.subarray(0, half), numbers.subarray(half));
    }
    if (scheme.keyType === 'ed25519' && key.type === 'ed25519') return ed25519.sign(data, key.seed);
    throw keyMismatch(algorithm, this.type);
  }
}

/** See {@link CryptoProvider.verify}. */
export function verifyByNoble(
  algorithm: SignatureAlgorithm,
  spki: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = parseSubjectPublicKeyInfo(spki);
  if (key === undefined) return false;
  try {
    return verifyWithKey(algorithm, key, data, signature);
  } catch {
    return false; // noble throws for points off the curve and signatures of another length.
  }
}

function verifyWithKey(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scheme = SIGNATURE_SCHEMES[algorithm];
  if (scheme.keyType === 'rsa' && key.type === 'rsa') {
    return verifyRsa(HASHER, scheme, key, data, signature);
  }
  if (scheme.keyType === 'ec' && key.type === 'ec') {
    const numbers = decodeEcdsaSignature(key.curve, signature);
    if (numbers === undefined) return false;
    return ecdsaOf(key.curve, scheme.hash).verify(numbers, data, key.point, ECDSA_OPTIONS);
  }
  if (scheme.keyType === 'ed25519' && key.type === 'ed25519') {
    return ed25519.verify(signature, data, key.key, ED25519_OPTIONS);
  }
  return false;
}

const ecdsaCache = new Map<string, ECDSA>();

/** ECDSA on `curve` with `hash` throughout, which noble's own have for one hash per curve only. */
function ecdsaOf(curve: CurveName, hash: SignatureHash): ECDSA {
  const name = `${curve} ${hash}`;
  let scheme = ecdsaCache.get(name);
  if (scheme === undefined) {
    scheme = ecdsa(NOBLE_CURVES[curve].Point, NOBLE_HASHES[hash]);
    ecdsaCache.set(name, scheme);
  }
  return scheme;
}
