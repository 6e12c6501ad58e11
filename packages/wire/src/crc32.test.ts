// Checksums against published values and against the bitwise definition.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, parseHex } from './bytes.ts';
import { crc32, crc32c } from './crc32.ts';

const CHECK = encodeUtf8('123456789');
const counting = Uint8Array.from({ length: 32 }, (_, i) => i);
// RFC 3720 §B.4: an iSCSI read command.
const ISCSI_READ = parseHex(
  '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
    '0200000000000000',
) as Uint8Array;

/** The definition: one bit after the other. */
function bitwise(polynomial: number, bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe.each([
  ['crc32', crc32, 0xedb88320, 0xcbf43926],
  ['crc32c', crc32c, 0x82f63b78, 0xe3069283],
] as const)('%s', (_name, crc, polynomial, check) => {
  it('has the check value of its kind for "123456789"', () => {
    expect(crc(CHECK)).toBe(check);
  });

  it('is 0 for nothing', () => {
    expect(crc(new Uint8Array(0))).toBe(0);
    expect(crc(CHECK, 4, 4)).toBe(0);
  });

  it('is what the definition gives, for any part of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), fc.nat(80), (bytes, a, b) => {
        const start = Math.min(a, b, bytes.length);
        const end = Math.min(Math.max(a, b), bytes.length);
        expect(crc(bytes, start, end)).toBe(bitwise(polynomial, bytes.subarray(start, end)));
      }),
    );
  });

  it('can be taken piece by piece', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        const piecewise = parts.reduce((crcSoFar, p) => crc(p, 0, p.length, crcSoFar), 0);
        expect(piecewise).toBe(crc(whole));
      }),
    );
  });
});

describe('crc32c', () => {
  // The RFC prints the bytes as they are sent, least significant first.
  it.each([
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes counting up', counting, 0x46dd794e],
    ['32 bytes counting down', counting.slice().reverse(), 0x113fdb5c],
    ['an iSCSI read command', ISCSI_READ, 0xd9963a56],
  ])('agrees with RFC 3720 §B.4: %s', (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
