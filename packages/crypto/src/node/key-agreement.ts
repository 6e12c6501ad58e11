// Ephemeral Diffie-Hellman by node:crypto, with private keys made from given randomness.

import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { concatBytes, parseHex, type RandomSource } from '@kaon/wire';
import { ELLIPTIC_CURVES, generateScalar } from '../elliptic-curve.ts';
import type { KeyAgreement, KeyAgreementGroup } from '../provider.ts';
import { encodeBase64Url } from './base64-url.ts';
import { plainBytes } from './hash.ts';
import { nodeRandom } from './random.ts';

/** OpenSSL's names of the curves. */
export const OPENSSL_CURVES = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
} as const;

// RFC 8410 §7: what stands in front of the 32 bytes of a private X25519 key in DER.
const X25519_PRIVATE_PREFIX = parseHex('302e020100300506032b656e04220420') as Uint8Array;

/** A fresh ephemeral key of `group`. */
export function generateNodeKeyAgreement(
  group: KeyAgreementGroup,
  random: RandomSource,
): KeyAgreement {
  return group === 'x25519' ? new NodeX25519(random) : new NodeEcdh(group, random);
}

class NodeX25519 implements KeyAgreement {
  readonly group = 'x25519';
  readonly publicKey: Uint8Array;
  readonly #privateKey: KeyObject;

  constructor(random: RandomSource) {
    this.#privateKey = generateX25519(random);
    // A JWK takes microseconds where DER takes a third of a millisecond: OpenSSL's decoder of DER tries
    // one format after the other.
    const { x } = createPublicKey(this.#privateKey).export({ format: 'jwk' });
    this.publicKey = plainBytes(Buffer.from(x as string, 'base64url'));
  }

  computeSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 32) return undefined;
    const key = { kty: 'OKP', crv: 'X25519', x: encodeBase64Url(peerPublicKey) };
    try {
      const publicKey = createPublicKey({ key, format: 'jwk' });
      return plainBytes(diffieHellman({ privateKey: this.#privateKey, publicKey }));
    } catch {
      return undefined; // OpenSSL refuses a secret of all zeros (RFC 7748 §6.1).
    }
  }
}

function generateX25519(random: RandomSource): KeyObject {
  // OpenSSL draws from the same source itself, ten times as fast.
  if (random === nodeRandom) return generateKeyPairSync('x25519').privateKey;
  const seed = random.fill(new Uint8Array(32));
  const der = concatBytes(X25519_PRIVATE_PREFIX, seed);
  const privateKey = createPrivateKey({ key: der as Buffer, format: 'der', type: 'pkcs8' });
  der.fill(0);
  seed.fill(0);
  return privateKey;
}

class NodeEcdh implements KeyAgreement {
  readonly group: 'secp256r1' | 'secp384r1';
  readonly publicKey: Uint8Array;
  readonly #ecdh: ECDH;

  constructor(group: 'secp256r1' | 'secp384r1', random: RandomSource) {
    this.group = group;
    this.#ecdh = createECDH(OPENSSL_CURVES[group]);
    const scalar = generateScalar(group, random);
    this.#ecdh.setPrivateKey(scalar);
    scalar.fill(0);
    this.publicKey = plainBytes(this.#ecdh.getPublicKey());
  }

  computeSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    const length = 1 + 2 * ELLIPTIC_CURVES[this.group].length;
    // RFC 8422 §5.4.1: the uncompressed form only, though OpenSSL would take others.
    if (peerPublicKey.length !== length || peerPublicKey[0] !== 4) return undefined;
    try {
      return plainBytes(this.#ecdh.computeSecret(peerPublicKey));
    } catch {
      return undefined; // The point is not on the curve (RFC 8422 §5.11).
    }
  }
}
