// Small operations on byte arrays.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  formatHex,
  parseHex,
  parseUtf8,
} from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('concatBytes', () => {
  it('gives all parts in new memory', () => {
    expect([...concatBytes()]).toEqual([]);
    const part = Uint8Array.of(1, 2);
    const whole = concatBytes(part, new Uint8Array(0), Uint8Array.of(3));
    part.fill(9);
    expect([...whole]).toEqual([1, 2, 3]);
  });

  it('gives what spreading gives', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
  });
});

describe('equalBytes', () => {
  it('is true for the same contents only', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (a, at, change) => {
        const b = a.slice();
        expect(equalBytes(a, b)).toBe(true);
        expect(equalBytes(a, concatBytes(b, Uint8Array.of(0)))).toBe(false);
        if (a.length === 0) return;
        b[at % b.length] = (b[at % b.length] as number) ^ change;
        expect(equalBytes(a, b)).toBe(false);
      }),
    );
  });
});

describe('formatHex and parseHex', () => {
  it('undo each other', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = formatHex(value);
        expect(text).toMatch(/^[0-9a-f]*$/);
        expect(parseHex(text)).toEqual(value);
        expect(parseHex(text.toUpperCase())).toEqual(value);
      }),
    );
  });

  it('allow white space between digits', () => {
    expect(parseHex(' 01 2\n3\tff ')).toEqual(Uint8Array.of(1, 0x23, 0xff));
  });

  it.each(['0', '0g', '0x00', '-1', '1.', '0:1', '٠٠'])('refuse %j', (text) => {
    expect(parseHex(text)).toBeUndefined();
  });
});

describe('UTF-8', () => {
  it('reads back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
        expect(parseUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
  });

  it('keeps a byte order mark', () => {
    const text = '\ufeffa';
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    expect(parseUtf8(encodeUtf8(text))).toBe(text);
  });

  it.each([
    ['a lone continuation byte', '80'],
    ['a cut sequence', 'e282'],
    ['an overlong form', 'c080'],
    ['a surrogate', 'eda080'],
    ['a number past U+10FFFF', 'f4908080'],
  ])('does not take %s', (_what, text) => {
    const malformed = parseHex(text) as Uint8Array;
    expect(parseUtf8(malformed)).toBeUndefined();
    expect(decodeUtf8(malformed)).toContain('\ufffd');
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(typeof decodeUtf8(value)).toBe('string');
        const text = parseUtf8(value);
        if (text !== undefined) expect(encodeUtf8(text)).toEqual(value);
      }),
    );
  });
});
