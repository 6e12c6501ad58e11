// Keys made for signing: they sign, every provider takes them, and a seed gives the same key again.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../src/index.ts';
import { PROVIDERS, seededRandom } from './providers.ts';

const CURVES = ['secp256r1', 'secp384r1'] as const;
const DATA = Uint8Array.of(1, 2, 3);

describe.each(PROVIDERS)('generateSigningKeyPair of %s', (_name, provider) => {
  it.each(CURVES)('%s: the halves belong together', (curve) => {
    const { privateKey, publicKey } = provider.generateSigningKeyPair(curve, provider.random);
    const signature = provider.importSigningKey(privateKey).sign('ecdsa-sha256', DATA);
    expect(nodeCrypto.verify('ecdsa-sha256', publicKey, DATA, signature)).toBe(true);
    expect(nodeCrypto.verify('ecdsa-sha256', publicKey, Uint8Array.of(1), signature)).toBe(false);
  });

  it.each(CURVES)('%s: OpenSSL reads both, and finds the same public key in both', (curve) => {
    const pair = provider.generateSigningKeyPair(curve, provider.random);
    const [privateDer, publicDer] = [Buffer.from(pair.privateKey), Buffer.from(pair.publicKey)];
    const key = createPrivateKey({ key: privateDer, format: 'der', type: 'pkcs8' });
    const derived = createPublicKey(key).export({ format: 'der', type: 'spki' });
    expect(derived.equals(publicDer)).toBe(true);
  });

  it.each(CURVES)('%s: the same randomness gives the same key as node does', (curve) => {
    const pair = provider.generateSigningKeyPair(curve, seededRandom(7));
    expect(pair).toEqual(nodeCrypto.generateSigningKeyPair(curve, seededRandom(7)));
    expect(pair).not.toEqual(provider.generateSigningKeyPair(curve, seededRandom(9)));
  });
});
