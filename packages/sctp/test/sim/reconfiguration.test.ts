import { readUint16, writeUint32 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { PARAMETER_TYPE } from '../../src/parameters/parameter.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

type Ends = 'a' | 'b';

const SEEDS = Number(process.env.KAON_SEEDS ?? 25);
const NASTY = { latencyMs: 15, jitterMs: 20, loss: 0.1, duplication: 0.1, reordering: 0.1 };

/** A message that says what it is: its stream's number and its place among all sent there. */
function numbered(stream: number, place: number, length: number): Uint8Array {
  const data = testBytes(Math.max(8, length), place);
  writeUint32(data, 0, stream);
  writeUint32(data, 4, place);
  return data;
}

/** Sends on a few streams, both ways, and checks that all arrives once and in order. */
class Traffic {
  readonly pair: AssociationPair;
  readonly #sent = new Map<string, Uint8Array[]>();

  constructor(pair: AssociationPair) {
    this.pair = pair;
  }

  send(from: Ends, streamId: number, length: number, unordered = false): void {
    const key = `${from}${streamId}`;
    const sent = this.#sent.get(key) ?? [];
    this.#sent.set(key, sent);
    const data = numbered(streamId, sent.length, length);
    sent.push(data);
    this.pair[from].send({ streamId, ppid: 53, data, unordered }, this.pair.now);
  }

  /** The streams on which unordered messages were sent come sorted. */
  expectAll(unorderedStreams: readonly number[] = []): void {
    for (const [key, sent] of this.#sent) {
      const end = key.startsWith('a') ? this.pair.endB : this.pair.endA;
      const streamId = Number(key.slice(1));
      const got = end.messages.filter((message) => message.streamId === streamId);
      const place = ({ data }: { data: Uint8Array }): number => readUint16(data, 6);
      if (unorderedStreams.includes(streamId)) got.sort((x, y) => place(x) - place(y));
      expect(got.map(place)).toEqual(sent.map((_, i) => i));
      got.forEach(({ data }, i) => {
        expect(Buffer.compare(data, sent[i] as Uint8Array)).toBe(0);
      });
    }
  }
}

function count(story: readonly string[], type: string): number {
  return story.filter((each) => each === type).length;
}

function parameterTypes(packet: Uint8Array): number[] {
  const types: number[] = [];
  let at = 12;
  while (at + 4 <= packet.length) {
    const length = readUint16(packet, at + 2);
    if (packet[at] === CHUNK_TYPE.reConfig) types.push(readUint16(packet, at + 4));
    at += (length + 3) & ~3;
  }
  return types;
}

describe('incoming streams (RFC 6525 §5.1.3)', () => {
  test('are reset by the peer, and start anew', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    for (let i = 0; i < 3; i++) traffic.send('b', 4, 100);
    pair.runFor(500);
    pair.a.resetIncomingStreams([4], pair.now);
    pair.runFor(500);
    expect(pair.endA.story.at(-1)).toBe('streams-reset');
    expect(pair.endB.story.at(-1)).toBe('streams-reset-done');
    traffic.send('b', 4, 100);
    pair.runFor(500);
    traffic.expectAll();
  });

  test('all at once, and none that was never used', () => {
    const pair = new AssociationPair().connect();
    for (const streamId of [1, 5, 9]) {
      pair.b.send({ streamId, ppid: 53, data: testBytes(10) }, pair.now);
    }
    pair.runFor(500);
    pair.a.resetIncomingStreams([], pair.now);
    pair.runFor(500);
    expect(pair.endA.events.at(-1)).toEqual({ type: 'streams-reset', streamIds: [1, 5, 9] });
    pair.a.resetIncomingStreams([], pair.now);
    pair.runFor(500);
    expect(pair.endA.story.filter((type) => type === 'streams-reset')).toHaveLength(1);
    expect(pair.endA.story).not.toContain('incoming-reset-failed');
  });

  test("the peer's own request is answer enough", () => {
    const pair = new AssociationPair().connect();
    pair.b.send({ streamId: 1, ppid: 53, data: testBytes(10) }, pair.now);
    pair.runFor(500);
    // What the peer answers with alone never arrives.
    pair.endA.filter = (packet) =>
      !parameterTypes(packet).includes(PARAMETER_TYPE.reconfigurationResponse) ||
      parameterTypes(packet).includes(PARAMETER_TYPE.outgoingSsnResetRequest);
    pair.a.resetIncomingStreams([1], pair.now);
    pair.runFor(500);
    expect(pair.endA.story).toContain('streams-reset');
    pair.endA.filter = () => true;
    const before = pair.a.stats.counters.packetsSent;
    pair.runFor(5000);
    expect(pair.a.stats.counters.packetsSent - before).toBeLessThan(4);
  });
});

