import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WindowedFilter } from './windowed-filter.ts';

describe('a filter over a window', () => {
  test('gives a value of the window, and never less than three quarters of it have to offer', () => {
    const values = fc.array(
      fc.record({ value: fc.nat(1000), step: fc.integer({ min: 1, max: 30 }) }),
      {
        minLength: 1,
        maxLength: 100,
      },
    );
    fc.assert(
      fc.property(values, (samples) => {
        const filter = new WindowedFilter(100, 'max');
        const seen: { value: number; at: number }[] = [];
        let at = 0;
        for (const { value, step } of samples) {
          at += step;
          filter.update(value, at);
          seen.push({ value, at });
          const inWindow = seen.filter((each) => at - each.at <= 100);
          const recent = seen.filter((each) => at - each.at <= 25);
          expect(inWindow.map((each) => each.value)).toContain(filter.best);
          expect(filter.best).toBeGreaterThanOrEqual(Math.max(...recent.map((each) => each.value)));
        }
      }),
    );
  });

  test('takes the least where that is best', () => {
    const filter = new WindowedFilter(10, 'min');
    expect(filter.best).toBeUndefined();
    filter.update(5, 0);
    filter.update(7, 1);
    expect(filter.best).toBe(5);
    filter.update(3, 2);
    expect(filter.best).toBe(3);
    filter.update(9, 40);
    expect(filter.best).toBe(9);
  });
});
