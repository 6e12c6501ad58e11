// What a run of a scenario comes to: the figures of a row of docs/performance.md.
import { type CallResult, type ExperimentResult, windowFlowBps } from './experiment.ts';
import type { Scenario } from './scenarios.ts';

const CAPACITY_BPS = 2e6;
export const BIN_MS = 250;
const RECOVERED = 0.8;
const SHORT_MS = 100;

/** The figures of a run. */
export interface Measurement {
  /** What each call, and then TCP, had of the path; 1 is all of it. */
  readonly shares: readonly number[];
  /** Of the first call's packets, milliseconds. */
  readonly queueMedianMs: number;
  readonly queue95Ms: number;
  readonly frame95Ms: number;
  /** How long it took until a second's mean was 80% of the path again; undefined if that is not measured. */
  readonly recoveryMs: number | undefined;
  /** How long it took after the path shrank until 95% of a second's packets waited less than 100 ms. */
  readonly shortAgainMs: number | undefined;
}

/** Measures a run, seconds `from` to `to` of the scenario. */
export function measure(scenario: Scenario, result: ExperimentResult): Measurement {
  const { from, to = scenario.durationMs } = scenario;
  const first = result.calls[0] as CallResult;
  const rates = result.calls.map((each) => each.bitrateBps(from, to));
  if (result.windowFlows.length > 0) rates.push(windowFlowBps(result, 0, from, to));
  const capacity = meanCapacity(scenario, from, to);
  return {
    shares: rates.map((each) => each / capacity),
    queueMedianMs: first.queueingMs(0.5, from, to),
    queue95Ms: first.queueingMs(0.95, from, to),
    frame95Ms: first.frameDelayMs(0.95, from, to),
    recoveryMs: recovery(scenario, first),
    shortAgainMs: shortAgain(scenario, first),
  };
}

function recovery({ durationMs, recoversFrom }: Scenario, call: CallResult): number | undefined {
  if (recoversFrom === undefined) return undefined;
  for (let at = recoversFrom; at + 1000 <= durationMs; at += 100) {
    if (call.bitrateBps(at, at + 1000) >= RECOVERED * CAPACITY_BPS) return at - recoversFrom;
  }
  return Number.POSITIVE_INFINITY;
}

function shortAgain({ capacities, durationMs }: Scenario, call: CallResult): number | undefined {
  const shrinksAt = capacities?.[0]?.at;
  if (shrinksAt === undefined) return undefined;
  for (let at = shrinksAt; at + 1000 <= durationMs; at += 100) {
    if (call.queueingMs(0.95, at, at + 1000) < SHORT_MS) return at - shrinksAt;
  }
  return Number.POSITIVE_INFINITY;
}

/** What the path carries at that time. */
export function capacityAt(
  { capacityBps = CAPACITY_BPS, capacities, outages }: Scenario,
  at: number,
): number {
  if (outages?.some(({ fromMs, toMs }) => at >= fromMs && at < toMs)) return 0;
  return capacities?.findLast((each) => each.at <= at)?.bitrateBps ?? capacityBps;
}

function meanCapacity(scenario: Scenario, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += BIN_MS) sum += capacityAt(scenario, at);
  return sum / ((to - from) / BIN_MS);
}
