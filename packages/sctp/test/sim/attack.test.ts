import { readUint16, readUint32, writeUint32 } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { writeChecksum } from '../../src/packet.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';
import {
  forgeChunk,
  forgeData,
  forgeForwardTsn,
  forgeInit,
  forgePacket,
  forgeResetRequest,
  forgeSack,
} from '../packet-forge.ts';
import { victim } from '../victim.ts';

function works(pair: AssociationPair): boolean {
  const before = pair.endB.messages.length;
  pair.send(testBytes(5000));
  return pair.runUntil(() => pair.endB.messages.length > before, 20_000) === 'done';
}

describe('packets that are not of the association (RFC 9260 §8.5)', () => {
  test('a wrong verification tag', () => {
    const { pair, b, tag, tsn, answers, counters } = victim();
    for (const type of [0, 2, 3, 4, 5, 7, 8, 9, 11, 130, 192]) {
      b.handleDatagram(forgePacket(tag ^ 1, forgeChunk(type, 0, testBytes(20))), pair.now);
    }
    b.handleDatagram(forgePacket(tag ^ 1, forgeData(tsn, 10)), pair.now);
    expect(counters().droppedVerificationTag).toBe(12);
    expect(answers()).toEqual([]);
    expect(works(pair)).toBe(true);
  });

  test('ABORT and SHUTDOWN COMPLETE with a wrong tag, reflected or not', () => {
    const { pair, b, tag, peerTag, counters } = victim();
    for (const type of [CHUNK_TYPE.abort, CHUNK_TYPE.shutdownComplete]) {
      b.handleDatagram(forgePacket(tag ^ 1, forgeChunk(type, 0)), pair.now);
      b.handleDatagram(forgePacket(peerTag ^ 1, forgeChunk(type, 1)), pair.now);
      // The right tags, but with the T bit the other way round.
      b.handleDatagram(forgePacket(tag, forgeChunk(type, 1)), pair.now);
      b.handleDatagram(forgePacket(peerTag, forgeChunk(type, 0)), pair.now);
    }
    expect(counters().droppedVerificationTag).toBe(8);
    expect(b.state).toBe('established');
    b.handleDatagram(forgePacket(peerTag, forgeChunk(CHUNK_TYPE.abort, 1)), pair.now);
    expect(b.state).toBe('failed');
  });

  test('a wrong checksum, wrong ports, and packets too short to be any', () => {
    const { pair, b, tag, tsn, counters } = victim();
    const packet = forgePacket(tag, forgeData(tsn, 10));
    for (let i = 0; i < packet.length; i++) {
      const altered = packet.slice();
      altered[i]! ^= 0x10;
      b.handleDatagram(altered, pair.now);
    }
    expect(counters().droppedMalformedPackets).toBe(4);
    expect(counters().droppedChecksum).toBe(packet.length - 4);
    for (let length = 0; length < 16; length++) b.handleDatagram(packet.slice(0, length), pair.now);
    expect(counters().droppedMalformedPackets).toBe(20);
    expect(pair.endB.messages).toEqual([]);
  });

  test('out of the blue: answered with ABORT at most, and ABORT with nothing (§8.4)', () => {
    const pair = new AssociationPair();
    const { b } = pair;
    const poll = (): number[][] => {
      const packets: number[][] = [];
      for (let p = b.pollDatagram(); p; p = b.pollDatagram()) packets.push(chunkTypes(p));
      return packets;
    };
    b.handleDatagram(forgePacket(7, forgeData(1, 10)), 0);
    expect(poll()).toEqual([[CHUNK_TYPE.abort]]);
    b.handleDatagram(forgePacket(7, forgeChunk(CHUNK_TYPE.shutdownAck, 0)), 0);
    expect(poll()).toEqual([[CHUNK_TYPE.shutdownComplete]]);
    for (const type of [CHUNK_TYPE.abort, CHUNK_TYPE.shutdownComplete, CHUNK_TYPE.cookieAck]) {
      b.handleDatagram(forgePacket(7, forgeChunk(type, 0)), 0);
    }
    expect(poll()).toEqual([]);
    expect(b.state).toBe('new');
  });

  test('a flood of answers is bounded', () => {
    const pair = new AssociationPair();
    for (let i = 0; i < 1000; i++) pair.b.handleDatagram(forgePacket(i, forgeData(1, 10)), 0);
    let answers = 0;
    while (pair.b.pollDatagram()) answers++;
    expect(answers).toBe(16);
    expect(pair.b.counters.droppedAnswers).toBe(984);
  });
});

