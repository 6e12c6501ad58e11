// Sealing and opening numbered packets, the same suite over every provider.

import { formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CryptoProvider,
  MAX_PACKET_NUMBER,
  nodeCrypto,
  type PacketKey,
} from '../src/index.ts';
import { hex, PROVIDERS, seededRandom } from './providers.ts';
import { AEAD_VECTORS } from './vectors/aead.ts';

const ALGORITHMS = [
  ['aes-128-gcm', 16],
  ['aes-256-gcm', 32],
  ['chacha20-poly1305', 32],
] as const;

const EMPTY = new Uint8Array(0);
const IV = hex('a0a1a2a3a4a5a6a7a8a9aaab');
const AAD = hex('000100000000000517fefd0020');

function bytes(length: number, seed = 1): Uint8Array {
  return seededRandom(seed).fill(new Uint8Array(length));
}

/** The nonce of packet `number`, by another way than the one tested. */
function nonceOf(iv: Uint8Array, number: number): Uint8Array {
  const all = BigInt(`0x${formatHex(iv)}`) ^ BigInt(number);
  return hex(all.toString(16).padStart(24, '0'));
}

function oracle(
  algorithm: PacketKey['algorithm'],
  key: Uint8Array,
  iv: Uint8Array,
  number: number,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(plaintext.length + 16);
  nodeCrypto.createAead(algorithm, key).seal(nonceOf(iv, number), aad, plaintext, out, 0);
  return out;
}

function pair(provider: CryptoProvider, algorithm: PacketKey['algorithm'], key: Uint8Array) {
  const sealing = provider.createPacketKey(algorithm, key);
  const opening = provider.createPacketKey(algorithm, key);
  return {
    sealing,
    opening,
    sealer: sealing.createSealer(IV),
    opener: opening.createOpener(IV),
  };
}

