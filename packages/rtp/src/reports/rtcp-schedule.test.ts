import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { type RtcpIntervalInput, RtcpSchedule, rtcpIntervalMs } from './rtcp-schedule.ts';

const base: RtcpIntervalInput = {
  members: 2,
  senders: 1,
  weSent: true,
  rtcpBandwidthBps: 50_000,
  averageBytes: 128,
  minIntervalMs: 0,
  isInitial: false,
};
// e - 3/2 (RFC 3550 §6.3.1)
const COMPENSATION = Math.E - 1.5;

describe('the interval between reports (RFC 3550 §6.3.1)', () => {
  test('bandwidth is shared by all while more than a quarter send, else divided', () => {
    const deterministic = (input: Partial<RtcpIntervalInput>): number =>
      rtcpIntervalMs({ ...base, ...input }, 0.5) * COMPENSATION;
    const one = (128 * 8 * 1000) / 50_000; // Alone with all of the bandwidth.
    expect(deterministic({})).toBeCloseTo(2 * one);
    expect(deterministic({ members: 100, senders: 10 })).toBeCloseTo((10 * one) / 0.25);
    expect(deterministic({ members: 100, senders: 10, weSent: false })).toBeCloseTo(
      (90 * one) / 0.75,
    );
    expect(deterministic({ members: 100, senders: 50 })).toBeCloseTo(100 * one);
  });

  test('has a minimum, which is halved for the first report, and is a half to one and a half of it', () => {
    const input = { ...base, minIntervalMs: 5000 };
    expect(rtcpIntervalMs(input, 0) * COMPENSATION).toBeCloseTo(2500);
    expect(rtcpIntervalMs(input, 1) * COMPENSATION).toBeCloseTo(7500);
    expect(rtcpIntervalMs({ ...input, isInitial: true }, 0.5) * COMPENSATION).toBeCloseTo(2500);
  });
});

function scheduleOf(minIntervalMs?: number, rtcpBandwidthBps?: number): RtcpSchedule {
  return new RtcpSchedule({
    random: new SeededRandom(7),
    ...(minIntervalMs !== undefined && { minIntervalMs }),
    ...(rtcpBandwidthBps !== undefined && { rtcpBandwidthBps }),
  });
}

/** The times at which it fires until `end`. */
function run(schedule: RtcpSchedule, end: number): number[] {
  const times: number[] = [];
  while (schedule.nextTimeout <= end) {
    const now = schedule.nextTimeout;
    if (!schedule.expire(now)) continue;
    times.push(now);
    schedule.noteSent(100, now);
  }
  return times;
}

describe('the timer of reports (RFC 3550 §6.3)', () => {
  test('does not run before the session begins, nor after it ended', () => {
    const schedule = scheduleOf();
    expect([schedule.nextTimeout, schedule.expire(1e6)]).toEqual([Infinity, false]);
    schedule.start(100);
    expect(schedule.nextTimeout).toBeGreaterThan(100);
    schedule.stop();
    expect(schedule.nextTimeout).toBe(Infinity);
  });

  test('two parties report about once in the minimum interval, at times that vary', () => {
    const schedule = scheduleOf(1000);
    schedule.start(0);
    schedule.setParties(2, 1, true, 0);
    const times = run(schedule, 1_000_000);
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
    // Reconsideration keeps the later of two draws: the mean is the deterministic interval again (§6.3.1).
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(900);
    expect(mean).toBeLessThan(1150);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500 / COMPENSATION);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1500 / COMPENSATION);
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(100);
  });

  test('a session that has grown puts a report off (§6.3.6); one that shrank brings it on (§6.3.4)', () => {
    const schedule = scheduleOf(100, 10_000);
    schedule.start(0);
    schedule.setParties(100, 50, true, 0);
    run(schedule, 100_000);
    const before = schedule.nextTimeout;
    schedule.setParties(1000, 500, true, 100_000);
    expect(schedule.expire(before)).toBe(false);
    const putOff = schedule.nextTimeout;
    expect(putOff - before).toBeGreaterThan(10_000);
    run(schedule, putOff);
    const later = schedule.nextTimeout;
    schedule.setParties(10, 5, true, putOff);
    expect(schedule.nextTimeout - putOff).toBeCloseTo((later - putOff) / 100);
  });

  test("names the caller's fault", () => {
    expect(() => scheduleOf(-1)).toThrow(/minIntervalMs is -1/);
    expect(() => scheduleOf(0, 0)).toThrow(/rtcpBandwidthBps is 0/);
    const schedule = scheduleOf();
    expect(() => {
      schedule.rtcpBandwidthBps = Number.NaN;
    }).toThrow(/rtcpBandwidthBps is NaN/);
    schedule.rtcpBandwidthBps = 1000;
    expect(schedule.rtcpBandwidthBps).toBe(1000);
  });
});
