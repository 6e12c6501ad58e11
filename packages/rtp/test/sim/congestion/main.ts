// Media congestion control on simulated paths, in virtual time: `pnpm bench:congestion` prints the table of docs/performance.md and, with --charts, draws its pictures. The same on every machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Line, type Panel, renderChart } from './chart.ts';
import {
  type CallResult,
  type ExperimentResult,
  runExperiment,
  windowFlowBps,
} from './experiment.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const CHARTS = new URL('../../../../../docs/media-congestion-control/', import.meta.url);
const CAPACITY_BPS = 2e6;
const BIN_MS = 250;
const RECOVERED = 0.8;

const { values: args } = parseArgs({
  options: { charts: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const only = args.only?.split(',');

print(['path', 'used of it', 'queue median / 95%, ms', 'frame, 95%, ms', 'filled again after']);
print(['---', '--:', '--:', '--:', '--:']);
for (const scenario of SCENARIOS) {
  if (only !== undefined && !only.includes(scenario.name)) continue;
  const result = runExperiment(scenario);
  print(row(scenario, result));
  if (args.charts && scenario.hasChart === true) {
    mkdirSync(CHARTS, { recursive: true });
    writeFileSync(new URL(`${scenario.name}.svg`, CHARTS), chart(scenario, result));
  }
}

function row(scenario: Scenario, result: ExperimentResult): string[] {
  const { from, to = scenario.durationMs } = scenario;
  const first = result.calls[0] as CallResult;
  const rates = result.calls.map((each) => each.bitrateBps(from, to));
  const tcpBps = result.windowFlows.length === 0 ? [] : [windowFlowBps(result, 0, from, to)];
  const capacity = meanCapacity(scenario, from, to);
  const shares = [...rates, ...tcpBps].map((each) => `${((100 * each) / capacity).toFixed(0)}%`);
  const queue = [0.5, 0.95].map((q) => first.queueingMs(q, from, to).toFixed(0)).join(' / ');
  return [
    scenario.title,
    shares.join(' + '),
    queue,
    first.frameDelayMs(0.95, from, to).toFixed(0),
    recovery(scenario, first),
  ];
}

function recovery({ durationMs, recoversFrom }: Scenario, call: CallResult): string {
  if (recoversFrom === undefined) return '';
  for (let at = recoversFrom; at < durationMs; at += 100) {
    if (call.bitrateBps(at, at + 1000) >= RECOVERED * CAPACITY_BPS) {
      return `${((at - recoversFrom) / 1000).toFixed(1)} s`;
    }
  }
  return 'not';
}

function capacityAt(
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

function chart(scenario: Scenario, result: ExperimentResult): string {
  const times = Array.from({ length: scenario.durationMs / BIN_MS }, (_, i) => i * BIN_MS);
  const [first, second] = result.calls as [CallResult, CallResult | undefined];
  const rate = (call: CallResult): number[] =>
    times.map((at) => call.bitrateBps(at, at + BIN_MS) / 1e6);
  const lines: Line[] = [
    {
      label: 'path',
      color: '#999',
      isDashed: true,
      values: times.map((at) => capacityAt(scenario, at) / 1e6),
    },
    { label: 'target', color: '#e69f00', values: times.map((at) => first.targetBps(at) / 1e6) },
    { label: 'call', color: '#0072b2', values: rate(first) },
  ];
  if (second !== undefined) {
    lines.push({ label: 'second call', color: '#009e73', values: rate(second) });
  }
  if (result.windowFlows.length > 0) {
    lines.push({
      label: 'TCP',
      color: '#cc79a7',
      values: times.map((at) => windowFlowBps(result, 0, at, at + BIN_MS) / 1e6),
    });
  }
  const delay: Panel = {
    label: 'time in the queue, 95% of the packets, ms',
    atLeast: 100,
    lines: [
      {
        label: 'call',
        color: '#0072b2',
        values: times.map((at) => first.queueingMs(0.95, at, at + BIN_MS)),
      },
    ],
  };
  return renderChart(scenario.title, scenario.durationMs / 1000, [
    { label: 'Mbit/s', atLeast: 2, lines },
    delay,
  ]);
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}
