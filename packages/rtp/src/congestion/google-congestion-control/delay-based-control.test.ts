import { describe, expect, test } from 'vitest';
import { NO_PROBE_CLUSTER } from '../packet-result.ts';
import { DelayBasedControl } from './delay-based-control.ts';

const REPORT_MS = 100;
const PACKET_MS = 5;
const START_BPS = 1_000_000;
/** The delay rises by this in 400 ms, so that it is overuse, and then stays. */
const RISEN_MS = 200;
const RISES_AT = 2000;
const RISEN_AT = RISES_AT + 400;

function delayMs(at: number): number {
  return 25 + RISEN_MS * Math.min(1, Math.max(0, (at - RISES_AT) / (RISEN_AT - RISES_AT)));
}

/** The next report: a packet was sent every 5 ms, and so much arrives of what was to be sent. */
function report(control: DelayBasedControl, from: number, arriving: number, delay = delayMs): void {
  const arrived = Array.from({ length: REPORT_MS / PACKET_MS }, (_, i) => {
    const sendTime = from + i * PACKET_MS;
    return {
      sequenceNumber: sendTime / PACKET_MS,
      sendTime,
      arrivalTime: sendTime + delay(sendTime),
      sizeBytes: 600,
      probeClusterId: NO_PROBE_CLUSTER,
      received: true,
      wasLost: false,
      ecn: 0,
    };
  });
  control.update(arrived, from + REPORT_MS + delay(from + REPORT_MS), {
    acknowledgedBps: arriving * control.drainShare * control.bitrateBps,
    probeBps: undefined,
    maxBitrateBps: Number.POSITIVE_INFINITY,
  });
}

interface Moment {
  readonly bitrateBps: number;
  readonly usage: string;
}

/** The delay rises, and everything arrives until it has; then `arriving` of it: what was seen from then on. */
function drain(control: DelayBasedControl, arriving: number): Moment[] {
  const moments: Moment[] = [];
  let at = 0;
  for (; at < RISEN_AT || control.usage === 'overusing'; at += REPORT_MS) report(control, at, 1);
  while (control.isDraining) {
    moments.push({ bitrateBps: control.bitrateBps, usage: control.usage });
    report(control, at, arriving);
    at += REPORT_MS;
  }
  return moments;
}

describe('while a queue is drained', () => {
  test('nothing grows, and it does again when it is gone', () => {
    const control = new DelayBasedControl(START_BPS);
    const moments = drain(control, 1);
    const { bitrateBps } = control;
    // The delay itself would let it grow.
    expect(moments.filter(({ usage }) => usage === 'normal').length).toBeGreaterThan(3);
    expect(moments.map((each) => each.bitrateBps)).toEqual(moments.map(() => bitrateBps));
    for (let at = 10_000; at < 12_000; at += REPORT_MS) report(control, at, 1, () => 25);
    expect(control.bitrateBps).toBeGreaterThan(1.03 * bitrateBps);
  });

  test('a delay that is still lowers the bitrate once more only if what is sent does not arrive', () => {
    const least = (arriving: number): number => {
      const moments = drain(new DelayBasedControl(START_BPS), arriving);
      const first = (moments[0] as Moment).bitrateBps;
      return Math.min(...moments.map((each) => each.bitrateBps)) / first;
    };
    expect(least(1)).toBe(1);
    expect(least(0.85)).toBe(1);
    expect(least(0.75)).toBeLessThan(0.85 * 0.75);
  });
});
