import { readUint32, serialAdd32 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import type { CongestionControlName } from '../../src/index.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';
import { forgePacket, forgeSack } from '../packet-forge.ts';

const CONTROLS: readonly CongestionControlName[] = ['newreno', 'cubic', 'bbr'];
const PACKET_BYTES = 1148;
const isData = (packet: Uint8Array): boolean => chunkTypes(packet).includes(CHUNK_TYPE.data);

interface Liar {
  readonly pair: AssociationPair;
  /** A's first TSN. */
  readonly firstTsn: number;
  /** DATA packets that A has sent so far, and the TSN behind the last. */
  sent(): { readonly packets: number; readonly nextTsn: number };
  /** B says what it likes. */
  sack(...args: Parameters<typeof forgeSack>): void;
}

/** A sends to a B whose acknowledgements are all forged: it gets nothing and says what it likes. */
function liar(congestionControl: CongestionControlName, rttMs = 40): Liar {
  const pair = new AssociationPair({
    link: { latencyMs: rttMs / 2 },
    a: { congestionControl },
    b: { receiveWindowBytes: 1024 * 1024 },
  }).connect();
  const tagOfA = readUint32(pair.endA.received[0]!, 4);
  const firstTsn = readUint32(pair.endB.received[0]!, 28);
  let packets = 0;
  let nextTsn = firstTsn;
  pair.simulation.trace.listen(({ type, place }) => {
    if (type === 'send' && place === 'a') packets++;
  });
  pair.endB.filter = (packet) => {
    if (isData(packet)) nextTsn = serialAdd32(readUint32(packet, 16), 1);
    return false;
  };
  const sack = (...args: Parameters<typeof forgeSack>): void => {
    pair.a.handleDatagram(forgePacket(tagOfA, forgeSack(...args)), pair.now);
    // So that the driver sends what A has to say to that.
    pair.send(testBytes(1));
    pair.runFor(1);
  };
  return { pair, firstTsn, sent: () => ({ packets, nextTsn }), sack };
}

describe.each(CONTROLS)('%s: acknowledgements that lie', (control) => {
  test('of what is still under way: no more is in flight than the window announced', () => {
    const { pair, sack, firstTsn } = liar(control);
    const aRwnd = 200_000;
    for (let i = 0; i < 30; i++) pair.send(testBytes(200_000, i));
    let most = 0;
    for (let i = 0; i < 400; i++) {
      sack(serialAdd32(firstTsn, pair.a.counters.dataChunksSent - 1), [], aRwnd);
      most = Math.max(most, pair.a.stats.flightBytes);
    }
    expect(pair.a.counters.droppedInvalidSacks).toBe(0);
    expect(most).toBeGreaterThan(PACKET_BYTES);
    expect(most).toBeLessThan(aRwnd * (PACKET_BYTES / 1132) + PACKET_BYTES);
    expect(Number.isFinite(pair.a.stats.cwnd)).toBe(true);
  });

  test('about the window, now closed, now open: it brings no flight out again', () => {
    const { pair, sack, sent, firstTsn } = liar(control);
    pair.send(testBytes(200_000));
    pair.runFor(5);
    sack(serialAdd32(firstTsn, 1), [], 1_000_000);
    const before = sent().packets;
    const { outstandingChunks } = pair.a.stats;
    expect(outstandingChunks).toBeGreaterThan(5);
    for (let i = 0; i < 50; i++) {
      sack(serialAdd32(firstTsn, 1), [], 0);
      sack(serialAdd32(firstTsn, 1), [], 1_000_000);
    }
    // 100 ms: what the window allows, a probe, and no more.
    expect(pair.a.counters.dataChunksRetransmitted).toBeLessThanOrEqual(1);
    expect(sent().packets - before).toBeLessThan(100);
  });

  test('the same again and again: a flood of them sends nothing and changes nothing', () => {
    const { pair, sack, firstTsn } = liar(control);
    pair.send(testBytes(200_000));
    pair.runFor(5);
    sack(serialAdd32(firstTsn, 2), [], 1_000_000);
    const { cwnd, flightBytes, ssthresh } = pair.a.stats;
    const { dataChunksSent } = pair.a.counters;
    const packet = forgePacket(
      readUint32(pair.endA.received[0]!, 4),
      forgeSack(serialAdd32(firstTsn, 2), [], 1_000_000),
    );
    for (let i = 0; i < 5000; i++) pair.a.handleDatagram(packet, pair.now);
    expect(pair.a.stats).toMatchObject({ cwnd, flightBytes, ssthresh });
    expect(pair.a.counters.dataChunksSent).toBe(dataChunksSent);
    expect(pair.a.counters.dataChunksLost).toBe(0);
  });

  test('about duplicates: what was not sent again was not sent again', () => {
    const { pair, sack, firstTsn } = liar(control);
    pair.send(testBytes(200_000));
    pair.runFor(5);
    const tsns = Array.from({ length: 200 }, (_, i) => serialAdd32(firstTsn, i - 100));
    for (let i = 0; i < 50; i++) sack(firstTsn, [], 1_000_000, tsns);
    expect(pair.a.counters).toMatchObject({ spuriousRetransmissions: 0, spuriousRecoveries: 0 });
  });

  test('and take back what they said: no chunk is counted in flight twice', () => {
    const { pair, sack, firstTsn } = liar(control);
    pair.send(testBytes(200_000));
    pair.runFor(5);
    const sentChunks = pair.a.stats.outstandingChunks;
    const base = serialAdd32(firstTsn, -1);
    for (let i = 0; i < 60; i++) {
      sack(base, [[2, 3]]);
      for (let j = 0; j < 4; j++) sack(base, [[6, 7]]);
      const { flightBytes, outstandingChunks } = pair.a.stats;
      expect(flightBytes).toBeGreaterThanOrEqual(0);
      expect(flightBytes).toBeLessThanOrEqual(outstandingChunks * PACKET_BYTES);
    }
    expect(sentChunks).toBeGreaterThan(7);
    pair.endB.filter = () => true;
    expect(pair.runUntil(() => pair.endB.messages.length > 0, 30_000)).toBe('done');
    expect(pair.endB.messages[0]!.data).toEqual(testBytes(200_000));
  });
});
