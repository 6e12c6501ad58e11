// Hashes, HMAC, checksums and randomness, the same suite over every provider (FIPS 180-4, RFC 1321, RFC 2104).

import { concatBytes, crc32c, encodeUtf8, formatHex } from '@kaon/wire';
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
    for (const length of [1, 400, 4000]) {
      const message = new Uint8Array(length);
      const key = hex('0123456789');
      const code = provider.createHmac('sha1', key).compute(message);
      // A Buffer's slice shares its memory.
      for (const own of [key.slice(), Buffer.from(key)]) {
        const hmac = provider.createHmac('sha1', own);
        own.fill(0);
        expect(hmac.compute(message)).toEqual(code);
      }
    }
  });

  it('leaves its key to the caller when it is destroyed', () => {
    for (const key of [hex('0123456789'), Buffer.from('0123456789', 'hex')]) {
      provider.createHmac('sha1', key).destroy();
      expect(formatHex(key)).toBe('0123456789');
    }
  });

  it.each(ALGORITHMS)('is of no use with %s once it is destroyed', (algorithm) => {
    const hmac = provider.createHmac(algorithm, hex('0123456789'));
    hmac.destroy();
    const out = new Uint8Array(4 * 64);
    const message = new Uint8Array(4000);
    const error = expect.objectContaining({ code: 'CRYPTO_KEY_DESTROYED' });
    for (const length of [0, 40, 400, 4000]) {
      expect(() => hmac.compute(message.subarray(0, length))).toThrow(error);
      expect(() => hmac.computeInto(message, 0, length, out, 0)).toThrow(error);
      const four = [1, 2, 3, 4];
      const hmacs = four.map(() => hmac);
      const messages = four.map(() => message);
      const ranges = Uint32Array.from(four.flatMap(() => [0, length]));
      expect(() => provider.computeHmacs(4, hmacs, messages, ranges, out)).toThrow(error);
    }
    expect(out).toEqual(new Uint8Array(out.length));
  });
});

