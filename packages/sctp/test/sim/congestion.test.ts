import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import type { CongestionControlName } from '../../src/index.ts';
import {
  AssociationPair,
  type AssociationPairOptions,
  chunkTypes,
  testBytes,
} from '../association-pair.ts';

const CONTROLS: readonly CongestionControlName[] = ['newreno', 'cubic', 'bbr'];
const BOTTLENECK = {
  latencyMs: 20,
  outbound: { rateBps: 50e6, queuePackets: 100, queueBytes: Number.POSITIVE_INFINITY },
} as const;
/** Bytes a millisecond that the bottleneck leaves for user data. */
const BOTTLENECK_BYTES_PER_MS = (50e6 / 8000) * (1132 / 1188);

const isData = (packet: Uint8Array): boolean => chunkTypes(packet).includes(CHUNK_TYPE.data);

function pairOf(
  congestionControl: CongestionControlName,
  link: AssociationPairOptions['link'],
  seed: string | number = 'congestion',
): AssociationPair {
  const options = { congestionControl, receiveWindowBytes: 8 * 1024 * 1024 };
  return new AssociationPair({ seed, link: link ?? {}, a: options, b: options }).connect();
}

/** Keeps A sending for so long; gives the bytes that arrived at B in that time. */
function sendFor(pair: AssociationPair, milliseconds: number): number {
  let bytes = 0;
  pair.onEventB = (event) => {
    if (event.type === 'message') bytes += event.data.length;
  };
  const end = pair.now + milliseconds;
  while (pair.now < end) {
    while (pair.a.totalBufferedAmount < 1_000_000) pair.send(new Uint8Array(16_384));
    pair.runFor(Math.min(20, end - pair.now));
  }
  return bytes;
}

describe.each(CONTROLS)('%s', (control) => {
  test('uses nine tenths of a bottleneck without loss', () => {
    const pair = pairOf(control, BOTTLENECK);
    sendFor(pair, 3000);
    expect(sendFor(pair, 5000)).toBeGreaterThan(0.9 * 5000 * BOTTLENECK_BYTES_PER_MS);
    expect(pair.a.counters.retransmissionTimeouts).toBe(0);
    expect(pair.a.stats.congestionControl).toBe(control);
  });

  test('delivers every message once and in order, whatever is lost (60 seeds)', () => {
    for (let seed = 0; seed < 60; seed++) {
      const pair = pairOf(
        control,
        {
          latencyMs: 1 + (seed % 80),
          jitterMs: seed % 30,
          jitterReorders: seed % 2 === 0,
          loss: (seed % 6) * 0.04,
          duplication: (seed % 4) * 0.05,
          rateBps: 1e6 + (seed % 10) * 5e6,
          queuePackets: 5 + (seed % 50),
        },
        seed,
      );
      for (let i = 0; i < 30; i++) pair.send(testBytes(1 + ((i * 997) % 9000), i));
      expect(pair.runUntil(() => pair.endB.messages.length === 30, 300_000)).toBe('done');
      pair.endB.messages.forEach(({ data }, i) => {
        expect(data).toEqual(testBytes(1 + ((i * 997) % 9000), i));
      });
    }
  });

  test('goes the same way for the same seed', () => {
    const run = (): string => {
      const pair = pairOf(control, { latencyMs: 20, loss: 0.02, jitterMs: 5 }, 'same');
      sendFor(pair, 1000);
      return pair.simulation.traceDigest;
    };
    expect(run()).toBe(run());
  });
});

describe('bbr', () => {
  test('carries many times what newreno does at 40 ms and 1 % of random loss', () => {
    const link = { latencyMs: 20, loss: 0.01, outbound: { rateBps: 50e6, queueBytes: 1e6 } };
    const [bbr, newreno] = (['bbr', 'newreno'] as const).map((control) => {
      const pair = pairOf(control, link);
      sendFor(pair, 2000);
      return sendFor(pair, 4000);
    }) as [number, number];
    expect(bbr).toBeGreaterThan(5 * newreno);
  });

  test('leaves the queue of a bottleneck nearly empty', () => {
    const pair = pairOf('bbr', BOTTLENECK);
    sendFor(pair, 3000);
    const { dataChunksRetransmitted } = pair.a.counters;
    const queueing: number[] = [];
    for (let i = 0; i < 100; i++) {
      sendFor(pair, 20);
      queueing.push((pair.a.stats.latestRttMs ?? 0) - 40);
    }
    const mean = queueing.reduce((sum, each) => sum + each, 0) / queueing.length;
    expect(mean).toBeLessThan(5);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(dataChunksRetransmitted);
  });

  test('finds out when the path gets faster, and when it gets slower', () => {
    const pair = pairOf('bbr', BOTTLENECK);
    sendFor(pair, 3000);
    pair.link.change({ outbound: { rateBps: 100e6 } });
    sendFor(pair, 8000);
    expect(sendFor(pair, 2000)).toBeGreaterThan(0.85 * 2000 * 2 * BOTTLENECK_BYTES_PER_MS);
    pair.link.change({ outbound: { rateBps: 10e6 } });
    sendFor(pair, 8000);
    const { retransmissionTimeouts } = pair.a.counters;
    expect(sendFor(pair, 2000)).toBeGreaterThan(0.85 * 400 * BOTTLENECK_BYTES_PER_MS);
    expect(pair.a.counters.retransmissionTimeouts).toBe(retransmissionTimeouts);
  });
});

