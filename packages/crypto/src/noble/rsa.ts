// RSA signatures with big integers, for where there is no node:crypto (RFC 8017 §8).

import { equalBytes, type RandomSource } from '@kaon/wire';
import { invert, mod, pow } from '@noble/curves/abstract/modular.js';
import { bigIntToBytes, bytesToBigInt } from '../big-integer.ts';
import { CryptoError } from '../errors.ts';
import type { RsaPrivateKey } from '../private-key.ts';
import { encodePkcs1, encodePss, type Hasher, pssSalt, verifyPss } from '../signature-encoding.ts';
import type { SignatureScheme } from '../signature-scheme.ts';
import type { PublicKey } from '../subject-public-key.ts';

type RsaScheme = Extract<SignatureScheme, { readonly keyType: 'rsa' }>;
type RsaPublicKey = Extract<PublicKey, { readonly type: 'rsa' }>;

/**
 * Signs `data`. The same key and data give the same signature; `random` only hides the key from whoever
 * measures the time.
 */
export function signRsa(
  hasher: Hasher,
  random: RandomSource,
  scheme: RsaScheme,
  key: RsaPrivateKey,
  data: Uint8Array,
): Uint8Array {
  const encoded =
    scheme.kind === 'rsa-pkcs1'
      ? encodePkcs1(hasher, scheme.hash, data, key.length)
      : encodePss(hasher, scheme.hash, data, pssSalt(hasher, scheme.hash, key.d, data), key.bits);
  return bigIntToBytes(rsaPrivate(random, key, bytesToBigInt(encoded)), key.length);
}

/** Whether `signature` over `data` is of `key`. */
export function verifyRsa(
  hasher: Hasher,
  scheme: RsaScheme,
  key: RsaPublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const length = key.modulus.length;
  const n = bytesToBigInt(key.modulus);
  const s = bytesToBigInt(signature);
  if (signature.length !== length || s >= n) return false;
  const encoded = bigIntToBytes(pow(s, bytesToBigInt(key.exponent), n), length);
  if (scheme.kind === 'rsa-pkcs1') {
    return equalBytes(encoded, encodePkcs1(hasher, scheme.hash, data, length));
  }
  const bits = n.toString(2).length;
  // RFC 8017 §8.1.2: a modulus of 8k + 1 bits has an encoded message one byte shorter.
  if (bits % 8 !== 1) return verifyPss(hasher, scheme.hash, data, encoded, bits);
  return encoded[0] === 0 && verifyPss(hasher, scheme.hash, data, encoded.subarray(1), bits);
}

/** RSASP1 by the Chinese remainder theorem (RFC 8017 §5.2.1), with the message blinded. */
function rsaPrivate(random: RandomSource, key: RsaPrivateKey, message: bigint): bigint {
  const { n, e, p, q, dP, dQ, qInv } = key;
  const blind = mod(bytesToBigInt(random.fill(new Uint8Array(key.length))), n) | 1n;
  const blinded = mod(message * pow(blind, e, n), n);
  const mP = pow(mod(blinded, p), dP, p);
  const mQ = pow(mod(blinded, q), dQ, q);
  const signature = mod((mQ + q * mod(qInv * (mP - mQ), p)) * invert(blind, n), n);
  // A signature wrong in one half would give the factors away; and a key may be inconsistent.
  if (pow(signature, e, n) !== message) {
    throw new CryptoError(
      'CRYPTO_INVALID_KEY',
      'The numbers of the RSA key contradict each other.',
    );
  }
  return signature;
}