describe('the handshake under attack (RFC 9260 §5)', () => {
  test('a flood of INITs leaves no state and bounded answers', () => {
    const pair = new AssociationPair();
    for (let i = 1; i <= 1000; i++) pair.b.handleDatagram(forgePacket(0, forgeInit(i)), 0);
    expect(pair.b.state).toBe('new');
    let answers = 0;
    while (pair.b.pollDatagram()) answers++;
    expect(answers).toBe(16);
    pair.connect();
  });

  test('a flood of INITs does not disturb the association there is', () => {
    const { pair, b, answers } = victim();
    for (let i = 1; i <= 1000; i++) b.handleDatagram(forgePacket(0, forgeInit(i)), pair.now);
    expect(answers().length).toBeLessThanOrEqual(16);
    expect(works(pair)).toBe(true);
  });

  test('an altered cookie is dropped, whichever byte it is', () => {
    const pair = new AssociationPair();
    let cookieEcho: Uint8Array | undefined;
    pair.endB.filter = (packet) => {
      if (chunkTypes(packet)[0] !== CHUNK_TYPE.cookieEcho) return true;
      cookieEcho = packet.slice();
      return false;
    };
    pair.a.connect(0);
    pair.runUntil(() => cookieEcho !== undefined);
    for (let i = 16; i < 12 + readUint16(cookieEcho!, 14); i++) {
      const altered = cookieEcho!.slice();
      altered[i]! ^= 1;
      altered.fill(0, 8, 12);
      writeChecksum(altered, altered.length);
      pair.b.handleDatagram(altered, pair.now);
    }
    expect(pair.b.state).toBe('new');
    expect(pair.b.counters.droppedCookies).toBeGreaterThanOrEqual(74);
    pair.endB.filter = () => true;
    pair.connect();
  });

  test('a cookie of another endpoint, or in a packet with another tag, is dropped', () => {
    const pair = new AssociationPair();
    const other = new AssociationPair({ seed: 'other' });
    pair.a.connect(0);
    other.b.handleDatagram(pair.a.pollDatagram()!, 0);
    pair.a.handleDatagram(other.b.pollDatagram()!, 0);
    const cookieEcho = pair.a.pollDatagram()!;
    pair.b.handleDatagram(cookieEcho, 0);
    expect(pair.b.counters.droppedCookies).toBe(1);
    const otherTag = cookieEcho.slice();
    writeUint32(otherTag, 4, 99);
    otherTag.fill(0, 8, 12);
    writeChecksum(otherTag, otherTag.length);
    other.b.handleDatagram(otherTag, 0);
    expect(other.b.counters.droppedCookies).toBe(1);
    other.b.handleDatagram(cookieEcho, 0);
    expect(other.b.state).toBe('established');
  });

  test('an expired cookie is answered with Stale Cookie, and the peer begins again (§5.2.6)', () => {
    const pair = new AssociationPair({ b: { cookieLifetimeMs: 1000 } });
    const held: Uint8Array[] = [];
    pair.endB.filter = (packet) => {
      if (chunkTypes(packet)[0] !== CHUNK_TYPE.cookieEcho || pair.now > 3000) return true;
      held.push(packet);
      return false;
    };
    pair.a.connect(0);
    expect(pair.runUntil(() => pair.b.state === 'established')).toBe('done');
    expect(pair.b.counters.droppedCookies).toBe(1);
    pair.runFor(100);
    expect(pair.endA.story).toEqual(['connected']);
    expect(works(pair)).toBe(true);
  });

  test('an old cookie cannot be replayed into the association there is', () => {
    const { pair, b } = victim();
    const replay = pair.endB.received[1]!;
    pair.send(testBytes(100));
    pair.runFor(500);
    b.handleDatagram(replay, pair.now);
    expect(pair.endB.story).toEqual(['connected', 'message']);
    expect(works(pair)).toBe(true);
  });

  test('impossible INITs: zeros, small windows, host names, bundled, parameters without end', () => {
    const pair = new AssociationPair();
    const { b } = pair;
    const hostName = Uint8Array.of(0, 11, 0, 8, 97, 46, 98, 0);
    const unknown = new Uint8Array(4000);
    for (let i = 0; i < unknown.length; i += 4) unknown.set([0xc0, 1, 0, 4], i);
    b.handleDatagram(forgePacket(0, forgeInit(0)), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5, { outbound: 0 })), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5, { inbound: 0 })), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5, { aRwnd: 1499 })), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5, { parameters: hostName })), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5, { parameters: unknown })), 0);
    b.handleDatagram(forgePacket(0, forgeInit(5), forgeInit(6)), 0);
    expect(b.counters.droppedMalformedChunks).toBe(7);
    const answers: number[][] = [];
    for (let p = b.pollDatagram(); p; p = b.pollDatagram()) answers.push(chunkTypes(p));
    expect(answers).toEqual(Array(4).fill([CHUNK_TYPE.abort]));
    pair.connect();
  });

  test('an INIT ACK without a cookie ends the attempt (§5.1)', () => {
    const pair = new AssociationPair();
    pair.a.connect(0);
    const tag = readUint32(pair.a.pollDatagram()!, 16);
    const initAck = forgeInit(9);
    initAck[0] = CHUNK_TYPE.initAck;
    pair.a.handleDatagram(forgePacket(tag, initAck), 0);
    expect(pair.a.error?.code).toBe('SCTP_PROTOCOL_VIOLATION');
    expect(chunkTypes(pair.a.pollDatagram()!)).toEqual([CHUNK_TYPE.abort]);
  });
});

