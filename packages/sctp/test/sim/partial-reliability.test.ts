import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

/** Loses the first transmission of the DATA packet with the given numbers, counted from 1. */
function lose(pair: AssociationPair, ...numbers: number[]): void {
  let seen = 0;
  pair.endB.filter = (packet) =>
    !chunkTypes(packet).includes(CHUNK_TYPE.data) || !numbers.includes(++seen);
}

describe('partial reliability (RFC 3758)', () => {
  test('maxRetransmits 0: a lost message is skipped and later ones do not wait for it', () => {
    const pair = new AssociationPair().connect();
    lose(pair, 1);
    for (let i = 0; i < 4; i++) {
      pair.send(testBytes(1000, i), { maxRetransmits: 0, ppid: i });
      pair.runFor(1);
    }
    pair.runFor(2000);
    expect(pair.endB.messages.map(({ ppid }) => ppid)).toEqual([1, 2, 3]);
    expect(pair.a.counters.messagesAbandoned).toBe(1);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(0);
    expect(pair.a.stats.outstandingChunks).toBe(0);
  });

  test('maxRetransmits 0: an acknowledgement that is late for once gives nothing up', () => {
    const pair = new AssociationPair().connect();
    for (let i = 0; i < 10; i++) {
      pair.send(testBytes(100));
      pair.runFor(100);
    }
    const late: Uint8Array[] = [];
    pair.endA.filter = (packet) => {
      late.push(packet.slice());
      return false;
    };
    pair.send(testBytes(100), { maxRetransmits: 0 });
    pair.runFor(200);
    expect(pair.a.counters.tailLossProbes).toBe(1);
    pair.endA.filter = () => true;
    for (const packet of late) pair.a.handleDatagram(packet, pair.now);
    pair.runFor(1000);
    expect(pair.a.counters.messagesAbandoned).toBe(0);
    expect(pair.a.stats.outstandingChunks).toBe(0);
  });

  test('maxRetransmits 2: sent three times and then given up', () => {
    const pair = new AssociationPair().connect();
    lose(pair, 1, 2, 3, 4, 5, 6, 7, 8);
    pair.send(testBytes(100), { maxRetransmits: 2 });
    pair.runFor(20_000);
    expect(pair.endB.messages).toEqual([]);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(2);
    expect(pair.a.counters.messagesAbandoned).toBe(1);
    expect(pair.a.stats.outstandingChunks).toBe(0);
  });

  test('a fragment lost too often takes its whole message with it', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 40_000 } }).connect();
    lose(pair, 3);
    pair.send(testBytes(20_000, 0), { maxRetransmits: 0, ppid: 0 });
    pair.send(testBytes(20_000, 1), { ppid: 1 });
    pair.runFor(5000);
    expect(pair.endB.messages.map(({ ppid }) => ppid)).toEqual([1]);
    expect(pair.b.stats.receiveBufferedBytes).toBe(0);
    expect(pair.a.counters.messagesAbandoned).toBe(1);
  });

  test('a message given up while half of it is unsent leaves no trace', () => {
    const pair = new AssociationPair().connect();
    lose(pair, 1);
    pair.send(testBytes(200_000, 0), { maxRetransmits: 0, ppid: 0 });
    pair.runFor(3000);
    pair.send(testBytes(500, 1), { ppid: 1 });
    pair.runFor(3000);
    expect(pair.endB.messages.map(({ ppid }) => ppid)).toEqual([1]);
    expect(pair.a.bufferedAmount(0)).toBe(0);
    expect(pair.b.stats.receiveBufferedBytes).toBe(0);
  });

  test('a lifetime that ends in the queue: never sent, and no sequence number missing', () => {
    const pair = new AssociationPair();
    pair.send(testBytes(10, 0), { lifetimeMs: 15, ppid: 0 });
    pair.send(testBytes(10, 1), { ppid: 1 });
    pair.runFor(50);
    pair.connect();
    pair.runFor(500);
    expect(pair.endB.messages.map(({ ppid }) => ppid)).toEqual([1]);
    expect(pair.a.counters.messagesAbandoned).toBe(1);
    expect(pair.endB.received.some((p) => chunkTypes(p).includes(CHUNK_TYPE.forwardTsn))).toBe(
      false,
    );
  });

  test('a lifetime that ends in flight: not sent again', () => {
    const pair = new AssociationPair().connect();
    lose(pair, 1);
    pair.send(testBytes(10, 0), { lifetimeMs: 15, ppid: 0 });
    pair.runFor(1);
    pair.send(testBytes(10, 1), { ppid: 1 });
    pair.runFor(5000);
    expect(pair.endB.messages.map(({ ppid }) => ppid)).toEqual([1]);
  });

  test('nothing is transmitted after its lifetime (100 seeds)', () => {
    for (let seed = 0; seed < 100; seed++) {
      const latencyMs = 20;
      const pair = new AssociationPair({
        seed,
        link: { latencyMs, loss: 0.3 },
        a: { maxRetransmits: 50 },
      });
      pair.connect();
      const sentAt: number[] = [];
      const late: number[] = [];
      pair.onEventB = (event) => {
        if (event.type === 'message' && pair.now - sentAt[event.ppid]! > 250 + latencyMs + 1) {
          late.push(event.ppid);
        }
      };
      for (let i = 0; i < 30; i++) {
        sentAt.push(pair.now);
        pair.send(testBytes(2000, i), { lifetimeMs: 250, unordered: true, ppid: i });
        pair.runFor(20);
      }
      pair.runFor(60_000);
      expect(late).toEqual([]);
      // One that arrived may count as given up too, if its acknowledgement came too late.
      const missing = 30 - pair.endB.messages.length;
      expect(pair.a.counters.messagesAbandoned).toBeGreaterThanOrEqual(missing);
      expect(pair.a.stats.outstandingChunks).toBe(0);
    }
  });

  test('a lost FORWARD TSN is sent again', () => {
    const pair = new AssociationPair().connect();
    let data = 0;
    let forwards = 0;
    pair.endB.filter = (packet) => {
      const types = chunkTypes(packet);
      if (types.includes(CHUNK_TYPE.forwardTsn)) return ++forwards > 2;
      return !types.includes(CHUNK_TYPE.data) || ++data > 1;
    };
    pair.send(testBytes(10), { maxRetransmits: 0 });
    pair.runFor(10_000);
    expect(forwards).toBe(3);
    expect(pair.a.stats.outstandingChunks).toBe(0);
  });

  test('many abandoned streams fit into FORWARD TSNs piece by piece', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 100_000 } }).connect();
    pair.endB.filter = (packet) => !chunkTypes(packet).includes(CHUNK_TYPE.data);
    for (let streamId = 0; streamId < 1000; streamId++) {
      pair.send(testBytes(10), { streamId, maxRetransmits: 0 });
    }
    pair.runFor(10_000);
    pair.endB.filter = () => true;
    expect(pair.a.stats.outstandingChunks).toBe(0);
    for (let streamId = 0; streamId < 1000; streamId++) pair.send(testBytes(10), { streamId });
    pair.runFor(10_000);
    expect(pair.endB.messages).toHaveLength(1000);
  });
});