describe.each(PROVIDERS)('packets by %s', (_name, provider) => {
  it.each(AEAD_VECTORS)('agree with $source', (vector) => {
    const { algorithm } = vector;
    const iv = hex(vector.nonce);
    const plaintext = hex(vector.plaintext);
    const aad = hex(vector.additionalData);
    const sealed = new Uint8Array(plaintext.length + 16);
    provider
      .createPacketKey(algorithm, hex(vector.key))
      .createSealer(iv)
      .seal(0, aad, plaintext, sealed, 0);
    expect(formatHex(sealed)).toBe(vector.ciphertext + vector.tag);
    const opener = provider.createPacketKey(algorithm, hex(vector.key)).createOpener(iv);
    const opened = new Uint8Array(plaintext.length);
    expect(opener.open(0, aad, sealed, 0, sealed.length, opened, 0)).toBe(plaintext.length);
    expect(formatHex(opened)).toBe(vector.plaintext);
  });

  it('agree with RFC 7714 §16.1.1, with the SSRC in the IV and ROC and SEQ as the number', () => {
    const key = provider.createPacketKey('aes-128-gcm', hex('000102030405060708090a0b0c0d0e0f'));
    const iv = hex('517569642070726f2071756f'.slice(0, 24));
    const ssrc = hex('5501a0b2');
    for (let i = 0; i < 4; i++) iv[2 + i] = (iv[2 + i] as number) ^ (ssrc[i] as number);
    const packet = hex(
      '8040f17b8041f8d35501a0b2' +
        '47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    );
    const out = new Uint8Array(packet.length + 16);
    out.set(packet);
    key.createSealer(iv).seal(0xf17b, packet.subarray(0, 12), packet.subarray(12), out, 12);
    expect(formatHex(out)).toBe(
      '8040f17b8041f8d35501a0b2' +
        'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833' +
        '899d7f27beb16a9152cf765ee4390cce',
    );
  });

  describe.each(ALGORITHMS)('%s', (algorithm, keyLength) => {
    const key = bytes(keyLength, 77);

    it('are what an AEAD with the number in its nonce gives, for all lengths', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      const out = new Uint8Array(1600);
      const opened = new Uint8Array(1600);
      const step = provider.packetKernel === 'noble' ? 97 : 7;
      for (let length = 0, number = 0; length < 1500; length += step, number++) {
        const plaintext = bytes(length, length + 1);
        const aad = bytes(length % 71, 3);
        const end = sealer.seal(number, aad, plaintext, out, 5);
        expect(end).toBe(5 + length + 16);
        const sealed = out.subarray(5, end);
        expect(sealed).toEqual(oracle(algorithm, key, IV, number, aad, plaintext));
        expect(opener.open(number, aad, out, 5, end, opened, 3)).toBe(3 + length);
        expect(opened.subarray(3, 3 + length)).toEqual(plaintext);
      }
    });

    it('are right for the longest records and packets', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      for (const [number, length] of [16384, 100, 65519, 16384, 3059, 3060, 65535].entries()) {
        const plaintext = bytes(length, 9);
        const aad = bytes(number === 3 ? 65535 : 13);
        const out = new Uint8Array(length + 16);
        sealer.seal(number, aad, plaintext, out, 0);
        expect(formatHex(out)).toBe(formatHex(oracle(algorithm, key, IV, number, aad, plaintext)));
        if (out.length > 65535) continue;
        expect(opener.open(number, aad, out, 0, out.length, out, 0)).toBe(length);
        expect(formatHex(out.subarray(0, length))).toBe(formatHex(plaintext));
      }
    });

    it('come out right whatever the jumps, lengths and losses', () => {
      const packets = fc.array(
        fc.record({
          jump: fc.oneof(fc.constant(1), fc.constant(1), fc.nat(20), fc.nat(2 ** 40)),
          length: fc.oneof(fc.nat(40), fc.nat(1500)),
          isLost: fc.boolean(),
          delay: fc.oneof(fc.constant(0), fc.nat(12)),
        }),
        { maxLength: 60 },
      );
      fc.assert(
        fc.property(packets, (all) => {
          const { sealer, opener } = pair(provider, algorithm, key);
          const arriving: { number: number; at: number; sealed: Uint8Array; text: Uint8Array }[] =
            [];
          let number = -1;
          for (const [i, { jump, length, isLost, delay }] of all.entries()) {
            number += Math.max(jump, 1);
            const text = bytes(length, i + 1);
            const sealed = new Uint8Array(length + 16);
            sealer.seal(number, AAD, text, sealed, 0);
            expect(sealed).toEqual(oracle(algorithm, key, IV, number, AAD, text));
            if (!isLost) arriving.push({ number, at: i + delay, sealed, text });
          }
          arriving.sort((a, b) => a.at - b.at);
          for (const packet of arriving) {
            const { length } = packet.sealed;
            expect(
              opener.open(packet.number, AAD, packet.sealed, 0, length, packet.sealed, 0),
            ).toBe(length - 16);
            expect(packet.sealed.subarray(0, -16)).toEqual(packet.text);
          }
        }),
        { numRuns: provider.packetKernel === 'noble' ? 3 : 25 },
      );
    });

    it('may lie anywhere in the memory that they are written to', () => {
      for (const shift of [-20, -1, 0, 1, 20]) {
        const { sealer, opener } = pair(provider, algorithm, key);
        const text = bytes(100);
        const memory = new Uint8Array(200).fill(0xee);
        memory.set(text, 40);
        const end = sealer.seal(0, AAD, memory.subarray(40, 140), memory, 40 + shift);
        expect(memory.subarray(40 + shift, end)).toEqual(oracle(algorithm, key, IV, 0, AAD, text));
        expect(opener.open(0, AAD, memory, 40 + shift, end, memory, 50)).toBe(150);
        expect(memory.subarray(50, 150)).toEqual(text);
        expect(memory.subarray(end + 20).every((byte) => byte === 0xee)).toBe(true);
      }
    });

    it('are the same in place, with additional data that is part of the packet', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      for (const [number, length] of [0, 1, 160, 1200, 3500].entries()) {
        const memory = bytes(length + 60, number + 1);
        const aad = memory.slice(10, 22);
        const text = memory.slice(22, 22 + length);
        const end = sealer.sealInPlace(number, memory, 10, 22, memory, 22, 22 + length);
        expect(end).toBe(22 + length + 16);
        expect(formatHex(memory.subarray(22, end))).toBe(
          formatHex(oracle(algorithm, key, IV, number, aad, text)),
        );
        const forged = memory.slice();
        forged[21] = (forged[21] as number) ^ 1;
        const untouched = forged.slice();
        expect(opener.openInPlace(number, forged, 10, 22, forged, 22, end)).toBe(-1);
        expect(formatHex(forged)).toBe(formatHex(untouched));
        expect(opener.openInPlace(number, memory, 10, 22, memory, 22, end)).toBe(22 + length);
        expect(formatHex(memory.subarray(22, 22 + length))).toBe(formatHex(text));
      }
      const memory = new Uint8Array(40);
      expect(() => sealer.sealInPlace(9, memory, 0, 12, memory, 12, 25)).toThrow(RangeError);
      expect(() => sealer.sealInPlace(9, memory, 0, 41, memory, 12, 20)).toThrow(RangeError);
      expect(() => sealer.sealInPlace(4, memory, 0, 12, memory, 12, 20)).toThrow(
        expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' }),
      );
      expect(sealer.sealInPlace(9, memory, 0, 12, memory, 12, 24)).toBe(40);
      expect(opener.openInPlace(9, memory, 0, 12, memory, 12, 27)).toBe(-1);
      expect(() => opener.openInPlace(9, memory, 0, 12, memory, 12, 41)).toThrow(RangeError);
      expect(() => opener.openInPlace(-1, memory, 0, 12, memory, 12, 40)).toThrow(RangeError);
    });

    it('may be late by as much as was said', () => {
      const sealer = provider.createPacketKey(algorithm, key).createSealer(IV, 64);
      const out = new Uint8Array(26);
      const reused = expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' });
      for (const number of [100, 36, 99, 101, 40]) {
        sealer.seal(number, AAD, bytes(10), out, 0);
        expect(out).toEqual(oracle(algorithm, key, IV, number, AAD, bytes(10)));
      }
      for (const number of [101, 100, 99, 40, 36]) {
        expect(() => sealer.seal(number, AAD, bytes(10), out, 0)).toThrow(reused);
      }
      expect(() => sealer.sealInPlace(40, AAD, 0, 1, out, 0, 5)).toThrow(reused);
      expect(sealer.lastNumber).toBe(101);
    });

    it('never have a number twice', () => {
      const { sealer } = pair(provider, algorithm, key);
      const out = new Uint8Array(64);
      expect(sealer.lastNumber).toBe(-1);
      sealer.seal(5, AAD, bytes(10), out, 0);
      for (const number of [5, 4, 0]) {
        expect(() => sealer.seal(number, AAD, bytes(10), out, 0)).toThrow(
          expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' }),
        );
      }
      for (const number of [-1, 0.5, Number.NaN, MAX_PACKET_NUMBER + 1]) {
        expect(() => sealer.seal(number, AAD, bytes(10), out, 0)).toThrow(RangeError);
      }
      expect(sealer.lastNumber).toBe(5);
      sealer.seal(MAX_PACKET_NUMBER, AAD, bytes(10), out, 0);
      expect(sealer.lastNumber).toBe(MAX_PACKET_NUMBER);
    });

    it('do not use up their number if an argument is wrong', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      const out = new Uint8Array(30);
      expect(() => sealer.seal(0, AAD, bytes(15), out, 0)).toThrow(RangeError);
      expect(() => sealer.seal(0, AAD, bytes(10), out, 5)).toThrow(RangeError);
      expect(() => sealer.seal(0, AAD, bytes(10), out, -1)).toThrow(RangeError);
      expect(() => sealer.seal(0, bytes(65536), EMPTY, out, 0)).toThrow(RangeError);
      expect(() => sealer.seal(0, AAD, bytes(65536), new Uint8Array(70000), 0)).toThrow(RangeError);
      expect(() => opener.open(0, AAD, out, 0, 31, out, 0)).toThrow(RangeError);
      expect(() => opener.open(0, AAD, out, 20, 10, out, 0)).toThrow(RangeError);
      expect(() => opener.open(0, AAD, out, 0, 30, out, 17)).toThrow(RangeError);
      expect(() => opener.open(-1, AAD, out, 0, 30, out, 0)).toThrow(RangeError);
      expect(sealer.lastNumber).toBe(-1);
      expect(sealer.seal(0, AAD, bytes(14), out, 0)).toBe(30);
    });

    it('leave the memory untouched if they are forged, and do not disturb the genuine ones', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      const random = seededRandom(5);
      const out = new Uint8Array(400).fill(0xee);
      for (let number = 0; number < 40; number++) {
        const text = bytes(1 + (number % 7) * 40, number + 1);
        const sealed = new Uint8Array(text.length + 16);
        sealer.seal(number, AAD, text, sealed, 0);
        for (let i = 0; i < 6; i++) {
          const forged = sealed.slice();
          const at = random.uint32() % forged.length;
          forged[at] = (forged[at] as number) ^ (1 << (i & 7));
          const claimed = i < 3 ? number + i : random.uint32();
          expect(opener.open(claimed, AAD, forged, 0, forged.length, out, 0)).toBe(-1);
        }
        expect(opener.open(number, EMPTY, sealed, 0, sealed.length, out, 0)).toBe(-1);
        expect(opener.open(number + 1, AAD, sealed, 0, sealed.length, out, 0)).toBe(-1);
        expect(out.every((byte) => byte === 0xee)).toBe(true);
        for (let length = 0; length < 17; length++) {
          expect(opener.open(number, AAD, sealed, 0, length, out, 0)).toBe(
            length === sealed.length ? text.length : -1,
          );
        }
        expect(opener.open(number, AAD, sealed, 0, sealed.length, out, 0)).toBe(text.length);
        expect(out.subarray(0, text.length)).toEqual(text);
        out.fill(0xee);
      }
    });

    it('open a second time, because refusing that is for the replay window', () => {
      const { sealer, opener } = pair(provider, algorithm, key);
      const sealed = new Uint8Array(50);
      sealer.seal(0, AAD, bytes(34), sealed, 0);
      for (let i = 0; i < 3; i++) {
        const out = new Uint8Array(34);
        expect(opener.open(0, AAD, sealed, 0, 50, out, 0)).toBe(34);
        expect(out).toEqual(bytes(34));
      }
    });

    it('keep several sequences under one key apart', () => {
      const sealing = provider.createPacketKey(algorithm, key);
      const ivs = [1, 2, 3].map((n) => IV.with(5, n));
      const sealers = ivs.map((iv) => sealing.createSealer(iv));
      const out = new Uint8Array(116);
      for (let number = 0; number < 20; number++) {
        for (const [i, sealer] of sealers.entries()) {
          sealer.seal(number, AAD, bytes(100, number), out, 0);
          const expected = oracle(
            algorithm,
            key,
            ivs[i] as Uint8Array,
            number,
            AAD,
            bytes(100, number),
          );
          expect(out).toEqual(expected);
        }
      }
    });

    it('have no two sealers whose nonces could be the same', () => {
      const sealing = provider.createPacketKey(algorithm, key);
      const sealer = sealing.createSealer(IV);
      const reused = expect.objectContaining({ code: 'CRYPTO_IV_REUSED' });
      expect(() => sealing.createSealer(IV)).toThrow(reused);
      expect(() => sealing.createSealer(IV.with(11, 0))).toThrow(reused);
      sealer.destroy();
      expect(() => sealing.createSealer(IV)).toThrow(reused);
      sealing.createSealer(IV.with(5, 0));
      expect(() => sealing.createSealer(new Uint8Array(11))).toThrow(RangeError);
      expect(() => sealing.createOpener(new Uint8Array(13))).toThrow(RangeError);
    });

    it('are neither sealed nor opened with a destroyed key', () => {
      const { sealing, opening, sealer, opener } = pair(provider, algorithm, key);
      const sealed = new Uint8Array(50);
      sealer.seal(0, AAD, bytes(34), sealed, 0);
      const destroyed = expect.objectContaining({ code: 'CRYPTO_KEY_DESTROYED' });
      sealing.destroy();
      sealing.destroy();
      opener.destroy();
      opener.destroy();
      expect(() => sealer.seal(1, AAD, EMPTY, sealed, 0)).toThrow(destroyed);
      expect(() => sealing.createSealer(IV.with(0, 0))).toThrow(destroyed);
      expect(() => opener.open(0, AAD, sealed, 0, 50, sealed, 0)).toThrow(destroyed);
      const another = opening.createOpener(IV);
      expect(another.open(0, AAD, sealed, 0, 50, sealed, 0)).toBe(34);
    });

    it('do not notice that the caller wipes key and IV', () => {
      // A Buffer's slice shares its memory.
      for (const copy of [(of: Uint8Array) => of.slice(), (of: Uint8Array) => Buffer.from(of)]) {
        const own = copy(key);
        const iv = copy(IV);
        const sealer = provider.createPacketKey(algorithm, own).createSealer(iv);
        own.fill(0);
        iv.fill(0);
        const out = new Uint8Array(50);
        sealer.seal(7, AAD, bytes(34), out, 0);
        expect(out).toEqual(oracle(algorithm, key, IV, 7, AAD, bytes(34)));
      }
    });

    it('leave key and IV to the caller when they are destroyed', () => {
      const own = Buffer.from(key);
      const iv = Buffer.from(IV);
      const packetKey = provider.createPacketKey(algorithm, own);
      packetKey.createSealer(iv);
      packetKey.createOpener(iv);
      packetKey.destroy();
      expect([formatHex(own), formatHex(iv)]).toEqual([formatHex(key), formatHex(IV)]);
    });

    it('want a key of the right length', () => {
      for (const length of [0, keyLength - 1, keyLength + 1, 24]) {
        expect(() => provider.createPacketKey(algorithm, new Uint8Array(length))).toThrow(
          RangeError,
        );
      }
    });
  });
});
