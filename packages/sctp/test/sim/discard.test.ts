import { describe, expect, test } from 'vitest';
import { DATA_CHANNEL_PPID } from '../../src/index.ts';
import { AssociationPair, testBytes } from '../association-pair.ts';

const SEEDS = Number(process.env.KAON_SEEDS ?? 25);
const LENGTHS = [10, 40_000, 1200, 1, 9000, 150_000, 500, 20_000];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('giving up what has not arrived', () => {
  test.each([false, true])(
    'whatever is lost, the other streams are whole and a reset comes through (interleaving %s)',
    (interleaving) => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const pair = new AssociationPair({
          seed,
          link: { latencyMs: 15, jitterMs: 10, loss: 0.05, duplication: 0.05 },
          a: { interleaving, maxRetransmits: 50 },
          b: { interleaving },
        }).connect();
        const sent = [0, 1].map((streamId) =>
          LENGTHS.map((length, i) => {
            const data = testBytes(length, 10 * streamId + i);
            pair.send(data, { streamId, unordered: seed % 3 === 0 });
            return data;
          }),
        );
        pair.runFor(7 * seed);
        pair.a.discard(1, pair.now);
        expect(pair.a.bufferedAmount(1)).toBe(0);
        pair.a.resetStreams([1], pair.now);
        const isDone = (): boolean =>
          pair.endA.story.includes('streams-reset-done') && pair.a.totalBufferedAmount === 0;
        expect(pair.runUntil(isDone)).toBe('done');
        pair.send(testBytes(100, 99), { streamId: 1 });
        pair.runFor(20_000);
        const got = [0, 1].map((id) =>
          pair.endB.messages.filter(({ streamId }) => streamId === id).map(({ data }) => hex(data)),
        );
        expect(got[0]?.sort()).toEqual(sent[0]?.map(hex).sort());
        // What did arrive on the other is whole, and what came after the reset is there.
        expect(got[1]?.pop()).toBe(hex(testBytes(100, 99)));
        const whole = sent[1]?.map(hex);
        for (const data of got[1] ?? []) expect(whole?.includes(data)).toBe(true);
      }
    },
  );

  test('does not wait for a reader who has stopped', () => {
    const pair = new AssociationPair({
      b: { receiveWindowBytes: 100_000, maxMessageBytes: 65_536 },
    });
    pair.connect();
    pair.onEventB = (event) => {
      if (event.type === 'message') pair.b.setUnreadBytes(1_000_000, pair.now);
    };
    for (let i = 0; i < 10; i++) pair.send(testBytes(30_000, i), { streamId: 1 });
    pair.runFor(3000);
    expect(pair.a.bufferedAmount(1)).toBeGreaterThan(100_000);
    pair.a.discard(1, pair.now);
    pair.a.resetStreams([1], pair.now);
    pair.runFor(1000);
    expect(pair.endA.story).toContain('streams-reset-done');
    expect(pair.endB.story.at(-1)).toBe('streams-reset');
  });

  test('a message of the establishment protocol stays', () => {
    const pair = new AssociationPair();
    pair.send(testBytes(20), { streamId: 1, ppid: DATA_CHANNEL_PPID.dcep });
    pair.send(testBytes(5000), { streamId: 1 });
    pair.a.discard(1, 0);
    expect(pair.a.bufferedAmount(1)).toBe(20);
    pair.connect();
    pair.runFor(1000);
    expect(pair.endB.messages.map(({ data }) => data.length)).toEqual([20]);
  });

  test('of a stream that nothing was sent on, it does nothing', () => {
    const pair = new AssociationPair().connect();
    pair.a.discard(7, pair.now);
    expect(pair.a.nextTimeout).toBeGreaterThan(pair.now);
  });
});
