import { concatBytes, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecordHeader, encodeRecordHeader, RECORD_HEADER_LENGTH } from './record.ts';

const HEADER = parseHex('16 fefd 0001 000000000102 0003') as Uint8Array;

test('reads type, version, epoch, sequence number and length (RFC 6347 §4.1)', () => {
  expect(decodeRecordHeader(concatBytes(HEADER, new Uint8Array(3)), 0)).toEqual({
    type: 22,
    version: 0xfefd,
    epoch: 1,
    sequenceNumber: 0x102,
    length: 3,
  });
});

test('refuses a record that is cut short', () => {
  expect(decodeRecordHeader(HEADER, 0)).toBeUndefined();
  expect(decodeRecordHeader(concatBytes(HEADER, new Uint8Array(2)), 0)).toBeUndefined();
  expect(decodeRecordHeader(HEADER.subarray(0, 12), 0)).toBeUndefined();
});

test('refuses a record longer than 2^14 + 2048 (RFC 6347 §4.1)', () => {
  const datagram = new Uint8Array(65535);
  encodeRecordHeader(datagram, 0, 23, 0xfefd, 1, 0, 16384 + 2049);
  expect(decodeRecordHeader(datagram, 0)).toBeUndefined();
  encodeRecordHeader(datagram, 0, 23, 0xfefd, 1, 0, 16384 + 2048);
  expect(decodeRecordHeader(datagram, 0)?.length).toBe(16384 + 2048);
});

test('reads what it wrote', () => {
  fc.assert(
    fc.property(
      fc.record({
        type: fc.integer({ min: 0, max: 255 }),
        version: fc.integer({ min: 0, max: 0xffff }),
        epoch: fc.integer({ min: 0, max: 0xffff }),
        sequenceNumber: fc.maxSafeNat().map((n) => n % 2 ** 48),
        length: fc.integer({ min: 0, max: 16384 }),
      }),
      fc.nat(8),
      (header, at) => {
        const out = new Uint8Array(at + RECORD_HEADER_LENGTH + header.length);
        const { type, version, epoch, sequenceNumber, length } = header;
        encodeRecordHeader(out, at, type, version, epoch, sequenceNumber, length);
        expect(decodeRecordHeader(out, at)).toEqual(header);
      },
    ),
  );
});

test('never throws on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(50), (bytes, start) => {
      decodeRecordHeader(bytes, start);
    }),
  );
});
