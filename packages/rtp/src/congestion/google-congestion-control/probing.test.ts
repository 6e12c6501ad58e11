import { describe, expect, test } from 'vitest';
import type { ProbeCluster } from '../congestion-control.ts';
import type { PacketResult } from '../packet-result.ts';
import { ProbeBitrateEstimator } from './probe-bitrate-estimator.ts';
import { ProbeController } from './probe-controller.ts';

function drain(controller: ProbeController): number[] {
  const bitrates: number[] = [];
  for (let each = controller.poll(); each; each = controller.poll()) bitrates.push(each.bitrateBps);
  return bitrates;
}

/** Lets it act at each of its deadlines until `until`, with packets sent all the while. */
function run(controller: ProbeController, from: number, until: number): [number, number][] {
  const probes: [number, number][] = [];
  for (let now = from; now < until; now += 100) {
    controller.onPacketSent(now);
    if (controller.nextTimeout <= now) controller.handleTimeout(now);
    for (const bitrate of drain(controller)) probes.push([now, bitrate]);
  }
  return probes;
}

describe('when the path is probed', () => {
  test('first with 3 and 6 times the start bitrate, when the first packet is sent', () => {
    const controller = new ProbeController(300_000, 1e8, true);
    expect(drain(controller)).toEqual([]);
    controller.onPacketSent(0);
    expect(drain(controller)).toEqual([900_000, 1_800_000]);
  });

  test('further, by twice what was found, as long as that is most of what was tried', () => {
    const controller = new ProbeController(300_000, 1e8, true);
    controller.onPacketSent(0);
    drain(controller);
    controller.onEstimate(1_700_000, 100);
    expect(drain(controller)).toEqual([3_400_000]);
    controller.onEstimate(2_000_000, 200);
    expect(drain(controller)).toEqual([]);
    controller.handleTimeout(controller.nextTimeout);
    controller.onEstimate(1e7, 1300);
    expect(drain(controller)).toEqual([]);
  });

  test('not beyond the limit', () => {
    const controller = new ProbeController(300_000, 1_000_000, true);
    controller.onPacketSent(0);
    expect(drain(controller)).toEqual([900_000, 1_000_000]);
    controller.onEstimate(1_000_000, 100);
    controller.limitedSince = 200;
    expect(run(controller, 200, 30_000)).toEqual([]);
  });

  test('every five seconds while the application is the limit, if it is to', () => {
    const probesOf = (probesWhenLimited: boolean): [number, number][] => {
      const controller = new ProbeController(300_000, 1e8, probesWhenLimited);
      run(controller, 0, 1000);
      controller.limitedSince = 1000;
      return run(controller, 1000, 12_000);
    };
    expect(probesOf(true)).toEqual([
      [6000, 600_000],
      [11_000, 600_000],
    ]);
    expect(probesOf(false)).toEqual([]);
  });

  test('never while nothing is sent', () => {
    const controller = new ProbeController(300_000, 1e8, true);
    controller.onPacketSent(0);
    drain(controller);
    controller.handleTimeout(1000);
    controller.limitedSince = 1000;
    expect(controller.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('after a drop every 2.5 s, and from the second minute on every 5 s, up to what there was', () => {
    const controller = new ProbeController(300_000, 1e8, false);
    run(controller, 0, 1000);
    controller.onEstimate(2_000_000, 3000);
    run(controller, 3000, 5000);
    controller.onEstimate(500_000, 5000);
    const probes = run(controller, 5000, 120_000);
    expect(probes.slice(0, 2)).toEqual([
      [7500, 1_000_000],
      [10_000, 1_000_000],
    ]);
    expect(probes).toHaveLength(24 + 10);
    controller.onEstimate(1_900_000, 120_000);
    expect(run(controller, 120_000, 130_000)).toEqual([]);
  });

  test('not up to what only a single probe has seen', () => {
    const controller = new ProbeController(300_000, 1e8, false);
    run(controller, 0, 1000);
    for (let now = 2000; now < 8000; now += 100) controller.onEstimate(1_000_000, now);
    controller.onEstimate(5_000_000, 8000);
    for (let now = 8100; now < 9000; now += 100) controller.onEstimate(900_000, now);
    expect(run(controller, 9000, 60_000)).toEqual([]);
  });

  test('not within half a second of a queue that grows or drains', () => {
    const controller = new ProbeController(300_000, 1e8, false);
    run(controller, 0, 1000);
    controller.onEstimate(2_000_000, 2000);
    controller.onEstimate(500_000, 3000);
    controller.onUnsettled(5700);
    expect(run(controller, 3100, 7000)[0]).toEqual([6200, 1_000_000]);
  });

  test('later and later if what it gains is lost again', () => {
    const controller = new ProbeController(300_000, 1e8, false);
    run(controller, 0, 1000);
    controller.onEstimate(2_000_000, 2000);
    const probes: number[] = [];
    let now = 3000;
    for (let i = 0; i < 3; i++) {
      controller.onEstimate(500_000, now);
      while (run(controller, now, now + 100).length === 0) now += 100;
      probes.push(now);
      controller.onEstimate(800_000, now + 100);
      now += 1000;
    }
    expect(probes).toEqual([5500, 10_500, 20_500]);
  });

  test('at once when the drop came out of the application-limited region', () => {
    const controller = new ProbeController(300_000, 1e8, false);
    controller.onEstimate(2_000_000, 2000);
    controller.limitedSince = 2000;
    run(controller, 2000, 10_000);
    controller.limitedSince = Number.NaN;
    controller.onEstimate(500_000, 10_500);
    expect(run(controller, 10_500, 12_000)[0]).toEqual([10_500, 1_000_000]);
  });
});

describe('what a probe found', () => {
  const cluster: ProbeCluster = { id: 3, bitrateBps: 1_000_000, minPackets: 5, minBytes: 5000 };

  /** Six packets of 1000 bytes, 8 ms apart: 1 Mbit/s; they arrive `arrivalMs` apart. */
  function found(arrivalMs: number, count = 6, id = 3): number | undefined {
    const estimator = new ProbeBitrateEstimator();
    estimator.expect(cluster);
    let bitrate: number | undefined;
    for (let i = 0; i < count; i++) {
      const packet: PacketResult = {
        sequenceNumber: i,
        sendTime: 8 * i,
        arrivalTime: 1000 + arrivalMs * i,
        sizeBytes: 1000,
        probeClusterId: id,
        received: true,
        wasLost: false,
        ecn: 0,
      };
      bitrate = estimator.add(packet) ?? bitrate;
    }
    return bitrate;
  }

  test('is the rate it was sent at, if it arrived no slower', () => {
    expect(found(8)).toBe(1_000_000);
    expect(found(7)).toBe(1_000_000);
  });

  test('is a little less than the rate at which it arrived, if that was slower', () => {
    expect(found(16)).toBe(0.95 * 500_000);
  });

  test('is nothing if too little arrived, or too fast, or all at once', () => {
    expect(found(8, 3)).toBeUndefined();
    expect(found(3)).toBeUndefined();
    expect(found(0)).toBeUndefined();
  });

  test('is nothing for a cluster that was never asked for', () => {
    expect(found(8, 6, 4)).toBeUndefined();
  });
});
