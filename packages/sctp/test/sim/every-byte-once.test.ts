import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { CONGESTION_CONTROL_NAMES } from '../../src/tx/congestion-controller.ts';
import { STREAM_SCHEDULER_NAMES } from '../../src/tx/stream-scheduler.ts';
import { AssociationPair, testBytes } from '../association-pair.ts';

const SEEDS = 1000;
const SEEDS_PER_TEST = 100;
const MESSAGES = 30;
const MAX_MESSAGE_BYTES = 10_000;
const WINDOW_BYTES = 40_000;

const below = (random: SeededRandom, limit: number): number => random.uint32() % limit;
const pick = <T>(random: SeededRandom, from: readonly T[]): T => from[below(random, from.length)]!;

/** Loss, duplication, reordering and an outage, all at once and more or less of each. */
function nastyLink(random: SeededRandom) {
  const fromMs = below(random, 1500);
  return {
    latencyMs: 1 + below(random, 150),
    jitterMs: below(random, 40),
    jitterReorders: below(random, 2) === 0,
    loss: (1 + below(random, 20)) / 100,
    duplication: (1 + below(random, 10)) / 100,
    reordering: (1 + below(random, 20)) / 100,
    reorderingDelayMs: 5 + below(random, 60),
    outages: [{ fromMs, toMs: fromMs + 500 + below(random, 2500) }],
  };
}

/** One run: A sends on several streams at once; every message must arrive as it was, once, in its stream's order. */
function run(seed: number): void {
  const random = new SeededRandom(`choices ${seed}`);
  const options = {
    congestionControl: pick(random, CONGESTION_CONTROL_NAMES),
    streamScheduler: pick(random, STREAM_SCHEDULER_NAMES),
    interleaving: below(random, 2) === 0,
    maxRetransmits: 40,
    maxInitRetransmits: 40,
  };
  const pair = new AssociationPair({
    seed,
    link: nastyLink(random),
    a: options,
    b: { ...options, receiveWindowBytes: WINDOW_BYTES, maxMessageBytes: MAX_MESSAGE_BYTES },
  });
  const sent: { streamId: number; data: Uint8Array }[] = [];
  let mostHeld = 0;
  pair.a.connect(0);
  for (let i = 0; i < MESSAGES; i++) {
    const length = 1 + below(random, i % 5 === 0 ? MAX_MESSAGE_BYTES - 1 : 600);
    const message = { streamId: below(random, 5), data: testBytes(length, i) };
    pair.send(message.data, message);
    sent.push(message);
  }
  const result = pair.runUntil(() => {
    mostHeld = Math.max(mostHeld, pair.b.stats.receiveBufferedBytes);
    return pair.endB.messages.length === MESSAGES && pair.a.stats.outstandingChunks === 0;
  }, 600_000);
  if (result !== 'done') throw new Error(`${pair.endB.messages.length} of ${MESSAGES} arrived.`);
  // What is still under way, twice or late, must bring nothing again.
  pair.runFor(2000);
  expect(pair.endB.messages).toHaveLength(MESSAGES);
  for (let streamId = 0; streamId < 5; streamId++) {
    const of = (list: readonly { streamId: number; data: Uint8Array }[]): Uint8Array[] =>
      list.filter((each) => each.streamId === streamId).map(({ data }) => data);
    expect(of(pair.endB.messages)).toEqual(of(sent));
  }
  expect(mostHeld).toBeLessThanOrEqual(2 * WINDOW_BYTES);
  expect(pair.b.stats.receiveBufferedBytes).toBe(0);
  expect(pair.a.stats).toMatchObject({ flightBytes: 0, outstandingChunks: 0 });
  expect(pair.a.totalBufferedAmount).toBe(0);
}

describe('loss, duplication, reordering and an outage at once: every byte once, in order, in bounded memory', () => {
  const firsts = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, i) => i * SEEDS_PER_TEST);
  test.each(firsts)('seeds %i and 99 more', (first) => {
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed++) {
      try {
        run(seed);
      } catch (error) {
        throw new Error(`Seed ${seed}`, { cause: error });
      }
    }
  });
});
