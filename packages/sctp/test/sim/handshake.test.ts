import { readUint32 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';
import { forgeChunk, forgeData, forgePacket } from '../packet-forge.ts';

describe('the handshake (RFC 9260 §5)', () => {
  test('takes four packets and tells both sides (§5.1)', () => {
    const pair = new AssociationPair();
    pair.connect();
    expect(pair.endA.story).toEqual(['connected']);
    expect(pair.endB.story).toEqual(['connected']);
    expect(pair.endB.received.map(chunkTypes)).toEqual([
      [CHUNK_TYPE.init],
      [CHUNK_TYPE.cookieEcho],
    ]);
    expect(pair.endA.received.map(chunkTypes)).toEqual([
      [CHUNK_TYPE.initAck],
      [CHUNK_TYPE.cookieAck],
    ]);
    expect(pair.now).toBe(40);
  });

  test('keeps nothing for a peer that sent INIT alone (§5.1.3)', () => {
    const pair = new AssociationPair();
    pair.endB.filter = (packet) => chunkTypes(packet)[0] !== CHUNK_TYPE.cookieEcho;
    pair.a.connect(0);
    pair.runFor(400);
    expect(pair.b.state).toBe('new');
    expect(pair.b.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('carries the first data behind COOKIE ECHO (§5.1 C)', () => {
    const pair = new AssociationPair();
    pair.send(testBytes(100));
    pair.a.connect(0);
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.now).toBe(30);
    expect(pair.endB.story).toEqual(['connected', 'message']);
    expect(chunkTypes(pair.endB.received[1]!)).toEqual([CHUNK_TYPE.cookieEcho, CHUNK_TYPE.data]);
  });

  test.each([false, true])(
    'data that comes before COOKIE ACK stands for it (interleaving %s)',
    (interleaving) => {
      const pair = new AssociationPair({ a: { interleaving }, b: { interleaving } });
      // COOKIE ACK never arrives.
      pair.endA.filter = (packet) => chunkTypes(packet)[0] !== CHUNK_TYPE.cookieAck;
      pair.a.connect(0);
      pair.runUntil(() => pair.b.state === 'established');
      expect(pair.now).toBe(30);
      pair.runFor(1);
      for (let i = 0; i < 3; i++) {
        pair.b.send({ streamId: 1, ppid: 53, data: testBytes(10, i) }, pair.now);
      }
      pair.runFor(10);
      expect(pair.a.state).toBe('established');
      expect(pair.endA.story).toEqual(['connected', 'message', 'message', 'message']);
      pair.runFor(2000);
      expect(pair.b.stats.counters.dataChunksRetransmitted).toBe(0);
      // No COOKIE ECHO is repeated.
      const echoes = pair.endB.received.filter(
        (packet) => chunkTypes(packet)[0] === CHUNK_TYPE.cookieEcho,
      );
      expect(echoes).toHaveLength(1);
    },
  );

  test('data of another numbering before COOKIE ACK is nothing, and of another tag less', () => {
    const pair = new AssociationPair();
    pair.endA.filter = (packet) => chunkTypes(packet)[0] !== CHUNK_TYPE.cookieAck;
    pair.a.connect(0);
    pair.runUntil(() => pair.b.state === 'established');
    const initAck = pair.endA.received[0] as Uint8Array;
    const tag = readUint32(initAck, 4);
    const tsn = readUint32(initAck, 28);
    const far = (tsn + 0x1234_5678) >>> 0;
    pair.a.handleDatagram(forgePacket(tag, forgeData(far, 10)), pair.now);
    pair.a.handleDatagram(forgePacket(tag, forgeData(tsn - 1, 10)), pair.now);
    pair.a.handleDatagram(forgePacket(tag, forgeChunk(CHUNK_TYPE.data, 3)), pair.now);
    pair.a.handleDatagram(forgePacket(tag ^ 1, forgeData(tsn, 10)), pair.now);
    expect(pair.a.state).toBe('cookie-echoed');
    expect(pair.a.stats.counters.droppedUnexpectedChunks).toBe(3);
    pair.a.handleDatagram(forgePacket(tag, forgeData(tsn, 10)), pair.now);
    expect(pair.a.state).toBe('established');
  });

  test('agrees on no more streams than both allow (§5.1.1)', () => {
    const pair = new AssociationPair({
      a: { outboundStreams: 10, inboundStreams: 100 },
      b: { outboundStreams: 50, inboundStreams: 7 },
    }).connect();
    expect(pair.endA.events[0]).toEqual({
      type: 'connected',
      outboundStreams: 7,
      inboundStreams: 50,
    });
    expect(pair.endB.events[0]).toEqual({
      type: 'connected',
      outboundStreams: 50,
      inboundStreams: 7,
    });
  });

  test('repeats INIT with backoff and then gives up (§5.1, §6.3.3)', () => {
    const times: number[] = [];
    const pair = new AssociationPair({ a: { maxInitRetransmits: 5 } });
    pair.endB.filter = (_, now) => {
      times.push(now - 10);
      return false;
    };
    pair.a.connect(0);
    pair.runUntil(() => pair.a.state === 'failed');
    expect(times).toEqual([0, 500, 1500, 3500, 7500, 12500]);
    expect(pair.endA.events).toMatchObject([
      { type: 'failed', error: { code: 'SCTP_CONNECT_TIMEOUT' } },
    ]);
  });

  test('repeats COOKIE ECHO alone when the one with data was lost', () => {
    const pair = new AssociationPair();
    let lost = 0;
    pair.endB.filter = (packet) => chunkTypes(packet)[0] !== CHUNK_TYPE.cookieEcho || ++lost > 1;
    pair.send(testBytes(100));
    pair.a.connect(0);
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.endB.received.map(chunkTypes)).toEqual([
      [CHUNK_TYPE.init],
      [CHUNK_TYPE.cookieEcho],
      [CHUNK_TYPE.data],
    ]);
  });

  test('makes one association of two that begin at once (§5.2.1)', () => {
    const pair = new AssociationPair();
    pair.a.connect(0);
    pair.b.connect(0);
    pair.send(testBytes(10));
    pair.b.send({ streamId: 3, ppid: 53, data: testBytes(20) }, 0);
    pair.runFor(1000);
    expect(pair.endA.story).toEqual(['connected', 'message']);
    expect(pair.endB.story).toEqual(['connected', 'message']);
    expect(pair.a.counters.restarts + pair.b.counters.restarts).toBe(0);
  });

  test('keeps its INIT back when the peer has spoken first, unless that comes to nothing', () => {
    const pair = new AssociationPair();
    pair.a.connect(0);
    const init = pair.a.pollDatagram()!;
    pair.b.connect(0);
    pair.b.handleDatagram(init, 0);
    expect(chunkTypes(pair.b.pollDatagram()!)).toEqual([CHUNK_TYPE.initAck]);
    expect(pair.b.pollDatagram()).toBeUndefined();
    // The INIT ACK is lost, and the peer is never heard of again: T1-init sends the INIT.
    pair.b.handleTimeout(pair.b.nextTimeout);
    expect(chunkTypes(pair.b.pollDatagram()!)).toEqual([CHUNK_TYPE.init]);
  });

  test('keeps what went with COOKIE ECHO when a late INIT of the peer crosses it (§5.2.4 B)', () => {
    const pair = new AssociationPair();
    const other = new AssociationPair({ seed: 'another tag' });
    pair.send(testBytes(10));
    pair.a.connect(0);
    // A peer that forgets the tag of its INIT ACK, as stateless ones do: first one answers, then another.
    other.b.handleDatagram(pair.a.pollDatagram()!, 0);
    pair.a.handleDatagram(other.b.pollDatagram()!, 0);
    expect(pair.a.state).toBe('cookie-echoed');
    expect(chunkTypes(pair.a.pollDatagram()!)).toEqual([CHUNK_TYPE.cookieEcho, CHUNK_TYPE.data]);
    pair.b.connect(0);
    expect(pair.runUntil(() => pair.endB.messages.length === 1)).toBe('done');
    expect(pair.endA.story).toEqual(['connected']);
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'makes one association of two that begin at once and lose packets (seed %i)',
    (seed) => {
      const pair = new AssociationPair({
        seed,
        link: { latencyMs: 30, loss: 0.3, duplication: 0.2, reordering: 0.3 },
      });
      pair.send(testBytes(5000));
      pair.b.send({ streamId: 3, ppid: 53, data: testBytes(5000) }, 0);
      pair.a.connect(0);
      pair.runFor(seed * 5);
      pair.b.connect(pair.now);
      const done = (): boolean =>
        pair.endA.messages.length === 1 && pair.endB.messages.length === 1;
      expect(pair.runUntil(done, 120_000)).toBe('done');
      pair.runFor(1000);
      expect(pair.endA.story).toEqual(['connected', 'message']);
      expect(pair.endB.story).toEqual(['connected', 'message']);
    },
  );

  test('acknowledges a repeated COOKIE ECHO again (§5.2.4 D)', () => {
    const pair = new AssociationPair();
    let acks = 0;
    pair.endA.filter = (packet) => chunkTypes(packet)[0] !== CHUNK_TYPE.cookieAck || ++acks > 2;
    pair.connect();
    expect(acks).toBe(3);
    expect(pair.endB.story).toEqual(['connected']);
  });

  test('tells of a peer that restarted, and carries on with it (§5.2.4 A)', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(10));
    pair.runFor(1000);
    // The same endpoint with another memory: a second pair whose packets reach B by hand.
    const reborn = new AssociationPair({ seed: 'reborn' });
    reborn.a.connect(pair.now);
    let restarted = false;
    for (let round = 0; round < 10 && !restarted; round++) {
      for (let p = reborn.a.pollDatagram(); p; p = reborn.a.pollDatagram()) {
        pair.b.handleDatagram(p, pair.now);
      }
      for (let p = pair.b.pollDatagram(); p; p = pair.b.pollDatagram()) {
        reborn.a.handleDatagram(p, pair.now);
      }
      restarted = reborn.a.state === 'established';
    }
    expect(restarted).toBe(true);
    reborn.a.send({ streamId: 1, ppid: 53, data: testBytes(33) }, pair.now);
    pair.b.handleDatagram(reborn.a.pollDatagram()!, pair.now);
    pair.runFor(10);
    expect(pair.endB.story).toEqual(['connected', 'message', 'restarted', 'connected', 'message']);
    expect(pair.b.counters.restarts).toBe(1);
  });

  test('refuses to begin again after the end', () => {
    const pair = new AssociationPair().connect();
    pair.a.abort(pair.now);
    expect(() => pair.a.connect(pair.now)).toThrow(
      expect.objectContaining({ code: 'SCTP_INVALID_STATE' }),
    );
  });
});
