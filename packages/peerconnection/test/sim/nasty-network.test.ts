import { describe, expect, it } from 'vitest';
import type { RTCDataChannel } from '../../src/index.ts';
import { messages, PeerPair } from '../peer-pair.ts';

const SEEDS = 200;
const MESSAGES = 40;

/** 20% loss, 5% duplication, reordering, 300 ms round trip, and 3 s without any connection. */
function nastyPair(seed: number): PeerPair {
  // The outage comes at another moment of the life of each connection.
  const fromMs = 100 + ((seed * 97) % 4000);
  const link = {
    latencyMs: 75,
    jitterMs: 10,
    jitterReorders: true,
    loss: 0.106, // of two links in a row: 20% in each direction
    duplication: 0.025,
    reordering: 0.05,
    reorderingDelayMs: 40,
    outages: [{ fromMs, toMs: fromMs + 3000 }],
  };
  return new PeerPair({
    seed,
    build: (simulation) => [
      simulation.host('alice', { link }),
      simulation.host('bob', { link: { ...link, outages: [] } }),
    ],
  });
}

/** Messages of one to some thousand bytes, text and binary, told apart by their number. */
function message(n: number, from: number): string | ArrayBuffer {
  const size = 1 + ((n * 2654435761) % 4000);
  const text = `${from}:${n}:`.padEnd(size, 'x');
  return n % 2 === 0 ? text : (new TextEncoder().encode(text).buffer as ArrayBuffer);
}

function sendAll(channel: RTCDataChannel, from: number): void {
  for (let n = 0; n < MESSAGES; n++) {
    const data = message(n, from);
    if (typeof data === 'string') channel.send(data);
    else channel.send(data);
  }
}

async function run(seed: number): Promise<string> {
  const pair = nastyPair(seed);
  const [alice, bob] = await pair.open();
  const received = Promise.all([messages(alice, MESSAGES), messages(bob, MESSAGES)]);
  sendAll(alice, 0);
  sendAll(bob, 1);
  const [fromBob, fromAlice] = await pair.complete(received, 120_000);
  const expected = (from: number): unknown[] =>
    Array.from({ length: MESSAGES }, (_, n) => message(n, from));
  expect(fromAlice).toEqual(expected(0));
  expect(fromBob).toEqual(expected(1));
  pair.close();
  return pair.simulation.traceDigest;
}

describe('on a nasty network', () => {
  const blocks = Array.from({ length: SEEDS / 20 }, (_, i) => i * 20 + 1);

  it.each(blocks)('seeds %i and 19 more connect and deliver every byte in order', async (first) => {
    for (let seed = first; seed < first + 20; seed++) {
      await run(seed).catch((error: unknown) => {
        throw new Error(`With seed ${seed}: ${String(error)}`, { cause: error });
      });
    }
  });

  it('the same seed gives the same trace twice, another one another', async () => {
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