describe('bogus acknowledgements (RFC 9260 §6.2.1)', () => {
  test.each<[string, (next: number) => Uint8Array]>([
    ['of TSNs never sent', (next) => forgeSack(next)],
    ['far ahead', (next) => forgeSack((next + 0x7000_0000) >>> 0)],
    ['with a block of TSNs never sent', (next) => forgeSack((next - 3) >>> 0, [[2, 500]])],
    ['with inverted blocks', (next) => forgeSack((next - 3) >>> 0, [[2, 1]])],
    ['with a block at 0', (next) => forgeSack((next - 3) >>> 0, [[0, 1]])],
    ['with counts that are not true', () => forgeChunk(3, 0, testBytes(12))],
    ['that are cut short', () => forgeChunk(3, 0, testBytes(8))],
  ])('%s are dropped, and nothing is lost by them', (_, forge) => {
    const pair = new AssociationPair().connect();
    const tagOfA = readUint32(pair.endA.received[0]!, 4);
    const firstTsn = readUint32(pair.endB.received[0]!, 28);
    pair.endB.filter = () => false;
    pair.send(testBytes(4 * 1132));
    pair.runFor(1);
    const before = pair.a.stats;
    pair.a.handleDatagram(forgePacket(tagOfA, forge(firstTsn + 4)), pair.now);
    const { counters } = pair.a;
    expect(counters.droppedInvalidSacks + counters.droppedMalformedChunks).toBe(1);
    expect(pair.a.stats).toMatchObject({
      flightBytes: before.flightBytes,
      cwnd: before.cwnd,
      outstandingChunks: before.outstandingChunks,
    });
    pair.endB.filter = () => true;
    expect(pair.runUntil(() => pair.endB.messages.length === 1)).toBe('done');
  });

  test('overlapping and repeated blocks cost no more than there are chunks', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 1_000_000 } }).connect();
    const tagOfA = readUint32(pair.endA.received[0]!, 4);
    const firstTsn = readUint32(pair.endB.received[0]!, 28);
    pair.endB.filter = () => false;
    for (let i = 0; i < 800; i++) pair.send(testBytes(64));
    pair.runFor(1);
    const sent = pair.a.stats.outstandingChunks;
    const blocks = Array.from({ length: 280 }, () => [2, sent] as const);
    const packet = forgePacket(tagOfA, forgeSack((firstTsn - 1) >>> 0, blocks));
    for (let i = 0; i < 200; i++) pair.a.handleDatagram(packet, pair.now);
    pair.endB.filter = () => true;
    expect(pair.runUntil(() => pair.a.stats.outstandingChunks === 0)).toBe('done');
  });

  test('a peer that takes gap acknowledgements back gets the data again (§6.2.1 D)', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 100_000 } }).connect();
    const tagOfA = readUint32(pair.endA.received[0]!, 4);
    const firstTsn = readUint32(pair.endB.received[0]!, 28);
    let isCut = true;
    pair.endB.filter = () => !isCut;
    pair.send(testBytes(10 * 1132));
    pair.runFor(1);
    const { flightBytes } = pair.a.stats;
    pair.a.handleDatagram(forgePacket(tagOfA, forgeSack((firstTsn - 1) >>> 0, [[2, 3]])), pair.now);
    expect(pair.a.stats.flightBytes).toBe(flightBytes - 2 * 1148);
    // One SACK may be late, and older than the other.
    for (const flight of [flightBytes - 2 * 1148, flightBytes - 2 * 1148, flightBytes]) {
      pair.a.handleDatagram(forgePacket(tagOfA, forgeSack((firstTsn - 1) >>> 0)), pair.now);
      expect(pair.a.stats.flightBytes).toBe(flight);
    }
    isCut = false;
    expect(pair.runUntil(() => pair.endB.messages.length === 1)).toBe('done');
  });
});

