import { type CryptoProvider, defaultCrypto, kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import { describe, expect, test } from 'vitest';
import { CIPHER_SUITES } from '../cipher-suite.ts';
import { decodeRecordHeader, RECORD_HEADER_LENGTH, type RecordHeader } from './record.ts';
import { AeadRecordOpener, AeadRecordSealer } from './record-protection.ts';
import { RecordReceiver } from './record-receiver.ts';

const CONTENT = Uint8Array.from({ length: 100 }, (_, i) => i);
const SUITES = CIPHER_SUITES.filter(({ authentication }) => authentication === 'ecdsa');

describe.each([kernelCrypto, nodeCrypto, nobleCrypto])('by $name', (crypto: CryptoProvider) => {
  describe.each(SUITES)('$aead', (suite) => {
    const key = new Uint8Array(suite.keyLength).fill(7);
    const { explicitNonceLength } = suite;
    const scheme = { fixedIv: new Uint8Array(suite.fixedIvLength).fill(9), explicitNonceLength };

    function sender(): AeadRecordSealer {
      return new AeadRecordSealer(crypto.createPacketKey(suite.aead, key), scheme, 1);
    }

    function receiver(): RecordReceiver {
      const opener = new AeadRecordOpener(crypto.createPacketKey(suite.aead, key), scheme, 1);
      return new RecordReceiver(1, opener);
    }

    function seal(sequenceNumber: number, content = CONTENT, sealer = sender()): Uint8Array {
      const record = new Uint8Array(content.length + sealer.overhead);
      expect(sealer.seal(23, 0xfefd, sequenceNumber, content, record, 0)).toBe(record.length);
      return record;
    }

    function open(by: RecordReceiver, record: Uint8Array): Uint8Array | string {
      return by.open(decodeRecordHeader(record, 0) as RecordHeader, record, 0);
    }

    /** A record as a sender makes it whose explicit nonces are of its own choice. */
    function sealWithNonce(sequenceNumber: number, explicit: Uint8Array): Uint8Array {
      const record = seal(sequenceNumber);
      record.set(explicit, RECORD_HEADER_LENGTH);
      const nonce = new Uint8Array(12).fill(9);
      nonce.set(explicit, 4);
      const aad = new Uint8Array(13);
      aad.set(record.subarray(3, 11));
      aad.set([23, 0xfe, 0xfd, 0, CONTENT.length], 8);
      nodeCrypto.createAead(suite.aead, key).seal(nonce, aad, CONTENT, record, 21);
      return record;
    }

    test('opens what it sealed, in any order', () => {
      const by = receiver();
      for (const number of [3, 2 ** 40 + 1, 2 ** 40]) {
        expect(open(by, seal(number))).toEqual(CONTENT);
      }
      expect(open(by, seal(2 ** 40 + 2, new Uint8Array(0)))).toEqual(new Uint8Array(0));
    });

    test('seals no sequence number twice (RFC 6347 §4.1)', () => {
      const sealer = sender();
      seal(5, CONTENT, sealer);
      expect(() => seal(5, CONTENT, sealer)).toThrow(
        expect.objectContaining({ code: 'CRYPTO_NUMBER_REUSED' }),
      );
      seal(6, CONTENT, sealer);
    });

    test('refuses a record a second time', () => {
      const by = receiver();
      open(by, seal(5));
      expect(open(by, seal(5))).toBe('replayed');
    });

    test('refuses a record with any byte changed, and takes the true one after it', () => {
      const by = receiver();
      const record = seal(1);
      for (let i = 0; i < record.length; i++) {
        if (i === 11 || i === 12) continue; // the length
        const forged = record.slice();
        forged[i] = (forged[i] as number) ^ 1;
        expect(open(by, forged)).toBe('authentication-failed');
      }
      expect(open(by, record)).toEqual(CONTENT);
    });

    test('refuses a record too short to have a tag', () => {
      const by = receiver();
      const record = seal(1);
      const least = record.length - CONTENT.length - RECORD_HEADER_LENGTH;
      for (let length = 0; length < least; length++) {
        const short = record.slice(0, RECORD_HEADER_LENGTH + length);
        short[11] = 0;
        short[12] = length;
        expect(open(by, short)).toBe('malformed-record');
      }
    });

    test('puts the sequence number where its RFC says', () => {
      const record = seal(0x0102);
      const isExplicit = explicitNonceLength === 8;
      expect(sender().overhead).toBe(isExplicit ? 13 + 8 + 16 : 13 + 16);
      // The nonce by RFC 5288 §3 and RFC 7905 §2, built by hand.
      const nonce = new Uint8Array(12).fill(9);
      const counter = [0, 1, 0, 0, 0, 0, 1, 2];
      for (let i = 0; i < 8; i++) {
        nonce[4 + i] = isExplicit ? (counter[i] as number) : 9 ^ (counter[i] as number);
      }
      if (isExplicit) expect([...record.subarray(13, 21)]).toEqual(counter);
      const aad = Uint8Array.of(...counter, 23, 0xfe, 0xfd, 0, CONTENT.length);
      const sealed = new Uint8Array(CONTENT.length + 16);
      defaultCrypto.createAead(suite.aead, key).seal(nonce, aad, CONTENT, sealed, 0);
      expect(record.subarray(13 + explicitNonceLength)).toEqual(sealed);
    });

    // RFC 7905 §2: ChaCha20-Poly1305 has no explicit nonce.
    if (explicitNonceLength === 8) {
      test('takes explicit nonces that count from anywhere', () => {
        const by = receiver();
        for (let i = 0; i < 20; i++) {
          // Past the end of 48 bits, and of 64.
          const explicit = new Uint8Array(8).fill(i < 10 ? 0xff : 0);
          explicit[7] = 0xf6 + i;
          expect(open(by, sealWithNonce(i, explicit))).toEqual(CONTENT);
        }
      });

      test('takes explicit nonces that are random, and is not led astray by forged ones', () => {
        const by = receiver();
        for (let i = 0; i < 20; i++) {
          const explicit = crypto.random.fill(new Uint8Array(8));
          const record = sealWithNonce(i, explicit);
          const forged = record.slice();
          forged[RECORD_HEADER_LENGTH + (i % 8)] = (explicit[i % 8] as number) ^ 0x10;
          expect(open(by, forged)).toBe('authentication-failed');
          expect(open(by, record)).toEqual(CONTENT);
        }
      });
    }

    test('opens and seals nothing any more when it is destroyed', () => {
      const [by, sealer] = [receiver(), sender()];
      by.destroy();
      sealer.destroy();
      const destroyed = expect.objectContaining({ code: 'CRYPTO_KEY_DESTROYED' });
      expect(() => open(by, seal(1))).toThrow(destroyed);
      expect(() => seal(1, CONTENT, sealer)).toThrow(destroyed);
    });
  });
});
