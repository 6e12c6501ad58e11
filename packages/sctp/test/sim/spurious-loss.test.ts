import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import type { CongestionControlName } from '../../src/index.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

const isData = (packet: Uint8Array): boolean => chunkTypes(packet).includes(CHUNK_TYPE.data);

/** A pair with a round trip of 40 ms that is measured already. */
function pairOf(congestionControl: CongestionControlName): AssociationPair {
  const pair = new AssociationPair({
    link: { latencyMs: 20 },
    a: { congestionControl, initialCwndBytes: 60_000 },
  }).connect();
  pair.send(testBytes(100));
  pair.runUntil(() => pair.endB.messages.length === 1);
  pair.runFor(500);
  return pair;
}

/** The first DATA packet from now on is on its way for so much longer; the number of such packets is given. */
function delay(pair: AssociationPair, count: number, lateMs: number): void {
  const held: { packet: Uint8Array; until: number }[] = [];
  let seen = 0;
  pair.endB.filter = (packet, now) => {
    while (held[0] !== undefined && held[0].until <= now) {
      pair.b.handleDatagram(held.shift()!.packet, now);
    }
    if (!isData(packet) || ++seen > count) return true;
    held.push({ packet: packet.slice(), until: now + lateMs });
    return false;
  };
}

/** A sends one packet in each millisecond. */
function trickle(pair: AssociationPair, milliseconds: number): void {
  for (let i = 0; i < milliseconds; i++) {
    pair.send(testBytes(1000, i));
    pair.runFor(1);
  }
}

describe('loss that was none (RFC 4015, RFC 9438 §4.9)', () => {
  test.each(['newreno', 'cubic'] as const)('%s has its window back', (control) => {
    const pair = pairOf(control);
    delay(pair, 2, 30);
    trickle(pair, 1);
    const { cwnd, ssthresh } = pair.a.stats;
    trickle(pair, 44);
    expect(pair.a.counters.fastRetransmits).toBe(1);
    expect(pair.a.stats.cwnd).toBeLessThan(cwnd);
    trickle(pair, 60);
    expect(pair.a.counters).toMatchObject({
      fastRetransmits: 1,
      spuriousRecoveries: 1,
      spuriousRetransmissions: 2,
      dataChunksLost: 2,
    });
    expect(pair.a.stats.cwnd).toBeGreaterThanOrEqual(cwnd);
    expect(pair.a.stats.ssthresh).toBe(ssthresh);
  });

  test('next time such packets are given the time that they take', () => {
    const pair = pairOf('newreno');
    for (let round = 0; round < 12; round++) {
      delay(pair, 1, 20);
      trickle(pair, 150);
    }
    const { dataChunksRetransmitted } = pair.a.counters;
    for (let round = 0; round < 5; round++) {
      delay(pair, 1, 20);
      trickle(pair, 150);
    }
    expect(dataChunksRetransmitted).toBeGreaterThan(0);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(dataChunksRetransmitted);
  });

  test('where anything was lost besides, the window stays reduced', () => {
    const pair = pairOf('newreno');
    delay(pair, 2, 30);
    const late = pair.endB.filter;
    let seen = 0;
    pair.endB.filter = (packet, now) =>
      isData(packet) && ++seen === 4 ? false : late(packet, now);
    trickle(pair, 150);
    expect(pair.a.counters).toMatchObject({ spuriousRetransmissions: 2, spuriousRecoveries: 0 });
    expect(pair.a.stats.ssthresh).toBeLessThan(60_000);
  });

  test('where what was lost was given up instead of sent again, it stays reduced', () => {
    const pair = pairOf('newreno');
    delay(pair, 1, 30);
    const late = pair.endB.filter;
    let seen = 0;
    pair.endB.filter = (packet, now) =>
      isData(packet) && ++seen === 1 ? false : late(packet, now);
    pair.send(testBytes(1000), { maxRetransmits: 0 });
    trickle(pair, 150);
    expect(pair.a.counters).toMatchObject({
      messagesAbandoned: 1,
      spuriousRetransmissions: 1,
      spuriousRecoveries: 0,
    });
    expect(pair.a.stats.ssthresh).toBeLessThan(60_000);
  });

  test('duplicates of the network are not taken for needless retransmissions', () => {
    const pair = new AssociationPair({ link: { latencyMs: 20, duplication: 0.3 } }).connect();
    pair.send(testBytes(200_000));
    pair.runUntil(() => pair.endB.messages.length === 1);
    pair.runFor(500);
    expect(pair.b.counters.droppedDuplicateData).toBeGreaterThan(20);
    expect(pair.a.counters).toMatchObject({
      spuriousRetransmissions: 0,
      dataChunksRetransmitted: 0,
    });
  });
});

describe('what a tail-loss probe says about loss (RFC 8985 §7.4)', () => {
  test('loss that the probe itself has made up for shrinks the window', () => {
    const pair = pairOf('newreno');
    let seen = 0;
    pair.endB.filter = (packet) => !isData(packet) || ++seen !== 5;
    pair.send(testBytes(5 * 1132));
    pair.runUntil(() => pair.endB.messages.length === 2);
    pair.runFor(300);
    expect(pair.a.stats.ssthresh).toBe(Number.POSITIVE_INFINITY);
    pair.send(testBytes(100));
    pair.runFor(100);
    expect(pair.a.counters).toMatchObject({ tailLossProbes: 1, retransmissionTimeouts: 0 });
    // Half of what the pause has left of the window (RFC 9260 §7.2.1).
    expect(pair.a.stats.ssthresh).toBe(15_000);
  });

  test('a probe of what had arrived does not', () => {
    const pair = pairOf('newreno');
    const start = pair.now;
    pair.endA.filter = (_packet, now) => now > start + 100;
    pair.send(testBytes(5 * 1132));
    pair.runFor(300);
    pair.send(testBytes(100));
    pair.runFor(100);
    expect(pair.a.counters).toMatchObject({ tailLossProbes: 1, spuriousRetransmissions: 1 });
    expect(pair.a.stats.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('statistics of the sending half', () => {
  test('tell the rate at which data arrives', () => {
    const pair = new AssociationPair({
      link: { latencyMs: 20, outbound: { rateBps: 10e6, queueBytes: 1e6 } },
    }).connect();
    expect(pair.a.stats.deliveryRateBps).toBe(0);
    for (let i = 0; i < 40; i++) {
      while (pair.a.totalBufferedAmount < 200_000) pair.send(testBytes(10_000));
      pair.runFor(50);
    }
    // 10 Mbit/s with the headers of IP, UDP and SCTP.
    const rate = (10e6 / 8) * (1148 / 1188);
    expect(pair.a.stats.deliveryRateBps).toBeGreaterThan(0.9 * rate);
    expect(pair.a.stats.deliveryRateBps).toBeLessThan(1.1 * rate);
    expect(pair.a.stats.pacingRateBps).toBeGreaterThan(0.8 * rate);
  });
});
