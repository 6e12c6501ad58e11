import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

describe('stream reset (RFC 6525)', () => {
  test('tells both sides, and sequence numbers start anew', () => {
    const pair = new AssociationPair().connect();
    for (let i = 0; i < 5; i++) pair.send(testBytes(10, i), { streamId: 4 });
    pair.a.resetStreams([4], pair.now);
    pair.runFor(1000);
    expect(pair.endA.events.at(-1)).toEqual({ type: 'streams-reset-done', streamIds: [4] });
    expect(pair.endB.events.at(-1)).toEqual({ type: 'streams-reset', streamIds: [4] });
    expect(pair.endB.messages).toHaveLength(5);
    pair.send(testBytes(10, 9), { streamId: 4 });
    pair.runFor(1000);
    expect(pair.endB.messages).toHaveLength(6);
  });

  test('waits for all that was sent before it', () => {
    const pair = new AssociationPair({ link: { latencyMs: 10, loss: 0.2 }, seed: 3 }).connect();
    for (let i = 0; i < 20; i++) pair.send(testBytes(5000, i), { streamId: 4 });
    pair.a.resetStreams([4], pair.now);
    expect(() => pair.send(testBytes(1), { streamId: 4 })).toThrow(
      expect.objectContaining({ code: 'SCTP_INVALID_STREAM' }),
    );
    pair.runUntil(() => pair.endA.story.includes('streams-reset-done'));
    const { story } = pair.endB;
    expect(story.filter((type) => type === 'message')).toHaveLength(20);
    expect(story.at(-1)).toBe('streams-reset');
  });

  test('lets other streams go on meanwhile', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(100_000), { streamId: 1 });
    pair.send(testBytes(10), { streamId: 2 });
    pair.a.resetStreams([2], pair.now);
    pair.runUntil(() => pair.endA.story.includes('streams-reset-done'));
    pair.runUntil(() => pair.endB.messages.length === 2);
    expect(pair.endA.story).toEqual(['connected', 'streams-reset-done']);
  });

  test('is repeated when it or its answer is lost (40 seeds)', () => {
    for (let seed = 0; seed < 40; seed++) {
      const pair = new AssociationPair({
        seed,
        link: { latencyMs: 20, loss: 0.3 },
        a: { maxRetransmits: 50 },
      });
      pair.connect();
      for (let round = 0; round < 3; round++) {
        pair.send(testBytes(3000, round), { streamId: 1 });
        pair.b.send({ streamId: 1, ppid: 53, data: testBytes(3000, round) }, pair.now);
        pair.a.resetStreams([1], pair.now);
        pair.b.resetStreams([1], pair.now);
        const wanted = round + 1;
        const count = (story: string[]): number =>
          story.filter((type) => type === 'streams-reset' || type === 'streams-reset-done').length;
        const done = (): boolean =>
          count(pair.endA.story) === 2 * wanted && count(pair.endB.story) === 2 * wanted;
        expect(pair.runUntil(done, 300_000)).toBe('done');
      }
      expect(pair.endA.messages).toHaveLength(3);
      expect(pair.endB.messages).toHaveLength(3);
    }
  });

  test('need not wait for the data of other streams', () => {
    const pair = new AssociationPair().connect();
    pair.endB.filter = (packet) => !chunkTypes(packet).includes(CHUNK_TYPE.data);
    pair.send(testBytes(10), { streamId: 2 });
    pair.runFor(1);
    pair.a.resetStreams([1], pair.now);
    pair.runFor(100);
    expect(pair.endB.story).toEqual(['connected', 'streams-reset']);
    expect(pair.endA.story).toEqual(['connected', 'streams-reset-done']);
    pair.endB.filter = () => true;
    pair.runFor(3000);
    expect(pair.endB.story.at(-1)).toBe('message');
  });

  test('a thousand streams at once', () => {
    const pair = new AssociationPair().connect();
    const ids = Array.from({ length: 1000 }, (_, id) => id);
    for (const streamId of ids) pair.send(testBytes(10), { streamId });
    pair.a.resetStreams(ids, pair.now);
    pair.runFor(5000);
    const done = pair.endA.events.flatMap((e) =>
      e.type === 'streams-reset-done' ? e.streamIds : [],
    );
    expect(done.toSorted((a, b) => a - b)).toEqual(ids);
  });

  test('refuses what cannot be', () => {
    const pair = new AssociationPair({ a: { outboundStreams: 10 } });
    const code = (name: string): unknown => expect.objectContaining({ code: name });
    expect(() => pair.a.resetStreams([1], 0)).toThrow(code('SCTP_INVALID_STATE'));
    pair.connect();
    expect(() => pair.a.resetStreams([10], 0)).toThrow(code('SCTP_INVALID_STREAM'));
  });
});