describe.each(PROVIDERS)('codes of several messages by %s', (_name, provider) => {
  it('are those of each message, whatever the lengths, the number and the hashes', () => {
    const jobs = fc.array(
      fc.record({
        algorithm: fc.constantFrom('sha1', 'sha1', 'sha1', 'sha256' as const),
        key: fc.uint8Array({ maxLength: 70 }),
        message: fc.uint8Array({ maxLength: 400 }),
      }),
      { maxLength: 11 },
    );
    fc.assert(
      fc.property(jobs, (all) => {
        const hmacs = all.map(({ algorithm, key }) => provider.createHmac(algorithm, key));
        const codes = all.map(({ algorithm, key, message }) =>
          nodeCrypto.createHmac(algorithm, key).compute(message),
        );
        const out = new Uint8Array(concatBytes(...codes).length);
        const messages = all.map(({ message }) => message);
        provider.computeHmacs(all.length, hmacs, messages, wholeOf(messages), out);
        expect(out).toEqual(concatBytes(...codes));
      }),
      { numRuns: 40 },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 11])('are right for %d short messages', (count) => {
    const messages = Array.from({ length: count }, (_, i) => new Uint8Array(160 - 9 * i).fill(i));
    const keys = messages.map((_, i) => new Uint8Array(20).fill(i + 1));
    const hmacs = keys.map((key) => provider.createHmac('sha1', key));
    // What lies behind the codes is not theirs.
    const out = new Uint8Array(20 * count + 60).fill(0xee);
    provider.computeHmacs(count, hmacs, messages, wholeOf(messages), out);
    const expected = messages.map((each, i) =>
      nodeCrypto.createHmac('sha1', keys[i] as Uint8Array).compute(each),
    );
    expect(out).toEqual(concatBytes(...expected, new Uint8Array(60).fill(0xee)));
  });

  it('are right for long messages, beside short ones and alone', () => {
    const key = hex('0b'.repeat(20));
    const messages = [2048, 2049, 640, 641, 2000, 1999, 1200, 1, 200_001, 0, 55, 56].map((n) =>
      new Uint8Array(n).fill(n),
    );
    const hmacs = messages.map(() => provider.createHmac('sha1', key));
    const expected = messages.map((each) => nodeCrypto.createHmac('sha1', key).compute(each));
    const out = new Uint8Array(20 * messages.length);
    provider.computeHmacs(hmacs.length, hmacs, messages, wholeOf(messages), out);
    expect(out).toEqual(concatBytes(...expected));
    const parts = messages.map((each) => each.subarray(1));
    expect(hmacs[0]?.compute(...parts)).toEqual(
      nodeCrypto.createHmac('sha1', key).compute(...parts),
    );
  });

  it('need room for all', () => {
    const hmacs = Array.from({ length: 5 }, (_, i) =>
      provider.createHmac('sha1', Uint8Array.of(i)),
    );
    const messages = hmacs.map(() => hex('00'));
    const ranges = wholeOf(messages);
    const compute = (count: number, length: number) =>
      provider.computeHmacs(count, hmacs, messages, ranges, new Uint8Array(length));
    expect(() => compute(5, 99)).toThrow(RangeError);
    expect(() => compute(6, 200)).toThrow(RangeError);
    compute(5, 100);
    ranges[9] = 2;
    expect(() => compute(5, 100)).toThrow(RangeError);
  });

  it('are those of parts of memory, written where they are wanted', () => {
    const memory = Uint8Array.from({ length: 2600 }, (_, i) => i * 7);
    const hmac = provider.createHmac('sha1', hex('0b'.repeat(20)));
    for (const length of [0, 1, 55, 56, 160, 161, 172, 173, 512, 513, 1216, 2048, 2049]) {
      const expected = nodeCrypto.createHmac('sha1', hex('0b'.repeat(20)));
      const message = memory.subarray(9, 9 + length);
      const out = new Uint8Array(24);
      expect(hmac.computeInto(memory, 9, 9 + length, out, 3)).toBe(23);
      expect(out.subarray(3, 23)).toEqual(expected.compute(message));
      expect([out[2], out[23]]).toEqual([0, 0]);
      // The message may be overwritten by its code.
      const own = memory.slice();
      hmac.computeInto(own, 9, 9 + length, own, 9);
      expect(own.subarray(9, 29)).toEqual(expected.compute(message));
    }
    expect(() => hmac.computeInto(memory, 0, 2601, memory, 0)).toThrow(RangeError);
    expect(() => hmac.computeInto(memory, 5, 4, memory, 0)).toThrow(RangeError);
    expect(() => hmac.computeInto(memory, 0, 5, memory, 2581)).toThrow(RangeError);
    expect(() => hmac.computeInto(memory, -1, 5, memory, 0)).toThrow(RangeError);
  });

  it('are those of four parts of one memory at once', () => {
    const memory = Uint8Array.from({ length: 700 }, (_, i) => i * 5);
    const hmacs = [1, 2, 3, 4, 5].map((n) => provider.createHmac('sha1', Uint8Array.of(n)));
    const ranges = Uint32Array.of(0, 172, 100, 612, 650, 650, 3, 700, 1, 2);
    const out = new Uint8Array(100);
    provider.computeHmacs(5, hmacs, Array(5).fill(memory), ranges, out);
    for (const [i, hmac] of hmacs.entries()) {
      const message = memory.subarray(ranges[2 * i], ranges[2 * i + 1]);
      expect(out.subarray(20 * i, 20 * i + 20)).toEqual(hmac.compute(message));
    }
  });
});

/** Ranges of whole messages. */
function wholeOf(messages: readonly Uint8Array[]): Uint32Array {
  return Uint32Array.from(messages.flatMap(({ length }) => [0, length]));
}

describe.each(PROVIDERS)('CRC32c by %s', (_name, provider) => {
  // RFC 3720 §B.4.
  it.each([
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes that count up', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 bytes that count down', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('agrees with RFC 3720 §B.4 on %s', (_what, bytes, expected) => {
    expect(provider.crc32c(bytes)).toBe(expected);
  });

  it('is that of the definition for any part, alone and piece by piece', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), fc.nat(1500), fc.nat(1500), (bytes, a, b) => {
        const start = Math.min(a, b, bytes.length);
        const end = Math.min(Math.max(a, b), bytes.length);
        const expected = crc32c(bytes, start, end);
        expect(provider.crc32c(bytes, start, end)).toBe(expected);
        const first = provider.crc32c(bytes, 0, start);
        expect(provider.crc32c(bytes, start, end, first)).toBe(crc32c(bytes, 0, end));
      }),
    );
    expect(provider.crc32c(new Uint8Array(100_000).fill(1))).toBe(
      crc32c(new Uint8Array(100_000).fill(1)),
    );
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

  it('gives no bytes twice, however many are drawn and in whatever pieces', () => {
    const drawn = new Set<string>();
    const { random } = provider;
    for (let i = 0; i < 1000; i++) {
      drawn.add(formatHex(random.fill(new Uint8Array(8 + (i % 70)))).slice(0, 16));
      random.uint32();
    }
    expect(drawn.size).toBe(1000);
  });
});
