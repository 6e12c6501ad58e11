// Congestion control on simulated paths: goodput, retransmissions, queueing and fairness, in virtual time.
// The same figures on every machine.
import type { CongestionControlName } from '@kaon/sctp';
import type { LinkOptions } from '@kaon/simnet';
import { defineCommand, runMain } from 'citty';
import { type FlowOptions, type FlowResult, runFlows } from './flows.ts';

const CONTROLLERS: readonly CongestionControlName[] = ['newreno', 'cubic', 'bbr'];
const RTTS_MS = [10, 40, 150];
const LOSSES = [0, 0.001, 0.01, 0.03];
/** Fast, and yet not so fast that a simulated second takes minutes. */
const FAST_LINK_BPS = 200e6;
const BOTTLENECK_BPS = 50e6;
const BOTTLENECK_PACKETS = 100;
const BOTTLENECK_RTT_MS = 40;
/** What is left of the rate for messages: headers of IP, UDP, SCTP and DATA aside. */
const PAYLOAD_SHARE = 1132 / 1188;

const fastLink = (loss: number): LinkOptions => ({
  outbound: { rateBps: FAST_LINK_BPS, queueBytes: 4e6, loss },
  inbound: { loss },
});
const bottleneck: LinkOptions = {
  outbound: {
    rateBps: BOTTLENECK_BPS,
    queuePackets: BOTTLENECK_PACKETS,
    queueBytes: Number.POSITIVE_INFINITY,
  },
};

const command = defineCommand({
  meta: { name: 'bench:simulated', description: 'Congestion control on simulated paths' },
  args: {
    seconds: {
      type: 'string',
      description: 'Virtual seconds measured on each path',
      default: '20',
    },
    only: { type: 'string', description: 'Only these of paths, bottleneck, sharing, by commas' },
    control: { type: 'string', description: 'Only these of newreno, cubic, bbr, by commas' },
  },
  run({ args }) {
    const durationMs = 1000 * Number(args.seconds);
    const parts = args.only?.split(',') ?? ['paths', 'bottleneck', 'sharing'];
    const names = args.control?.split(',');
    const controls = CONTROLLERS.filter((each) => names?.includes(each) ?? true);
    if (parts.includes('paths')) printPaths(controls, durationMs);
    if (parts.includes('bottleneck')) printBottleneck(controls, durationMs);
    if (parts.includes('sharing')) printSharing(controls, durationMs);
  },
});

/** Rows are paths; of each algorithm the goodput, and the share of chunks sent again. */
function printPaths(controls: readonly CongestionControlName[], durationMs: number): void {
  print([`round trip, loss`, ...controls.map((each) => `${each}, MB/s (sent again)`)]);
  print(['---', ...controls.map(() => '--:')]);
  for (const rttMs of RTTS_MS) {
    for (const loss of LOSSES) {
      const cells = controls.map((congestionControl) => {
        const [flow] = runFlows([{ congestionControl }], {
          link: fastLink(loss),
          rttMs,
          warmUpMs: 5000,
          durationMs,
          seed: 'paths',
        }) as [FlowResult];
        return `${megabytes(flow)} (${percent(flow.retransmissionRatio)})`;
      });
      print([`${rttMs} ms, ${percent(loss)}`, ...cells]);
    }
  }
  console.log();
}

function printBottleneck(controls: readonly CongestionControlName[], durationMs: number): void {
  print(['50 Mbit/s, 40 ms, 100 packets', 'of the rate', 'sent again', 'queueing mean / p95, ms']);
  print(['---', '--:', '--:', '--:']);
  for (const congestionControl of controls) {
    const [flow] = share([{ congestionControl }], 5000, durationMs) as [FlowResult];
    const queueing = `${flow.meanQueueingMs.toFixed(1)} / ${flow.p95QueueingMs.toFixed(1)}`;
    print([congestionControl, ofRate([flow]), percent(flow.retransmissionRatio), queueing]);
  }
  console.log();
}

/** The second flow comes ten seconds after the first. */
function printSharing(controls: readonly CongestionControlName[], durationMs: number): void {
  print(['first + second', 'shares', 'Jain', 'of the rate', 'queueing mean, ms']);
  print(['---', '--:', '--:', '--:', '--:']);
  for (const [i, first] of controls.entries()) {
    for (const second of controls.slice(0, i + 1)) {
      const flows = [
        { congestionControl: first },
        { congestionControl: second, startAt: 10_000 },
      ] as const;
      const results = share(flows, 20_000, 3 * durationMs);
      const total = results.reduce((sum, { goodputBps }) => sum + goodputBps, 0);
      const shares = results.map(({ goodputBps }) => percent(goodputBps / total)).join(' + ');
      const queueing = (results[0]?.meanQueueingMs ?? 0).toFixed(1);
      print([`${first} + ${second}`, shares, jain(results).toFixed(3), ofRate(results), queueing]);
    }
  }
}

function share(flows: readonly FlowOptions[], warmUpMs: number, durationMs: number): FlowResult[] {
  const rttMs = BOTTLENECK_RTT_MS;
  return runFlows(flows, { link: bottleneck, rttMs, warmUpMs, durationMs, seed: 'bottleneck' });
}

function ofRate(flows: readonly FlowResult[]): string {
  const total = flows.reduce((sum, { goodputBps }) => sum + goodputBps, 0);
  return percent((8 * total) / (BOTTLENECK_BPS * PAYLOAD_SHARE));
}

/** Jain's index of fairness: 1 if all get the same, 1/n if one gets all. */
function jain(flows: readonly FlowResult[]): number {
  const rates = flows.map(({ goodputBps }) => goodputBps);
  const sum = rates.reduce((a, b) => a + b, 0);
  return sum ** 2 / (rates.length * rates.reduce((a, b) => a + b * b, 0));
}

function megabytes({ goodputBps }: FlowResult): string {
  const value = goodputBps / 1e6;
  return value.toFixed(value < 10 ? 2 : 1);
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)}%`;
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

await runMain(command);
