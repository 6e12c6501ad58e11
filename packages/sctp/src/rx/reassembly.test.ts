import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_FLAG } from '../chunks/data.ts';
import { createCounters } from '../counters.ts';
import { Reassembly } from './reassembly.ts';

interface Fragment {
  readonly flags: number;
  readonly tsn: number;
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly data: Uint8Array;
}

function collect(): { reassembly: Reassembly; out: { ppid: number; data: number[] }[] } {
  const out: { ppid: number; data: number[] }[] = [];
  const sink = {
    deliver: (_: number, ppid: number, data: Uint8Array) => {
      out.push({ ppid, data: [...data] });
    },
  };
  return { reassembly: new Reassembly(sink, createCounters(), 1000), out };
}

const add = (reassembly: Reassembly, { data, ...header }: Fragment): unknown =>
  reassembly.add(header, data, 0, data.length);

describe('Reassembly (RFC 9260 §6.9)', () => {
  test('makes the same messages of any permutation of fragments', () => {
    const messages = fc.array(
      fc.record({
        streamId: fc.nat(2),
        fragments: fc.integer({ min: 1, max: 5 }),
        unordered: fc.boolean(),
      }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.infiniteStream(fc.nat()),
        (list, firstTsn, order) => {
          const { reassembly, out } = collect();
          const ssns = [0, 0, 0];
          const fragments: Fragment[] = [];
          const expected: { ppid: number; data: number[] }[] = [];
          for (const [ppid, { streamId, fragments: count, unordered }] of list.entries()) {
            const ssn = unordered ? 0 : ssns[streamId]!++;
            const data: number[] = [];
            for (let i = 0; i < count; i++) {
              const byte = fragments.length & 0xff;
              data.push(byte, i);
              fragments.push({
                flags:
                  (i === 0 ? DATA_FLAG.beginning : 0) |
                  (i === count - 1 ? DATA_FLAG.end : 0) |
                  (unordered ? DATA_FLAG.unordered : 0),
                tsn: (firstTsn + fragments.length) >>> 0,
                streamId,
                ssn,
                ppid,
                data: Uint8Array.of(byte, i),
              });
            }
            expected.push({ ppid, data });
          }
          const keys = fragments.map(() => order.next().value as number);
          const shuffled = fragments
            .map((f, i) => ({ f, key: keys[i]! }))
            .toSorted((a, b) => a.key - b.key);
          for (const { f } of shuffled) expect(add(reassembly, f)).toBeUndefined();
          expect(out.toSorted((a, b) => a.ppid - b.ppid)).toEqual(expected);
          for (const streamId of [0, 1, 2]) {
            const ordered = out
              .map(({ ppid }) => ppid)
              .filter((ppid) => {
                const message = list[ppid]!;
                return message.streamId === streamId && !message.unordered;
              });
            expect(ordered).toEqual(ordered.toSorted((a, b) => a - b));
          }
          expect(reassembly.bufferedBytes).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  const base: Fragment = {
    flags: 0,
    tsn: 10,
    streamId: 1,
    ssn: 0,
    ppid: 0,
    data: Uint8Array.of(1),
  };

  test('finds fragments that cannot be of one message', () => {
    for (const other of [{ streamId: 2 }, { ssn: 1 }, { flags: DATA_FLAG.unordered }]) {
      const { reassembly } = collect();
      expect(add(reassembly, base)).toBeUndefined();
      expect(add(reassembly, { ...base, tsn: 11, ...other })).toBe('inconsistent-fragments');
    }
  });

  test('finds messages that are too large before they are whole', () => {
    const { reassembly } = collect();
    const data = new Uint8Array(600);
    expect(add(reassembly, { ...base, data })).toBeUndefined();
    expect(add(reassembly, { ...base, tsn: 11, data })).toBe('message-too-large');
  });

  test('drops messages whose turn is over, and those that come twice', () => {
    const { reassembly, out } = collect();
    const whole = { ...base, flags: DATA_FLAG.beginning | DATA_FLAG.end };
    add(reassembly, whole);
    add(reassembly, { ...whole, tsn: 11 });
    add(reassembly, { ...whole, tsn: 12, ssn: 5 });
    add(reassembly, { ...whole, tsn: 13, ssn: 5 });
    expect(out).toHaveLength(1);
    expect(reassembly.bufferedBytes).toBe(1);
    expect(reassembly.reset([])).toEqual([1]);
    expect(reassembly.bufferedBytes).toBe(0);
  });

  test('FORWARD TSN drops fragments, delivers what waited, and moves on (RFC 3758 §3.6)', () => {
    const { reassembly, out } = collect();
    const whole = { ...base, flags: DATA_FLAG.beginning | DATA_FLAG.end };
    add(reassembly, { ...base, tsn: 5, ssn: 0 });
    add(reassembly, { ...whole, tsn: 8, ssn: 1, ppid: 1 });
    add(reassembly, { ...whole, tsn: 9, ssn: 3, ppid: 3 });
    reassembly.forward(3, 7, [{ streamId: 1, ssn: 2 }]);
    expect(out.map(({ ppid }) => ppid)).toEqual([1, 3]);
    expect(reassembly.bufferedBytes).toBe(0);
  });

  test('FORWARD TSN does the same whether few or many fragments wait beyond it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(40), { maxLength: 30 }),
        fc.array(fc.nat(12), { maxLength: 6 }),
        fc.boolean(),
        (offsets, steps, isUnordered) => {
          const few = collect();
          const many = collect();
          // Far beyond: so many that to walk them all would be more work than to walk the TSNs.
          for (let i = 0; i < 100; i++) add(many.reassembly, { ...base, tsn: 1000 + 2 * i });
          const beyond = many.reassembly.bufferedBytes;
          const flags = isUnordered ? DATA_FLAG.unordered : 0;
          for (const offset of offsets) {
            // Messages of three fragments each.
            const part = offset % 3;
            const edge = [DATA_FLAG.beginning, 0, DATA_FLAG.end][part] as number;
            const chunk = { ...base, tsn: offset, ssn: (offset - part) / 3, flags: flags | edge };
            for (const { reassembly } of [few, many]) add(reassembly, chunk);
          }
          let cumulative = -1;
          for (const step of steps) {
            const skipped = [{ streamId: 1, ssn: Math.floor((cumulative + step) / 3) }];
            const next = cumulative + step;
            for (const { reassembly } of [few, many]) {
              reassembly.forward(cumulative >>> 0, next >>> 0, skipped);
            }
            cumulative = next;
            expect(many.out).toEqual(few.out);
            expect(many.reassembly.bufferedBytes - beyond).toBe(few.reassembly.bufferedBytes);
          }
        },
      ),
    );
  });
});