describe('bogus data (RFC 9260 §6)', () => {
  test('fragments without end are held within the window, and the rest is dropped', () => {
    const { pair, b, attack, tsn, counters } = victim();
    for (let i = 0; i < 5000; i++) {
      // Every second TSN, so that no run of fragments ever grows.
      attack(forgeData(tsn + 2 + 2 * i, 1000, { flags: 0 }));
      if (i % 50 === 0) while (b.pollDatagram());
    }
    expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(1024 * 1024);
    expect(counters().droppedBeyondWindow).toBeGreaterThan(3000);
    expect(b.state).toBe('established');
    expect(pair.endB.messages).toEqual([]);
  });

  test('tiny fragments without end are bounded too', () => {
    const { b, attack, tsn } = victim();
    for (let i = 0; i < 40_000; i += 50) {
      const chunks = Array.from({ length: 50 }, (_, j) =>
        forgeData(tsn + 2 + 2 * (i + j), 1, { flags: 0 }),
      );
      attack(...chunks);
    }
    // 16-bit gap ack blocks: no more than 65535 TSNs are ever remembered.
    expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(32_768);
  });

  test('a message larger than agreed ends the association', () => {
    const { pair, b, attack, tsn, answers } = victim({ b: { maxMessageBytes: 2000 } });
    attack(forgeData(tsn, 1100, { flags: 2 }), forgeData(tsn + 1, 1100, { flags: 0 }));
    expect(b.error?.code).toBe('SCTP_PROTOCOL_VIOLATION');
    expect(answers().map(chunkTypes)).toEqual([[CHUNK_TYPE.abort]]);
    pair.runFor(100);
  });

  test('empty DATA ends the association (§6.2)', () => {
    const { b, attack, tsn } = victim();
    attack(forgeChunk(0, 3, forgeData(tsn, 0).subarray(4)));
    expect(b.error?.code).toBe('SCTP_PROTOCOL_VIOLATION');
  });

  test('a stream that was not agreed on is reported, acknowledged and not delivered (§6.5)', () => {
    const { pair, b, attack, tsn, answers, counters } = victim({ b: { inboundStreams: 10 } });
    attack(forgeData(tsn, 10, { streamId: 10 }));
    expect(counters().droppedInvalidStream).toBe(1);
    b.handleTimeout(pair.now + 200);
    expect(answers().flatMap(chunkTypes)).toEqual([CHUNK_TYPE.error, CHUNK_TYPE.sack]);
    expect(pair.endB.messages).toEqual([]);
  });

  test('TSNs far ahead are dropped', () => {
    const { b, attack, tsn, counters } = victim();
    attack(forgeData(tsn + 70_000, 10), forgeData((tsn + 0x7fff_0000) >>> 0, 10));
    expect(counters().droppedBeyondWindow).toBe(2);
    expect(b.stats.receiveBufferedBytes).toBe(0);
  });

  test('sequence numbers that never come up are held within the window', () => {
    const { b, attack, tsn } = victim();
    for (let i = 0; i < 3000; i++) {
      attack(forgeData(tsn + i, 1000, { ssn: 1 + i }));
      while (b.pollDatagram());
    }
    expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(1024 * 1024);
  });

  test('sequence numbers of single bytes that never come up are held by their number', () => {
    const { b, attack, tsn, counters } = victim();
    for (let i = 0; i < 80_000; i += 50) {
      const chunks = Array.from({ length: 50 }, (_, j) => {
        const n = i + j;
        return forgeData(tsn + n, 1, { streamId: n % 100, ssn: 1 + Math.floor(n / 100) });
      });
      attack(...chunks);
      while (b.pollDatagram());
    }
    expect(b.stats.receiveBufferedBytes).toBe(65_536);
    expect(counters().droppedBeyondWindow).toBe(80_000 - 65_536);
    expect(b.state).toBe('established');
  });

  test('fragments in the worst of orders cost no more than in the best', () => {
    const { pair, b, attack, tsn } = victim();
    const total = 40_000;
    const fragment = (n: number): Uint8Array =>
      forgeData(tsn + n, 1, { flags: n === 0 ? 2 : n === total - 1 ? 1 : 0 });
    const began = performance.now();
    // Backwards one by one, and then by pairs of which the second joins two runs.
    for (let n = total - 1; n >= total / 2; n--) attack(fragment(n));
    for (let n = total / 2 - 2; n >= 0; n -= 2) attack(fragment(n), fragment(n + 1));
    expect(performance.now() - began).toBeLessThan(3000);
    pair.runFor(1000);
    expect(pair.endB.messages.map(({ data }) => data.length)).toEqual([total]);
    expect(b.stats.receiveBufferedBytes).toBe(0);
  });

  test('truncated chunks: the rest of the packet is dropped, what was before is taken', () => {
    const { pair, tag, tsn, b, counters } = victim();
    const packet = forgePacket(tag, forgeData(tsn, 8), forgeData(tsn + 1, 8, { ssn: 1 }));
    for (let cut = 1; cut < 24; cut++) {
      const short = packet.slice(0, packet.length - cut);
      short.fill(0, 8, 12);
      writeChecksum(short, short.length);
      b.handleDatagram(short, pair.now);
    }
    expect(counters().droppedMalformedChunks).toBe(23);
    expect(b.pollEvent()?.type).toBe('message');
    expect(b.pollEvent()).toBeUndefined();
  });
});

