import { readUint32 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import {
  AssociationPair,
  type AssociationPairOptions,
  chunkTypes,
  testBytes,
} from '../association-pair.ts';
import { forgeChunk, forgeData, forgeForwardTsn, forgePacket } from '../packet-forge.ts';

const ON = { interleaving: true } as const;
const LARGE = {
  maxMessageBytes: 16 * 1024 * 1024,
  remoteMaxMessageBytes: 16 * 1024 * 1024,
  receiveWindowBytes: 16 * 1024 * 1024,
} as const;

function pairOf(options: AssociationPairOptions = {}): AssociationPair {
  return new AssociationPair({
    ...options,
    a: { ...ON, ...options.a },
    b: { ...ON, ...options.b },
  });
}

describe('interleaving (RFC 8260)', () => {
  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('is used if both sides speak it: %s and %s', (a, b) => {
    const pair = new AssociationPair({ a: { interleaving: a }, b: { interleaving: b } }).connect();
    pair.send(testBytes(5000));
    pair.b.send({ streamId: 1, ppid: 53, data: testBytes(3000, 1) }, pair.now);
    pair.runFor(100);
    expect(pair.endB.messages[0]!.data).toEqual(testBytes(5000));
    expect(pair.endA.messages[0]!.data).toEqual(testBytes(3000, 1));
    const types = new Set(pair.endB.received.flatMap(chunkTypes));
    expect(types.has(CHUNK_TYPE.iData)).toBe(a && b);
    expect(types.has(CHUNK_TYPE.data)).toBe(!(a && b));
    expect(pair.a.stats.interleaving).toBe(a && b);
    expect(pair.b.stats.interleaving).toBe(a && b);
  });

  test('a huge message does not hold up the others', () => {
    const times: Record<string, number> = {};
    for (const interleaving of [true, false]) {
      const pair = pairOf({
        link: { latencyMs: 10, outbound: { rateBps: 20e6 } },
        a: { ...LARGE, interleaving },
        b: LARGE,
      }).connect();
      pair.send(testBytes(4_000_000), { streamId: 1 });
      pair.runFor(100);
      const start = pair.now;
      pair.send(testBytes(100), { streamId: 2 });
      pair.runUntil(() => pair.endB.messages.some(({ streamId }) => streamId === 2));
      times[String(interleaving)] = pair.now - start;
      pair.runUntil(() => pair.endB.messages.length === 2);
      expect(pair.endB.messages.at(-1)!.data.length).toBe(interleaving ? 4_000_000 : 100);
    }
    expect(times.true).toBeLessThan(60);
    expect(times.false).toBeGreaterThan(1000);
  });

  test('messages begun on many streams never fill the window without one that is whole', () => {
    const pair = pairOf({
      link: { latencyMs: 10, loss: 0.01 },
      b: { receiveWindowBytes: 300_000 },
    }).connect();
    for (let streamId = 0; streamId < 50; streamId++)
      pair.send(testBytes(100_000, streamId), { streamId });
    pair.send(testBytes(10), { streamId: 60 });
    pair.runFor(100);
    // The small one is not held up by that.
    expect(pair.endB.messages.map(({ streamId }) => streamId)).toContain(60);
    expect(pair.runUntil(() => pair.endB.messages.length === 51, 60_000)).toBe('done');
  });

  test.each([false, true])(
    'a large message gets its turn, however many smaller ones there are (given up: %s)',
    (isGivenUp) => {
      const pair = pairOf({
        link: { latencyMs: 10, outbound: { rateBps: 50e6 } },
        b: { receiveWindowBytes: 300_000 },
      }).connect();
      // Ten streams have nearly as much begun at any time as may be.
      const refill = (): void => {
        for (let id = 0; id < 10; id++) {
          while (pair.a.bufferedAmount(id) < 30_000) pair.send(testBytes(14_000), { streamId: id });
        }
      };
      refill();
      pair.runFor(50);
      pair.send(testBytes(100_000, 1), { streamId: 20 });
      for (let i = 0; i < 200; i++) {
        refill();
        pair.runFor(5);
        // Over and over, so that it is when it is next.
        if (!isGivenUp) continue;
        pair.a.discard(20, pair.now);
        pair.send(testBytes(100_000, 1), { streamId: 20 });
      }
      const count = (isOf: (id: number) => boolean): number =>
        pair.endB.messages.filter(({ streamId }) => isOf(streamId)).length;
      if (!isGivenUp) expect(count((id) => id === 20)).toBe(1);
      expect(count((id) => id < 10)).toBeGreaterThan(200);
      expect(pair.runUntil(() => pair.a.totalBufferedAmount === 0, 10_000)).toBe('done');
    },
  );

  test('whatever the network does, every message arrives once, ordered ones in order (200 seeds)', () => {
    for (let seed = 0; seed < 200; seed++) {
      const pair = pairOf({
        seed,
        link: {
          latencyMs: seed % 100,
          jitterMs: seed % 40,
          jitterReorders: seed % 3 === 0,
          loss: (seed % 6) * 0.04,
          duplication: (seed % 5) * 0.03,
          reordering: (seed % 4) * 0.08,
        },
        b: { receiveWindowBytes: 40_000, maxMessageBytes: 10_000 },
      });
      const random = pair.simulation.random.fork('test');
      const sent: { streamId: number; unordered: boolean; data: Uint8Array }[] = [];
      pair.a.connect(0);
      for (let i = 0; i < 40; i++) {
        const message = {
          streamId: random.uint32() % 5,
          unordered: random.uint32() % 3 === 0,
          data: testBytes(1 + (random.uint32() % (i % 4 === 0 ? 9000 : 400)), i),
        };
        pair.send(message.data, message);
        sent.push(message);
      }
      expect(pair.runUntil(() => pair.endB.messages.length === 40, 600_000)).toBe('done');
      pair.runFor(2000);
      expect(pair.endB.messages).toHaveLength(40);
      for (let streamId = 0; streamId < 5; streamId++) {
        const of = (list: readonly { streamId: number; data: Uint8Array }[]): string[] =>
          list.filter((each) => each.streamId === streamId).map(({ data }) => data.join());
        expect(of(pair.endB.messages).sort()).toEqual(of(sent).sort());
        const inOrder = new Set(of(sent.filter(({ unordered }) => !unordered)));
        expect(of(pair.endB.messages).filter((each) => inOrder.has(each))).toEqual([...inOrder]);
      }
      expect(pair.b.stats.receiveBufferedBytes).toBe(0);
    }
  });

  test('messages given up are passed over with I-FORWARD-TSN, of all kinds at once (100 seeds)', () => {
    for (let seed = 0; seed < 100; seed++) {
      const pair = pairOf({ seed, link: { latencyMs: 20, loss: 0.2 } }).connect();
      for (let i = 0; i < 40; i++) {
        pair.send(testBytes(i % 3 === 0 ? 3000 : 50, i), {
          streamId: i % 4,
          unordered: i % 2 === 0,
          ppid: 1000 + i,
          ...(i % 5 === 4 ? {} : { maxRetransmits: i % 2 }),
        });
        if (i % 10 === 9) pair.runFor(30);
      }
      expect(pair.runUntil(() => pair.a.stats.outstandingChunks === 0, 120_000)).toBe('done');
      pair.runFor(500);
      const { messagesAbandoned } = pair.a.counters;
      // One may have arrived all the same, with its acknowledgements lost.
      expect(pair.endB.messages.length + messagesAbandoned).toBeGreaterThanOrEqual(40);
      const ppids = pair.endB.messages.map(({ ppid }) => ppid);
      expect(new Set(ppids).size).toBe(ppids.length);
      const reliable = pair.endB.messages.filter(({ ppid }) => ppid % 5 === 4);
      expect(reliable).toHaveLength(8);
      expect(pair.b.stats.receiveBufferedBytes).toBe(0);
    }
  });

  test('a stream that was reset counts its messages from the beginning (§2.3.2)', () => {
    const pair = pairOf().connect();
    for (let i = 0; i < 3; i++) pair.send(testBytes(10, i), { streamId: 4 });
    pair.runFor(100);
    pair.a.resetStreams([4], pair.now);
    pair.runUntil(() => pair.endA.story.includes('streams-reset-done'));
    pair.send(testBytes(10, 9), { streamId: 4 });
    pair.runFor(100);
    expect(pair.endB.messages).toHaveLength(4);
    expect(pair.endB.messages[3]!.data).toEqual(testBytes(10, 9));
  });

  test.each([
    ['DATA', (tsn: number) => forgeData(tsn, 10), true],
    ['FORWARD TSN', (tsn: number) => forgeForwardTsn(tsn), true],
    ['I-DATA', (tsn: number) => forgeIData(tsn, { mid: 0 }), false],
    ['I-FORWARD-TSN', (tsn: number) => forgeChunk(194, 0, uint32(tsn)), false],
  ])('%s where the other kind was agreed on ends the association', (_, forge, interleaving) => {
    const { pair, tag, tsn } = victim(interleaving);
    pair.b.handleDatagram(forgePacket(tag, forge(tsn)), pair.now);
    expect(pair.b.error?.code).toBe('SCTP_PROTOCOL_VIOLATION');
  });
});

describe('I-DATA of an attacker', () => {
  test.each([
    [
      'a second end',
      [
        { fsn: 1, flags: 1 },
        { fsn: 2, flags: 1 },
      ],
    ],
    [
      'a fragment behind the end',
      [
        { fsn: 1, flags: 1 },
        { fsn: 5, flags: 0 },
      ],
    ],
    [
      'an end before other fragments',
      [
        { fsn: 5, flags: 0 },
        { fsn: 2, flags: 1 },
      ],
    ],
    [
      'a fragment twice',
      [
        { fsn: 3, flags: 0 },
        { fsn: 3, flags: 0 },
      ],
    ],
    ['a fragment 0 that begins nothing', [{ fsn: 0, flags: 0 }]],
    ['a message further ahead than can be', [{ mid: 0x4000_0000, flags: 2 }]],
  ])('%s ends the association', (_, fields) => {
    const { pair, tag, tsn } = victim(true);
    fields.forEach((each, i) => {
      pair.b.handleDatagram(forgePacket(tag, forgeIData(tsn + i, { mid: 0, ...each })), pair.now);
    });
    expect(pair.b.error?.code).toBe('SCTP_PROTOCOL_VIOLATION');
  });

  test('messages begun by a peer that does not count them are completed in the end', () => {
    const { pair, tag, tsn } = victim(true, 100_000);
    // Ten messages in turn, which are more than there is room for, and each of them is.
    const streams = 10;
    const total = 16;
    for (let i = 0; i < streams * total; i++) {
      const fsn = Math.floor(i / streams);
      const flags = (fsn === 0 ? 2 : 0) | (fsn === total - 1 ? 1 : 0);
      const chunk = forgeIData(tsn + i, { streamId: i % streams, fsn, flags }, 1000);
      pair.b.handleDatagram(forgePacket(tag, chunk), pair.now);
      pair.runFor(20);
    }
    expect(pair.endB.messages.map(({ data }) => data.length)).toEqual(Array(streams).fill(16_000));
    expect(pair.b.stats.receiveBufferedBytes).toBe(0);
  });

  test('messages without end are held within twice the window', () => {
    const { pair, tag, tsn } = victim(true);
    for (let i = 0; i < 5000; i++) {
      const chunk = forgeIData(
        tsn + i,
        { mid: i % 1000, fsn: 1 + Math.floor(i / 1000), flags: 0 },
        1000,
      );
      pair.b.handleDatagram(forgePacket(tag, chunk), pair.now);
      if (i % 50 === 0) while (pair.b.pollDatagram());
    }
    expect(pair.b.stats.receiveBufferedBytes).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(pair.b.counters.droppedBeyondWindow).toBeGreaterThan(2000);
    expect(pair.b.state).toBe('established');
  });

  test('a message that grows beyond what was agreed on ends the association', () => {
    const { pair, tag, tsn } = victim(true);
    for (let i = 0; i < 300 && pair.b.state === 'established'; i++) {
      const flags = i === 0 ? 2 : 0;
      pair.b.handleDatagram(
        forgePacket(tag, forgeIData(tsn + i, { mid: 0, fsn: i, flags }, 1000)),
        0,
      );
    }
    expect(pair.b.error?.message).toContain('larger than was agreed');
    expect(pair.b.stats.receiveBufferedBytes).toBeLessThanOrEqual(264_000);
  });
});

interface IDataFields {
  readonly streamId?: number;
  readonly mid?: number;
  readonly fsn?: number;
  readonly flags?: number;
}

function forgeIData(
  tsn: number,
  { streamId = 0, mid = 0, fsn = 0, flags = 3 }: IDataFields,
  length = 4,
): Uint8Array {
  const body = new Uint8Array(16 + length);
  const view = new DataView(body.buffer);
  view.setUint32(0, tsn);
  view.setUint16(4, streamId);
  view.setUint32(8, mid);
  view.setUint32(12, (flags & 2) === 0 ? fsn : 53);
  return forgeChunk(64, flags, body);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** B, and what an attacker who knows its tag needs to speak to it. */
function victim(
  interleaving: boolean,
  receiveWindowBytes = 1024 * 1024,
): { pair: AssociationPair; tag: number; tsn: number } {
  const maxMessageBytes = Math.min(256 * 1024, receiveWindowBytes);
  const pair = pairOf({
    a: { interleaving },
    b: { receiveWindowBytes, maxMessageBytes },
  }).connect();
  const cookieEcho = pair.endB.received.find(
    (each) => chunkTypes(each)[0] === CHUNK_TYPE.cookieEcho,
  )!;
  return { pair, tag: readUint32(cookieEcho, 4), tsn: readUint32(pair.endB.received[0]!, 28) };
}
