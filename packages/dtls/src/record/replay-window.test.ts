import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayWindow } from './replay-window.ts';

test('takes each number once (RFC 6347 §4.1.2.6)', () => {
  const window = new ReplayWindow();
  for (const number of [0, 1, 5, 3, 4, 2]) {
    expect(window.isFresh(number)).toBe(true);
    window.add(number);
    expect(window.isFresh(number)).toBe(false);
  }
});

test('takes numbers up to 63 behind the highest', () => {
  const window = new ReplayWindow();
  window.add(100);
  expect(window.isFresh(37)).toBe(true);
  expect(window.isFresh(36)).toBe(false);
});

test('forgets everything on a jump past its width', () => {
  const window = new ReplayWindow();
  window.add(1);
  window.add(2 ** 48 - 1);
  expect(window.isFresh(2 ** 48 - 2)).toBe(true);
  expect(window.isFresh(2 ** 48 - 1)).toBe(false);
  expect(window.isFresh(1)).toBe(false);
});

test('agrees with a set of all numbers seen', () => {
  const steps = fc.array(fc.integer({ min: -70, max: 70 }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (deltas) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let highest = -1;
      let number = 100;
      for (const delta of deltas) {
        number = Math.max(0, number + delta);
        const fresh = !seen.has(number) && number > highest - 64;
        expect(window.isFresh(number)).toBe(fresh);
        if (!fresh) continue;
        window.add(number);
        seen.add(number);
        highest = Math.max(highest, number);
      }
    }),
  );
});