describe('more streams (RFC 6525 §5.1.5, §5.1.6)', () => {
  const few = { a: { outboundStreams: 4, inboundStreams: 4 }, b: { outboundStreams: 4 } };

  test('to send on: both sides know, and use them', () => {
    const pair = new AssociationPair(few).connect();
    expect(() => pair.send(testBytes(1), { streamId: 9 })).toThrow('less than 4');
    pair.a.addStreams({ outgoing: 6 }, pair.now);
    pair.runFor(500);
    expect(pair.endA.events.at(-1)).toEqual({
      type: 'streams-added',
      outboundStreams: 10,
      inboundStreams: 4,
    });
    expect(pair.endB.events.at(-1)).toEqual({
      type: 'streams-added',
      outboundStreams: 4,
      inboundStreams: 10,
    });
    pair.send(testBytes(1), { streamId: 9 });
    pair.runFor(500);
    expect(pair.endB.messages).toHaveLength(1);
    expect(() => pair.send(testBytes(1), { streamId: 10 })).toThrow('less than 10');
  });

  test('to be sent on: the peer asks for them itself', () => {
    const pair = new AssociationPair(few).connect();
    // More than our own INIT allowed: it is our wish.
    pair.a.addStreams({ incoming: 100 }, pair.now);
    pair.runFor(500);
    expect(pair.endA.events.at(-1)).toMatchObject({ type: 'streams-added', inboundStreams: 104 });
    expect(pair.endB.events.at(-1)).toMatchObject({ type: 'streams-added', outboundStreams: 104 });
    pair.b.send({ streamId: 103, ppid: 53, data: testBytes(10) }, pair.now);
    pair.runFor(500);
    expect(pair.endA.messages).toHaveLength(1);
  });

  test('beyond what the peer takes are refused, and nothing changes', () => {
    const pair = new AssociationPair({ b: { inboundStreams: 20 }, a: { outboundStreams: 10 } });
    pair.connect();
    pair.a.addStreams({ outgoing: 11 }, pair.now);
    pair.runFor(500);
    expect(pair.endA.events.at(-1)).toEqual({ type: 'streams-refused', outgoing: 11, incoming: 0 });
    expect(pair.a.outboundStreams).toBe(10);
    pair.a.addStreams({ outgoing: 10 }, pair.now);
    pair.runFor(500);
    expect(pair.a.outboundStreams).toBe(20);
  });

  test('there are 65535 at most', () => {
    const pair = new AssociationPair({
      a: { outboundStreams: 60_000, inboundStreams: 60_000 },
      b: {},
    }).connect();
    expect(() => pair.a.addStreams({ outgoing: 5536 }, pair.now)).toThrow(RangeError);
    expect(() => pair.a.addStreams({ outgoing: -1 }, pair.now)).toThrow('outgoing is -1');
    expect(() => pair.a.addStreams({ incoming: 1.5 }, pair.now)).toThrow('incoming is 1.5');
    pair.a.addStreams({ outgoing: 5000 }, pair.now);
    // What is under way counts.
    expect(() => pair.a.addStreams({ outgoing: 536 }, pair.now)).toThrow('0 to 535');
    pair.a.addStreams({ outgoing: 535, incoming: 5535 }, pair.now);
    pair.runFor(2000);
    expect(pair.a.outboundStreams).toBe(65_535);
    expect(pair.b.outboundStreams).toBe(65_535);
    expect(() => pair.a.addStreams({ incoming: 1 }, pair.now)).toThrow(RangeError);
  });

  test('by both sides at once, over a bad line', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const pair = new AssociationPair({
        seed,
        link: NASTY,
        a: { outboundStreams: 5, inboundStreams: 1000, maxRetransmits: 50 },
        b: { outboundStreams: 5, inboundStreams: 1000, maxRetransmits: 50 },
      }).connect();
      for (let i = 0; i < 3; i++) {
        pair.a.addStreams({ outgoing: 10, incoming: 7 }, pair.now);
        pair.b.addStreams({ outgoing: 10, incoming: 7 }, pair.now);
        pair.runFor(37 * seed);
      }
      const isDone = (): boolean => pair.a.outboundStreams === 56 && pair.b.outboundStreams === 56;
      expect(pair.runUntil(isDone, 120_000)).toBe('done');
      pair.runFor(20_000);
      expect([pair.a.outboundStreams, pair.b.outboundStreams]).toEqual([56, 56]);
      expect([...pair.endA.story, ...pair.endB.story]).not.toContain('streams-refused');
    }
  });
});

