import { describe, expect, test } from 'vitest';
import { AcknowledgedBitrate } from './acknowledged-bitrate.ts';
import { InterArrival } from './inter-arrival.ts';
import { OveruseDetector } from './overuse-detector.ts';
import { TrendlineEstimator } from './trendline-estimator.ts';

describe('inter-arrival times of groups (draft-ietf-rmcat-gcc-02 §5.2)', () => {
  test('packets sent within 5 ms are one group; deltas are between last packets', () => {
    const interArrival = new InterArrival();
    const completes = [
      [0, 100],
      [5, 106],
      [20, 121],
      [24, 127],
      [40, 150],
    ].map(([sent, arrived]) => interArrival.add(sent as number, arrived as number, 0));
    expect(completes).toEqual([false, false, false, false, true]);
    expect(interArrival).toMatchObject({ sendDeltaMs: 19, arrivalDeltaMs: 21 });
  });

  test('packets that arrive in a burst after having been held up are one group', () => {
    const interArrival = new InterArrival();
    for (const [sent, arrived] of [
      [0, 100],
      [20, 190],
      [40, 190.5],
      [60, 191],
    ] as const) {
      expect(interArrival.add(sent, arrived, 0)).toBe(false);
    }
    expect(interArrival.add(100, 220, 0)).toBe(true);
    expect(interArrival).toMatchObject({ sendDeltaMs: 60, arrivalDeltaMs: 91 });
  });

  test('a reordered packet belongs to no group', () => {
    const interArrival = new InterArrival();
    interArrival.add(0, 100, 0);
    interArrival.add(20, 120, 0);
    interArrival.add(10, 125, 0);
    expect(interArrival.add(40, 140, 0)).toBe(true);
    expect(interArrival.arrivalDeltaMs).toBe(20);
  });

  test('a clock that jumps makes it begin anew', () => {
    const interArrival = new InterArrival();
    interArrival.add(0, 0, 0);
    interArrival.add(20, 20, 20);
    expect(interArrival.add(40, 9000, 40)).toBe(true);
    expect(interArrival.add(60, 9020, 60)).toBe(false); // The jump lies in the group now complete.
    interArrival.add(80, 9040, 80);
    expect(interArrival.add(100, 9060, 100)).toBe(false);
    expect(interArrival.add(120, 9080, 120)).toBe(true);
    expect(interArrival.arrivalDeltaMs).toBe(20);
  });
});

describe('the slope of the delay (§5.3)', () => {
  function slopeOf(extraMs: (group: number) => number, groups = 60): number {
    const trendline = new TrendlineEstimator();
    let arrival = 5000;
    for (let i = 0; i < groups; i++) {
      arrival += 10 + extraMs(i);
      trendline.add(10, 10 + extraMs(i), arrival);
    }
    return trendline.modifiedTrend;
  }

  test('is none while the delay does not change, whatever it is', () => {
    expect(slopeOf(() => 0)).toBe(0);
    expect(Math.abs(slopeOf((i) => (i === 0 ? 50 : 0)))).toBeLessThan(1);
  });

  test('is that of a queue that grows or drains', () => {
    // 1 ms more every 11 ms: a slope of 1/11, times the gain of 4 and 60 groups.
    expect(slopeOf(() => 1)).toBeCloseTo((60 * 4) / 11, 0);
    expect(slopeOf(() => -1)).toBeLessThan(-20);
  });

  test('counts for less while few groups have come, and for nothing below twenty', () => {
    expect(slopeOf(() => 1, 19)).toBe(0);
    expect(slopeOf(() => 1, 25)).toBeLessThan(slopeOf(() => 1, 60));
  });
});

describe('the overuse detector (§5.4)', () => {
  test('signals a trend above the threshold that lasts and does not fall', () => {
    const detector = new OveruseDetector();
    expect(detector.update(20, 10, 60, 0)).toBe('normal');
    expect(detector.update(20, 10, 60, 10)).toBe('overusing');
    expect(detector.update(-20, 10, 60, 20)).toBe('underusing');
    expect(detector.update(0, 10, 60, 30)).toBe('normal');
  });

  test('a spike is no overuse, and a trend that falls back is none', () => {
    const detector = new OveruseDetector();
    detector.update(20, 10, 60, 0);
    expect(detector.update(0, 10, 60, 10)).toBe('normal');
    detector.update(26, 10, 60, 20);
    expect(detector.update(25, 10, 60, 30)).toBe('normal');
  });

  test('the threshold follows the trend, up in a tenth of a second, down in seconds, and ignores spikes', () => {
    const detector = new OveruseDetector();
    let now = 0;
    const hold = (trend: number, ms: number): number => {
      for (const end = now + ms; now < end; now += 10) detector.update(trend, 10, 60, now);
      return detector.thresholdMs;
    };
    expect(hold(100, 1000)).toBe(12.5);
    const risen = hold(25, 300);
    expect(risen).toBeGreaterThan(20);
    expect(risen).toBeLessThan(25);
    expect(hold(0, 300)).toBeGreaterThan(15);
    expect(hold(0, 2000)).toBe(6);
  });
});

describe('what arrives (§5.5)', () => {
  /** Packets of 1250 bytes at `bitrateBps` for `ms`; returns when the last arrived. */
  function receive(
    rate: AcknowledgedBitrate,
    bitrateBps: number,
    from: number,
    ms: number,
  ): number {
    const interval = (8000 * 1250) / bitrateBps;
    let at = from;
    for (; at < from + ms; at += interval) rate.add(at, 1250, false);
    return at;
  }

  test('is unknown for half a second, then the mean', () => {
    const rate = new AcknowledgedBitrate();
    receive(rate, 1e6, 0, 450);
    expect(rate.bitrateBps).toBeUndefined();
    receive(rate, 1e6, 450, 300);
    expect(rate.bitrateBps).toBeGreaterThan(0.9e6);
    expect(rate.bitrateBps).toBeLessThan(1.1e6);
  });

  test('follows a change within a second or two, and faster when it is expected', () => {
    const after = (isExpected: boolean): number => {
      const rate = new AcknowledgedBitrate();
      const now = receive(rate, 1e6, 0, 3000);
      if (isExpected) rate.expectChange();
      receive(rate, 3e6, now, 600);
      return rate.bitrateBps as number;
    };
    expect(after(true)).toBeGreaterThan(after(false));
    const rate = new AcknowledgedBitrate();
    receive(rate, 3e6, receive(rate, 1e6, 0, 3000), 4000);
    expect(rate.bitrateBps).toBeGreaterThan(2.4e6);
  });

  test('a clock that was set back does no harm', () => {
    const rate = new AcknowledgedBitrate();
    receive(rate, 1e6, 10_000, 3000);
    receive(rate, 1e6, 0, 3000);
    expect(rate.bitrateBps).toBeGreaterThan(0.85e6);
    expect(rate.bitrateBps).toBeLessThan(1.15e6);
  });
});
