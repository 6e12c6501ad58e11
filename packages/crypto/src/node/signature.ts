// Signatures by node:crypto.

import {
  constants,
  createECDH,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
  verify,
} from 'node:crypto';
import { equalBytes, type RandomSource } from '@kaon/wire';
import { encodeEcKeyPair } from '../ec-key-pair.ts';
import { type CurveName, ELLIPTIC_CURVES, generateScalar } from '../elliptic-curve.ts';
import { CryptoError } from '../errors.ts';
import { type PrivateKey, parsePrivateKey } from '../private-key.ts';
import type { SignatureAlgorithm, SigningKey, SigningKeyPair } from '../provider.ts';
import { keyMismatch, SIGNATURE_SCHEMES, type SignatureScheme } from '../signature-scheme.ts';
import { parseSubjectPublicKeyInfo } from '../subject-public-key.ts';
import { encodeBase64Url } from './base64-url.ts';
import { plainBytes } from './hash.ts';
import { OPENSSL_CURVES } from './key-agreement.ts';

/** A fresh ECDSA key made from `random`. */
export function generateNodeSigningKeyPair(
  curve: 'secp256r1' | 'secp384r1',
  random: RandomSource,
): SigningKeyPair {
  const scalar = generateScalar(curve, random);
  const ecdh = createECDH(OPENSSL_CURVES[curve]); // Only for its multiplication of the base point.
  ecdh.setPrivateKey(scalar);
  const pair = encodeEcKeyPair(curve, scalar, plainBytes(ecdh.getPublicKey()));
  scalar.fill(0);
  return pair;
}

/** A private key held by OpenSSL. */
export class NodeSigningKey implements SigningKey {
  readonly type: 'ec' | 'rsa' | 'ed25519';
  declare readonly curve?: CurveName;
  declare readonly modulusLength?: number;
  readonly #key: KeyObject;

  /** @throws CryptoError with code `CRYPTO_INVALID_KEY` if `pkcs8` is no supported private key. */
  constructor(pkcs8: Uint8Array, parsed: PrivateKey = parsePrivateKey(pkcs8)) {
    this.type = parsed.type;
    if (parsed.type === 'ec') this.curve = parsed.curve;
    if (parsed.type === 'rsa') this.modulusLength = parsed.bits;
    this.#key = importPrivateKey(pkcs8, parsed);
  }

  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array {
    const scheme = SIGNATURE_SCHEMES[algorithm];
    if (scheme.keyType !== this.type) throw keyMismatch(algorithm, this.type);
    return plainBytes(sign(hashName(scheme), data, signatureOptions(scheme, this.#key)));
  }
}

/**
 * @throws CryptoError with code `CRYPTO_INVALID_KEY` if there is a fault in what is well-formed, as a
 * public key that does not belong to the private one.
 */
function importPrivateKey(pkcs8: Uint8Array, parsed: PrivateKey): KeyObject {
  try {
    if (parsed.type === 'ec') return importEcKey(parsed);
    return createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    const message = 'The parts of the PKCS #8 private key contradict each other.';
    throw new CryptoError('CRYPTO_INVALID_KEY', message, { cause });
  }
}

/** By way of a JWK: OpenSSL's decoder of DER takes five times as long. */
function importEcKey({ curve, scalar, point }: Extract<PrivateKey, { type: 'ec' }>): KeyObject {
  const ecdh = createECDH(OPENSSL_CURVES[curve]);
  ecdh.setPrivateKey(scalar);
  const derived = plainBytes(ecdh.getPublicKey());
  if (point !== undefined && !equalBytes(point, derived)) throw new Error('Not the same point.');
  const key = { ...ecJwk(curve, derived), d: encodeBase64Url(scalar) };
  return createPrivateKey({ key, format: 'jwk' });
}

/** A public key as RFC 7518 §6.2.1 has it. */
function ecJwk(curve: CurveName, point: Uint8Array): JsonWebKey {
  const { jwkName, length } = ELLIPTIC_CURVES[curve];
  const x = encodeBase64Url(point.subarray(1, 1 + length));
  const y = encodeBase64Url(point.subarray(1 + length));
  return { kty: 'EC', crv: jwkName, x, y };
}

/** See {@link CryptoProvider.verify}. */
export function verifyByNode(
  algorithm: SignatureAlgorithm,
  spki: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scheme = SIGNATURE_SCHEMES[algorithm];
  // OpenSSL would verify an RSA signature under an ECDSA name, and take keys that are not strict DER.
  const parsed = parseSubjectPublicKeyInfo(spki);
  if (parsed?.type !== scheme.keyType) return false;
  // RFC 8017 §8.1.2 step 1; OpenSSL takes RSA-PSS signatures without their leading zeros.
  if (parsed.type === 'rsa' && signature.length !== parsed.modulus.length) return false;
  try {
    const key =
      parsed.type === 'ec'
        ? createPublicKey({ key: ecJwk(parsed.curve, parsed.point), format: 'jwk' })
        : createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
    return verify(hashName(scheme), data, signatureOptions(scheme, key), signature);
  } catch {
    return false; // The key is well-formed but not valid, as a point off the curve.
  }
}

function hashName(scheme: SignatureScheme): string | undefined {
  return scheme.kind === 'ed25519' ? undefined : scheme.hash;
}

function signatureOptions(scheme: SignatureScheme, key: KeyObject): SignKeyObjectInput {
  if (scheme.kind === 'rsa-pkcs1') return { key, padding: constants.RSA_PKCS1_PADDING };
  if (scheme.kind !== 'rsa-pss') return { key };
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}
