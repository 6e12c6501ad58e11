// The strict DER reader and writer (ITU-T X.690).

import { formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../test/providers.ts';
import { DerReader, DerTag, encodeDer, encodeDerUnsigned } from './der.ts';

describe('DerReader', () => {
  it('reads elements one after the other, and nested ones', () => {
    const reader = new DerReader(hex('3009020107040200ff05000603551d0e'));
    const inner = reader.sequence();
    expect(formatHex(inner.unsignedInteger())).toBe('07');
    expect(inner.nextTag).toBe(DerTag.octetString);
    expect(formatHex(inner.element(DerTag.octetString))).toBe('040200ff');
    expect(inner.contents(DerTag.null).length).toBe(0);
    expect(inner.isComplete).toBe(true);
    expect(reader.isComplete).toBe(false);
    expect(formatHex(reader.contents(DerTag.objectIdentifier))).toBe('551d0e');
    expect(reader.isComplete).toBe(true);
    expect(reader.nextTag).toBeUndefined();
  });

  it.each([
    ['another tag', '0500'],
    ['no length', '30'],
    ['a missing byte', '300205'],
    ['an indefinite length (X.690 §10.1)', '30800000'],
    ['a length in more bytes than needed', '30810100'],
    ['a length with leading zeros', `30820080${'00'.repeat(128)}`],
    ['a length of four bytes', '308400000000'],
  ])('fails on %s, and stays failed', (_what, bytes) => {
    const reader = new DerReader(hex(bytes));
    expect(reader.contents(DerTag.sequence).length).toBe(0);
    expect(reader.failed).toBe(true);
    expect(reader.isComplete).toBe(false);
    expect(reader.sequence().failed).toBe(true);
    expect(reader.element(DerTag.sequence).length).toBe(0);
  });

  it.each([
    ['020100', ''],
    ['02017f', '7f'],
    ['02020080', '80'],
    ['020300ffff', 'ffff'],
  ])('reads INTEGER %s as the unsigned %s', (bytes, value) => {
    const reader = new DerReader(hex(bytes));
    expect(formatHex(reader.unsignedInteger())).toBe(value);
    expect(reader.isComplete).toBe(true);
  });

  it.each(['0200', '020180', '02020000', '0202007f', '0202ff00'])('refuses INTEGER %s', (bytes) => {
    const reader = new DerReader(hex(bytes));
    reader.unsignedInteger();
    expect(reader.failed).toBe(true);
  });

  it('reads BIT STRINGs of whole bytes only', () => {
    expect(formatHex(new DerReader(hex('030300abcd')).wholeBytes())).toBe('abcd');
    for (const bytes of ['0300', '030201ab']) {
      const reader = new DerReader(hex(bytes));
      reader.wholeBytes();
      expect(reader.failed).toBe(true);
    }
  });

  it('reads back what was written, of any length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 127, 128, 255, 256, 65535, 65536),
        fc.nat(255),
        (length, byte) => {
          const contents = new Uint8Array(length).fill(byte);
          const reader = new DerReader(encodeDer(DerTag.octetString, contents));
          expect(reader.contents(DerTag.octetString)).toEqual(contents);
          expect(reader.isComplete).toBe(true);
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (number) => {
        const first = number.findIndex((byte) => byte !== 0);
        const digits = first < 0 ? new Uint8Array(0) : number.slice(first);
        const reader = new DerReader(encodeDerUnsigned(number));
        expect(reader.unsignedInteger()).toEqual(digits);
        expect(reader.isComplete).toBe(true);
      }),
    );
  });

  it('does not write elements that it would not read', () => {
    expect(() => encodeDer(DerTag.octetString, new Uint8Array(2 ** 24))).toThrow(RangeError);
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = new DerReader(bytes);
        const inner = reader.sequence();
        inner.unsignedInteger();
        inner.wholeBytes();
        inner.element(DerTag.objectIdentifier);
        reader.contents(0xa0);
        expect(typeof reader.isComplete).toBe('boolean');
      }),
    );
  });
});
