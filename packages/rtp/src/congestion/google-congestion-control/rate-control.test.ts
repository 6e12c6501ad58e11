import { describe, expect, test } from 'vitest';
import { AimdRateControl } from './aimd-rate-control.ts';
import { AlrDetector } from './alr-detector.ts';
import { LinkCapacity } from './link-capacity.ts';
import { RoundTripBackoff } from './round-trip-backoff.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;

describe('the rate controller (draft-ietf-rmcat-gcc-02 §5.5)', () => {
  test('backs off to 85% of what arrives', () => {
    const control = new AimdRateControl(1_000_000);
    expect(control.update('overusing', 800_000, NO_LIMIT, 0)).toBe(0.85 * 800_000 - 5000);
  });

  test('does not grow before it knows anything of the path', () => {
    const control = new AimdRateControl(1_000_000);
    for (let now = 0; now < 5000; now += 100) control.update('normal', 900_000, NO_LIMIT, now);
    expect(control.bitrateBps).toBe(1_000_000);
  });

  test('grows by 8% a second while the capacity is unknown', () => {
    const control = new AimdRateControl(1_000_000);
    control.setBitrate(1_000_000, 0);
    for (let now = 0; now <= 1000; now += 100) control.update('normal', 1_000_000, NO_LIMIT, now);
    expect(control.bitrateBps).toBeCloseTo(1_080_000, -3);
  });

  test('grows by half a packet in a response time near convergence', () => {
    const control = new AimdRateControl(1_000_000);
    control.roundTripMs = 30;
    control.update('overusing', 1_000_000, NO_LIMIT, 0);
    const before = control.bitrateBps;
    for (let now = 100; now <= 1100; now += 100) control.update('normal', 900_000, NO_LIMIT, now);
    // 845 kbit/s is 3521 bytes a frame, three packets of 9389 bits; half of one in 130 ms.
    expect(control.bitrateBps - before).toBeGreaterThan(32_500);
    expect(control.bitrateBps - before).toBeLessThan(36_500);
  });

  test.each([
    [1, 30_000],
    [2, 30_000],
    [20, 94_900],
  ])(
    'grows by no less than 30 kbit/s a second at %d Mbit/s, times the root of what is beyond 2, however far it is',
    (mbps, bpsPerSecond) => {
      const control = new AimdRateControl(1_000_000 * mbps);
      control.roundTripMs = 500;
      control.update('overusing', (1_000_000 * mbps + 5000) / 0.85, NO_LIMIT, 0);
      const before = control.bitrateBps;
      for (let now = 100; now <= 1100; now += 100) {
        control.update('normal', before, NO_LIMIT, now);
      }
      const grown = control.bitrateBps - before;
      expect(grown).toBeGreaterThan(0.98 * bpsPerSecond);
      expect(grown).toBeLessThan(1.05 * bpsPerSecond);
    },
  );

  test('grows by 5% a second at the most near convergence, where half a packet is more', () => {
    const control = new AimdRateControl(200_000);
    control.roundTripMs = 50;
    control.update('overusing', 200_000, NO_LIMIT, 0);
    const before = control.bitrateBps;
    for (let now = 100; now <= 1100; now += 100) control.update('normal', 200_000, NO_LIMIT, now);
    expect(control.bitrateBps / before).toBeGreaterThan(1.045);
    expect(control.bitrateBps / before).toBeLessThan(1.06);
  });

  test('holds still while the queues drain', () => {
    const control = new AimdRateControl(1_000_000);
    control.setBitrate(1_000_000, 0);
    for (let now = 0; now < 5000; now += 100) control.update('underusing', 1e6, NO_LIMIT, now);
    expect(control.bitrateBps).toBe(1_000_000);
  });

  test('does not grow beyond 1.5 times what arrives, nor beyond the limit', () => {
    const grown = (acknowledgedBps: number, limitBps: number): number => {
      const control = new AimdRateControl(1_000_000);
      control.setBitrate(1_000_000, 0);
      for (let now = 0; now < 60_000; now += 100) {
        control.update('normal', acknowledgedBps, limitBps, now);
      }
      return control.bitrateBps;
    };
    expect(grown(1_000_000, NO_LIMIT)).toBe(1_510_000);
    expect(grown(1_000_000, 1_200_000)).toBe(1_200_000);
    expect(grown(100_000, NO_LIMIT)).toBe(1_000_000);
  });

  test('may back off once a round trip, and at once if far too much is sent', () => {
    const control = new AimdRateControl(1_000_000);
    control.roundTripMs = 100;
    control.update('overusing', 1_000_000, NO_LIMIT, 0);
    expect(control.mayDecrease(800_000, 50)).toBe(false);
    expect(control.mayDecrease(300_000, 50)).toBe(true);
    expect(control.mayDecrease(800_000, 100)).toBe(true);
  });
});

describe('the capacity of the path', () => {
  test('is known after overuse, within three deviations', () => {
    const capacity = new LinkCapacity();
    expect(capacity.bitrateBps).toBeUndefined();
    expect(capacity).toMatchObject({ lowerBoundBps: 0, upperBoundBps: NO_LIMIT });
    for (const each of [1_000_000, 1_040_000, 960_000]) capacity.onOveruse(each);
    expect(capacity.bitrateBps).toBeCloseTo(1_000_000, -4);
    expect(capacity.upperBoundBps).toBeGreaterThan(1_050_000);
    expect(capacity.lowerBoundBps).toBeLessThan(950_000);
    capacity.onProbe(2_000_000);
    expect(capacity.bitrateBps).toBeCloseTo(1_500_000, -4);
  });
});

describe('the application-limited region', () => {
  test('begins when the application has sent little for a while, and ends when it sends again', () => {
    const detector = new AlrDetector();
    detector.bitrateBps = 1_000_000;
    let now = 0;
    const send = (bitrateBps: number, ms: number): boolean => {
      for (const end = now + ms; now < end; now += 10) {
        detector.onPacketSent((bitrateBps * 10) / 8000, now);
      }
      return detector.isLimited;
    };
    expect(send(1_000_000, 2000)).toBe(false);
    expect(send(200_000, 500)).toBe(false);
    expect(send(200_000, 2000)).toBe(true);
    expect(detector.since).toBeGreaterThan(2000);
    expect(send(1_000_000, 1000)).toBe(false);
  });
});

describe('backing off without feedback', () => {
  test('begins three seconds after the last, by a fifth each second', () => {
    const backoff = new RoundTripBackoff();
    backoff.onFeedback(100, 0);
    let bitrate = 1_000_000;
    const at = (now: number): number => {
      bitrate = backoff.onPacketSent(bitrate, now);
      return bitrate;
    };
    expect([at(1000), at(2900), at(2901), at(3000), at(3901)]).toEqual([
      1_000_000, 1_000_000, 800_000, 800_000, 640_000,
    ]);
    for (let now = 4000; now < 60_000; now += 100) at(now);
    expect(bitrate).toBe(5000);
    backoff.onFeedback(100, 60_000);
    expect(at(60_010)).toBe(5000);
  });
});
