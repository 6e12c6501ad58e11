import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContinuousNumbers, NO_NUMBER } from './continuous-numbers.ts';

function numbersOf(first: number, output: number, span = 16): ContinuousNumbers {
  const numbers = new ContinuousNumbers(span);
  numbers.begin(first, output);
  return numbers;
}

describe('running numbers without gaps', () => {
  test('what is dropped in order leaves none', () => {
    const numbers = numbersOf(100, 7);
    expect(numbers.map(100)).toBe(7);
    numbers.drop(101);
    numbers.drop(102);
    expect([numbers.map(103), numbers.map(104), numbers.nextOutput]).toEqual([8, 9, 10]);
  });

  test('what is missing leaves one, and fills it when it comes late', () => {
    const numbers = numbersOf(100, 7);
    numbers.map(100);
    numbers.drop(102);
    expect(numbers.map(104)).toBe(10);
    expect([numbers.map(103), numbers.map(101)]).toEqual([9, 8]);
    expect(numbers.map(102)).toBe(NO_NUMBER);
  });

  test('what is dropped late leaves its place empty', () => {
    const numbers = numbersOf(100, 7);
    numbers.map(100);
    expect(numbers.map(102)).toBe(9);
    numbers.drop(101);
    expect([numbers.map(101), numbers.map(103)]).toEqual([NO_NUMBER, 10]);
  });

  test('nothing has a place from before the first, too far back, or behind a seal', () => {
    const numbers = numbersOf(100, 7);
    numbers.map(100);
    expect(numbers.map(99)).toBe(NO_NUMBER);
    numbers.map(120);
    expect([numbers.map(104), numbers.map(105)]).toEqual([NO_NUMBER, 12]);
    numbers.seal();
    numbers.drop(121);
    expect([numbers.map(121), numbers.map(119), numbers.nextOutput]).toEqual([NO_NUMBER, 26, 28]);
  });

  test('in any order: one to one, order kept, gaps only for what never came', () => {
    const steps = fc.array(fc.record({ drop: fc.boolean(), lost: fc.boolean(), late: fc.nat(6) }), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), steps, (first, output, fates) => {
        const numbers = numbersOf(first, output);
        const arriving = fates
          .map((fate, i) => ({ ...fate, number: first + i, at: i === 0 ? -1 : i + fate.late }))
          .filter(({ lost }) => !lost)
          .sort((a, b) => a.at - b.at);
        const outputs = new Map<number, number>();
        let highest = first - 1;
        // Each number that had no fate, or was dropped after one behind it was seen, leaves a gap.
        const inOrderDrops = new Set<number>();
        for (const { number, drop } of arriving) {
          if (drop) {
            if (number > highest) inOrderDrops.add(number);
            numbers.drop(number);
          } else {
            const mapped = numbers.map(number);
            expect(mapped).toBe(numbers.map(number));
            outputs.set(number, mapped);
          }
          highest = Math.max(highest, number);
        }
        for (const [number, mapped] of outputs) {
          let before = 0;
          for (const dropped of inOrderDrops) if (dropped < number) before++;
          expect(mapped).toBe(output + number - first - before);
        }
      }),
    );
  });
});
