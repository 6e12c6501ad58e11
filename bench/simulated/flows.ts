// SCTP associations that send all they can over one simulated bottleneck, in virtual time.
import { defaultCrypto } from '@kaon/crypto';
import {
  type CongestionControlName,
  DATA_CHANNEL_PPID,
  SctpAssociation,
  type SctpEvent,
} from '@kaon/sctp';
import {
  createSimulation,
  type LinkOptions,
  MachineDriver,
  type SimulatedHost,
  type Simulation,
} from '@kaon/simnet';

const FIRST_PORT = 5000;
const MESSAGE_BYTES = 16_384;
/** The application keeps so much waiting. */
const BUFFERED_BYTES = 1024 * 1024;
const RECEIVE_WINDOW_BYTES = 16 * 1024 * 1024;
const SAMPLE_EVERY_MS = 10;

/** One sender with its receiver. */
export interface FlowOptions {
  readonly congestionControl: CongestionControlName;
  /** Virtual milliseconds; 0 by default. */
  readonly startAt?: number;
}

/** What a flow did between the warm-up and the end. */
export interface FlowResult {
  readonly congestionControl: CongestionControlName;
  /** Bytes of messages delivered a second. */
  readonly goodputBps: number;
  /** Chunks sent again, as a share of chunks sent first. */
  readonly retransmissionRatio: number;
  readonly retransmissionTimeouts: number;
  /** Round trip beyond that of the idle path, milliseconds. */
  readonly meanQueueingMs: number;
  readonly p95QueueingMs: number;
}

/** The path and how long it is used. */
export interface RunOptions {
  readonly link: LinkOptions;
  /** Of the idle path; the link has half of it each way. */
  readonly rttMs: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly seed: number | string;
}

interface Flow {
  readonly options: FlowOptions;
  readonly sender: SctpAssociation;
  readonly queueing: number[];
  deliveredBytes: number;
  before: { readonly bytes: number; readonly sent: number; readonly retransmitted: number };
}

/** Runs the flows side by side. */
export function runFlows(flows: readonly FlowOptions[], options: RunOptions): FlowResult[] {
  const { link, rttMs, warmUpMs, durationMs, seed } = options;
  const simulation = createSimulation({ seed, maxSteps: Number.POSITIVE_INFINITY });
  const [from, to] = simulation.connect('sender', 'receiver', { latencyMs: rttMs / 2, ...link });
  const running = flows.map((each, index) => startFlow(simulation, from, to, each, index));
  simulation.at(warmUpMs, () => {
    for (const flow of running) flow.before = totals(flow);
  });
  for (let at = warmUpMs; at < warmUpMs + durationMs; at += SAMPLE_EVERY_MS) {
    simulation.at(at, () => {
      for (const { sender, queueing } of running) {
        queueing.push(Math.max(0, (sender.stats.latestRttMs ?? rttMs) - rttMs));
      }
    });
  }
  simulation.runSync({ until: warmUpMs + durationMs });
  return running.map((flow) => result(flow, durationMs));
}

function startFlow(
  simulation: Simulation,
  from: SimulatedHost,
  to: SimulatedHost,
  options: FlowOptions,
  index: number,
): Flow {
  const create = (name: string): SctpAssociation =>
    new SctpAssociation({
      random: simulation.random.fork(`${name} ${index}`),
      crypto: defaultCrypto,
      congestionControl: options.congestionControl,
      receiveWindowBytes: RECEIVE_WINDOW_BYTES,
    });
  const sender = create('sender');
  const receiver = create('receiver');
  const flow: Flow = {
    options,
    sender,
    queueing: [],
    deliveredBytes: 0,
    before: { bytes: 0, sent: 0, retransmitted: 0 },
  };
  const port = FIRST_PORT + index;
  const fill = (): void => {
    const data = new Uint8Array(MESSAGE_BYTES);
    const ppid = DATA_CHANNEL_PPID.binary;
    while (sender.totalBufferedAmount < BUFFERED_BYTES) {
      sender.send({ streamId: 0, ppid, data }, simulation.now);
    }
  };
  const driver = drive(from, to, port, sender, () => fill());
  drive(to, from, port, receiver, (event) => {
    if (event.type === 'message') flow.deliveredBytes += event.data.length;
  });
  simulation.at(options.startAt ?? 0, () => {
    sender.connect(simulation.now);
    fill();
    driver.flush();
  });
  return flow;
}

function drive(
  host: SimulatedHost,
  peer: SimulatedHost,
  port: number,
  machine: SctpAssociation,
  onEvent: (event: SctpEvent) => void,
): MachineDriver<Uint8Array, SctpEvent> {
  const driver = new MachineDriver<Uint8Array, SctpEvent>({
    clock: host.clock,
    machine,
    send: (data) => socket.send(data, { address: peer.address, port }),
    sent: () => socket.flush(),
    onEvent,
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

function totals({ deliveredBytes, sender }: Flow): Flow['before'] {
  const { dataChunksSent, dataChunksRetransmitted } = sender.counters;
  return { bytes: deliveredBytes, sent: dataChunksSent, retransmitted: dataChunksRetransmitted };
}

function result(flow: Flow, durationMs: number): FlowResult {
  const { before, options, queueing, sender } = flow;
  const now = totals(flow);
  const sorted = queueing.toSorted((a, b) => a - b);
  return {
    congestionControl: options.congestionControl,
    goodputBps: ((now.bytes - before.bytes) * 1000) / durationMs,
    retransmissionRatio: (now.retransmitted - before.retransmitted) / (now.sent - before.sent),
    retransmissionTimeouts: sender.counters.retransmissionTimeouts,
    meanQueueingMs: queueing.reduce((sum, each) => sum + each, 0) / queueing.length,
    p95QueueingMs: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
  };
}
