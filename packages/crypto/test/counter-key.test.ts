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
  const algorithm = `aes-${8 * key.length}-ctr`;
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

  it.each([16, 24, 32])('is that of AES with a key of %d bytes, in both directions', (length) => {
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

  it('encrypts with a code, and decrypts what has one, as it does one after the other', () => {
    const secret = new Uint8Array(16).fill(3);
    const hmac = provider.createHmac('sha1', new Uint8Array(20).fill(9));
    const plain = provider.createHmac('sha256', new Uint8Array(20).fill(9));
    const encryptor = provider.createCounterKey(secret).createEncryptor(IV);
    const decryptor = provider.createCounterKey(secret).createDecryptor(IV);
    let number = 0;
    for (const size of [0, 1, 15, 16, 60, 160, 290, 299, 300, 1200, 2031, 2032, 2033, 9000]) {
      for (const key of [hmac, plain]) {
        const random = seededRandom(++number);
        const [start, textStart] = [5, 5 + (number % 3) * 6];
        const end = textStart + size;
        const original = random.fill(new Uint8Array(end + 40));
        const suffix = random.uint32();
        const expected = original.slice();
        expected.set(oracle(secret, number, original.subarray(textStart, end)), textStart);
        const behind = new Uint8Array(4);
        new DataView(behind.buffer).setUint32(0, suffix);
        const expectedCode = key.compute(expected.subarray(start, end), behind);

        const packet = original.slice();
        const code = new Uint8Array(expectedCode.length);
        encryptor.encryptAndAuthenticate(number, packet, start, textStart, end, key, suffix, code);
        expect(packet).toEqual(expected);
        expect(code).toEqual(expectedCode);

        packet.set(code.subarray(0, 10), end + 3);
        const sealed = packet.slice();
        const open = (at: number, tagSuffix: number) =>
          decryptor.verifyAndDecrypt(
            at,
            packet,
            start,
            textStart,
            end,
            key,
            tagSuffix,
            end + 3,
            10,
          );
        expect(open(number, (suffix ^ 1) >>> 0)).toBe(false);
        for (const place of [start, end + 3, end + 12]) {
          packet[place] = (packet[place] as number) ^ 0x40;
          // Where there is no text and no header, the first byte is not the packet's.
          expect(open(number, suffix)).toBe(place === end);
          packet[place] = (packet[place] as number) ^ 0x40;
        }
        expect(packet).toEqual(sealed);
        expect(open(number, suffix)).toBe(true);
        expect(packet.subarray(0, end)).toEqual(original.subarray(0, end));
        expect(packet.subarray(end)).toEqual(sealed.subarray(end));
      }
    }
  });

  it('refuses ranges that are none, and uses up no number for them', () => {
    const key = provider.createCounterKey(new Uint8Array(16));
    const hmac = provider.createHmac('sha1', new Uint8Array(20));
    const encryptor = key.createEncryptor(IV);
    const decryptor = key.createDecryptor(IV);
    const packet = new Uint8Array(50);
    const code = new Uint8Array(20);
    for (const [start, textStart, end] of [
      [0, 12, 51],
      [0, 31, 30],
      [12, 0, 30],
      [-1, 12, 30],
    ] as const) {
      expect(() =>
        encryptor.encryptAndAuthenticate(7, packet, start, textStart, end, hmac, 0, code),
      ).toThrow(RangeError);
      expect(() =>
        decryptor.verifyAndDecrypt(7, packet, start, textStart, end, hmac, 0, 40, 10),
      ).toThrow(RangeError);
    }
    for (const tagLength of [0, 3, 4.5, 21]) {
      expect(() =>
        decryptor.verifyAndDecrypt(7, packet, 0, 12, 25, hmac, 0, 26, tagLength),
      ).toThrow(RangeError);
    }
    const short = new Uint8Array(19);
    expect(() => encryptor.encryptAndAuthenticate(7, packet, 0, 12, 30, hmac, 0, short)).toThrow(
      RangeError,
    );
    expect(encryptor.lastNumber).toBe(-1);
    encryptor.encryptAndAuthenticate(7, packet, 0, 12, 30, hmac, 0, code);
    expect(() => encryptor.encryptAndAuthenticate(7, packet, 0, 12, 30, hmac, 0, code)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' }),
    );
  });

  it('does not notice that the caller wipes key and IV, or makes another IV in the same Buffer', () => {
    const secret = new Uint8Array(16).fill(7);
    const own = Buffer.from(secret);
    const iv = Buffer.from(IV);
    const key = provider.createCounterKey(own);
    own.fill(0);
    const encryptor = key.createEncryptor(iv);
    iv[0] = 0;
    const other = key.createEncryptor(iv);
    const text = new Uint8Array(40);
    const [first, second] = [new Uint8Array(40), new Uint8Array(40)];
    encryptor.encrypt(5, text, 0, 40, first, 0);
    other.encrypt(5, text, 0, 40, second, 0);
    expect(first).toEqual(oracle(secret, 5, text));
    expect(second).not.toEqual(first);
    key.destroy();
    expect(formatHex(iv)).toBe(formatHex(IV.with(0, 0)));
  });

  it('takes late numbers within its limit, each once', () => {
    for (const lateness of [0, 1, 31, 32, 33, 100]) {
      const key = provider.createCounterKey(new Uint8Array(16).fill(7));
      const encryptor = key.createEncryptor(IV, lateness);
      const random = seededRandom(lateness + 1);
      const used = new Set<number>();
      let last = -1;
      for (let i = 0, base = 0; i < 400; i++) {
        if (random.uint32() % 40 === 0) base += random.uint32() % 300;
        const number = base + (random.uint32() % 120);
        const text = new Uint8Array(20).fill(i);
        const isFresh = number > last || (number >= last - lateness && !used.has(number));
        if (isFresh) {
          const out = new Uint8Array(20);
          encryptor.encrypt(number, text, 0, 20, out, 0);
          expect(out).toEqual(oracle(new Uint8Array(16).fill(7), number, text));
          used.add(number);
          last = Math.max(last, number);
        } else {
          expect(() => encryptor.encrypt(number, text, 0, 20, text, 0)).toThrow(
            expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' }),
          );
        }
        expect(encryptor.lastNumber).toBe(last);
      }
      // Across where the low bits begin again, and over a gap that is longer than what is kept.
      for (const number of [65535, 65536, 2 ** 40, 2 ** 40 + 65536]) {
        encryptor.encrypt(number, new Uint8Array(1), 0, 1, new Uint8Array(1), 0);
      }
    }
    const key = provider.createCounterKey(new Uint8Array(16));
    for (const lateness of [-1, 0.5, 32769, Number.NaN]) {
      expect(() => key.createEncryptor(IV, lateness)).toThrow(RangeError);
    }
    key.createEncryptor(IV, 32768);
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
    expect(() => provider.createCounterKey(new Uint8Array(20))).toThrow(RangeError);
  });
});
