import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SsrcTable } from './ssrc-table.ts';

describe('the table of sources', () => {
  test('does what a map does, for any 32-bit SSRC', () => {
    const ssrcs = fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
    const steps = fc.array(fc.tuple(fc.constantFrom('set', 'get', 'delete'), ssrcs));
    fc.assert(
      fc.property(steps, (list) => {
        const table = new SsrcTable<{ n: number }>(8);
        const model = new Map<number, { n: number }>();
        list.forEach(([step, ssrc], n) => {
          if (step === 'set') {
            expect(table.set(ssrc, { n })).toBe(true);
            model.set(ssrc, { n });
          } else if (step === 'delete') {
            expect(table.delete(ssrc)).toBe(model.delete(ssrc));
          }
          expect(table.get(ssrc)).toEqual(model.get(ssrc));
          expect(table.size).toBe(model.size);
        });
        expect([...table.values()]).toEqual([...model.values()]);
      }),
    );
  });

  test('takes no more sources than it may, and lets those it has be replaced', () => {
    const table = new SsrcTable<{ n: number }>(2);
    expect([1, 2, 3].map((ssrc) => table.set(ssrc, { n: ssrc }))).toEqual([true, true, false]);
    expect(table.set(2, { n: 20 })).toBe(true);
    expect([table.get(2), table.get(3), table.isFull]).toEqual([{ n: 20 }, undefined, true]);
  });

  test('a limit is a positive integer', () => {
    expect(() => new SsrcTable(0)).toThrow(/maxSources is 0/);
  });
});
