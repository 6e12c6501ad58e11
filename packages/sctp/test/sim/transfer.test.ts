import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { DATA_FLAG } from '../../src/chunks/data.ts';
import { writeChecksum } from '../../src/packet.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

describe('sending and receiving (RFC 9260 §6)', () => {
  test('delivers a message in memory of its own', () => {
    const pair = new AssociationPair().connect();
    const data = testBytes(1000);
    pair.send(data, { streamId: 7, ppid: 51 });
    pair.runFor(20);
    expect(pair.endB.messages).toEqual([{ type: 'message', streamId: 7, ppid: 51, data }]);
    expect(pair.endB.messages[0]!.data.buffer.byteLength).toBe(1000);
  });

  test.each([1, 3, 1132, 1133, 5000, 65_536, 262_144])(
    'fragments and reassembles %i bytes (§6.9)',
    (length) => {
      const pair = new AssociationPair().connect();
      const data = testBytes(length, length);
      pair.send(data);
      pair.runUntil(() => pair.endB.messages.length === 1);
      expect(pair.endB.messages[0]!.data).toEqual(data);
      expect(pair.endB.messages[0]!.data.buffer.byteLength).toBe(length);
      expect(pair.b.stats.receiveBufferedBytes).toBe(0);
    },
  );

  test('bundles many small messages into full packets (§6.10)', () => {
    const pair = new AssociationPair().connect();
    const before = pair.endB.received.length;
    for (let i = 0; i < 28; i++) pair.send(testBytes(64, i));
    pair.runFor(20);
    expect(pair.endB.messages).toHaveLength(28);
    expect(pair.endB.received.length - before).toBe(2);
  });

  test('never sends a packet larger than it may', () => {
    const pair = new AssociationPair({ a: { maxPacketBytes: 512 } }).connect();
    for (let i = 0; i < 200; i++) pair.send(testBytes(1 + ((i * 97) % 1500), i));
    pair.runUntil(() => pair.endB.messages.length === 200);
    expect(Math.max(...pair.endB.received.map((packet) => packet.length))).toBe(512);
    pair.endB.messages.forEach(({ data }, i) => {
      expect(data).toEqual(testBytes(1 + ((i * 97) % 1500), i));
    });
  });

  test('gives each stream its turn, message by message', () => {
    const pair = new AssociationPair().connect();
    for (let i = 0; i < 4; i++)
      for (const streamId of [1, 2, 3]) pair.send(testBytes(4), { streamId });
    pair.runFor(20);
    const order = pair.endB.messages.map(({ streamId }) => streamId);
    expect(order).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  test('delivers unordered messages past a lost one, ordered ones after it (§6.6)', () => {
    const pair = new AssociationPair().connect();
    let lost = false;
    pair.endB.filter = (packet) => {
      if (lost || chunkTypes(packet)[0] !== CHUNK_TYPE.data) return true;
      lost = true;
      return false;
    };
    pair.send(testBytes(1100, 1));
    pair.runFor(1);
    pair.send(testBytes(1100, 2));
    pair.send(testBytes(1100, 3), { unordered: true });
    pair.runUntil(() => pair.endB.messages.length === 3);
    expect(pair.endB.messages.map(({ data }) => data[0])).toEqual([51, 17, 34]);
  });

  test('acknowledges every second packet at once and a lone one late (§6.2)', () => {
    const pair = new AssociationPair().connect();
    let packets = 0;
    pair.endB.filter = (packet) => {
      // Nothing but the three packets: no probe for the last.
      if (++packets > 3) return false;
      // A peer that does not ask for an acknowledgement of its last packet (RFC 7053).
      if (chunkTypes(packet)[0] === CHUNK_TYPE.data)
        packet[13] = packet[13]! & ~DATA_FLAG.immediate;
      packet.fill(0, 8, 12);
      writeChecksum(packet, packet.length);
      return true;
    };
    const sackTimes: number[] = [];
    pair.endA.filter = (packet, now) => {
      if (chunkTypes(packet).includes(CHUNK_TYPE.sack)) sackTimes.push(now);
      return true;
    };
    const start = pair.now;
    pair.send(testBytes(3 * 1132));
    pair.runFor(1000);
    expect(sackTimes.slice(0, 2)).toEqual([start + 20, start + 20 + 20]);
  });

  test('asks to have the last packet acknowledged at once (RFC 7053)', () => {
    const pair = new AssociationPair().connect();
    let sacks = 0;
    pair.endA.filter = () => ++sacks > 0;
    pair.send(testBytes(3 * 1132));
    pair.runFor(20);
    expect(sacks).toBe(2);
    expect(pair.a.stats.outstandingChunks).toBe(0);
  });

  test('one SACK answers a burst that is handed in before draining', () => {
    const pair = new AssociationPair({ a: { initialCwndBytes: 100_000 } }).connect();
    pair.send(testBytes(30 * 1132));
    const burst: Uint8Array[] = [];
    for (let p = pair.a.pollDatagram(); p; p = pair.a.pollDatagram()) burst.push(p);
    expect(burst).toHaveLength(30);
    for (const packet of burst) pair.b.handleDatagram(packet, pair.now);
    expect(chunkTypes(pair.b.pollDatagram()!)).toEqual([CHUNK_TYPE.sack]);
    expect(pair.b.pollDatagram()).toBeUndefined();
  });

  test('a SACK goes along with data (§6.1)', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(10));
    // Whatever B sends in the turn in which data comes in.
    pair.endB.filter = () => {
      pair.b.send({ streamId: 0, ppid: 53, data: testBytes(10) }, pair.now);
      return true;
    };
    pair.runFor(25);
    const last = pair.endA.received.at(-1)!;
    expect(chunkTypes(last)).toEqual([CHUNK_TYPE.sack, CHUNK_TYPE.data]);
  });

  test('buffered amounts fall with each packet, and it is told once a drain', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(100_000), { streamId: 5 });
    expect(pair.a.bufferedAmount(5)).toBe(100_000);
    expect(pair.a.totalBufferedAmount).toBe(100_000);
    pair.runFor(1);
    const events = pair.endA.events.filter(({ type }) => type === 'buffered-amount');
    expect(events).toEqual([{ type: 'buffered-amount', streamId: 5 }]);
    expect(pair.a.bufferedAmount(5)).toBeLessThan(100_000);
    pair.runUntil(() => pair.endB.messages.length === 1);
    expect(pair.a.bufferedAmount(5)).toBe(0);
    expect(pair.a.totalBufferedAmount).toBe(0);
  });

  test('TSNs wrap around', () => {
    const pair = new AssociationPair();
    // The initial TSN of A is what its randomness gives second; make it the last but three.
    const nearWrap = new AssociationPair({
      a: {
        random: {
          fill: (out) => pair.simulation.random.fill(out),
          uint32: () => 0xffff_fffc,
        },
      },
    }).connect();
    for (let i = 0; i < 50; i++) nearWrap.send(testBytes(3000, i));
    nearWrap.runUntil(() => nearWrap.endB.messages.length === 50);
    nearWrap.endB.messages.forEach(({ data }, i) => {
      expect(data).toEqual(testBytes(3000, i));
    });
  });

  test('stream sequence numbers wrap around', () => {
    const pair = new AssociationPair({ link: { latencyMs: 1 } }).connect();
    let sent = 0;
    while (sent < 70_000) {
      for (let i = 0; i < 5000; i++) pair.send(Uint8Array.of(sent >>> 16, sent >>> 8, sent++));
      pair.runUntil(() => pair.endB.messages.length === sent);
    }
    pair.endB.messages.forEach(({ data }, i) => {
      if (((data[0]! << 16) | (data[1]! << 8) | data[2]!) !== i) throw new Error(`Message ${i}`);
    });
  });
});

