import type { RandomSource } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { RoleState } from './role.ts';
import { TokenBucket } from './token-bucket.ts';

const FIVE: RandomSource = { fill: (out) => out.fill(0), uint32: () => 5 };
const OURS = (5n << 32n) | 5n;

describe('RoleState.resolveConflict (RFC 8445 §7.3.1.1)', () => {
  it.each([
    ['controlling', 'controlled', 0n, 'none'],
    ['controlled', 'controlling', OURS + 1n, 'none'],
    ['controlling', 'controlling', OURS, 'reject'],
    ['controlling', 'controlling', OURS - 1n, 'reject'],
    ['controlling', 'controlling', OURS + 1n, 'switch'],
    ['controlled', 'controlled', OURS, 'switch'],
    ['controlled', 'controlled', OURS - 1n, 'switch'],
    ['controlled', 'controlled', OURS + 1n, 'reject'],
  ] as const)('%s, told %s with %i: %s', (role, claimed, tieBreaker, expected) => {
    expect(new RoleState(role, FIVE).resolveConflict(claimed, tieBreaker)).toBe(expected);
  });
});

describe('TokenBucket', () => {
  it('lets a burst through and then one at a time', () => {
    const bucket = new TokenBucket(3, 10);
    expect([0, 0, 0, 0, 5, 10, 10, 20].map((now) => bucket.take(now))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(bucket.nextTokenAt).toBe(30);
    expect([1_000, 1_000, 1_000, 1_000].map((now) => bucket.take(now))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
