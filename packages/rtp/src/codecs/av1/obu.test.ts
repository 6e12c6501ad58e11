import { formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leb128End, leb128Length, leb128Value, writeLeb128 } from './obu.ts';

describe('leb128 (AV1 §4.10.5)', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [0xffff_ffff, 'ffffffff0f'],
  ])('%i is %s', (value, text) => {
    const out = new Uint8Array(8);
    const end = writeLeb128(out, 0, value);
    expect(formatHex(out.subarray(0, end))).toBe(text);
    expect(leb128Length(value)).toBe(end);
  });

  test('what is written is read, and padding bytes of a longer form are allowed', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(20), (value, offset) => {
        const out = new Uint8Array(40);
        const end = writeLeb128(out, offset, value);
        expect(leb128End(out, offset, 40)).toBe(end);
        expect(leb128Value(out, offset, end)).toBe(value);
      }),
    );
    const long = Uint8Array.of(0x81, 0x80, 0x00);
    expect(leb128Value(long, 0, leb128End(long, 0, 3))).toBe(1);
  });

  test('a number without end is none', () => {
    expect(leb128End(Uint8Array.of(0x80, 0x80), 0, 2)).toBe(-1);
    expect(leb128End(new Uint8Array(20).fill(0x80), 0, 20)).toBe(-1);
    expect(leb128End(new Uint8Array(0), 0, 0)).toBe(-1);
  });
});