describe('the whole association (RFC 6525 §5.1.4)', () => {
  test('starts anew in both directions, and nothing is lost', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    for (let i = 0; i < 5; i++) {
      traffic.send('a', 1, 3000);
      traffic.send('b', 1, 3000);
    }
    pair.a.resetAssociation(pair.now);
    for (let i = 0; i < 5; i++) {
      traffic.send('a', 1, 3000);
      traffic.send('b', 1, 3000);
    }
    pair.runFor(3000);
    expect(pair.endA.story.filter((type) => type === 'association-reset')).toHaveLength(1);
    expect(pair.endB.story.filter((type) => type === 'association-reset')).toHaveLength(1);
    traffic.expectAll();
    // TSNs have made their jump (§5.2.4 G1): the first DATA after the reset is 2^31 behind the last.
    const tsns = pair.endB.received
      .filter((packet) => chunkTypes(packet).at(-1) === CHUNK_TYPE.data)
      .map((packet) => new DataView(packet.buffer, packet.byteOffset).getUint32(16));
    const jumps = tsns.filter((tsn, i) => i > 0 && Math.abs(tsn - (tsns[i - 1] as number)) > 1e9);
    expect(jumps.length).toBeGreaterThan(0);
  });

  test.each([false, true])(
    'again and again, over a bad line, with traffic both ways (interleaving %s)',
    (interleaving) => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const pair = new AssociationPair({
          seed,
          link: NASTY,
          a: { interleaving, maxRetransmits: 50 },
          b: { interleaving, maxRetransmits: 50 },
        }).connect();
        const traffic = new Traffic(pair);
        const lengths = [10, 5000, 100, 30_000, 1200];
        const burst = (): void => {
          for (const [i, length] of lengths.entries()) {
            for (const from of ['a', 'b'] as const) {
              traffic.send(from, i % 3, length);
              traffic.send(from, 7, length, true);
            }
          }
        };
        for (let round = 1; round <= 4; round++) {
          burst();
          pair.runFor(3 * seed);
          // Turns, and now and then both at once: then both may be refused.
          if (round % 2 === 1 || seed % 5 === 0) pair.a.resetAssociation(pair.now);
          if (round % 2 === 0 || seed % 5 === 0) pair.b.resetAssociation(pair.now);
          const hasReset = seed % 3 === 0;
          if (hasReset) pair.a.resetStreams([0], pair.now);
          if (seed % 3 !== 0) burst();
          const isQuiet = (): boolean =>
            pair.a.totalBufferedAmount + pair.b.totalBufferedAmount === 0 &&
            count(pair.endA.story, 'streams-reset-done') === (hasReset ? round : 0);
          expect(pair.runUntil(isQuiet, 120_000)).toBe('done');
          pair.runFor(10_000);
        }
        traffic.expectAll([7]);
        const resets = count(pair.endA.story, 'association-reset');
        expect(count(pair.endB.story, 'association-reset')).toBe(resets);
        if (seed % 5 !== 0) expect(resets).toBe(4);
        expect([pair.a.state, pair.b.state]).toEqual(['established', 'established']);
      }
    },
  );

  test('what the peer sends anew before its answer is held until it is there', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    for (let i = 0; i < 3; i++) traffic.send('b', 1, 10);
    pair.runFor(500);
    // The answer is lost; data with the sequence numbers from 0 on is not.
    let lost = 0;
    pair.endA.filter = (packet) => {
      const isAnswer = parameterTypes(packet).includes(PARAMETER_TYPE.reconfigurationResponse);
      if (isAnswer) lost++;
      return !isAnswer;
    };
    pair.a.resetAssociation(pair.now);
    pair.runFor(200);
    expect(lost).toBe(1);
    for (let i = 0; i < 3; i++) traffic.send('b', 1, 5000);
    pair.runFor(100);
    expect(pair.endA.messages).toHaveLength(3);
    expect(pair.a.stats.receiveBufferedBytes).toBe(15_000);
    expect(pair.b.stats.outstandingChunks).toBe(0);
    pair.endA.filter = () => true;
    pair.runFor(3000);
    expect(pair.endA.story.slice(-4)).toEqual(['association-reset', ...Array(3).fill('message')]);
    expect(pair.a.stats.receiveBufferedBytes).toBe(0);
    traffic.expectAll();
  });

  test('waits for the peer, whose data is still under way ("in progress")', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    pair.endA.filter = (packet) => !chunkTypes(packet).includes(CHUNK_TYPE.data);
    traffic.send('b', 1, 1000);
    pair.runFor(100);
    pair.a.resetAssociation(pair.now);
    pair.runFor(2000);
    expect(pair.endB.story).not.toContain('association-reset');
    // Meanwhile nothing new is begun.
    traffic.send('b', 1, 1000);
    pair.endA.filter = () => true;
    pair.runFor(10_000);
    expect(pair.endA.story).toEqual(['connected', 'message', 'association-reset', 'message']);
    traffic.expectAll();
  });

  test('comes to an end when the peer had sent more than there is room for', () => {
    const pair = new AssociationPair({
      a: { initialCwndBytes: 200_000 },
      b: { receiveWindowBytes: 100_000, maxMessageBytes: 50_000 },
    }).connect();
    const traffic = new Traffic(pair);
    for (let i = 0; i < 200; i++) traffic.send('a', 1, 1100);
    // The request is late: meanwhile B holds what arrives, all that there is room for, and then no more.
    pair.endA.filter = (packet) => !chunkTypes(packet).includes(CHUNK_TYPE.reConfig);
    pair.b.resetAssociation(pair.now);
    pair.runFor(300);
    expect(pair.b.stats.localWindow).toBeLessThan(1100);
    expect(pair.a.stats.outstandingChunks).toBe(1);
    pair.endA.filter = () => true;
    expect(pair.runUntil(() => pair.endB.messages.length === 200, 60_000)).toBe('done');
    expect(pair.endB.story).toContain('association-reset');
    traffic.expectAll();
  });

  test('is refused to both if both ask at once', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    pair.a.resetAssociation(pair.now);
    pair.b.resetAssociation(pair.now);
    traffic.send('a', 1, 5000);
    traffic.send('b', 1, 5000);
    pair.runFor(2000);
    expect(pair.endA.story).toEqual(['connected', 'association-reset-failed', 'message']);
    expect(pair.endB.story).toEqual(['connected', 'association-reset-failed', 'message']);
    traffic.expectAll();
    pair.a.resetAssociation(pair.now);
    pair.runFor(2000);
    expect(pair.endB.story.at(-1)).toBe('association-reset');
  });

  test('goes on with a shutdown that waits for it', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    traffic.send('a', 1, 50_000);
    pair.a.resetAssociation(pair.now);
    traffic.send('a', 1, 50_000);
    pair.a.shutdown(pair.now);
    pair.runFor(5000);
    expect([pair.a.state, pair.b.state]).toEqual(['closed', 'closed']);
    traffic.expectAll();
  });

  test('ends before the association does, and nothing is lost', () => {
    for (const asks of ['a', 'b'] as const) {
      const pair = new AssociationPair().connect();
      const traffic = new Traffic(pair);
      // For a while neither the request nor its answer gets through, whichever comes.
      const isOther = (packet: Uint8Array): boolean =>
        !chunkTypes(packet).includes(CHUNK_TYPE.reConfig);
      pair.endA.filter = isOther;
      pair[asks].resetAssociation(pair.now);
      traffic.send('a', 1, 5000);
      traffic.send('b', 1, 5000);
      pair.runFor(100);
      pair.b.shutdown(pair.now);
      pair.runFor(500);
      pair.endA.filter = () => true;
      pair.runFor(10_000);
      expect([pair.a.state, pair.b.state]).toEqual(['closed', 'closed']);
      traffic.expectAll();
    }
  });
});

