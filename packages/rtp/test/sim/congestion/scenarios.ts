// The paths that docs/performance.md tells about: `pnpm bench:congestion` runs them.
import type { ExperimentOptions } from './experiment.ts';

/** A row of the table, and perhaps a picture. */
export interface Scenario extends ExperimentOptions {
  readonly title: string;
  /** Where the measuring of the row begins, and ends if not with the run. */
  readonly from: number;
  readonly to?: number;
  /** Measured: how long after it the call fills 80% of the path again. */
  readonly recoversFrom?: number;
  readonly hasChart?: boolean;
}

const MBPS = 1e6;
const DROP = [
  { at: 30_000, bitrateBps: 0.5 * MBPS },
  { at: 60_000, bitrateBps: 2 * MBPS },
];
/** By how much the changes of a variant come later at the most. */
const MAX_LATER_MS = 5000;
const STEADY = { durationMs: 60_000, from: 5000 };

/**
 * The same with another source of video, and with the path's changes up to five seconds later: at other moments
 * of key frames and probes.
 */
export function variant(scenario: Scenario, seed: number): Scenario {
  const { capacities = [], durationMs, name, outages = [], recoversFrom } = scenario;
  const laterMs = (977 * seed) % MAX_LATER_MS;
  const recoversLaterMs = capacities.length === 0 ? laterMs : (1613 * seed) % MAX_LATER_MS;
  return {
    ...scenario,
    seed: `${name} ${seed}`,
    durationMs: durationMs + MAX_LATER_MS,
    capacities: capacities.map(({ at, bitrateBps }, i) => ({
      at: at + (i === 0 ? laterMs : recoversLaterMs),
      bitrateBps,
    })),
    outages: outages.map(({ fromMs, toMs }) => ({
      fromMs: fromMs + laterMs,
      toMs: toMs + laterMs,
    })),
    ...(recoversFrom === undefined || scenario.calls !== undefined
      ? {}
      : { recoversFrom: recoversFrom + recoversLaterMs }),
  };
}

/** All of them, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  { ...STEADY, name: 'steady', title: 'steady, queue of 200 ms' },
  { ...STEADY, name: 'steady-100', title: 'steady, queue of 100 ms', queueMs: 100 },
  { ...STEADY, name: 'rfc8888', title: 'feedback of RFC 8888', calls: [{ feedback: 'rfc8888' }] },
  { ...STEADY, name: 'unpadded', title: 'nothing to pad with', calls: [{ hasPadding: false }] },
  { ...STEADY, name: 'loss-1', title: 'random loss of 1%', loss: 0.01 },
  { ...STEADY, name: 'loss-5', title: 'random loss of 5%', loss: 0.05 },
  { ...STEADY, name: 'loss-10', title: 'random loss of 10%', loss: 0.1 },
  { ...STEADY, name: 'loss-20', title: 'random loss of 20%', loss: 0.2 },
  { ...STEADY, name: 'jitter', title: 'jitter of 30 ms', jitterMs: 30 },
  { ...STEADY, name: 'far', title: 'round trip of 200 ms', roundTripMs: 200 },
  {
    ...STEADY,
    name: 'slow',
    title: '200 kbit/s',
    capacityBps: 0.2 * MBPS,
    calls: [{ control: { startBitrateBps: 100_000 } }],
  },
  {
    ...STEADY,
    name: 'fast',
    title: '20 Mbit/s',
    capacityBps: 20 * MBPS,
    calls: [{ demandBps: 100 * MBPS }],
  },
  {
    name: 'drop',
    title: '2, 0.5 and 2 Mbit/s again, queue of 100 ms (400 ms at 0.5)',
    durationMs: 90_000,
    queueMs: 100,
    capacities: DROP,
    from: 5000,
    recoversFrom: 60_000,
    hasChart: true,
  },
  {
    name: 'drop-50',
    title: 'the same, queue of 50 ms (200 ms at 0.5)',
    durationMs: 90_000,
    queueMs: 50,
    capacities: DROP,
    from: 5000,
    recoversFrom: 60_000,
  },
  {
    name: 'drop-200',
    title: 'the same, queue of 200 ms (800 ms at 0.5)',
    durationMs: 90_000,
    capacities: DROP,
    from: 5000,
    recoversFrom: 60_000,
  },
  {
    name: 'demand',
    title: 'the application sends 0.3 Mbit/s, and from 30 s on all it may',
    durationMs: 60_000,
    calls: [{ demandBps: 0.3 * MBPS, demands: [{ at: 30_000, bitrateBps: 10 * MBPS }] }],
    from: 30_000,
    recoversFrom: 30_000,
    hasChart: true,
  },
  {
    name: 'outage',
    title: 'nothing gets through from 20 to 30 s',
    durationMs: 60_000,
    outages: [{ fromMs: 20_000, toMs: 30_000 }],
    from: 30_000,
    recoversFrom: 30_000,
  },
  {
    name: 'two-calls',
    title: 'a second call from 20 s on',
    durationMs: 120_000,
    calls: [{}, { startAt: 20_000 }],
    from: 60_000,
    hasChart: true,
  },
  {
    name: 'newreno',
    title: 'TCP from 20 s on (NewReno), queue of 200 ms',
    durationMs: 120_000,
    windowFlows: [{ algorithm: 'newreno', startAt: 20_000 }],
    from: 30_000,
  },
  {
    name: 'newreno-100',
    title: 'TCP from 20 s on (NewReno), queue of 100 ms',
    durationMs: 120_000,
    queueMs: 100,
    windowFlows: [{ algorithm: 'newreno', startAt: 20_000 }],
    from: 30_000,
  },
  {
    name: 'cubic',
    title: 'TCP from 20 s on (CUBIC), queue of 200 ms',
    durationMs: 120_000,
    windowFlows: [{ algorithm: 'cubic', startAt: 20_000 }],
    from: 30_000,
    hasChart: true,
  },
  {
    name: 'cubic-100',
    title: 'TCP from 20 s on (CUBIC), queue of 100 ms',
    durationMs: 120_000,
    queueMs: 100,
    windowFlows: [{ algorithm: 'cubic', startAt: 20_000 }],
    from: 30_000,
  },
];
