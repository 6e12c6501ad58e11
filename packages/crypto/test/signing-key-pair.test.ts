// Keys made for signing: they sign, every provider takes them, and a seed gives the same key again.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DerReader, DerTag, encodeDer } from '../src/der.ts';
import { nodeCrypto } from '../src/index.ts';
import { PROVIDERS, seededRandom } from './providers.ts';

const CURVES = ['secp256r1', 'secp384r1'] as const;
const DATA = Uint8Array.of(1, 2, 3);

describe.each(CURVES)('a PKCS #8 key on %s by OpenSSL', (curve) => {
  const ours = nodeCrypto.generateSigningKeyPair(curve, seededRandom(1));

  it('is refused if its public key is another one', () => {
    const theirs = nodeCrypto.generateSigningKeyPair(curve, seededRandom(2));
    const pointLength = 2 * (curve === 'secp256r1' ? 32 : 48);
    const mixed = Uint8Array.from(ours.privateKey);
    mixed.set(theirs.privateKey.subarray(-pointLength), mixed.length - pointLength);
    const refused = expect.objectContaining({ code: 'CRYPTO_INVALID_KEY' });
    expect(() => nodeCrypto.importSigningKey(mixed)).toThrow(refused);
  });

  it('is taken if it has no public key in it (RFC 5915 §3)', () => {
    const key = createPrivateKey({
      key: Buffer.from(ours.privateKey),
      format: 'der',
      type: 'pkcs8',
    });
    const { d } = key.export({ format: 'jwk' });
    const scalar = Buffer.from(d as string, 'base64url');
    const bare = withoutPublicKey(ours.privateKey, scalar);
    const signature = nodeCrypto.importSigningKey(bare).sign('ecdsa-sha256', DATA);
    expect(nodeCrypto.verify('ecdsa-sha256', ours.publicKey, DATA, signature)).toBe(true);
  });
});

/** The same key in its shortest form: version, algorithm, and ECPrivateKey of version and scalar alone. */
function withoutPublicKey(pkcs8: Uint8Array, scalar: Uint8Array): Uint8Array {
  const outer = new DerReader(pkcs8);
  const info = outer.sequence();
  info.unsignedInteger();
  const algorithm = info.element(DerTag.sequence);
  const ecPrivateKey = encodeDer(
    DerTag.sequence,
    encodeDer(DerTag.integer, Uint8Array.of(1)),
    encodeDer(DerTag.octetString, scalar),
  );
  return encodeDer(
    DerTag.sequence,
    encodeDer(DerTag.integer, Uint8Array.of(0)),
    algorithm,
    encodeDer(DerTag.octetString, ecPrivateKey),
  );
}

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
