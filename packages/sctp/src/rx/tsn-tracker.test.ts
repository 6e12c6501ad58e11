import { serialAdd32 } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TsnTracker } from './tsn-tracker.ts';

describe('TsnTracker (RFC 9260 §6.2)', () => {
  test('tells gaps, duplicates and what is too far', () => {
    const tracker = new TsnTracker(100);
    for (const tsn of [100, 101, 103, 104, 107]) tracker.add(tsn);
    expect(tracker.cumulativeTsn).toBe(101);
    expect(tracker.highestTsn).toBe(107);
    expect(tracker.gapAckBlocks(10)).toEqual([
      { start: 2, end: 3 },
      { start: 6, end: 6 },
    ]);
    expect([99, 101, 102, 103, 105, 108, 101 + 65_536].map((tsn) => tracker.classify(tsn))).toEqual(
      ['duplicate', 'duplicate', 'next', 'duplicate', 'ahead', 'ahead', 'too-far'],
    );
    tracker.add(102);
    expect(tracker.cumulativeTsn).toBe(104);
  });

  test('is what a set of numbers would be, in any order and across the wrap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.array(fc.oneof(fc.nat(80), fc.nat(3000), fc.nat(66_000)), { maxLength: 100 }),
        fc.option(fc.nat(3000)),
        (initialTsn, offsets, forward) => {
          const tracker = new TsnTracker(initialTsn);
          const arrived = new Set<number>();
          let cumulative = -1;
          const advance = (): void => {
            while (arrived.has(cumulative + 1)) cumulative++;
          };
          for (const [i, offset] of offsets.entries()) {
            if (forward !== null && i === offsets.length >> 1 && forward > cumulative) {
              expect(tracker.forward(serialAdd32(initialTsn, forward))).toBe(true);
              cumulative = forward;
              advance();
            }
            const kind = tracker.classify(serialAdd32(initialTsn, offset));
            if (offset <= cumulative || arrived.has(offset)) {
              expect(kind).toBe('duplicate');
            } else if (offset - cumulative > 65_535) {
              expect(kind).toBe('too-far');
            } else {
              expect(kind).toBe(offset === cumulative + 1 ? 'next' : 'ahead');
              tracker.add(serialAdd32(initialTsn, offset));
              arrived.add(offset);
            }
            advance();
            expect(tracker.cumulativeTsn).toBe(serialAdd32(initialTsn, cumulative));
          }
          const expected = [...arrived].filter((o) => o > cumulative).toSorted((a, b) => a - b);
          const actual = tracker
            .gapAckBlocks(1000)
            .flatMap(({ start, end }) =>
              Array.from({ length: end - start + 1 }, (_, i) => start + i + cumulative),
            );
          expect(actual).toEqual(expected);
        },
      ),
    );
  });
});