describe('loss found by time (RFC 8985)', () => {
  test('the last packet of a flight is probed for, long before T3-rtx (§7)', () => {
    const pair = pairOf('bbr', { latencyMs: 20 });
    pair.send(testBytes(100));
    pair.runUntil(() => pair.endB.messages.length === 1);
    pair.runFor(500);
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ++seen !== 5;
    const start = pair.now;
    pair.send(testBytes(5 * 1132));
    pair.runUntil(() => pair.endB.messages.length === 2);
    expect(pair.a.counters).toMatchObject({ tailLossProbes: 1, retransmissionTimeouts: 0 });
    // A round trip for the others, two until the probe is due, and the way to B.
    expect(pair.now - start).toBeLessThan(20 + 20 + 80 + 20 + 5);
  });

  test('a whole lost flight is found by a probe and one acknowledgement', () => {
    const pair = pairOf('bbr', { latencyMs: 20 });
    pair.send(testBytes(100));
    pair.runUntil(() => pair.endB.messages.length === 1);
    pair.runFor(500);
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ++seen > 3;
    pair.send(testBytes(3 * 1132));
    pair.runUntil(() => pair.endB.messages.length === 2);
    expect(pair.a.counters).toMatchObject({ tailLossProbes: 1, retransmissionTimeouts: 0 });
  });

  test('packets out of order are not taken for lost again and again (§6.2 step 4)', () => {
    const pair = pairOf('bbr', {
      latencyMs: 20,
      reordering: 0.05,
      reorderingDelayMs: 8,
      outbound: { rateBps: 20e6 },
    });
    sendFor(pair, 4000);
    const early = pair.a.counters.dataChunksRetransmitted;
    const sentEarly = pair.a.counters.dataChunksSent;
    sendFor(pair, 8000);
    const late = pair.a.counters.dataChunksRetransmitted - early;
    const sentLate = pair.a.counters.dataChunksSent - sentEarly;
    expect(pair.a.counters.spuriousRetransmissions).toBeGreaterThan(0);
    expect(late / sentLate).toBeLessThan(0.005);
  });

  test('an acknowledgement of what is out of order gets it a quarter of a round trip, and no more', () => {
    const pair = pairOf('newreno', { latencyMs: 20 });
    pair.send(testBytes(100));
    pair.runUntil(() => pair.endB.messages.length === 1);
    pair.runFor(500);
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ++seen !== 1;
    const start = pair.now;
    // Two packets: too few to be sure at once that the first is lost.
    pair.send(testBytes(2 * 1132));
    pair.runUntil(() => pair.endB.messages.length === 2);
    expect(pair.now - start).toBe(20 + 20 + 10 + 20);
    expect(pair.a.counters.tailLossProbes).toBe(0);
  });
});

describe('pacing (RFC 9002 §7.7)', () => {
  test('a window is spread over the round trip', () => {
    const pair = pairOf('bbr', { latencyMs: 50, outbound: { rateBps: 20e6, queueBytes: 1e6 } });
    sendFor(pair, 4000);
    const counts = new Map<number, number>();
    const stop = pair.simulation.trace.listen(({ type, place, at }) => {
      if (type !== 'send' || place !== 'a') return;
      const slot = Math.floor(at / 5);
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    });
    sendFor(pair, 1000);
    stop();
    // 20 Mbit/s are 10.5 packets in 5 ms; a window of a round trip would be 210.
    expect(Math.max(...counts.values())).toBeLessThan(45);
    expect(counts.size).toBeGreaterThan(150);
  });

  test('whoever sends little is not held up', () => {
    const pair = pairOf('bbr', { latencyMs: 20 });
    for (let i = 0; i < 50; i++) {
      const before = pair.endB.messages.length;
      const start = pair.now;
      pair.send(testBytes(5000, i));
      pair.runUntil(() => pair.endB.messages.length > before);
      expect(pair.now - start).toBe(20);
      pair.runFor(100);
    }
  });

  test('a burst after little traffic goes at the rate of the path, and always goes on', () => {
    const pair = pairOf('bbr', { latencyMs: 40, outbound: { rateBps: 20e6, queueBytes: 1e6 } });
    sendFor(pair, 3000);
    pair.runUntil(() => pair.a.stats.outstandingChunks === 0);
    const { pacingRateBps } = pair.a.stats;
    for (let i = 0; i < 120; i++) {
      pair.send(testBytes(50));
      pair.runFor(100);
    }
    // For a while nothing but the window's growth is told, which acknowledges nothing.
    pair.runFor(1000);
    const sack = pair.endA.received.findLast((each) => chunkTypes(each)[0] === CHUNK_TYPE.sack);
    const before = pair.endB.messages.length;
    pair.send(testBytes(200_000));
    pair.runFor(1);
    pair.a.handleDatagram(sack as Uint8Array, pair.now);
    expect(pair.a.stats.pacingRateBps).toBeGreaterThan(pacingRateBps / 2);
    expect(pair.a.nextTimeout).toBeLessThan(pair.now + 1000);
    expect(pair.runUntil(() => pair.endB.messages.length > before, 500)).toBe('done');
  });
});
