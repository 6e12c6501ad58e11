import { createSimulation, type LinkConditions, machinePair, SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { MEDIA_FORMATS, type MediaFormat } from './media-formats.ts';
import { DeliveryCheck, MediaReceiver, MediaSender } from './media-stream.ts';

/** How many seeds each format is tried with; the long run is `KAON_SEEDS=500 pnpm vitest run …`. */
const SEEDS = Number(process.env.KAON_SEEDS ?? 40);
const FRAMES = 90;
/** From this frame on the link is perfect. */
const HEALED_AT = 50;

interface Run {
  readonly sender: MediaSender;
  readonly receiver: MediaReceiver;
  readonly check: DeliveryCheck;
}

function run(
  format: MediaFormat,
  seed: number,
  conditions: LinkConditions,
  options: ConstructorParameters<typeof MediaReceiver>[1] = {},
): Run {
  const simulation = createSimulation({ seed });
  const random = new SeededRandom(seed).fork(format.name);
  const sender = new MediaSender(format, random, FRAMES, simulation.now + 10);
  const receiver = new MediaReceiver(format, options);
  const check = new DeliveryCheck(sender);
  const pair = machinePair(simulation, sender, receiver, conditions, {
    onEventB: (event, now) => check.onEvent(event, now),
  });
  pair.run({ until: () => sender.frames.size === HEALED_AT });
  pair.link.change({ loss: 0, duplication: 0, reordering: 0, jitterMs: 0 });
  pair.run();
  return { sender, receiver, check };
}

/** A bad link, other for each seed. */
function badLink(random: SeededRandom): LinkConditions {
  return {
    latencyMs: 10 + random.below(80),
    jitterMs: random.below(60),
    jitterReorders: random.chance(0.5),
    loss: random.chance(0.5) ? random.fraction() * 0.15 : { toBad: 0.03, toGood: 0.3 },
    duplication: random.fraction() * 0.2,
    reordering: random.fraction() * 0.2,
    reorderingDelayMs: 5 + random.below(50),
  };
}

describe.each(MEDIA_FORMATS)('$name over a bad link, with wraps of all numbers', (format) => {
  test('every frame that comes out was sent so, in order, once; in bounded memory', () => {
    let delivered = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new SeededRandom(seed).fork('link');
      const maxBytes = random.chance(0.3) ? 20_000 : 400_000;
      const { receiver, check } = run(format, seed, badLink(random), { maxBytes });
      delivered += check.delivered.length;
      // Once nothing is lost any more, the stream goes on to its end.
      expect(check.delivered.at(-1)?.index).toBe(FRAMES - 1);
      expect(receiver.mostBytes).toBeLessThanOrEqual(maxBytes);
      expect(receiver.buffer.packets.packetsHeld).toBe(0);
      expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    }
    expect(delivered).toBeGreaterThan(0.3 * SEEDS * FRAMES);
  });

  test('where nothing is lost, every frame comes out, however late and out of order its packets', () => {
    for (let seed = 0; seed < SEEDS / 4; seed++) {
      const random = new SeededRandom(seed).fork('link');
      const conditions = { ...badLink(random), loss: 0 };
      // As late as jitter and reordering can make a packet.
      const { check } = run(format, seed, conditions, { minDelayMs: 120, repairWaitMs: 120 });
      expect(check.delivered.map(({ index }) => index)).toEqual(
        Array.from({ length: FRAMES }, (_, index) => index),
      );
      expect(check.keyFrameRequests).toBe(0);
    }
  });
});

test('audio comes out evenly, though it comes in unevenly', () => {
  const [opus] = MEDIA_FORMATS.filter(({ kind }) => kind === 'audio');
  const conditions = { latencyMs: 30, jitterMs: 60, jitterReorders: true };
  const { check } = run(opus as MediaFormat, 1, conditions, { minDelayMs: 80 });
  const played = check.delivered;
  expect(played).toHaveLength(FRAMES);
  for (const [i, { at }] of played.slice(1).entries()) {
    const distance = at - (played[i]?.at as number);
    // 20 ms, and a tenth of the time, up to 80 ms, since a packet last came to tell of the path.
    expect(distance).toBeGreaterThan(12);
    expect(distance).toBeLessThan(28);
  }
});

test('the same seed gives the same run', () => {
  const [vp8] = MEDIA_FORMATS;
  const once = (): unknown =>
    run(vp8 as MediaFormat, 3, badLink(new SeededRandom(3))).check.delivered;
  expect(once()).toEqual(once());
});
