// `pnpm bench path --check`: does the emulator do what it is told? Plain UDP packets through it.
//
// Tolerances are wide: late packets are the machine's, early or reordered ones would be ours.
import { availableSubjects } from '../subject.ts';
import { PathEmulator, type PathOptions } from './emulator.ts';
import { measureFlows } from './flows.ts';
import { type Burst, type BurstResult, sendBurst } from './udp-probe.ts';

/** A busy machine hands packets on late by this much at most, at the median. */
const LATE_MS = 5;
/** Standard deviations of a binomial count: one run in ten thousand million is further off. */
const DEVIATIONS = 6.5;

type Say = (line: string) => void;

/** Runs every check; prints `N passed, N failed` last. */
export async function checkEmulator(say: Say): Promise<boolean> {
  const checks: readonly (readonly [string, () => Promise<string | undefined>])[] = [
    ['delays both directions by half the round trip, in order', delays],
    ['loses as many packets as told, in both directions', losesBothWays],
    ['loses in one direction only', losesOneWay],
    ['draws the same losses from the same seed', repeats],
    ['honours the queue limit and the rate', bounds],
    ['joins two processes of Kaon', joins],
  ];
  let failed = 0;
  for (const [title, check] of checks) {
    const fault = await check();
    if (fault !== undefined) failed++;
    say(fault === undefined ? `✓ ${title}` : `✗ ${title}: ${fault}`);
  }
  say(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

async function delays(): Promise<string | undefined> {
  for (const roundTripMs of [10, 150]) {
    for (const direction of ['forward', 'back'] as const) {
      const burst = { packets: 300, size: 1200, packetsPerSecond: 500, direction };
      const { received, disordered, delayMs } = await through(
        { roundTripMs, lossPercent: 0 },
        burst,
      );
      const { least, median } = delayMs;
      const half = roundTripMs / 2;
      if (received !== 300) return `${received} of 300 packets came`;
      if (disordered > 0) return `${disordered} packets came out of order`;
      if (least < half) return `a packet came after ${least} ms, not ${half}`;
      if (median > half + LATE_MS) return `the median delay is ${median} ms, not ${half}`;
    }
  }
  return undefined;
}

async function losesBothWays(): Promise<string | undefined> {
  for (const direction of ['forward', 'back'] as const) {
    const fault = await lossFault({ roundTripMs: 10, lossPercent: 3 }, direction, 0.03);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

async function losesOneWay(): Promise<string | undefined> {
  const options = { roundTripMs: 10, lossPercent: 10, lossBackPercent: 0 };
  return (await lossFault(options, 'forward', 0.1)) ?? (await lossFault(options, 'back', 0));
}

async function lossFault(
  options: PathOptions,
  direction: 'forward' | 'back',
  probability: number,
): Promise<string | undefined> {
  const packets = 10_000;
  const burst = { packets, size: 200, packetsPerSecond: 20_000, direction };
  const { received, disordered } = await through(options, burst);
  const expected = packets * probability;
  const tolerance = DEVIATIONS * Math.sqrt(expected * (1 - probability));
  const lost = packets - received;
  if (disordered > 0) return `${disordered} packets came out of order`;
  if (Math.abs(lost - expected) <= tolerance) return undefined;
  return `${lost} of ${packets} packets lost ${direction}, expected ${expected} ± ${tolerance.toFixed(0)}`;
}

async function repeats(): Promise<string | undefined> {
  const burst = {
    packets: 5_000,
    size: 200,
    packetsPerSecond: 20_000,
    direction: 'forward',
  } as const;
  const counts: number[] = [];
  for (const seed of [7, 7, 8]) {
    const options = { roundTripMs: 0, lossPercent: 20, seed };
    counts.push((await through(options, burst)).received);
  }
  const [first, second, other] = counts;
  if (first !== second) return `${first} and ${second} packets came with one seed`;
  return first === other ? `${first} packets came with either of two seeds` : undefined;
}

/** 100 packets fit before the bottleneck, the one being sent included; the others are dropped. */
async function bounds(): Promise<string | undefined> {
  const queuePackets = 100;
  const rateMbps = 2;
  const size = 1222; // 1250 bytes with the headers: 5 ms each at 2 Mbit/s
  const options = { roundTripMs: 40, lossPercent: 0, rateMbps, queuePackets };
  const burst = {
    packets: 1_000,
    size,
    packetsPerSecond: 0,
    direction: 'forward',
    queueMs: 2 * 5 * queuePackets,
  } as const;
  const { received, seconds, delayMs, disordered } = await through(options, burst);
  if (disordered > 0) return `${disordered} packets came out of order`;
  // Sending the burst may itself take some of the 5 ms on a busy machine.
  if (received < queuePackets || received > 2 * queuePackets) return `${received} packets came`;
  const expected = ((received - 1) * 5) / 1000;
  if (seconds < expected * 0.98) return `${received} packets came within ${seconds} s`;
  if (delayMs.most < 20 + 5 * queuePackets * 0.98) return `the last waited ${delayMs.most} ms only`;
  return undefined;
}

async function joins(): Promise<string | undefined> {
  const [kaon] = await availableSubjects(['kaon'], () => undefined);
  if (kaon === undefined) return 'there is no Kaon';
  const scale = { warmUpMs: 500, windowMs: 1_500 };
  const { flows } = await measureFlows({ roundTripMs: 40, lossPercent: 0 }, [kaon], scale);
  const [flow] = flows;
  if (flow === undefined || flow.bytesPerSecond === 0) return 'nothing arrived';
  const least = Math.min(...flow.pingsMs);
  return least < 40 ? `a message went there and back in ${least} ms, not 40` : undefined;
}

async function through(options: PathOptions, burst: Burst): Promise<BurstResult> {
  const path = await PathEmulator.start(options);
  try {
    return await sendBurst(path, burst);
  } finally {
    await path.stop();
  }
}

/** How much the emulator carries in one direction on this machine, as a sentence. */
export async function describeCapacity(): Promise<string> {
  const path = await PathEmulator.start({ roundTripMs: 10, lossPercent: 0 });
  try {
    let best: BurstResult | undefined;
    let bestRate = 0;
    for (const megabits of [250, 500, 750, 1000, 1500]) {
      const packetsPerSecond = Math.round((megabits * 1e6) / (1228 * 8));
      const packets = Math.round(packetsPerSecond * 0.4);
      const before = await path.counters();
      const burst = { packets, size: 1200, packetsPerSecond, direction: 'forward' } as const;
      const result = await sendBurst(path, burst);
      const after = await path.counters();
      const carried = after.forward.forwarded - before.forward.forwarded;
      if (carried < packets || result.delayMs.p99 > 6) break;
      best = result;
      bestRate = megabits;
    }
    if (best === undefined) return 'the emulator carries less than 250 Mbit/s here';
    const late = ((best.delayMs.p99 - 5) * 1000).toFixed(0);
    return `the emulator carries ${bestRate} Mbit/s in packets of 1228 B without loss, 99% of them at most ${late} µs late`;
  } finally {
    await path.stop();
  }
}
