// Authenticated encryption, the same suite over every provider (RFC 5116, SP 800-38D, RFC 8439).

import { concatBytes, formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type AeadAlgorithm, type CryptoProvider, nodeCrypto } from '../src/index.ts';
import { nobleCrypto } from '../src/noble/index.ts';
import { hex, PROVIDERS } from './providers.ts';
import { AEAD_VECTORS } from './vectors/aead.ts';

const ALGORITHMS = [
  ['aes-128-gcm', 16],
  ['aes-256-gcm', 32],
  ['chacha20-poly1305', 32],
] as const;

const NONCE = hex('000102030405060708090a0b');
const EMPTY = new Uint8Array(0);

function seal(
  provider: CryptoProvider,
  algorithm: AeadAlgorithm,
  key: Uint8Array,
  additionalData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(plaintext.length + 16);
  const end = provider.createAead(algorithm, key).seal(NONCE, additionalData, plaintext, out, 0);
  expect(end).toBe(out.length);
  return out;
}

describe.each(PROVIDERS)('AEAD by %s', (_name, provider) => {
  it.each(AEAD_VECTORS)('agrees with $source', (vector) => {
    const aead = provider.createAead(vector.algorithm, hex(vector.key));
    const plaintext = hex(vector.plaintext);
    const sealed = new Uint8Array(plaintext.length + 16);
    const nonce = hex(vector.nonce);
    const additionalData = hex(vector.additionalData);
    expect(aead.seal(nonce, additionalData, plaintext, sealed, 0)).toBe(sealed.length);
    expect(formatHex(sealed)).toBe(vector.ciphertext + vector.tag);
    const opened = new Uint8Array(plaintext.length);
    expect(aead.open(nonce, additionalData, sealed, opened, 0)).toBe(plaintext.length);
    expect(formatHex(opened)).toBe(vector.plaintext);
  });

  describe.each(ALGORITHMS)('%s', (algorithm, keyLength) => {
    const key = new Uint8Array(keyLength).fill(0x42);
    const aead = provider.createAead(algorithm, key);
    const additionalData = hex('c0ffee');
    const plaintext = hex('00112233445566778899aabbccddeeff0011223344');

    it('tells its algorithm and lengths', () => {
      expect(aead.algorithm).toBe(algorithm);
      expect(aead.nonceLength).toBe(12);
      expect(aead.tagLength).toBe(16);
    });

    it('refuses keys of any other length', () => {
      for (const length of [0, keyLength - 1, keyLength + 1, 24]) {
        expect(() => provider.createAead(algorithm, new Uint8Array(length))).toThrow(RangeError);
      }
    });

    it('does not notice that the caller wipes its key', () => {
      // A Buffer's slice shares its memory.
      for (const own of [key.slice(), Buffer.from(key)]) {
        const kept = provider.createAead(algorithm, own);
        own.fill(0);
        const out = new Uint8Array(16);
        kept.seal(NONCE, EMPTY, EMPTY, out, 0);
        expect(out).toEqual(seal(provider, algorithm, key, EMPTY, EMPTY));
      }
    });

    it('refuses nonces of any other length, and places without room', () => {
      const sealed = new Uint8Array(64);
      for (const length of [0, 8, 11, 13, 16]) {
        const nonce = new Uint8Array(length);
        expect(() => aead.seal(nonce, EMPTY, plaintext, sealed, 0)).toThrow(RangeError);
        expect(() => aead.open(nonce, EMPTY, sealed, sealed, 0)).toThrow(RangeError);
      }
      const tight = new Uint8Array(plaintext.length + 15);
      expect(() => aead.seal(NONCE, EMPTY, plaintext, tight, 0)).toThrow(RangeError);
      expect(() => aead.seal(NONCE, EMPTY, plaintext, sealed, 28)).toThrow(RangeError);
      expect(() => aead.seal(NONCE, EMPTY, plaintext, sealed, -1)).toThrow(RangeError);
      expect(() => aead.open(NONCE, EMPTY, sealed, new Uint8Array(47), 0)).toThrow(RangeError);
    });

    it('writes at the offset and nowhere else', () => {
      const out = new Uint8Array(plaintext.length + 16 + 10).fill(0xee);
      const end = aead.seal(NONCE, additionalData, plaintext, out, 4);
      expect(end).toBe(4 + plaintext.length + 16);
      expect(formatHex(out.subarray(0, 4))).toBe('eeeeeeee');
      expect(formatHex(out.subarray(end))).toBe('eeeeeeeeeeee');
      const sealed = out.slice(4, end);
      expect(sealed).toEqual(seal(provider, algorithm, key, additionalData, plaintext));
      const opened = new Uint8Array(plaintext.length + 9).fill(0xee);
      expect(aead.open(NONCE, additionalData, sealed, opened, 3)).toBe(3 + plaintext.length);
      expect(formatHex(opened)).toBe(`eeeeee${formatHex(plaintext)}eeeeeeeeeeee`);
    });

    it('seals and opens in place, and between places that overlap', () => {
      const expected = seal(provider, algorithm, key, additionalData, plaintext);
      for (const shift of [-5, -1, 0, 1, 5]) {
        const memory = new Uint8Array(64);
        memory.set(plaintext, 8);
        const source = memory.subarray(8, 8 + plaintext.length);
        const end = aead.seal(NONCE, additionalData, source, memory, 8 + shift);
        const sealed = memory.subarray(8 + shift, end);
        expect(sealed).toEqual(expected);
        const opened = aead.open(NONCE, additionalData, sealed, memory, 8);
        expect(memory.subarray(8, opened)).toEqual(plaintext);
      }
    });

    it('refuses a change of any bit of ciphertext, tag, nonce or additional data', () => {
      const sealed = seal(provider, algorithm, key, additionalData, plaintext);
      const out = new Uint8Array(sealed.length).fill(0xee);
      const untouched = out.slice();
      for (const part of [sealed, NONCE.slice(), additionalData]) {
        for (let bit = 0; bit < 8 * part.length; bit += 3) {
          const changed = part.slice();
          changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
          const nonce = part.length === 12 ? changed : NONCE;
          const aad = part === additionalData ? changed : additionalData;
          expect(aead.open(nonce, aad, part === sealed ? changed : sealed, out, 0)).toBe(-1);
        }
      }
      expect(out).toEqual(untouched);
      expect(aead.open(NONCE, additionalData, sealed, out, 0)).toBe(plaintext.length);
    });

    it('refuses what is cut short or too long', () => {
      const sealed = seal(provider, algorithm, key, additionalData, plaintext);
      const out = new Uint8Array(64);
      for (let length = 0; length < sealed.length; length++) {
        expect(aead.open(NONCE, additionalData, sealed.subarray(0, length), out, 0)).toBe(-1);
      }
      const longer = concatBytes(sealed, hex('00'));
      expect(aead.open(NONCE, additionalData, longer, out, 0)).toBe(-1);
    });
  });
});

