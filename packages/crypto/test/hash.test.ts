// Hashes, HMAC and randomness, the same suite over every provider (FIPS 180-4, RFC 1321, RFC 2104).

import { concatBytes, encodeUtf8, formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HashAlgorithm, nodeCrypto } from '../src/index.ts';
import { nobleCrypto } from '../src/noble/index.ts';
import { hex, PROVIDERS } from './providers.ts';
import { HASH_VECTORS, HMAC_VECTORS } from './vectors/hash.ts';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;
const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 });

describe.each(PROVIDERS)('hashes by %s', (_name, provider) => {
  it.each(HASH_VECTORS)('agree with $source', ({ text, digests }) => {
    for (const [algorithm, digest] of Object.entries(digests)) {
      const data = encodeUtf8(text);
      expect(formatHex(provider.hash(algorithm as HashAlgorithm, data))).toBe(digest);
      const running = provider.createHash(algorithm as HashAlgorithm).update(data);
      expect(formatHex(running.digest())).toBe(digest);
    }
  });

  it.each(ALGORITHMS)('take %s of parts as of the whole', (algorithm) => {
    fc.assert(
      fc.property(parts, (pieces) => {
        const whole = provider.hash(algorithm, concatBytes(...pieces));
        expect(provider.hash(algorithm, ...pieces)).toEqual(whole);
        const running = provider.createHash(algorithm);
        for (const piece of pieces) running.update(piece);
        expect(running.digest()).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it.each(ALGORITHMS)('give %s in between and go on, and clones go their own way', (algorithm) => {
    const [a, b, c] = [hex('aa'), hex('bbbb'), hex('cccccc')];
    const running = provider.createHash(algorithm).update(a);
    expect(running.digest()).toEqual(provider.hash(algorithm, a));
    const clone = running.clone();
    running.update(b);
    clone.update(c);
    expect(running.digest()).toEqual(provider.hash(algorithm, a, b));
    expect(running.digest()).toEqual(provider.hash(algorithm, a, b));
    expect(clone.digest()).toEqual(provider.hash(algorithm, a, c));
  });

  it('are plain Uint8Arrays, so that slice() copies', () => {
    expect(provider.hash('sha256').constructor).toBe(Uint8Array);
    expect(provider.createHash('sha256').digest().constructor).toBe(Uint8Array);
    expect(provider.createHmac('sha1', hex('00')).compute().constructor).toBe(Uint8Array);
  });
});

describe.each(PROVIDERS)('HMAC by %s', (_name, provider) => {
  it.each(HMAC_VECTORS)('agrees with $source', ({ key, text, digests }) => {
    for (const [algorithm, digest] of Object.entries(digests)) {
      const hmac = provider.createHmac(algorithm as HashAlgorithm, hex(key));
      expect(hmac.algorithm).toBe(algorithm);
      expect(formatHex(hmac.compute(encodeUtf8(text)))).toBe(digest);
    }
  });

  it('can be computed again and again, over parts as over the whole, with any key', () => {
    const keys = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom(...ALGORITHMS), keys, parts, (algorithm, key, pieces) => {
        const hmac = provider.createHmac(algorithm, key);
        const whole = hmac.compute(concatBytes(...pieces));
        expect(hmac.compute(...pieces)).toEqual(whole);
        expect(nobleCrypto.createHmac(algorithm, key).compute(...pieces)).toEqual(whole);
        expect(nodeCrypto.createHmac(algorithm, key).compute(...pieces)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('does not notice that the caller wipes its key', () => {
    const key = hex('0123456789');
    const hmac = provider.createHmac('sha1', key);
    const before = hmac.compute(hex('00'));
    key.fill(0);
    expect(hmac.compute(hex('00'))).toEqual(before);
  });
});

describe.each(PROVIDERS)('randomness by %s', (_name, provider) => {
  it('fills any length, and the very memory it was given', () => {
    for (const length of [0, 1, 32, 65536, 200_000]) {
      const memory = new Uint8Array(length + 2);
      const out = memory.subarray(1, 1 + length);
      expect(provider.random.fill(out)).toBe(out);
      expect([memory[0], memory.at(-1)]).toEqual([0, 0]);
      if (length >= 32) expect(out.subarray(-32).some((byte) => byte !== 0)).toBe(true);
    }
  });

  it('gives whole numbers of 32 bits that differ', () => {
    const numbers = Array.from({ length: 100 }, () => provider.random.uint32());
    for (const n of numbers) expect(n >>> 0).toBe(n);
    expect(new Set(numbers).size).toBeGreaterThan(95);
    expect(numbers.some((n) => n >= 2 ** 31)).toBe(true);
  });
});
