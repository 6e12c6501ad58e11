import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_FLAG } from '../chunks/data.ts';
import { decodeIData, encodeIData, type IDataHeader } from '../chunks/i-data.ts';
import {
  decodeIForwardTsn,
  encodeIForwardTsn,
  iForwardTsnLength,
} from '../chunks/i-forward-tsn.ts';
import { createCounters } from '../counters.ts';
import { InterleavedReassembly } from './interleaved-reassembly.ts';

const uint16 = fc.nat(0xffff);
const uint32 = fc.nat(0xffff_ffff);

describe('I-DATA and I-FORWARD-TSN (RFC 8260 §2.1, §2.3.1)', () => {
  test('read what they wrote', () => {
    const header = fc.record({
      flags: fc.nat(15),
      tsn: uint32,
      streamId: uint16,
      mid: uint32,
      last: uint32,
    });
    fc.assert(
      fc.property(
        header,
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        ({ last, ...given }, data) => {
          const isBeginning = (given.flags & DATA_FLAG.beginning) !== 0;
          const written = { ...given, fsn: isBeginning ? 0 : last, ppid: isBeginning ? last : 0 };
          const out = new Uint8Array(100);
          const end = encodeIData(written, data, 0, data.length, out, 0);
          expect(end % 4).toBe(0);
          const read = decodeIData(out, 0, 20 + data.length);
          expect(read).toEqual({ type: 'i-data', ...written, userData: data });
        },
      ),
    );
    const skipped = fc.record({ streamId: uint16, isUnordered: fc.boolean(), mid: uint32 });
    fc.assert(
      fc.property(
        uint32,
        fc.array(skipped, { maxLength: 20 }),
        (newCumulativeTsn, skippedMessages) => {
          const chunk = { type: 'i-forward-tsn', newCumulativeTsn, skippedMessages } as const;
          const out = new Uint8Array(iForwardTsnLength(chunk));
          expect(encodeIForwardTsn(chunk, out, 0)).toBe(out.length);
          expect(decodeIForwardTsn(out, 0, out.length)).toEqual(chunk);
        },
      ),
    );
  });

  test('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        decodeIData(bytes, 0, bytes.length);
        decodeIForwardTsn(bytes, 0, bytes.length);
      }),
    );
  });
});

interface Fragment {
  readonly header: IDataHeader;
  readonly data: Uint8Array;
}

