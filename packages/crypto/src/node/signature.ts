// Signatures by node:crypto.

import {
  constants,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
  verify,
} from 'node:crypto';
import type { CurveName } from '../elliptic-curve.ts';
import { type PrivateKey, parsePrivateKey } from '../private-key.ts';
import type { SignatureAlgorithm, SigningKey } from '../provider.ts';
import { keyMismatch, SIGNATURE_SCHEMES, type SignatureScheme } from '../signature-scheme.ts';
import { parseSubjectPublicKeyInfo } from '../subject-public-key.ts';
import { plainBytes } from './hash.ts';

/** A private key held by OpenSSL. */
export class NodeSigningKey implements SigningKey {
  readonly type: 'ec' | 'rsa' | 'ed25519';
  declare readonly curve?: CurveName;
  readonly #key: KeyObject;

  /** @throws CryptoError with code `CRYPTO_INVALID_KEY` if `pkcs8` is no supported private key. */
  constructor(pkcs8: Uint8Array, parsed: PrivateKey = parsePrivateKey(pkcs8)) {
    this.type = parsed.type;
    if (parsed.type === 'ec') this.curve = parsed.curve;
    this.#key = createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' });
  }

  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array {
    const scheme = SIGNATURE_SCHEMES[algorithm];
    if (scheme.keyType !== this.type) throw keyMismatch(algorithm, this.type);
    return plainBytes(sign(hashName(scheme), data, signatureOptions(scheme, this.#key)));
  }
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
  if (parseSubjectPublicKeyInfo(spki)?.type !== scheme.keyType) return false;
  try {
    const key = createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
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
