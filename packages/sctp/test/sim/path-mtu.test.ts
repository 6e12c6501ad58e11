import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { writeChecksum } from '../../src/packet.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

/** SCTP packets that fit into IP packets of 9000, 1500, 1492 and 1400 bytes with some overhead. */
const CANDIDATES = [8924, 1424, 1416, 1324];
const BULK = 200_000;

/** A pair on a path that loses packets of more than `limit` bytes. */
function pairWithLimit(limit: () => number, seed = 'path-mtu'): AssociationPair {
  const pair = new AssociationPair({ seed }).connect();
  for (const end of [pair.endA, pair.endB]) end.filter = (packet) => packet.length <= limit();
  pair.a.searchPathMtu(CANDIDATES, pair.now);
  return pair;
}

function sendBulk(pair: AssociationPair, seed: number): void {
  const before = pair.endB.messages.length;
  const data = testBytes(BULK, seed);
  pair.send(data);
  expect(pair.runUntil(() => pair.endB.messages.length > before)).toBe('done');
  expect(pair.endB.messages[before]!.data).toEqual(data);
}

describe('the search for larger packets (RFC 8899)', () => {
  test.each([8924, 1424, 1416, 1324])('finds that the path takes %i bytes', (limit) => {
    const pair = pairWithLimit(() => limit);
    for (let i = 0; i < 5; i++) {
      sendBulk(pair, i);
      pair.runFor(1500);
    }
    expect(pair.a.stats.packetBytes).toBe(limit);
    expect(Math.max(...pair.endB.received.map(({ length }) => length))).toBe(limit);
    expect(pair.b.counters.unknownChunks).toBe(0);
  });

  test('stays at the base size where nothing larger passes, and loses no data to that', () => {
    const pair = pairWithLimit(() => 1160);
    for (let i = 0; i < 6; i++) {
      sendBulk(pair, i);
      pair.runFor(1500);
    }
    expect(pair.a.stats.packetBytes).toBe(1160);
    expect(pair.a.counters.pathMtuProbesSent).toBe(CANDIDATES.length);
    expect(pair.a.counters.dataChunksRetransmitted).toBe(0);
  });

  test('probes with HEARTBEAT and PAD, which are not part of the data (RFC 8899 §4.1, RFC 4820)', () => {
    const pair = pairWithLimit(() => 9000);
    sendBulk(pair, 1);
    const probes = pair.endB.received.filter((packet) =>
      chunkTypes(packet).includes(CHUNK_TYPE.pad),
    );
    expect(probes.map(chunkTypes)).toEqual([[CHUNK_TYPE.heartbeat, CHUNK_TYPE.pad]]);
    expect(probes[0]!.length).toBe(8924);
  });

  test('does not probe for a sender of small messages', () => {
    const pair = pairWithLimit(() => 9000);
    for (let i = 0; i < 50; i++) {
      pair.send(testBytes(500, i));
      pair.runFor(30);
    }
    expect(pair.a.counters.pathMtuProbesSent).toBe(0);
  });

  test('falls back after two timeouts when large packets no longer pass (§4.3)', () => {
    let limit = 8924;
    const pair = pairWithLimit(() => limit);
    for (let i = 0; i < 3; i++) sendBulk(pair, i);
    expect(pair.a.stats.packetBytes).toBe(8924);
    // New data after the path has shrunk; what is under way was cut for the old size and cannot pass.
    limit = 1200;
    pair.send(testBytes(BULK, 9));
    expect(pair.runUntil(() => pair.a.stats.packetBytes === 1160)).toBe('done');
    expect(pair.a.counters.retransmissionTimeouts).toBe(2);
    // The system has learned the path's size meanwhile, and cuts what is too large for it.
    limit = 9000;
    expect(pair.runUntil(() => pair.endB.messages.length === 4)).toBe('done');
    expect(pair.endB.messages[3]!.data).toEqual(testBytes(BULK, 9));
    const before = pair.endB.received.length;
    sendBulk(pair, 10);
    const sizes = pair.endB.received.slice(before).map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(1160);
  });

  test('looks again after ten minutes (§5.1.1)', () => {
    let limit = 1160;
    const pair = pairWithLimit(() => limit);
    for (let i = 0; i < 6; i++) {
      sendBulk(pair, i);
      pair.runFor(1500);
    }
    limit = 9000;
    sendBulk(pair, 6);
    pair.runFor(500_000);
    sendBulk(pair, 7);
    expect(pair.a.stats.packetBytes).toBe(1160);
    pair.runFor(100_000);
    sendBulk(pair, 8);
    pair.runFor(1000);
    expect(pair.a.stats.packetBytes).toBe(8924);
  });

  test('starts from the base size on a new path', () => {
    const pair = pairWithLimit(() => 9000);
    sendBulk(pair, 1);
    pair.runFor(100);
    expect(pair.a.stats.packetBytes).toBe(8924);
    pair.a.searchPathMtu([1324], pair.now);
    expect(pair.a.stats.packetBytes).toBe(1160);
    sendBulk(pair, 2);
    pair.runFor(100);
    expect(pair.a.stats.packetBytes).toBe(1324);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('delivers everything on a lossy path, seed %i', (seed) => {
    const pair = new AssociationPair({ seed, link: { loss: 0.05, reordering: 0.02 } }).connect();
    for (const end of [pair.endA, pair.endB]) end.filter = ({ length }) => length <= 1424;
    pair.a.searchPathMtu(CANDIDATES, pair.now);
    for (let i = 0; i < 4; i++) {
      sendBulk(pair, i);
      pair.runFor(1500);
    }
    expect([1160, ...CANDIDATES.slice(1)]).toContain(pair.a.stats.packetBytes);
  });

  test('does not take a forged or late answer for its own', () => {
    const pair = pairWithLimit(() => 1160);
    sendBulk(pair, 1);
    const forged = pair.endA.received.at(-1)!.slice(0, 28);
    forged.set([CHUNK_TYPE.heartbeatAck, 0, 0, 16, 0, 1, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8], 12);
    forged.fill(0, 8, 12);
    writeChecksum(forged, forged.length);
    pair.a.handleDatagram(forged, pair.now);
    expect(pair.a.stats.packetBytes).toBe(1160);
    expect(pair.a.counters.droppedUnexpectedChunks).toBe(1);
  });

  test.each([[[255]], [[1161]], [[65_536]], [[Number.NaN]]])('refuses sizes %j', (sizes) => {
    const pair = new AssociationPair();
    expect(() => pair.a.searchPathMtu(sizes, 0)).toThrow(RangeError);
  });
});