describe('interleaved reassembly (RFC 8260 §2.2)', () => {
  const messages = fc.array(
    fc.record({
      streamId: fc.nat(3),
      isUnordered: fc.boolean(),
      sizes: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  test('what was given up and comes late is not held for ever (RFC 8260 §2.3.1)', () => {
    for (const isUnordered of [true, false]) {
      const counters = createCounters();
      const reassembly = new InterleavedReassembly({ deliver: () => undefined }, counters, 10_000);
      const [first, second, third] = cut([{ streamId: 1, isUnordered, sizes: [10, 10, 10] }]) as [
        Fragment,
        Fragment,
        Fragment,
      ];
      const add = ({ header, data }: Fragment): unknown =>
        reassembly.add(header, data, 0, data.length);
      add(first);
      // Its TSN is not that of the message's last fragment: those behind it may still be on their way.
      reassembly.forward([{ streamId: 1, isUnordered, mid: 0 }]);
      add(second);
      add(third);
      reassembly.forward([{ streamId: 1, isUnordered, mid: 0 }]);
      expect(reassembly.bufferedBytes).toBe(0);
      expect(counters.droppedStaleMessages).toBe(2);
    }
  });

  test.each([
    ['onwards', (i: number) => 70_000 * i],
    ['one by one', (i: number) => i],
    ['to and fro', (i: number) => (i % 2 === 0 ? 0x4002_0000 : 0x3ffd_0000)],
  ])('giving up %s costs no more than what is held', (_, midOf) => {
    const reassembly = new InterleavedReassembly(
      { deliver: () => undefined },
      createCounters(),
      10_000,
    );
    const flags = DATA_FLAG.unordered | DATA_FLAG.beginning;
    const hold = (mid: number): unknown =>
      reassembly.add({ flags, tsn: 0, streamId: 1, mid, fsn: 0, ppid: 0 }, new Uint8Array(1), 0, 1);
    for (let i = 0; i < 60_000; i++) hold(0x4000_0000 + i);
    const began = performance.now();
    for (let i = 0; i < 14_000; i++) {
      reassembly.forward([{ streamId: 1, isUnordered: true, mid: midOf(i) }]);
      if (i % 2 === 0) hold(midOf(i + 0x2000_0000));
    }
    expect(performance.now() - began).toBeLessThan(3000);
    expect(reassembly.bufferedChunks).toBeLessThanOrEqual(67_000);
  });

  test('unordered messages are told apart after their numbers have come round', () => {
    const delivered: number[] = [];
    const reassembly = new InterleavedReassembly(
      { deliver: (_, ppid) => delivered.push(ppid) },
      createCounters(),
      10_000,
    );
    // Half of all numbers at a time, with messages of one fragment and of two.
    for (let round = 0; round < 6; round++) {
      const mid = (0x7fff_fff0 * round) >>> 0;
      const fragment = (flags: number, fsn: number): unknown =>
        reassembly.add(
          { flags: flags | DATA_FLAG.unordered, tsn: 0, streamId: 1, mid, fsn, ppid: round },
          new Uint8Array(1),
          0,
          1,
        );
      fragment(DATA_FLAG.beginning, 0);
      if (round % 2 === 1) reassembly.forward([{ streamId: 1, isUnordered: true, mid }]);
      fragment(DATA_FLAG.end, 1);
    }
    expect(delivered).toEqual([0, 2, 4]);
    expect(reassembly.bufferedBytes).toBe(0);
  });

  test('any permutation of the fragments gives the messages, ordered ones in order', () => {
    fc.assert(
      fc.property(
        messages.chain((list) => {
          const fragments = cut(list);
          return fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray(fragments, { minLength: fragments.length }),
          );
        }),
        ([list, fragments]) => {
          const delivered: { streamId: number; ppid: number; bytes: number }[] = [];
          const reassembly = new InterleavedReassembly(
            {
              deliver: (streamId, ppid, data) => {
                expect(data.every((each) => each === (ppid & 0xff))).toBe(true);
                delivered.push({ streamId, ppid, bytes: data.length });
              },
            },
            createCounters(),
            10_000,
          );
          for (const { header, data } of fragments) {
            expect(reassembly.add(header, data, 0, data.length)).toBeUndefined();
          }
          expect(reassembly.bufferedBytes).toBe(0);
          expect(reassembly.bufferedChunks).toBe(0);
          const sums = list.map(({ sizes }) => sizes.reduce((a, b) => a + b, 0));
          expect(delivered.map(({ bytes }) => bytes).sort()).toEqual([...sums].sort());
          for (let stream = 0; stream < 4; stream++) {
            const expected = list.flatMap(({ streamId, isUnordered }, i) =>
              streamId === stream && !isUnordered ? [i] : [],
            );
            const got = delivered.filter(({ ppid }) => expected.includes(ppid));
            expect(got.map(({ ppid }) => ppid)).toEqual(expected);
          }
        },
      ),
    );
  });
});

/** The fragments of messages; each message's bytes and PPID are its index. */
function cut(
  list: readonly { streamId: number; isUnordered: boolean; sizes: readonly number[] }[],
): Fragment[] {
  const nextMid = new Map<string, number>();
  return list.flatMap(({ streamId, isUnordered, sizes }, index) => {
    const key = `${streamId} ${isUnordered}`;
    const mid = nextMid.get(key) ?? 0;
    nextMid.set(key, mid + 1);
    return sizes.map((size, fsn) => {
      let flags = isUnordered ? DATA_FLAG.unordered : 0;
      if (fsn === 0) flags |= DATA_FLAG.beginning;
      if (fsn === sizes.length - 1) flags |= DATA_FLAG.end;
      const header = { flags, tsn: 0, streamId, mid, fsn, ppid: fsn === 0 ? index : 0 };
      return { header, data: new Uint8Array(size).fill(index) };
    });
  });
}
