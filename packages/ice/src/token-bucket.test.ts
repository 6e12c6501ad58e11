import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('a bucket of tokens', () => {
  it('lets a burst through, then one every interval', () => {
    const bucket = new TokenBucket(2, 50);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect(bucket.nextTokenAt).toBe(50);
    expect([bucket.take(49), bucket.take(50), bucket.take(50)]).toEqual([false, true, false]);
  });

  it('has a token when it said that it would, on any clock', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (now) => {
        const bucket = new TokenBucket(1, 50);
        bucket.take(now);
        expect(bucket.take(bucket.nextTokenAt)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    // The sum is rounded down where a power of two lies between.
    const bucket = new TokenBucket(1, 50);
    bucket.take(1998.15021135939);
    expect(bucket.take(bucket.nextTokenAt)).toBe(true);
  });
});
