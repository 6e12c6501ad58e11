import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSack, encodeSack, type SackChunk, sackLength } from './sack.ts';

const EXAMPLES: readonly { name: string; hex: string; chunk: SackChunk }[] = [
  {
    name: 'nothing but the cumulative TSN',
    hex: '03000010 00000001 00020000 00000000',
    chunk: {
      type: 'sack',
      cumulativeTsnAck: 1,
      aRwnd: 0x20000,
      gapAckBlocks: [],
      duplicateTsns: [],
    },
  },
  {
    // RFC 9260 §3.3.4: TSN 10 to 12 and 14, 15 and 17 have arrived, in the RFC's own example.
    name: 'the example of RFC 9260 §3.3.4',
    hex: '03000018 0000000c 00001234 00020000 00020003 00050005',
    chunk: {
      type: 'sack',
      cumulativeTsnAck: 12,
      aRwnd: 0x1234,
      gapAckBlocks: [
        { start: 2, end: 3 },
        { start: 5, end: 5 },
      ],
      duplicateTsns: [],
    },
  },
  {
    name: 'gap ack blocks and duplicates at the end of the TSN space',
    hex: '0300001c ffffffff ffffffff 00010002 0002ffff fffffffe 00000001',
    chunk: {
      type: 'sack',
      cumulativeTsnAck: 0xffff_ffff,
      aRwnd: 0xffff_ffff,
      gapAckBlocks: [{ start: 2, end: 0xffff }],
      duplicateTsns: [0xffff_fffe, 1],
    },
  },
];

describe('SACK (RFC 9260 §3.3.4)', () => {
  test.each(EXAMPLES)('decodes and encodes $name', ({ hex, chunk }) => {
    const bytes = parseHex(hex)!;
    expect(decodeSack(bytes, 0, bytes.length)).toEqual(chunk);
    expect(sackLength(chunk)).toBe(bytes.length);
    const out = new Uint8Array(bytes.length);
    expect(encodeSack(chunk, out, 0)).toBe(bytes.length);
    expect(formatHex(out)).toBe(formatHex(bytes));
  });

  test.each([
    ['is shorter than its fixed part', '0300000c 00000001 00020000'],
    ['counts a gap ack block that is not there', '03000010 00000001 00020000 00010000'],
    ['counts a duplicate that is not there', '03000010 00000001 00020000 00000001'],
    ['is longer than its lists', '03000014 00000001 00020000 00000000 00000000'],
  ])('does not decode one that %s', (_, hex) => {
    const bytes = parseHex(hex)!;
    expect(decodeSack(bytes, 0, bytes.length)).toBeUndefined();
  });

  test('gives back what was encoded, wherever in the packet it stands', () => {
    const uint16 = fc.integer({ min: 0, max: 0xffff });
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const chunks = fc.record({
      type: fc.constant('sack' as const),
      cumulativeTsnAck: uint32,
      aRwnd: uint32,
      gapAckBlocks: fc.array(fc.record({ start: uint16, end: uint16 })),
      duplicateTsns: fc.array(uint32),
    });
    fc.assert(
      fc.property(chunks, fc.nat(40), (chunk, offset) => {
        const out = new Uint8Array(offset + sackLength(chunk) + 8);
        const end = encodeSack(chunk, out, offset);
        expect(end).toBe(offset + sackLength(chunk));
        expect(decodeSack(out, offset, end)).toEqual(chunk);
      }),
    );
  });

  test('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        decodeSack(bytes, 0, bytes.length);
      }),
    );
  });
});
