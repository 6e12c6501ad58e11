// Measures one thing in this process, and says it as a line of JSON: `program <measurement> <rate | bytes> <ms>`.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { MeasurementName } from '../measurements.ts';

/** Does a thing once; how many packets that were. */
export type Once = () => number;

/** Makes what is to be done for a measurement; undefined where the stack cannot do it. */
export type Preparations = Readonly<Record<MeasurementName, (() => Once) | undefined>>;

const CALLS_BETWEEN_LOOKS = 20;
/** How often the CPU time is read, which takes a little itself. */
const LOOK_MS = 5;
/** So much may be allocated in a round for counting bytes that no garbage collection falls into it. */
const BYTES_ROUND = 400_000;
const BYTES_ROUND_MAX_CALLS = 5000;
const BYTES_ROUNDS = 15;

export function runMeasurement(preparations: Preparations): void {
  const [name, what, milliseconds] = process.argv.slice(2);
  const prepare = preparations[name as MeasurementName];
  if (prepare === undefined) {
    console.log('{}');
    return;
  }
  const once = prepare();
  const value =
    what === 'bytes' ? bytesPerPacket(once) : packetsPerSecond(once, Number(milliseconds));
  console.log(JSON.stringify({ value }));
}

function packetsPerSecond(once: Once, milliseconds: number): number {
  runFor(once, milliseconds / 2);
  const before = process.cpuUsage();
  const packets = runFor(once, milliseconds);
  const { user, system } = process.cpuUsage(before);
  return (1e6 * packets) / (user + system);
}

/** For so much CPU time, however long a busy machine takes to give it. */
function runFor(once: Once, milliseconds: number): number {
  const before = process.cpuUsage();
  let packets = 0;
  for (;;) {
    const look = performance.now() + LOOK_MS;
    do {
      for (let i = 0; i < CALLS_BETWEEN_LOOKS; i++) packets += once();
    } while (performance.now() < look);
    const { user, system } = process.cpuUsage(before);
    if (user + system >= 1000 * milliseconds) return packets;
  }
}

/** On the heap and outside of it. */
function bytesPerPacket(once: Once): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  runFor(once, 1000);
  const few = CALLS_BETWEEN_LOOKS;
  const most = BYTES_ROUND / Math.max(1, grown(once, few, collectGarbage) / few);
  const calls = Math.max(few, Math.min(Math.round(most), BYTES_ROUND_MAX_CALLS));
  const bytes = grown(once, calls, collectGarbage) - grown(nothing, calls, collectGarbage);
  const perPacket = bytes / (calls * once());
  return perPacket < 1 ? 0 : perPacket;
}

const nothing: Once = () => 0;

/** By how many bytes the memory grows with so many calls: the middle one of the rounds. */
function grown(once: Once, calls: number, collectGarbage: () => void): number {
  const rounds: number[] = [];
  for (let round = 0; round < BYTES_ROUNDS; round++) {
    // Twice: what the first one found outside of the heap is freed in the background, until the second begins.
    collectGarbage();
    collectGarbage();
    const before = memory();
    for (let i = 0; i < calls; i++) once();
    rounds.push(memory() - before);
  }
  rounds.sort((a, b) => a - b);
  return rounds[BYTES_ROUNDS >> 1] as number;
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