describe('a reset of the association when the association ends', () => {
  test('is not begun any more, so that nothing of the peer is held when it closes', () => {
    const pair = new AssociationPair().connect();
    const traffic = new Traffic(pair);
    for (let i = 0; i < 20; i++) traffic.send('a', 1, 5000);
    pair.b.shutdown(pair.now);
    pair.b.resetAssociation(pair.now);
    // Whatever answers there were would be lost.
    pair.endB.filter = (packet) =>
      !parameterTypes(packet).includes(PARAMETER_TYPE.reconfigurationResponse);
    pair.runFor(10_000);
    expect([pair.a.state, pair.b.state]).toEqual(['closed', 'closed']);
    traffic.expectAll();
  });
});

describe('changes of streams', () => {
  test('need an association and a peer that speaks RE-CONFIG', () => {
    const { a } = new AssociationPair();
    const code = expect.objectContaining({ code: 'SCTP_INVALID_STATE' });
    expect(() => a.resetIncomingStreams([1], 0)).toThrow(code);
    expect(() => a.resetAssociation(0)).toThrow(code);
    expect(() => a.addStreams({ outgoing: 1 }, 0)).toThrow(code);
  });

  test('name streams that there are', () => {
    const pair = new AssociationPair({ b: { outboundStreams: 10 } }).connect();
    expect(() => pair.a.resetIncomingStreams([10], pair.now)).toThrow(
      expect.objectContaining({ code: 'SCTP_INVALID_STREAM' }),
    );
  });
});
