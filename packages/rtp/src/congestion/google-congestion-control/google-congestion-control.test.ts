import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../../test/allocated-bytes.ts';
import type { TransportFeedback } from '../../rtcp/transport-feedback.ts';
import type { CongestionEvent } from '../congestion-control.ts';
import { TransportFeedbackSender } from '../feedback-sender.ts';
import { GoogleCongestionControl } from './google-congestion-control.ts';

function drain(control: GoogleCongestionControl): CongestionEvent[] {
  const events: CongestionEvent[] = [];
  for (let each = control.pollEvent(); each; each = control.pollEvent()) events.push(each);
  return events;
}

function feedback(changes: Partial<TransportFeedback>): TransportFeedback {
  return {
    type: 'transport-feedback',
    senderSsrc: 1,
    mediaSsrc: 2,
    baseSequenceNumber: 1,
    statusCount: 1,
    referenceTime: 100,
    feedbackCount: 0,
    offsets: [0],
    deltas: [0],
    ...changes,
  };
}

/** Sends ten packets of 1000 bytes each 100 ms, which `report` says the fate of. */
function play(
  control: GoogleCongestionControl,
  rounds: number,
  report: (round: number) => Partial<TransportFeedback>,
): void {
  const sender = new TransportFeedbackSender();
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 10; i++) {
      const now = 100 * round + 10 * i;
      sender.onPacketSent(now, 1000, 1, (10 * round + i) & 0xffff);
      control.onPacketSent(1000, now);
    }
    const base = { baseSequenceNumber: (10 * round + 1) & 0xffff, statusCount: 10 };
    const digest = sender.onTransportFeedback(
      feedback({ ...base, ...report(round) }),
      100 * round + 140,
    );
    if (digest !== undefined) control.onFeedback(digest);
    drain(control);
  }
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('Google congestion control', () => {
  test('says at the start what may be sent', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 500_000 });
    expect(drain(control)).toEqual([
      {
        type: 'target-bitrate',
        targetBitrateBps: 500_000,
        pacingBitrateBps: 1_250_000,
        paddingBitrateBps: 0,
      },
    ]);
    expect(control.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('keeps between its limits, and below what the receiver allows (REMB)', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 500_000 });
    control.onRemoteBitrate(200_000, 0);
    expect(control.targetBitrateBps).toBe(200_000);
    control.onRemoteBitrate(1, 0);
    expect(control.targetBitrateBps).toBe(30_000);
    control.onRemoteBitrate(Number.POSITIVE_INFINITY, 0);
    expect(control.targetBitrateBps).toBe(500_000);
    control.setLimits({ minBitrateBps: 10_000, maxBitrateBps: 100_000 }, 0);
    expect(control.targetBitrateBps).toBe(100_000);
    control.setLimits({ minBitrateBps: 700_000, maxBitrateBps: 900_000 }, 0);
    expect(control.targetBitrateBps).toBe(700_000);
  });

  test('a delay that grows lowers the target below what arrives', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 900_000 });
    // For 10 ms between sends first 10, then 11 ms between arrivals: 727 kbit/s of 800.
    play(control, 40, (round) => {
      const arrival = 100 * round + Math.max(0, 10 * (round - 10));
      const interval = round < 10 ? 40 : 44;
      const deltas = [4 * (arrival % 64), ...ALL.slice(1).map(() => interval)];
      return { referenceTime: 100 + Math.floor(arrival / 64), offsets: ALL, deltas };
    });
    expect(control.targetBitrateBps).toBeLessThan(727_000);
    expect(control.targetBitrateBps).toBeGreaterThan(300_000);
  });

  test('without feedback it backs off while packets are sent, and recovers with it', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 1_000_000 });
    for (let now = 0; now < 10_000; now += 20) control.onPacketSent(1000, now);
    expect(control.targetBitrateBps).toBeLessThan(300_000);
  });

  test('a pause of the application is no lack of feedback', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 800_000 });
    play(control, 50, (round) => ({
      referenceTime: 100 + Math.floor((round * 100) / 64),
      offsets: ALL,
      deltas: [4 * ((round * 100) % 64), ...ALL.slice(1).map(() => 40)],
    }));
    const before = control.targetBitrateBps;
    for (const pause of [10_000, 3_600_000]) {
      // Nothing was on its way that could have been reported.
      control.onPacketSent(1000, pause);
      control.onPacketSent(1000, pause + 10);
      expect(control.targetBitrateBps).toBe(before);
    }
    for (let after = 20; after < 4000; after += 20) control.onPacketSent(1000, 3_600_000 + after);
    expect(control.targetBitrateBps).toBeLessThan(before);
  });

  describe('feedback that lies', () => {
    test('that all was lost lowers the target to the minimum, and no lower', () => {
      const control = new GoogleCongestionControl({ startBitrateBps: 1_000_000 });
      play(control, 1200, () => ({ offsets: [], deltas: [] }));
      expect(control.targetBitrateBps).toBe(30_000);
    });

    test('that all arrived at once does not raise the target without end', () => {
      const control = new GoogleCongestionControl({ startBitrateBps: 300_000 });
      play(control, 600, (round) => ({
        referenceTime: 100 + Math.floor((round * 100) / 64),
        offsets: ALL,
        deltas: [4 * ((round * 100) % 64), ...ALL.slice(1).map(() => 0)],
      }));
      // What arrives, as far as it is known, is what was sent: 800 kbit/s.
      expect(control.targetBitrateBps).toBeLessThan(1.6 * 800_000);
    });

    test('with any times leaves a target between the limits', () => {
      const rounds = fc.array(
        fc.record({
          referenceTime: fc.nat(0xff_ffff),
          deltas: fc.array(fc.integer({ min: -0x8000, max: 0x7fff }), {
            minLength: 10,
            maxLength: 10,
          }),
        }),
        { minLength: 1, maxLength: 100 },
      );
      fc.assert(
        fc.property(rounds, (all) => {
          const control = new GoogleCongestionControl({ maxBitrateBps: 5_000_000 });
          play(control, all.length, (round) => ({ offsets: ALL, ...all[round] }));
          expect(control.targetBitrateBps).toBeGreaterThanOrEqual(30_000);
          expect(control.targetBitrateBps).toBeLessThanOrEqual(5_000_000);
        }),
        { numRuns: 100 },
      );
    });
  });

  test('a packet sent and reported allocates little more than its report', () => {
    const control = new GoogleCongestionControl({ startBitrateBps: 800_000 });
    const sender = new TransportFeedbackSender();
    const packet = {
      ...feedback({ statusCount: 10, offsets: ALL, deltas: ALL.map(() => 40) }),
      baseSequenceNumber: 1,
      referenceTime: 0,
    };
    let now = 0;
    const perReport = allocatedBytesPerCall(() => {
      for (let i = 0; i < 10; i++) {
        sender.onPacketSent(now, 1000, 1, 7);
        control.onPacketSent(1000, now);
        now += 10;
      }
      packet.referenceTime = Math.floor(now / 64) & 0xff_ffff;
      const report = sender.onTransportFeedback(packet, now);
      packet.baseSequenceNumber = (packet.baseSequenceNumber + 10) & 0xffff;
      if (report === undefined) throw new Error('no report');
      control.onFeedback(report);
      while (control.pollEvent() !== undefined);
    }, 2000);
    expect(perReport / 10).toBeLessThan(150);
  });

  test("bitrates out of range are the caller's fault", () => {
    const make = (options: object) => () => new GoogleCongestionControl(options);
    expect(make({ minBitrateBps: -1 })).toThrow(/minBitrateBps: 0 or more, not -1/);
    expect(make({ maxBitrateBps: 10 })).toThrow(/maxBitrateBps: 30000 or more, not 10/);
    expect(make({ startBitrateBps: 10 })).toThrow(/startBitrateBps: from 30000 to 100000000/);
    expect(make({ maxPaddingBitrateBps: Number.NaN })).toThrow(/maxPaddingBitrateBps/);
  });
});
