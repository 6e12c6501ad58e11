// One measurement on a path: one or more flows from near to far, each of two processes of a stack.
//
// Each flow fills one connection in messages of 16 KiB. On a second connection of the same two
// processes one small message at a time goes there and back: that is what other traffic of the
// application feels of the queues that the load makes.
import { setTimeout as delay } from 'node:timers/promises';
import type { Peer } from '@kaon/interop/peers';
import { ProcessPair } from '../process-pair.ts';
import type { Subject } from '../subject.ts';
import { type PathCounters, PathEmulator, type PathOptions } from './emulator.ts';

const LOAD = 'load';
const PING = 'ping';
const MESSAGE_BYTES = 16 * 1024;
const PING_BYTES = 64;
/** The load goes on until the processes are ended. */
const LOAD_MS = 100_000;
/** A connection that takes longer than this on a lossy path counts as failed. */
const CONNECT_DEADLINE_MS = 30_000;

export interface FlowScale {
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export interface FlowResult {
  readonly bytesPerSecond: number;
  /** Round trips on the second connection under load, in ms; one that never ended counts as so long. */
  readonly pingsMs: readonly number[];
  /** DATA chunks sent again for each datagram sent, where the stack tells (Kaon). */
  readonly resentShare: number | undefined;
}

export interface PathResult {
  readonly flows: readonly FlowResult[];
  /** IP packets that the path carried forward, headers and what was sent again included. */
  readonly carriedBytesPerSecond: number;
  /** Mean time of a packet before the bottleneck on its way forward. */
  readonly queueMs: number;
  /** Packets that the emulator dropped of its own, which spoil the result. */
  readonly spoiled: number;
  /** Packets that the receivers' sockets had no room for. */
  readonly socketFull: number;
}

export async function measureFlows(
  options: PathOptions,
  subjects: readonly Subject[],
  scale: FlowScale,
): Promise<PathResult> {
  const path = await PathEmulator.start(options);
  const pairs: ProcessPair[] = [];
  try {
    for (const subject of subjects) {
      const [near, far] = [{ launcher: path.near }, { launcher: path.far }];
      pairs.push(await ProcessPair.start(subject, near, far, CONNECT_DEADLINE_MS));
    }
    const flows = await Promise.all(pairs.map((pair) => Flow.connect(pair)));
    for (const flow of flows) flow.start();
    await delay(scale.warmUpMs);
    const before = await path.counters();
    const start = performance.now();
    const results = await Promise.all(flows.map((flow) => flow.measure(scale.windowMs)));
    const after = await path.counters();
    return { flows: results, ...summarize(before, after, performance.now() - start) };
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
    await path.stop();
  }
}

function summarize(
  before: PathCounters,
  after: PathCounters,
  elapsedMs: number,
): Omit<PathResult, 'flows'> {
  const packets = after.forward.forwarded - before.forward.forwarded;
  const ownDrops = [after.forward, after.back].map((d) => d.overflow + d.missed + d.unwritten);
  return {
    carriedBytesPerSecond: (after.forward.bytes - before.forward.bytes) / (elapsedMs / 1000),
    queueMs: (after.forward.queuedMs - before.forward.queuedMs) / Math.max(1, packets),
    spoiled: ownDrops.reduce((sum, drops) => sum + drops, 0),
    socketFull: after.forward.socketFull - before.forward.socketFull,
  };
}

interface Reading {
  readonly bytes: number;
  readonly atMs: number;
  readonly sent: { readonly datagrams: number; readonly resentChunks: number } | undefined;
}

class Flow {
  readonly #pair: ProcessPair;
  /** The names of the connections at the sender and of the loaded one at the receiver. */
  readonly #load: string;
  readonly #loadAtReceiver: string;
  readonly #ping: string;
  /** Why the load ended, once it has. */
  #ended: string | undefined;

  constructor(pair: ProcessPair, load: string, loadAtReceiver: string, ping: string) {
    this.#pair = pair;
    this.#load = load;
    this.#loadAtReceiver = loadAtReceiver;
    this.#ping = ping;
  }

  static async connect(pair: ProcessPair): Promise<Flow> {
    const load = await pair.connect(LOAD);
    const ping = await pair.connect(PING);
    await load.answerer.receive('count');
    await ping.answerer.receive('reflect');
    const { connection } = load.offerer;
    return new Flow(pair, connection, load.answerer.connection, ping.offerer.connection);
  }

  start(): void {
    const args = {
      connection: this.#load,
      channel: LOAD,
      size: MESSAGE_BYTES,
      durationMs: LOAD_MS,
    };
    // The processes are ended in the middle of it.
    const end = (reason: string) => {
      this.#ended = reason;
    };
    this.#pair.sender.call('blast', args).then(
      () => end('the load ended before it was measured'),
      (error: unknown) => end(String(error)),
    );
  }

  async measure(windowMs: number): Promise<FlowResult> {
    const before = await this.#read();
    const pingsMs = await this.#pings(windowMs);
    const after = await this.#read();
    if (this.#ended !== undefined) throw new Error(this.#ended);
    return {
      bytesPerSecond: (after.bytes - before.bytes) / ((after.atMs - before.atMs) / 1000),
      pingsMs,
      resentShare: resentShare(before, after),
    };
  }

  /** Pings for `windowMs`; if none of them comes back, that long is all that is known of the first. */
  async #pings(windowMs: number): Promise<readonly number[]> {
    const roundTrips: number[] = [];
    const args = { connection: this.#ping, channel: PING, size: PING_BYTES, times: 1 };
    const end = delay(windowMs, undefined);
    for (;;) {
      const echo = this.#pair.sender.call('ping', args);
      // One that is under way when the processes are ended is answered by that.
      const [roundTrip] = (await Promise.race([echo.catch(() => []), end])) ?? [];
      if (roundTrip === undefined) return roundTrips.length > 0 ? roundTrips : [windowMs];
      roundTrips.push(roundTrip);
    }
  }

  async #read(): Promise<Reading> {
    const [count, sent] = await Promise.all([
      this.#pair.receiver.call('count', { connection: this.#loadAtReceiver }),
      sentSoFar(this.#pair.sender, this.#load),
    ]);
    return { ...count, sent };
  }
}

/** The parts of Kaon's transport statistics that are read here. */
interface TransportEntry {
  readonly type: string;
  readonly packetsSent?: number;
  readonly sctp?: { readonly retransmissions: number };
}

async function sentSoFar(sender: Peer, connection: string): Promise<Reading['sent']> {
  if (sender.name !== 'kaon') return undefined;
  const entries = await sender.call('stats', { connection });
  const found = (entries as readonly TransportEntry[]).find(({ type }) => type === 'transport');
  if (found?.packetsSent === undefined || found.sctp === undefined) return undefined;
  return { datagrams: found.packetsSent, resentChunks: found.sctp.retransmissions };
}

function resentShare(before: Reading, after: Reading): number | undefined {
  if (before.sent === undefined || after.sent === undefined) return undefined;
  const datagrams = after.sent.datagrams - before.sent.datagrams;
  const resent = after.sent.resentChunks - before.sent.resentChunks;
  return datagrams === 0 ? undefined : resent / datagrams;
}
