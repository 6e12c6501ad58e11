import { describe, expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

const take = (random: SeededRandom, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32());

describe('SeededRandom', () => {
  test('gives the same numbers for the same seed, for ever', () => {
    expect(take(new SeededRandom(1), 4)).toEqual([3598222657, 422782824, 356167818, 3084225258]);
    expect(take(new SeededRandom('1'), 4)).toEqual(take(new SeededRandom(1), 4));
  });

  test('gives other numbers for another seed', () => {
    const first = new Set<number>();
    for (let seed = 0; seed < 10_000; seed++) first.add(new SeededRandom(seed).uint32());
    expect(first.size).toBe(10_000);
  });

  test('gives a stream for a name that does not depend on what else was drawn', () => {
    const a = new SeededRandom(7);
    const b = new SeededRandom(7);
    take(b, 100);
    b.fork('someone new');
    expect(take(a.fork('link'), 8)).toEqual(take(b.fork('link'), 8));
    expect(take(a.fork('link'), 8)).not.toEqual(take(a.fork('host'), 8));
    expect(take(a.fork('x').fork('y'), 8)).not.toEqual(take(a.fork('y').fork('x'), 8));
  });

  test('is uniform: mean, variance and every bit', () => {
    const random = new SeededRandom('uniform');
    const count = 200_000;
    const ones: number[] = new Array(32).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const word = random.uint32();
      const x = word / 2 ** 32;
      sum += x;
      squares += x * x;
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] as number) + ((word >>> bit) & 1);
    }
    expect(sum / count).toBeCloseTo(1 / 2, 2);
    expect(squares / count - (sum / count) ** 2).toBeCloseTo(1 / 12, 2);
    for (const one of ones) expect(Math.abs(one / count - 0.5)).toBeLessThan(0.006);
  });

  test('fills whole arrays of any length with the bytes of its words', () => {
    const words = take(new SeededRandom(3), 2);
    const bytes = new SeededRandom(3).fill(new Uint8Array(7));
    const view = new DataView(Uint8Array.of(...bytes, 0).buffer);
    expect(view.getUint32(0, true)).toBe(words[0]);
    expect(view.getUint32(4, true)).toBe((words[1] as number) & 0xffffff);
    expect(new SeededRandom(3).fill(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  test('draws nothing for a chance of 0, and always hits a chance of 1', () => {
    const a = new SeededRandom(9);
    const b = new SeededRandom(9);
    expect(a.chance(0)).toBe(false);
    expect(a.uint32()).toBe(b.uint32());
    for (let i = 0; i < 100; i++) expect(a.chance(1)).toBe(true);
  });

  test('below() reaches every whole number under the bound and no other', () => {
    const random = new SeededRandom(5);
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) seen.add(random.below(10));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
