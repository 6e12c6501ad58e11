// One-way load: goodput, messages per second and processor time.
//
// The receiver's own count and clock say what has arrived between two moments in the middle of the
// load, so neither slow start nor what is left in buffers at the end counts.
import { setTimeout as delay } from 'node:timers/promises';
import { type Peer, peerLimits } from '@kaon/interop/peers';
import type { ProcessPair } from '../process-pair.ts';
import type { Measurement, Scale } from './measurement.ts';

const CHANNEL = 'load';
/** The load goes on until the processes are ended, however late a busy stack lets us read. */
const LOAD_MS = 100_000;
const SMALL_BYTES = 64;

interface OneWay {
  readonly bytesPerSecond: number;
  readonly messagesPerSecond: number;
  /** Processor seconds of both processes. */
  readonly cpuSeconds: number;
  readonly bytes: number;
}

export const goodput16k: Measurement = {
  name: 'goodput-16k',
  rows: [
    { key: 'goodput-16k', title: 'goodput, 16 KiB messages', unit: 'MB/s', better: 'higher' },
    { key: 'cpu-per-gb-16k', title: '16 KiB: CPU, both processes', unit: 's/GB', better: 'lower' },
    {
      key: 'mb-per-cpu-16k',
      title: '16 KiB: goodput per CPU second',
      unit: 'MB/s',
      better: 'higher',
    },
  ],
  run: async (pair, scale) => {
    const { bytesPerSecond, bytes, cpuSeconds } = await loadOneWay(pair, 16 * 1024, scale);
    return {
      'goodput-16k': bytesPerSecond / 1e6,
      'cpu-per-gb-16k': cpuSeconds / (bytes / 1e9),
      'mb-per-cpu-16k': bytes / 1e6 / cpuSeconds,
    };
  },
};

export const goodput64k: Measurement = {
  name: 'goodput-64k',
  rows: [
    { key: 'goodput-64k', title: 'goodput, 64 KiB messages', unit: 'MB/s', better: 'higher' },
    { key: 'cpu-per-gb-64k', title: '64 KiB: CPU, both processes', unit: 's/GB', better: 'lower' },
    {
      key: 'mb-per-cpu-64k',
      title: '64 KiB: goodput per CPU second',
      unit: 'MB/s',
      better: 'higher',
    },
  ],
  run: async (pair, scale) => {
    const { bytesPerSecond, bytes, cpuSeconds } = await loadOneWay(pair, 64 * 1024, scale);
    return {
      'goodput-64k': bytesPerSecond / 1e6,
      'cpu-per-gb-64k': cpuSeconds / (bytes / 1e9),
      'mb-per-cpu-64k': bytes / 1e6 / cpuSeconds,
    };
  },
};

export const smallMessages: Measurement = {
  name: 'small',
  rows: [{ key: 'small', title: 'messages of 64 B', unit: '/s', better: 'higher' }],
  run: async (pair, scale) => {
    const { messagesPerSecond } = await loadOneWay(pair, SMALL_BYTES, scale);
    return { small: messagesPerSecond };
  },
};

async function loadOneWay(pair: ProcessPair, size: number, scale: Scale): Promise<OneWay> {
  const session = await pair.connect(CHANNEL);
  const { offerer, answerer } = session;
  await answerer.receive('count');
  const { connection } = offerer;
  const args = {
    connection,
    channel: CHANNEL,
    size: allowed(pair, size),
    durationMs: LOAD_MS,
  };
  const load = pair.sender.call('blast', args);
  // The processes are ended in the middle of it.
  const failure = load.then(
    () => 'the load ended before it was measured',
    (error: unknown) => String(error),
  );
  await Promise.race([delay(scale.warmUpMs), failure.then(fail)]);
  const before = await reading(pair, answerer.connection);
  await Promise.race([delay(scale.loadMs), failure.then(fail)]);
  const after = await reading(pair, answerer.connection);
  const seconds = (after.atMs - before.atMs) / 1000;
  const bytes = after.bytes - before.bytes;
  if (bytes === 0) fail('nothing arrived while it was measured');
  return {
    bytesPerSecond: bytes / seconds,
    messagesPerSecond: (after.messages - before.messages) / seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    bytes,
  };
}

/** The size asked for, or the largest that the stack's limits allow. */
function allowed({ sender }: ProcessPair, size: number): number {
  const limits = peerLimits[sender.name as keyof typeof peerLimits];
  return Math.min(size, limits.largestSent?.bytes ?? size, limits.largestReceived?.bytes ?? size);
}

async function reading(pair: ProcessPair, connection: string) {
  const [count, sent, received] = await Promise.all([
    pair.receiver.call('count', { connection }),
    cpuSeconds(pair.sender),
    cpuSeconds(pair.receiver),
  ]);
  return { ...count, cpuSeconds: sent + received };
}

async function cpuSeconds(peer: Peer): Promise<number> {
  return (await peer.call('usage', { collectGarbage: false })).cpuSeconds;
}

function fail(reason: string): never {
  throw new Error(reason);
}