describe('tens of thousands of small messages at once', () => {
  test('are not taken for old when the first of them is lost (RFC 9260 §6.5)', () => {
    // Stream sequence numbers have 16 bits; more than half of them are not under way at once.
    const pair = new AssociationPair({ a: { initialCwndBytes: 10_000_000 } }).connect();
    let isLost = false;
    pair.endB.filter = (packet) => {
      if (isLost || !chunkTypes(packet).includes(CHUNK_TYPE.data)) return true;
      isLost = true;
      return false;
    };
    const count = 40_000;
    for (let i = 0; i < count; i++) pair.send(Uint8Array.of(i, i >>> 8));
    expect(pair.runUntil(() => pair.a.counters.dataChunksSent === count)).toBe('done');
    expect(pair.runUntil(() => pair.a.stats.outstandingChunks === 0)).toBe('done');
    const { messages } = pair.endB;
    expect(messages).toHaveLength(count);
    expect(messages.every(({ data }, i) => data[0] === (i & 0xff) && data[1] === i >>> 8)).toBe(
      true,
    );
    expect(pair.b.counters.droppedStaleMessages).toBe(0);
  });
});

describe('what send refuses', () => {
  const code = (name: string): unknown => expect.objectContaining({ code: name });

  test('empty messages, large messages and streams that are not there', () => {
    const pair = new AssociationPair({ a: { outboundStreams: 4, remoteMaxMessageBytes: 1000 } });
    expect(() => pair.send(new Uint8Array(0))).toThrow(code('SCTP_EMPTY_MESSAGE'));
    expect(() => pair.send(testBytes(1001))).toThrow(code('SCTP_MESSAGE_TOO_LARGE'));
    for (const streamId of [4, -1, 0.5, Number.NaN]) {
      expect(() => pair.send(testBytes(1), { streamId })).toThrow(code('SCTP_INVALID_STREAM'));
    }
    pair.a.remoteMaxMessageBytes = 2000;
    pair.send(testBytes(1001));
  });

  test('more than the send buffer holds', () => {
    const pair = new AssociationPair({ a: { sendBufferBytes: 1000 } });
    pair.send(testBytes(600));
    expect(() => pair.send(testBytes(401))).toThrow(code('SCTP_SEND_BUFFER_FULL'));
    pair.send(testBytes(400));
  });

  test('everything once the association ends', () => {
    const pair = new AssociationPair().connect();
    pair.a.shutdown(pair.now);
    expect(() => pair.send(testBytes(1))).toThrow(code('SCTP_INVALID_STATE'));
  });

  test('options out of their range', () => {
    for (const a of [
      { maxPacketBytes: 1161 },
      { maxPacketBytes: 100 },
      { receiveWindowBytes: 1000 },
      { receiveWindowBytes: 1499, maxMessageBytes: 1000 },
      { outboundStreams: 0 },
      { rtoMinMs: 10_000 },
    ]) {
      expect(() => new AssociationPair({ a })).toThrow(RangeError);
    }
  });
});
