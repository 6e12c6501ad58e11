// Media congestion control on simulated paths, in virtual time: `pnpm bench:congestion` prints the table of docs/performance.md and, with --charts, draws its pictures; or, with --seeds N, N runs of each path, of which it prints median, 95% and worst. The same on every machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Line, type Panel, renderChart } from './chart.ts';
import {
  type CallResult,
  type ExperimentResult,
  runExperiment,
  windowFlowBps,
} from './experiment.ts';
import { BIN_MS, capacityAt, type Measurement, measure } from './measure.ts';
import { SCENARIOS, type Scenario, variant } from './scenarios.ts';

const CHARTS = new URL('../../../../../docs/media-congestion-control/', import.meta.url);

const { values: args } = parseArgs({
  options: {
    charts: { type: 'boolean', default: false },
    only: { type: 'string' },
    seeds: { type: 'string' },
  },
});
const only = args.only?.split(',');
const names = SCENARIOS.map(({ name }) => name);
for (const name of only ?? []) {
  if (!names.includes(name)) {
    throw new RangeError(`--only: no path named ${name}; there are ${names.join(', ')}.`);
  }
}

const seeds = args.seeds === undefined ? undefined : Number(args.seeds);
if (seeds !== undefined && !(Number.isInteger(seeds) && seeds > 0)) {
  throw new RangeError(`--seeds: a whole number of 1 or more, not ${args.seeds}.`);
}
if (seeds !== undefined && args.charts) {
  throw new RangeError(
    `--charts: without --seeds, because a chart shows one run, not ${seeds} of each path.`,
  );
}
const isRow = seeds === undefined;
print(
  isRow
    ? ['path', 'used of it', 'queue median / 95%, ms', 'frame, 95%, ms', 'filled again after']
    : ['path', 'used of it', 'queue 95%, ms', 'short again after', 'filled again after'],
);
print(['---', '--:', '--:', '--:', '--:']);
for (const scenario of SCENARIOS) {
  if (only !== undefined && !only.includes(scenario.name)) continue;
  if (seeds !== undefined) {
    const runs = Array.from({ length: seeds }, (_, seed) => run(variant(scenario, seed)));
    print(survey(scenario, runs));
    continue;
  }
  const result = runExperiment(scenario);
  print(row(scenario, measure(scenario, result)));
  if (args.charts && scenario.hasChart === true) {
    mkdirSync(CHARTS, { recursive: true });
    writeFileSync(new URL(`${scenario.name}.svg`, CHARTS), chart(scenario, result));
  }
}

function run(scenario: Scenario): Measurement {
  return measure(scenario, runExperiment(scenario));
}

function row({ title }: Scenario, run: Measurement): string[] {
  return [
    title,
    run.shares.map(percent).join(' + '),
    `${run.queueMedianMs.toFixed(0)} / ${run.queue95Ms.toFixed(0)}`,
    run.frame95Ms.toFixed(0),
    run.recoveryMs === undefined ? '' : seconds(run.recoveryMs),
  ];
}

/** Many runs of a scenario: of each figure the median, 95% and the worst. */
function survey({ title }: Scenario, runs: readonly Measurement[]): string[] {
  const shares = (runs[0] as Measurement).shares.map((_, i) =>
    spread(
      runs.map((run) => -(run.shares[i] as number)),
      (share) => percent(-share),
    ),
  );
  return [
    title,
    shares.join(' + '),
    spread(
      runs.map(({ queue95Ms }) => queue95Ms),
      (ms) => ms.toFixed(0),
    ),
    spread(
      runs.flatMap(({ shortAgainMs }) => shortAgainMs ?? []),
      seconds,
    ),
    spread(
      runs.flatMap(({ recoveryMs }) => recoveryMs ?? []),
      seconds,
    ),
  ];
}

function spread(values: readonly number[], format: (value: number) => string): string {
  if (values.length === 0) return '';
  const sorted = ascending(values);
  return [0.5, 0.95, 1]
    .map((q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number)
    .map(format)
    .join(' / ');
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function seconds(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'not' : `${(ms / 1000).toFixed(1)} s`;
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
