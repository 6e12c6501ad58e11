// Video calls, and other flows, over one simulated bottleneck in virtual time.
import {
  createSimulation,
  type LinkOptions,
  type Machine,
  MachineDriver,
  type Outage,
  type SimulatedHost,
  type Simulation,
} from '@kaon/simnet';
import {
  GoogleCongestionControl,
  type GoogleCongestionControlOptions,
} from '../../../src/index.ts';
import { type Arrival, type FeedbackFormat, MediaReceiver } from './media-receiver.ts';
import { IP_BYTES, MediaSender } from './media-sender.ts';
import { VideoSource } from './video-source.ts';
import {
  SEGMENT_BYTES,
  type WindowAlgorithm,
  WindowFlow,
  WindowFlowReceiver,
} from './window-flow.ts';

const FIRST_PORT = 5000;
const DEFAULT_CAPACITY_BPS = 2_000_000;

/** A call. */
export interface CallOptions {
  readonly startAt?: number;
  readonly control?: GoogleCongestionControlOptions;
  /** What the application would send at most; 10 Mbit/s by default. */
  readonly demandBps?: number;
  /** Demand at later times. */
  readonly demands?: readonly { readonly at: number; readonly bitrateBps: number }[];
  readonly feedback?: FeedbackFormat;
  /** False: there is nothing to pad with. */
  readonly hasPadding?: boolean;
}

/** The path, its changes, and who uses it. */
export interface ExperimentOptions {
  readonly name: string;
  readonly seed?: number | string;
  readonly durationMs: number;
  /** 2 Mbit/s by default; what counts are IP packets. */
  readonly capacityBps?: number;
  /** Capacity from these times on. */
  readonly capacities?: readonly { readonly at: number; readonly bitrateBps: number }[];
  /** 50 by default; half of it in each direction. */
  readonly roundTripMs?: number;
  /** Another route from these times on, by the round trip; of the way there only. */
  readonly routes?: readonly { readonly at: number; readonly roundTripMs: number }[];
  /** Of the queue, at the first capacity; 200 by default. */
  readonly queueMs?: number;
  readonly loss?: number;
  readonly jitterMs?: number;
  /** When the path is down, in both directions. */
  readonly outages?: readonly Outage[];
  readonly calls?: readonly CallOptions[];
  readonly windowFlows?: readonly {
    readonly algorithm: WindowAlgorithm;
    readonly startAt: number;
  }[];
}

/** What one call did. */
export class CallResult {
  readonly sender: MediaSender;
  readonly #receiver: MediaReceiver;
  readonly #latencyMs: number;

  constructor(sender: MediaSender, receiver: MediaReceiver, latencyMs: number) {
    this.sender = sender;
    this.#receiver = receiver;
    this.#latencyMs = latencyMs;
  }

  /** Bits a second of IP packets that arrived in `[from, to)`. */
  bitrateBps(from: number, to: number): number {
    let bytes = 0;
    for (const { at, ipBytes } of this.#receiver.arrivals)
      if (at >= from && at < to) bytes += ipBytes;
    return (8000 * bytes) / (to - from);
  }

  /** Time in the network beyond that of the idle path: the quantile `q` of the packets of `[from, to)`. */
  queueingMs(q: number, from: number, to: number): number {
    return this.#quantile(q, from, to, ({ networkMs }) => networkMs) - this.#latencyMs;
  }

  /** The same from the making of the frame that the packet is of, the pacer and the idle path included. */
  frameDelayMs(q: number, from: number, to: number): number {
    return this.#quantile(q, from, to, ({ totalMs }) => totalMs);
  }

  /** The target that was set last before `at`. */
  targetBps(at: number): number {
    return this.sender.targets.findLast((each) => each.at <= at)?.bitrateBps ?? 0;
  }

  #quantile(q: number, from: number, to: number, value: (arrival: Arrival) => number): number {
    const all = this.#receiver.arrivals
      .filter(({ at }) => at >= from && at < to)
      .map(value)
      .sort((a, b) => a - b);
    return all[Math.min(all.length - 1, Math.floor(q * all.length))] ?? Number.NaN;
  }
}

