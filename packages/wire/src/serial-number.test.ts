// The laws of serial number arithmetic (RFC 1982 §3, §5).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  serialAdd16,
  serialAdd32,
  serialDistance16,
  serialDistance32,
  serialLess16,
  serialLess32,
  unwrapSerial16,
  unwrapSerial32,
} from './serial-number.ts';

describe.each([
  ['16', 2 ** 16, serialDistance16, serialLess16, serialAdd16, unwrapSerial16],
  ['32', 2 ** 32, serialDistance32, serialLess32, serialAdd32, unwrapSerial32],
] as const)('serial numbers of %s bits', (_bits, modulus, distance, less, add, unwrap) => {
  const half = modulus / 2;
  const serial = fc.nat(modulus - 1);
  const step = fc.integer({ min: 1, max: half - 1 });

  it('come before what is reached by adding up to half the circle (RFC 1982 §3.1, §3.2)', () => {
    fc.assert(
      fc.property(serial, step, (a, n) => {
        const b = add(a, n);
        expect(b).toBe((a + n) % modulus);
        expect(less(a, b)).toBe(true);
        expect(less(b, a)).toBe(false);
        expect(distance(b, a)).toBe(n);
        expect(distance(a, b)).toBe(-n);
      }),
    );
  });

  it('are not before themselves, and adding backwards undoes adding', () => {
    fc.assert(
      fc.property(serial, fc.integer({ min: -half, max: half }), (a, n) => {
        expect(less(a, a)).toBe(false);
        expect(distance(a, a)).toBe(0);
        expect(add(add(a, n), -n)).toBe(a);
      }),
    );
  });

  it.each([
    [0, 1, true],
    [0, 44, true],
    [modulus - 1, 0, true],
    [modulus - 1, 100, true],
    [100, modulus - 1, false],
    [half - 1, modulus - 2, true],
    [half, 0, true],
  ])('wrap around: %d before %d is %s', (a, b, expected) => {
    expect(less(a, b)).toBe(expected);
  });

  it('are always as far as half the circle from their opposite', () => {
    expect(distance(half, 0)).toBe(-half);
    expect(distance(0, half)).toBe(-half);
  });

  it('unwrap to the nearest counter with the same low bits', () => {
    const counter = fc.integer({ min: half, max: 2 ** 48 });
    fc.assert(
      fc.property(counter, fc.integer({ min: -half, max: half - 1 }), (reference, n) => {
        const value = reference + n;
        expect(unwrap(value % modulus, reference)).toBe(value);
      }),
    );
    expect(unwrap(modulus - 1, 0)).toBe(-1);
    expect(unwrap(0, modulus - 1)).toBe(modulus);
  });
});
