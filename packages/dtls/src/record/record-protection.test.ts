import { nodeCrypto } from '@kaon/crypto';
import { describe, expect, test } from 'vitest';
import { CIPHER_SUITES } from '../cipher-suite.ts';
import { decodeRecordHeader, RECORD_HEADER_LENGTH, type RecordHeader } from './record.ts';
import { AeadProtection } from './record-protection.ts';
import { RecordReceiver } from './record-receiver.ts';

const CONTENT = Uint8Array.from({ length: 100 }, (_, i) => i);

describe.each(CIPHER_SUITES.filter(({ authentication }) => authentication === 'ecdsa'))(
  '$aead',
  (suite) => {
    const key = new Uint8Array(suite.keyLength).fill(7);
    const iv = new Uint8Array(suite.fixedIvLength).fill(9);
    const aead = nodeCrypto.createAead(suite.aead, key);
    const protection = new AeadProtection(aead, iv, suite.explicitNonceLength);

    function seal(sequenceNumber: number, content = CONTENT): Uint8Array {
      const record = new Uint8Array(content.length + protection.overhead);
      const end = protection.seal(23, 0xfefd, 1, sequenceNumber, content, record, 0);
      expect(end).toBe(record.length);
      return record;
    }

    function open(receiver: RecordReceiver, record: Uint8Array): Uint8Array | string {
      return receiver.open(decodeRecordHeader(record, 0) as RecordHeader, record, 0);
    }

    test('opens what it sealed, in any order', () => {
      const receiver = new RecordReceiver(1, protection);
      for (const number of [3, 2 ** 40 + 1, 2 ** 40]) {
        expect(open(receiver, seal(number))).toEqual(CONTENT);
      }
      expect(open(receiver, seal(2 ** 40 + 2, new Uint8Array(0)))).toEqual(new Uint8Array(0));
    });

    test('refuses a record a second time', () => {
      const receiver = new RecordReceiver(1, protection);
      open(receiver, seal(5));
      expect(open(receiver, seal(5))).toBe('replayed');
    });

    test('refuses a record with any byte changed, and takes the true one after it', () => {
      const receiver = new RecordReceiver(1, protection);
      const record = seal(1);
      for (let i = 0; i < record.length; i++) {
        if (i === 11 || i === 12) continue; // the length
        const forged = record.slice();
        forged[i] = (forged[i] as number) ^ 1;
        expect(open(receiver, forged)).toBe('authentication-failed');
      }
      expect(open(receiver, record)).toEqual(CONTENT);
    });

    test('refuses a record too short to have a tag', () => {
      const receiver = new RecordReceiver(1, protection);
      for (let length = 0; length < protection.overhead - RECORD_HEADER_LENGTH; length++) {
        const record = seal(1).slice(0, RECORD_HEADER_LENGTH + length);
        record[11] = 0;
        record[12] = length;
        expect(open(receiver, record)).toBe('malformed-record');
      }
    });

    test('puts the sequence number where its RFC says', () => {
      const record = seal(0x0102);
      const explicit = suite.explicitNonceLength === 8;
      expect(protection.overhead).toBe(explicit ? 13 + 8 + 16 : 13 + 16);
      // The nonce by RFC 5288 §3 and RFC 7905 §2, built by hand.
      const nonce = new Uint8Array(12).fill(9);
      const counter = [0, 1, 0, 0, 0, 0, 1, 2];
      for (let i = 0; i < 8; i++) {
        nonce[4 + i] = explicit ? (counter[i] as number) : 9 ^ (counter[i] as number);
      }
      const aad = Uint8Array.of(...counter, 23, 0xfe, 0xfd, 0, CONTENT.length);
      const sealed = new Uint8Array(CONTENT.length + 16);
      aead.seal(nonce, aad, CONTENT, sealed, 0);
      expect(record.subarray(13 + suite.explicitNonceLength)).toEqual(sealed);
    });
  },
);
