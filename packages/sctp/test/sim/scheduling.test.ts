import { describe, expect, test } from 'vitest';
import type { SctpOptions } from '../../src/index.ts';
import { AssociationPair, testBytes } from '../association-pair.ts';

const SLOW = { latencyMs: 5, outbound: { rateBps: 8e6 } } as const;

/** Fills the streams, and tells how many bytes of each had arrived when the first was empty. */
function arrivals(
  options: Partial<SctpOptions>,
  streams: readonly {
    readonly bytes: number;
    readonly messages: number;
    readonly priority?: number;
  }[],
): number[] {
  const both = { interleaving: true, ...options };
  const pair = new AssociationPair({ link: SLOW, a: both, b: both }).connect();
  streams.forEach(({ priority }, id) => {
    if (priority !== undefined) pair.a.setStreamPriority(id, priority);
  });
  streams.forEach(({ bytes, messages }, streamId) => {
    for (let i = 0; i < messages; i++) pair.send(testBytes(bytes, i), { streamId });
  });
  const done = streams.map(() => 0);
  const total = streams.map(({ bytes, messages }) => bytes * messages);
  pair.onEventB = (event) => {
    if (event.type === 'message') done[event.streamId]! += event.data.length;
  };
  pair.runUntil(() => done.some((bytes, id) => bytes === total[id]));
  return done;
}

describe('stream schedulers (RFC 8260 §3)', () => {
  test.each([true, false])(
    'weighted-fair: bytes in proportion to priorities (interleaving %s)',
    (on) => {
      const options = { streamScheduler: 'weighted-fair', interleaving: on } as const;
      const [low, high] = arrivals(options, [
        { bytes: 5000, messages: 200, priority: 256 },
        { bytes: 5000, messages: 200, priority: 1024 },
      ]) as [number, number];
      expect(high / low).toBeGreaterThan(3.6);
      expect(high / low).toBeLessThan(4.4);
    },
  );

  test('weighted-fair: small messages get as many bytes as large ones', () => {
    const [small, large] = arrivals({ streamScheduler: 'weighted-fair' }, [
      { bytes: 500, messages: 1000 },
      { bytes: 50_000, messages: 10 },
    ]) as [number, number];
    expect(small / large).toBeGreaterThan(0.85);
    // A large message counts when all of it is there.
    expect(small / large).toBeLessThan(1.35);
  });

  test('fair: priorities mean nothing', () => {
    const [low, high] = arrivals({ streamScheduler: 'fair' }, [
      { bytes: 5000, messages: 100, priority: 1 },
      { bytes: 5000, messages: 100, priority: 65_535 },
    ]) as [number, number];
    expect(low / high).toBeGreaterThan(0.9);
    expect(low / high).toBeLessThan(1.1);
  });

  test('priority: the highest first, and nothing else meanwhile', () => {
    const [low, high] = arrivals({ streamScheduler: 'priority' }, [
      { bytes: 5000, messages: 100, priority: 256 },
      { bytes: 5000, messages: 100, priority: 512 },
    ]) as [number, number];
    expect(high).toBe(500_000);
    expect(low).toBeLessThan(20_000);
  });

  test('round-robin: each stream in turn, fragment by fragment', () => {
    const [small, large] = arrivals({ streamScheduler: 'round-robin' }, [
      { bytes: 1000, messages: 100 },
      { bytes: 100_000, messages: 2 },
    ]) as [number, number];
    expect(small).toBe(100_000);
    expect(large).toBe(100_000);
  });

  test('fcfs: in the order in which messages were sent', () => {
    const options = { interleaving: false, streamScheduler: 'fcfs' } as const;
    const pair = new AssociationPair({ a: options }).connect();
    const order = [3, 1, 1, 2, 3, 1, 2, 2];
    for (const streamId of order) pair.send(testBytes(3000), { streamId });
    pair.runUntil(() => pair.endB.messages.length === order.length);
    expect(pair.endB.messages.map(({ streamId }) => streamId)).toEqual(order);
  });

  test('a stream that was silent does not catch up at the cost of others', () => {
    const both = { interleaving: true };
    const pair = new AssociationPair({ link: SLOW, a: both, b: both }).connect();
    for (let i = 0; i < 200; i++) pair.send(testBytes(5000, i), { streamId: 0 });
    pair.runFor(500);
    for (let i = 0; i < 100; i++) pair.send(testBytes(5000, i), { streamId: 1 });
    const before = pair.endB.messages.length;
    pair.runFor(400);
    const later = pair.endB.messages.slice(before).map(({ streamId }) => streamId);
    const share = later.filter((id) => id === 0).length / later.length;
    expect(share).toBeGreaterThan(0.4);
  });

  test.each([0, 65_536, 1.5, Number.NaN])('priority %s is refused', (priority) => {
    const pair = new AssociationPair();
    expect(() => pair.a.setStreamPriority(0, priority)).toThrow(RangeError);
  });

  test('an unknown scheduler is refused', () => {
    const streamScheduler = 'fastest' as 'fair';
    expect(() => new AssociationPair({ a: { streamScheduler } })).toThrow(RangeError);
  });
});
