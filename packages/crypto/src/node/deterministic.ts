// node:crypto with signatures that depend on key and message only, so that a seed replays a whole run.

import { constants, createECDH, createPrivateKey, privateEncrypt } from 'node:crypto';
import { bigIntToBytes, bytesToBigInt } from '../big-integer.ts';
import { defaultCrypto } from '../default.ts';
import { type CurveName, ELLIPTIC_CURVES } from '../elliptic-curve.ts';
import { type PrivateKey, parsePrivateKey } from '../private-key.ts';
import type { CryptoProvider, SignatureAlgorithm, SigningKey } from '../provider.ts';
import { digestToInteger, withDeterministicNonce } from '../rfc6979.ts';
import { encodeEcdsaSignature, encodePss, pssSalt } from '../signature-encoding.ts';
import { SIGNATURE_SCHEMES, type SignatureHash } from '../signature-scheme.ts';
import { nodeHash, plainBytes } from './hash.ts';
import { OPENSSL_CURVES } from './key-agreement.ts';
import { nodeCrypto } from './provider.ts';
import { NodeSigningKey } from './signature.ts';

/**
 * {@link defaultCrypto} whose ECDSA signatures follow RFC 6979 and whose RSA-PSS salts are derived from key
 * and message. For seeded simulations: its arithmetic on private keys takes a time that depends on them,
 * so it is not for production.
 */
export const deterministicCrypto: CryptoProvider = {
  ...defaultCrypto,
  name: 'deterministic',
  importSigningKey: (pkcs8) => new DeterministicSigningKey(pkcs8),
};

class DeterministicSigningKey implements SigningKey {
  readonly type: 'ec' | 'rsa' | 'ed25519';
  declare readonly curve?: CurveName;
  declare readonly modulusLength?: number;
  readonly #pkcs8: Uint8Array;
  readonly #parsed: PrivateKey;
  readonly #native: NodeSigningKey;

  constructor(pkcs8: Uint8Array) {
    this.#pkcs8 = new Uint8Array(pkcs8);
    this.#parsed = parsePrivateKey(pkcs8);
    this.#native = new NodeSigningKey(pkcs8, this.#parsed);
    this.type = this.#parsed.type;
    if (this.#parsed.type === 'ec') this.curve = this.#parsed.curve;
    if (this.#parsed.type === 'rsa') this.modulusLength = this.#parsed.bits;
  }

  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array {
    const scheme = SIGNATURE_SCHEMES[algorithm];
    const key = this.#parsed;
    if (scheme.kind === 'ecdsa' && key.type === 'ec') {
      return signEcdsa(key.curve, key.scalar, scheme.hash, data);
    }
    if (scheme.kind === 'rsa-pss' && key.type === 'rsa') {
      const salt = pssSalt(nodeCrypto, scheme.hash, key.d, data);
      const encoded = encodePss(nodeCrypto, scheme.hash, data, salt, key.bits);
      return plainBytes(rawRsa(this.#pkcs8, encoded, key.length));
    }
    return this.#native.sign(algorithm, data); // Deterministic by itself, or a mismatch.
  }
}

/** RSASP1 (RFC 8017 §5.2.1), by OpenSSL. */
function rawRsa(pkcs8: Uint8Array, encoded: Uint8Array, length: number): Uint8Array {
  const key = createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' });
  const message = new Uint8Array(length);
  message.set(encoded, length - encoded.length);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, message);
}

/** ECDSA (FIPS 186-5 §6.4.1) with the nonce of RFC 6979; OpenSSL multiplies the point. */
function signEcdsa(
  curve: CurveName,
  scalar: Uint8Array,
  hash: SignatureHash,
  data: Uint8Array,
): Uint8Array {
  const { order, length } = ELLIPTIC_CURVES[curve];
  const digest = nodeHash(hash, data);
  const z = digestToInteger(curve, digest);
  const d = bytesToBigInt(scalar);
  const ecdh = createECDH(OPENSSL_CURVES[curve]);
  return withDeterministicNonce(nodeCrypto, curve, scalar, hash, digest, (nonce) => {
    ecdh.setPrivateKey(nonce);
    const x = plainBytes(ecdh.getPublicKey()).subarray(1, 1 + length);
    const r = bytesToBigInt(x) % order;
    const s = (invert(bytesToBigInt(nonce), order) * (z + r * d)) % order;
    if (r === 0n || s === 0n) return undefined;
    return encodeEcdsaSignature(bigIntToBytes(r, length), bigIntToBytes(s, length));
  });
}

/** The inverse of `a` modulo the prime `n`, by Euclid's algorithm. */
function invert(a: bigint, n: bigint): bigint {
  let [r0, r1, t0, t1] = [n, a % n, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + n : t0;
}