describe('node and noble', () => {
  it.each(ALGORITHMS)('seal the same and open each other: %s', (algorithm, keyLength) => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const key = fc.uint8Array({ minLength: keyLength, maxLength: keyLength });
    fc.assert(
      fc.property(key, bytes, bytes, (secret, additionalData, plaintext) => {
        const sealed = seal(nodeCrypto, algorithm, secret, additionalData, plaintext);
        expect(seal(nobleCrypto, algorithm, secret, additionalData, plaintext)).toEqual(sealed);
        for (const provider of [nodeCrypto, nobleCrypto]) {
          const out = new Uint8Array(plaintext.length);
          const aead = provider.createAead(algorithm, secret);
          expect(aead.open(NONCE, additionalData, sealed, out, 0)).toBe(plaintext.length);
          expect(out).toEqual(plaintext);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** ArrayBuffer.prototype as TypeScript's library for ES2024 has it; Node.js 20 does not. */
const buffers = ArrayBuffer.prototype as unknown as { transfer(length: number): ArrayBuffer };

describe('node:crypto', () => {
  it.runIf('transfer' in buffers)('leaves no memory of large packets, genuine or not', () => {
    const released: number[] = [];
    const { transfer } = buffers;
    const spy = vi.spyOn(buffers, 'transfer');
    spy.mockImplementation(function (this: unknown, length) {
      released.push((this as ArrayBuffer).byteLength);
      return transfer.call(this as typeof buffers, length);
    });
    const aead = nodeCrypto.createAead('aes-128-gcm', new Uint8Array(16));
    const text = new Uint8Array(5000).fill(3);
    const packet = new Uint8Array(5016);
    aead.seal(NONCE, EMPTY, text, packet, 0);
    const opened = new Uint8Array(5000);
    expect(aead.open(NONCE, EMPTY, packet, opened, 0)).toBe(5000);
    packet[17] = (packet[17] as number) ^ 1;
    expect(aead.open(NONCE, EMPTY, packet, opened, 0)).toBe(-1);
    spy.mockRestore();
    expect(opened).toEqual(text);
    expect(released).toEqual([5000, 5000, 5000]);
  });
});
