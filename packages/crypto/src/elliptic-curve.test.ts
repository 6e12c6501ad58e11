// The curves' numbers, and scalars made of randomness (FIPS 186-5 §A.2.2).

import { p256, p384, p521 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { scriptedRandom, seededRandom } from '../test/providers.ts';
import { bigIntToBytes } from './big-integer.ts';
import { ELLIPTIC_CURVES, generateScalar, isScalar } from './elliptic-curve.ts';

describe('ELLIPTIC_CURVES', () => {
  it.each([
    ['secp256r1', p256],
    ['secp384r1', p384],
    ['secp521r1', p521],
  ] as const)('holds the order and lengths of %s', (name, curve) => {
    const { order, bits, length } = ELLIPTIC_CURVES[name];
    expect(order).toBe(curve.Point.CURVE().n);
    expect(order.toString(2).length).toBe(bits);
    expect(Math.ceil(bits / 8)).toBe(length);
  });
});

describe('generateScalar', () => {
  it('takes the bytes of the random source as they are', () => {
    const expected = seededRandom(3).fill(new Uint8Array(32));
    expect(generateScalar('secp256r1', seededRandom(3))).toEqual(expected);
  });

  it('draws again for 0 and for the order, and takes the numbers beside them', () => {
    const { order, length } = ELLIPTIC_CURVES.secp384r1;
    const bytes = (value: bigint) => bigIntToBytes(value, length);
    for (const good of [1n, order - 1n]) {
      const random = scriptedRandom([bytes(0n), bytes(order), bytes(order + 1n), bytes(good)]);
      expect(generateScalar('secp384r1', random)).toEqual(bytes(good));
    }
    expect(isScalar(bytes(0n), order)).toBe(false);
    expect(isScalar(bytes(order), order)).toBe(false);
  });
});