/** What all did. */
export interface ExperimentResult {
  readonly options: ExperimentOptions;
  readonly calls: readonly CallResult[];
  /** When the segments of each window flow arrived. */
  readonly windowFlows: readonly { readonly arrivals: readonly number[] }[];
}

/** Runs everything side by side. */
export function runExperiment(options: ExperimentOptions): ExperimentResult {
  const simulation = createSimulation({
    seed: options.seed ?? options.name,
    maxSteps: Number.POSITIVE_INFINITY,
  });
  const [from, to] = simulation.connect('sender', 'receiver', linkOf(options));
  for (const { at, bitrateBps } of options.capacities ?? []) {
    simulation.at(at, () => from.link.change({ outbound: { rateBps: bitrateBps } }));
  }
  for (const { at, roundTripMs } of options.routes ?? []) {
    simulation.at(at, () => from.link.change({ outbound: { latencyMs: roundTripMs / 2 } }));
  }
  const latencyMs = (options.roundTripMs ?? 50) / 2;
  const calls = (options.calls ?? [{}]).map((call, i) =>
    startCall(simulation, from, to, call, FIRST_PORT + i, latencyMs),
  );
  const windowFlows = (options.windowFlows ?? []).map(({ algorithm, startAt }, i) => {
    const receiver = new WindowFlowReceiver();
    const port = FIRST_PORT + 100 + i;
    drive(to, from, port, receiver);
    simulation.at(startAt, () => drive(from, to, port, new WindowFlow(algorithm, startAt)).flush());
    return receiver;
  });
  simulation.runSync({ until: options.durationMs });
  return { options, calls, windowFlows };
}

function linkOf(options: ExperimentOptions): LinkOptions {
  const { capacityBps = DEFAULT_CAPACITY_BPS, roundTripMs = 50, queueMs = 200 } = options;
  return {
    latencyMs: roundTripMs / 2,
    outages: options.outages ?? [],
    outbound: {
      rateBps: capacityBps,
      queueBytes: (capacityBps * queueMs) / 8000,
      loss: options.loss ?? 0,
      jitterMs: options.jitterMs ?? 0,
    },
  };
}

function startCall(
  simulation: Simulation,
  from: SimulatedHost,
  to: SimulatedHost,
  call: CallOptions,
  port: number,
  latencyMs: number,
): CallResult {
  const { startAt = 0, demandBps = 10_000_000 } = call;
  const control = new GoogleCongestionControl(call.control);
  const random = simulation.random.fork(`video ${port}`);
  const source = new VideoSource(random, startAt, control.targetBitrateBps, demandBps);
  const sender = new MediaSender(control, source, call.hasPadding);
  const receiver = new MediaReceiver(call.feedback ?? 'transport-wide');
  for (const { at, bitrateBps } of call.demands ?? []) {
    simulation.at(at, () => {
      source.maxBitrateBps = bitrateBps;
    });
  }
  drive(to, from, port, receiver);
  const driver = drive(from, to, port, sender);
  simulation.at(startAt, () => driver.flush());
  return new CallResult(sender, receiver, latencyMs);
}

function drive(
  host: SimulatedHost,
  peer: SimulatedHost,
  port: number,
  machine: Machine<Uint8Array, undefined>,
): MachineDriver<Uint8Array, undefined> {
  const driver = new MachineDriver<Uint8Array, undefined>({
    clock: host.clock,
    machine,
    send: (data) => socket.send(data, { address: peer.address, port }),
    sent: () => socket.flush(),
    onEvent: () => undefined,
  });
  const socket = host.bind(
    { address: host.address, port },
    {
      onDatagram: (data) => driver.handleDatagram(data),
      onBatchEnd: () => undefined,
      onError: () => undefined,
    },
  );
  return driver;
}

/** What a window flow got in `[from, to)`, bits a second of IP packets. */
export function windowFlowBps(
  result: ExperimentResult,
  index: number,
  from: number,
  to: number,
): number {
  const arrivals = result.windowFlows[index]?.arrivals ?? [];
  const segments = arrivals.filter((at) => at >= from && at < to).length;
  return (8000 * segments * (SEGMENT_BYTES + IP_BYTES)) / (to - from);
}