describe('bogus control chunks', () => {
  test('FORWARD TSN with a huge jump costs nothing and harms only its sender', () => {
    const { b, attack, tsn } = victim();
    attack(forgeData(tsn + 1, 100, { flags: 2 }));
    attack(forgeForwardTsn((tsn + 0x3fff_ff00) >>> 0, [[0, 0xffff]]));
    attack(forgeForwardTsn(tsn));
    expect(b.stats.receiveBufferedBytes).toBe(0);
    expect(b.state).toBe('established');
  });

  test('FORWARD TSN over half of all TSNs is dropped: it is late by an SSN/TSN reset', () => {
    const { pair, attack, tsn, counters } = victim();
    attack(forgeForwardTsn((tsn + 0x7fff_ff00) >>> 0));
    expect(counters().droppedInvalidControl).toBe(1);
    expect(works(pair)).toBe(true);
  });

  test('FORWARD TSN for streams that do not exist is dropped', () => {
    const { attack, tsn, counters } = victim({ b: { inboundStreams: 10 } });
    attack(forgeForwardTsn(tsn + 5, [[10, 1]]));
    expect(counters().droppedInvalidControl).toBe(1);
  });

  test('a flood of reset requests gets bounded answers and no memory', () => {
    const { b, attack, tsn, answers, counters } = victim();
    for (let i = 0; i < 1000; i++) attack(forgeResetRequest(tsn + i, tsn - 1, [i]));
    expect(answers().length).toBeLessThan(5);
    expect(counters().droppedAnswers).toBeGreaterThan(900);
    for (let i = 0; i < 1000; i++) attack(forgeResetRequest(i * 7, tsn - 1, [i]));
    expect(answers().length).toBeLessThan(5);
    expect(b.state).toBe('established');
  });

  test('a request to reset all our streams is obeyed, once (RFC 6525 §5.2.3)', () => {
    const { pair, b, attack, tsn, answers } = victim();
    b.send({ streamId: 3, ppid: 53, data: testBytes(10) }, pair.now);
    pair.runFor(500);
    const body = new Uint8Array(8);
    body.set([0, 14, 0, 8]);
    writeUint32(body, 4, tsn);
    attack(forgeChunk(130, 0, body));
    expect(answers().flatMap(chunkTypes)).toEqual([CHUNK_TYPE.reConfig, CHUNK_TYPE.reConfig]);
    attack(forgeChunk(130, 0, body));
    expect(answers().flatMap(chunkTypes)).toEqual([CHUNK_TYPE.reConfig]);
  });

  test('malformed reset requests are counted', () => {
    const { attack, counters } = victim();
    attack(forgeChunk(130, 0, Uint8Array.of(0, 13, 0, 6, 1, 2, 0, 0)));
    attack(forgeChunk(130, 0));
    attack(forgeChunk(130, 0, Uint8Array.of(0, 99, 0, 4)));
    expect(counters().droppedInvalidControl + counters().droppedMalformedChunks).toBe(3);
  });

  test('answers to heartbeats are bounded, and forged ones measure nothing', () => {
    const { b, attack, answers } = victim();
    for (let i = 0; i < 1000; i++) attack(forgeChunk(4, 0, Uint8Array.of(0, 1, 0, 8, 1, 2, 3, 4)));
    expect(answers().flatMap(chunkTypes)).toHaveLength(32);
    attack(forgeChunk(5, 0, Uint8Array.of(0, 1, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8)));
    expect(b.stats.srttMs).toBeUndefined();
  });

  test('unknown chunks follow their upper bits (§3.2)', () => {
    const { attack, tsn, answers, b } = victim();
    attack(forgeChunk(0x3f, 0), forgeData(tsn, 10));
    attack(forgeChunk(0x7f, 0), forgeData(tsn, 10));
    expect(b.pollEvent()).toBeUndefined();
    expect(answers().flatMap(chunkTypes)).toEqual([CHUNK_TYPE.error]);
    attack(forgeChunk(0xbf, 0), forgeData(tsn, 10));
    attack(forgeChunk(0xff, 0), forgeData(tsn + 1, 10, { ssn: 1 }));
    expect(b.pollEvent()?.type).toBe('message');
    expect(b.pollEvent()?.type).toBe('message');
    expect(answers().flatMap(chunkTypes)).toEqual([CHUNK_TYPE.error, CHUNK_TYPE.sack]);
  });

  test('any chunks in any order never throw, loop, or grow memory', () => {
    const chunk = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 192, 63, 127, 191, 255),
          fc.nat(255),
          fc.uint8Array({ maxLength: 60 }),
        )
        .map(
          ([type, flags, body]) =>
            () =>
              forgeChunk(type, flags, body),
        ),
      fc.tuple(fc.nat(20), fc.nat(15), fc.nat(3), fc.nat(3), fc.integer({ min: 1, max: 50 })).map(
        ([ahead, flags, streamId, ssn, length]) =>
          (tsn: number) =>
            forgeData((tsn + ahead) >>> 0, length, { flags, streamId, ssn }),
      ),
      fc.tuple(fc.nat(30), fc.array(fc.tuple(fc.nat(4), fc.nat(20)), { maxLength: 3 })).map(
        ([ahead, streams]) =>
          (tsn: number) =>
            forgeForwardTsn((tsn + ahead) >>> 0, streams),
      ),
      fc
        .nat(5)
        .map((ahead) => (tsn: number) => forgeResetRequest((tsn + ahead) >>> 0, tsn + ahead, [1])),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(chunk, { minLength: 1, maxLength: 4 }), { maxLength: 30 }),
        (packets) => {
          const { pair, b, attack, tsn, answers } = victim();
          b.send({ streamId: 0, ppid: 53, data: testBytes(3000) }, pair.now);
          for (const [i, chunks] of packets.entries()) {
            attack(...chunks.map((make) => make(tsn)));
            if (i % 3 === 0) answers();
            if (i % 7 === 0) b.handleTimeout(pair.now + i * 100);
            expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(2 * 1024 * 1024);
          }
          expect(answers().length).toBeLessThan(100);
          expect(Number.isNaN(b.nextTimeout)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
