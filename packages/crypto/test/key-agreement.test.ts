// Diffie-Hellman, the same suite over every provider (RFC 7748, RFC 5903, RFC 8422 §5).

import { concatBytes, formatHex } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { type CryptoProvider, type KeyAgreementGroup, nodeCrypto } from '../src/index.ts';
import { nobleCrypto } from '../src/noble/index.ts';
import { hex, PROVIDERS, scriptedRandom, seededRandom } from './providers.ts';
import { KEY_AGREEMENT_VECTORS } from './vectors/key-agreement.ts';

const GROUPS = ['x25519', 'secp256r1', 'secp384r1'] as const;
const SCALARS = { secp256r1: 32, secp384r1: 48 } as const;
const ORDERS = {
  secp256r1: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  secp384r1:
    'ffffffffffffffffffffffffffffffffffffffffffffffff' +
    'c7634d81f4372ddf581a0db248b0a77aecec196accc52973',
} as const;

function keyFrom(provider: CryptoProvider, group: KeyAgreementGroup, secret: Uint8Array) {
  return provider.generateKeyAgreement(group, scriptedRandom([secret]));
}

describe.each(PROVIDERS)('key agreement by %s', (_name, provider) => {
  it.each(KEY_AGREEMENT_VECTORS)('agrees with $source', ({ group, a, b, shared }) => {
    const first = keyFrom(provider, group, hex(a.secret));
    const second = keyFrom(provider, group, hex(b.secret));
    expect(first.group).toBe(group);
    expect(formatHex(first.publicKey)).toBe(a.public);
    expect(formatHex(second.publicKey)).toBe(b.public);
    expect(formatHex(first.computeSecret(second.publicKey) as Uint8Array)).toBe(shared);
    expect(formatHex(second.computeSecret(first.publicKey) as Uint8Array)).toBe(shared);
  });

  it.each(GROUPS)('makes the same %s key from the same seed, and others from others', (group) => {
    const one = provider.generateKeyAgreement(group, seededRandom(7));
    const same = provider.generateKeyAgreement(group, seededRandom(7));
    const other = provider.generateKeyAgreement(group, seededRandom(8));
    expect(same.publicKey).toEqual(one.publicKey);
    expect(other.publicKey).not.toEqual(one.publicKey);
    expect(same.computeSecret(other.publicKey)).toEqual(one.computeSecret(other.publicKey));
  });

  it.each(GROUPS)('makes %s keys as other providers do, and agrees with them', (group) => {
    for (let seed = 1; seed <= 5; seed++) {
      const mine = provider.generateKeyAgreement(group, seededRandom(seed));
      for (const other of [nodeCrypto, nobleCrypto]) {
        const theirs = other.generateKeyAgreement(group, seededRandom(seed));
        expect(theirs.publicKey).toEqual(mine.publicKey);
        const peer = other.generateKeyAgreement(group, seededRandom(seed + 100));
        expect(mine.computeSecret(peer.publicKey)).toEqual(peer.computeSecret(mine.publicKey));
      }
    }
  });

  it.each(GROUPS)('refuses public keys of %s that are no keys', (group) => {
    const own = provider.generateKeyAgreement(group, seededRandom(1));
    const peer = provider.generateKeyAgreement(group, seededRandom(2)).publicKey;
    expect(own.computeSecret(new Uint8Array(0))).toBeUndefined();
    expect(own.computeSecret(peer.subarray(1))).toBeUndefined();
    expect(own.computeSecret(concatBytes(peer, hex('00')))).toBeUndefined();
    expect(own.computeSecret(new Uint8Array(peer.length))).toBeUndefined();
    expect(own.computeSecret(peer)).toBeDefined();
  });

  it.each(['secp256r1', 'secp384r1'] as const)(
    'refuses points off %s (RFC 8422 §5.11)',
    (group) => {
      const own = provider.generateKeyAgreement(group, seededRandom(1));
      const peer = provider.generateKeyAgreement(group, seededRandom(2)).publicKey;
      const off = peer.slice();
      off[off.length - 1] = (off.at(-1) as number) ^ 1;
      expect(own.computeSecret(off)).toBeUndefined();
      const tooLarge = new Uint8Array(peer.length).fill(0xff);
      tooLarge[0] = 4;
      expect(own.computeSecret(tooLarge)).toBeUndefined();
      expect(own.computeSecret(Uint8Array.of(0))).toBeUndefined();
    },
  );

  it.each(['secp256r1', 'secp384r1'] as const)(
    'takes the uncompressed form of %s only',
    (group) => {
      const own = provider.generateKeyAgreement(group, seededRandom(1));
      const peer = provider.generateKeyAgreement(group, seededRandom(2)).publicKey;
      const parity = 2 + ((peer.at(-1) as number) & 1);
      const compressed = peer.slice(0, 1 + SCALARS[group]);
      compressed[0] = parity;
      expect(own.computeSecret(compressed)).toBeUndefined();
      const hybrid = peer.slice();
      hybrid[0] = parity + 4;
      expect(own.computeSecret(hybrid)).toBeUndefined();
    },
  );

  it.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['another of order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p - 1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
  ])('refuses X25519 keys that give a secret of zeros: %s (RFC 7748 §6.1)', (_what, u) => {
    const own = provider.generateKeyAgreement('x25519', seededRandom(1));
    expect(own.computeSecret(hex(u))).toBeUndefined();
  });

  it('ignores the highest bit of an X25519 key (RFC 7748 §5)', () => {
    const own = provider.generateKeyAgreement('x25519', seededRandom(1));
    const peer = provider.generateKeyAgreement('x25519', seededRandom(2)).publicKey;
    const marked = peer.slice();
    marked[31] = (marked[31] as number) | 0x80;
    expect(own.computeSecret(marked)).toEqual(own.computeSecret(peer));
  });

  it.each(['secp256r1', 'secp384r1'] as const)(
    'draws again when the bytes are no scalar of %s',
    (group) => {
      const zero = new Uint8Array(SCALARS[group]);
      const order = hex(ORDERS[group]);
      const largest = order.slice();
      largest[largest.length - 1] = (largest.at(-1) as number) - 1;
      const random = scriptedRandom([zero, order, zero.slice().fill(0xff), largest]);
      const key = provider.generateKeyAgreement(group, random);
      expect(key.publicKey).toEqual(keyFrom(provider, group, largest).publicKey);
    },
  );

  it.each(['secp256r1', 'secp384r1'] as const)(
    'gives up on a random source that is none: %s',
    (group) => {
      expect(() => provider.generateKeyAgreement(group, scriptedRandom([], 0xff))).toThrow(
        expect.objectContaining({ code: 'CRYPTO_BAD_RANDOM' }),
      );
    },
  );
});
