import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

const isData = (packet: Uint8Array): boolean => chunkTypes(packet).includes(CHUNK_TYPE.data);
const firstTsn = (packet: Uint8Array): number => new DataView(packet.buffer).getUint32(16);

describe('loss (RFC 9260 §6.3 and §7.2)', () => {
  test('three misses bring a fast retransmission, without T3-rtx (§7.2.4)', () => {
    const pair = new AssociationPair().connect();
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ++seen !== 2;
    // With a larger window, so that enough follows the lost packet.
    pair.send(testBytes(30 * 1132));
    const start = pair.now;
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.endB.messages[0]!.data).toEqual(testBytes(30 * 1132));
    expect(pair.a.counters).toMatchObject({
      fastRetransmits: 1,
      dataChunksRetransmitted: 1,
      retransmissionTimeouts: 0,
    });
    expect(pair.now - start).toBeLessThan(300);
  });

  test('halves the window once in a recovery, however many are lost (§7.2.4)', () => {
    const pair = new AssociationPair({
      a: { initialCwndBytes: 40_000, congestionControl: 'newreno' },
    }).connect();
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ![3, 5, 9].includes(++seen);
    pair.send(testBytes(60 * 1132));
    pair.runUntil(() => pair.a.counters.fastRetransmits > 0);
    expect(pair.a.stats.cwnd).toBe(Math.floor(pair.a.stats.ssthresh));
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.a.counters).toMatchObject({ fastRetransmits: 1, retransmissionTimeouts: 0 });
  });

  test('a retransmission that is lost too is found by what was sent after it', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 40_000 } }).connect();
    let lostTsn: number | undefined;
    let losses = 0;
    pair.endB.filter = (packet) => {
      if (!isData(packet)) return true;
      lostTsn ??= firstTsn(packet);
      return firstTsn(packet) !== lostTsn || ++losses > 3;
    };
    pair.send(testBytes(200 * 1132));
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(losses).toBe(4);
    expect(pair.a.counters.retransmissionTimeouts).toBe(0);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(3);
  });

  test('T3-rtx sends the last packet again, with doubled timeouts (§6.3.3)', () => {
    const pair = new AssociationPair({ a: { heartbeatIntervalMs: Number.POSITIVE_INFINITY } });
    pair.connect();
    const times: number[] = [];
    pair.endB.filter = (packet, now) => {
      if (!isData(packet)) return true;
      times.push(now);
      return times.length > 5;
    };
    pair.send(testBytes(10));
    pair.runUntil(() => pair.endB.messages.length === 1);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(gaps).toEqual([500, 1000, 2000, 4000, 5000]);
    expect(pair.a.counters.retransmissionTimeouts).toBe(5);
  });

  test('T3-rtx shrinks the window to one packet (§7.2.3)', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 40_000 } }).connect();
    pair.send(testBytes(100_000));
    pair.runFor(5);
    pair.endB.filter = () => false;
    pair.runUntil(() => pair.a.counters.retransmissionTimeouts === 1);
    expect(pair.a.stats.cwnd).toBe(1148);
    expect(pair.a.stats.flightBytes).toBe(1148);
    pair.endB.filter = () => true;
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.endB.messages[0]!.data).toEqual(testBytes(100_000));
  });

  test('gives a silent peer up after Association.Max.Retrans (§8.1)', () => {
    const pair = new AssociationPair({ a: { maxRetransmits: 3 } }).connect();
    pair.endB.filter = () => false;
    pair.send(testBytes(10));
    pair.runUntil(() => pair.a.state === 'failed');
    expect(pair.a.counters.retransmissionTimeouts).toBe(4);
    expect(pair.endA.events.at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'SCTP_PEER_UNREACHABLE' },
    });
    expect(pair.a.error?.code).toBe('SCTP_PEER_UNREACHABLE');
    expect(pair.a.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(pair.a.totalBufferedAmount).toBe(0);
  });

  test('survives an outage of 30 seconds when it may', () => {
    const pair = new AssociationPair({ a: { maxRetransmits: Number.POSITIVE_INFINITY } }).connect();
    pair.send(testBytes(200_000));
    pair.runFor(30);
    pair.endA.filter = () => false;
    pair.endB.filter = () => false;
    pair.runFor(30_000);
    pair.endA.filter = () => true;
    pair.endB.filter = () => true;
    expect(pair.runUntil(() => pair.endB.messages.length === 1, 6000)).toBe('done');
  });

  test('slow start doubles the window each round trip, congestion avoidance adds a packet (§7.2)', () => {
    const pair = new AssociationPair({
      link: { latencyMs: 50 },
      b: { receiveWindowBytes: 4_000_000, maxMessageBytes: 2_000_000 },
      a: { remoteMaxMessageBytes: 2_000_000, congestionControl: 'newreno' },
    }).connect();
    pair.send(testBytes(2_000_000));
    const start = pair.a.stats.cwnd;
    pair.runFor(110);
    expect(pair.a.stats.cwnd).toBe(2 * start);
    pair.runUntil(() => pair.a.stats.cwnd > 100_000);
    let lost = false;
    pair.endB.filter = (packet) => {
      if (lost || !isData(packet)) return true;
      lost = true;
      return false;
    };
    pair.runUntil(() => pair.a.counters.fastRetransmits === 1);
    pair.runFor(150);
    const { cwnd, ssthresh } = pair.a.stats;
    expect(cwnd).toBeGreaterThanOrEqual(ssthresh);
    pair.runFor(100);
    expect(pair.a.stats.cwnd - cwnd).toBe(1148);
  });

  test('heartbeats find a peer that is gone, and measure one that is there (§8.3)', () => {
    const pair = new AssociationPair({
      a: { heartbeatIntervalMs: 5000, maxRetransmits: 2 },
    }).connect();
    pair.runFor(6000);
    expect(pair.a.counters.heartbeatsSent).toBe(1);
    expect(pair.a.stats.srttMs).toBe(20);
    pair.endB.filter = () => false;
    expect(pair.runUntil(() => pair.a.state === 'failed', 60_000)).toBe('done');
  });

  test('goodput at 40 ms and 1 % loss is what NewReno gives, or more', () => {
    const pair = new AssociationPair({ link: { latencyMs: 20, loss: 0.01 } }).connect();
    const start = pair.now;
    for (let i = 0; i < 40; i++) pair.send(testBytes(65_536, i));
    pair.runUntil(() => pair.endB.messages.length === 40, 300_000);
    const megabytesPerSecond = (40 * 65_536) / 1000 / (pair.now - start);
    expect(megabytesPerSecond).toBeGreaterThan(0.25);
  });
});

