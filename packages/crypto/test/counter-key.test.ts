// AES in counter mode for packets, the same suite over every provider (RFC 3711 §4.1.1).

import { createCipheriv, createSecretKey } from 'node:crypto';
import { formatHex } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { MAX_PACKET_NUMBER } from '../src/index.ts';
import { hex, PROVIDERS, seededRandom } from './providers.ts';

const IV = hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd');

/** Counter mode as SP 800-38A has it, from a counter block built by another way. */
function oracle(key: Uint8Array, number: number, text: Uint8Array): Uint8Array {
  const first = (BigInt(`0x${formatHex(IV)}`) ^ BigInt(number)) << 16n;
  const block = hex(first.toString(16).padStart(32, '0'));
  const algorithm = key.length === 16 ? 'aes-128-ctr' : 'aes-256-ctr';
  return Uint8Array.from(createCipheriv(algorithm, createSecretKey(key), block).update(text));
}

describe.each(PROVIDERS)('counter mode by %s', (_name, provider) => {
  it('agrees with RFC 3711 §B.2', () => {
    const key = provider.createCounterKey(hex('2b7e151628aed2a6abf7158809cf4f3c'));
    const out = new Uint8Array(48);
    expect(key.createEncryptor(IV).encrypt(0, new Uint8Array(48), 0, 48, out, 0)).toBe(48);
    expect(formatHex(out)).toBe(
      'e03ead0935c95e80e166b16dd92b4eb4' +
        'd23513162b02d0f72a43a2fe4a5f97ab' +
        '41e95b3bb0a2e8dd477901e4fca894c0',
    );
  });

  it.each([16, 32])('is that of AES with a key of %d bytes, in both directions', (length) => {
    const secret = seededRandom(length).fill(new Uint8Array(length));
    const encryptor = provider.createCounterKey(secret).createEncryptor(IV);
    const decryptor = provider.createCounterKey(secret).createDecryptor(IV);
    let number = -1;
    for (let size = 0; size < 1400; size += 37) {
      number += size % 5 === 0 ? 1000 : 1;
      const memory = seededRandom(size + 1).fill(new Uint8Array(1500));
      const text = memory.slice(12, 12 + size);
      const end = encryptor.encrypt(number, memory, 12, 12 + size, memory, 12);
      expect(end).toBe(12 + size);
      expect(memory.subarray(12, end)).toEqual(oracle(secret, number, text));
      for (let times = 0; times < 2; times++) {
        const out = new Uint8Array(size);
        expect(decryptor.decrypt(number, memory, 12, end, out, 0)).toBe(size);
        expect(out).toEqual(text);
      }
    }
  });

  it('never uses keystream twice, and none of a destroyed key', () => {
    const key = provider.createCounterKey(new Uint8Array(16));
    const encryptor = key.createEncryptor(IV);
    const packet = new Uint8Array(20);
    encryptor.encrypt(3, packet, 0, 20, packet, 0);
    expect(encryptor.lastNumber).toBe(3);
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => encryptor.encrypt(3, packet, 0, 20, packet, 0)).toThrow(
      code('CRYPTO_NUMBER_REUSED'),
    );
    expect(() => encryptor.encrypt(4, packet, 0, 21, packet, 0)).toThrow(RangeError);
    expect(() => encryptor.encrypt(4, packet, 0, 20, packet, 1)).toThrow(RangeError);
    expect(() => encryptor.encrypt(MAX_PACKET_NUMBER + 1, packet, 0, 20, packet, 0)).toThrow(
      RangeError,
    );
    expect(() => key.createEncryptor(IV.with(13, 0))).toThrow(code('CRYPTO_IV_REUSED'));
    expect(() => key.createEncryptor(new Uint8Array(16))).toThrow(RangeError);
    expect(encryptor.lastNumber).toBe(3);
    const other = key.createEncryptor(IV.with(7, 0));
    other.destroy();
    expect(() => other.encrypt(0, packet, 0, 20, packet, 0)).toThrow(code('CRYPTO_KEY_DESTROYED'));
    const decryptor = key.createDecryptor(IV);
    key.destroy();
    expect(() => encryptor.encrypt(4, packet, 0, 20, packet, 0)).toThrow(
      code('CRYPTO_KEY_DESTROYED'),
    );
    expect(() => decryptor.decrypt(4, packet, 0, 20, packet, 0)).toThrow(
      code('CRYPTO_KEY_DESTROYED'),
    );
    expect(() => key.createDecryptor(IV)).toThrow(code('CRYPTO_KEY_DESTROYED'));
    expect(() => provider.createCounterKey(new Uint8Array(24))).toThrow(RangeError);
  });
});
