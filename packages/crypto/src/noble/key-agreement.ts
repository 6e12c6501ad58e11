// Ephemeral Diffie-Hellman by @noble/curves.

import type { RandomSource } from '@kaon/wire';
import { x25519 } from '@noble/curves/ed25519.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { ELLIPTIC_CURVES, generateScalar } from '../elliptic-curve.ts';
import type { KeyAgreement, KeyAgreementGroup } from '../provider.ts';

const NOBLE_GROUPS = { secp256r1: p256, secp384r1: p384 } as const;

/** A fresh ephemeral key of `group`. */
export function generateNobleKeyAgreement(
  group: KeyAgreementGroup,
  random: RandomSource,
): KeyAgreement {
  return group === 'x25519' ? new NobleX25519(random) : new NobleEcdh(group, random);
}

class NobleX25519 implements KeyAgreement {
  readonly group = 'x25519';
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;

  constructor(random: RandomSource) {
    this.#privateKey = random.fill(new Uint8Array(32));
    this.publicKey = x25519.getPublicKey(this.#privateKey);
  }

  computeSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 32) return undefined;
    try {
      return x25519.getSharedSecret(this.#privateKey, peerPublicKey);
    } catch {
      return undefined; // noble refuses a secret of all zeros (RFC 7748 §6.1).
    }
  }
}

class NobleEcdh implements KeyAgreement {
  readonly group: 'secp256r1' | 'secp384r1';
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;

  constructor(group: 'secp256r1' | 'secp384r1', random: RandomSource) {
    this.group = group;
    this.#privateKey = generateScalar(group, random);
    this.publicKey = NOBLE_GROUPS[group].getPublicKey(this.#privateKey, false);
  }

  computeSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    const length = 1 + 2 * ELLIPTIC_CURVES[this.group].length;
    // RFC 8422 §5.4.1: the uncompressed form only.
    if (peerPublicKey.length !== length || peerPublicKey[0] !== 4) return undefined;
    try {
      const point = NOBLE_GROUPS[this.group].getSharedSecret(this.#privateKey, peerPublicKey, true);
      return point.slice(1); // The x-coordinate of the compressed point.
    } catch {
      return undefined; // The point is not on the curve (RFC 8422 §5.11).
    }
  }
}