describe('whatever the network does', () => {
  test('every ordered message arrives once and in order, in bounded memory (400 seeds)', () => {
    for (let seed = 0; seed < 400; seed++) {
      const link = {
        latencyMs: seed % 150,
        jitterMs: seed % 40,
        jitterReorders: seed % 3 === 0,
        loss: (seed % 7) * 0.04,
        duplication: (seed % 5) * 0.03,
        reordering: (seed % 4) * 0.08,
        reorderingDelayMs: 30,
      };
      const receiveWindowBytes = 20_000;
      const pair = new AssociationPair({
        seed,
        link,
        a: { maxRetransmits: 40, maxInitRetransmits: 40 },
        b: { receiveWindowBytes, maxMessageBytes: 10_000, maxInitRetransmits: 40 },
      });
      const random = pair.simulation.random.fork('test');
      const sent: Map<number, Uint8Array[]> = new Map();
      let most = 0;
      pair.a.connect(0);
      for (let i = 0; i < 40; i++) {
        const streamId = random.uint32() % 4;
        const data = testBytes(1 + (random.uint32() % (i % 5 === 0 ? 9000 : 300)), i);
        pair.send(data, { streamId });
        sent.set(streamId, [...(sent.get(streamId) ?? []), data]);
      }
      const result = pair.runUntil(() => {
        most = Math.max(most, pair.b.stats.receiveBufferedBytes);
        return pair.endB.messages.length === 40;
      }, 600_000);
      if (result !== 'done') throw new Error(`Seed ${seed}: ${pair.endB.messages.length} arrived.`);
      pair.runUntil(() => pair.a.stats.outstandingChunks === 0);
      pair.runFor(1000);
      expect(pair.endB.messages).toHaveLength(40);
      for (const [streamId, messages] of sent) {
        const arrived = pair.endB.messages.filter((message) => message.streamId === streamId);
        expect(arrived.map(({ data }) => data)).toEqual(messages);
      }
      expect(most).toBeLessThanOrEqual(2 * receiveWindowBytes);
      expect(pair.a.stats).toMatchObject({ flightBytes: 0, outstandingChunks: 0 });
      expect(pair.b.stats.receiveBufferedBytes).toBe(0);
    }
  }, 120_000);

  test('20 % loss, 300 ms and an outage of 3 s: all arrives, with the defaults (100 seeds)', () => {
    for (let seed = 0; seed < 100; seed++) {
      const link = {
        latencyMs: 150,
        loss: 0.2,
        duplication: 0.05,
        reordering: 0.1,
        outages: [{ fromMs: 2000, toMs: 5000 }],
      };
      const pair = new AssociationPair({ seed, link });
      for (let i = 0; i < 20; i++) pair.send(testBytes(4000, i), { streamId: i % 3, ppid: i });
      pair.a.connect(0);
      pair.b.connect(0);
      const done = (): boolean => pair.endB.messages.length === 20;
      if (pair.runUntil(done, 600_000) !== 'done') throw new Error(`Seed ${seed}`);
      for (const { ppid, data } of pair.endB.messages) expect(data).toEqual(testBytes(4000, ppid));
    }
  }, 60_000);

  test('unordered, ordered and given-up messages side by side leave nothing behind', () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.array(
          fc.record({
            streamId: fc.nat(3),
            length: fc.integer({ min: 1, max: 5000 }),
            unordered: fc.boolean(),
            limit: fc.constantFrom(
              {},
              { maxRetransmits: 0 },
              { maxRetransmits: 1 },
              { lifetimeMs: 100 },
            ),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        (seed, messages) => {
          const link = { latencyMs: 25, loss: 0.2, duplication: 0.05, reordering: 0.1 };
          const pair = new AssociationPair({
            seed,
            link,
            a: { maxRetransmits: 50, maxInitRetransmits: 50 },
          });
          pair.connect();
          for (const [i, { streamId, length, unordered, limit }] of messages.entries()) {
            const data = testBytes(length, i);
            pair.send(data, { streamId, unordered, ...limit, ppid: i });
          }
          pair.runFor(120_000);
          const ppids = pair.endB.messages.map(({ ppid }) => ppid);
          expect(new Set(ppids).size).toBe(ppids.length);
          for (const { ppid, data } of pair.endB.messages) {
            expect(data).toEqual(testBytes(messages[ppid]!.length, ppid));
          }
          for (const [i, { limit }] of messages.entries()) {
            if (Object.keys(limit).length === 0) expect(ppids).toContain(i);
          }
          for (const id of [0, 1, 2, 3]) {
            const ordered = pair.endB.messages.filter(
              ({ streamId, ppid }) => streamId === id && !messages[ppid]!.unordered,
            );
            const order = ordered.map(({ ppid }) => ppid);
            expect(order).toEqual(order.toSorted((a, b) => a - b));
          }
          expect(pair.a.stats).toMatchObject({ flightBytes: 0, outstandingChunks: 0 });
          expect(pair.b.stats.receiveBufferedBytes).toBe(0);
          expect(pair.a.state).toBe('established');
        },
      ),
      { numRuns: 100 },
    );
  }, 120_000);

  test('the same seed gives the same run twice', () => {
    const run = (): readonly unknown[] => {
      const link = { latencyMs: 25, loss: 0.2, duplication: 0.05, reordering: 0.1 };
      const pair = new AssociationPair({ seed: 42, link });
      pair.a.connect(0);
      for (let i = 0; i < 30; i++) pair.send(testBytes(3000, i));
      pair.runUntil(() => pair.endB.messages.length === 30, 300_000);
      return [pair.now, pair.endB.received];
    };
    expect(run()).toEqual(run());
  });
});
