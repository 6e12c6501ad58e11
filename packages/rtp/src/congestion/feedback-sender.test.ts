import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TransportFeedback } from '../rtcp/transport-feedback.ts';
import { TransportFeedbackReceiver } from './feedback-receiver.ts';
import { TransportFeedbackSender } from './feedback-sender.ts';
import type { FeedbackReport, PacketResult } from './packet-result.ts';

const SSRC = 0xcafe_babe;

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

/** A sender that has sent `count` packets of 1000 bytes, a millisecond apart. */
function senderOf(count: number, firstSequenceNumber = 1): TransportFeedbackSender {
  const sender = new TransportFeedbackSender({ firstSequenceNumber });
  for (let i = 0; i < count; i++) sender.onPacketSent(i, 1000, SSRC, (500 + i) & 0xffff);
  return sender;
}

/** The results as lasting values. */
function copy(report: FeedbackReport | undefined): PacketResult[] {
  return (report?.packets ?? []).map((each) => ({ ...each }));
}

describe('transport-wide feedback, the sender', () => {
  test('tells of each packet when it was sent, when it arrived, and its size', () => {
    const sender = senderOf(4);
    const report = sender.onTransportFeedback(
      feedback({ statusCount: 4, offsets: [0, 1, 3], deltas: [0, 4, -2] }),
      60,
    );
    expect(report).toMatchObject({ feedbackTime: 60, bytesInFlight: 0 });
    const base = copy(report)[0]?.arrivalTime as number;
    expect(copy(report)).toMatchObject([
      { sendTime: 0, sizeBytes: 1000, received: true },
      { sendTime: 1, received: true, arrivalTime: base + 1 },
      { sendTime: 2, received: false, arrivalTime: Number.NaN },
      { sendTime: 3, received: true, arrivalTime: base + 0.5 },
    ]);
  });

  test('the clock of the receiver runs on over the wrap of the reference time', () => {
    const sender = senderOf(2);
    const [first] = copy(sender.onTransportFeedback(feedback({ referenceTime: 0xff_ffff }), 60));
    const next = feedback({ baseSequenceNumber: 2, referenceTime: 1 });
    const [second] = copy(sender.onTransportFeedback(next, 120));
    expect((second?.arrivalTime as number) - (first?.arrivalTime as number)).toBe(128);
  });

  test('a packet reported lost may arrive after all, once', () => {
    const sender = senderOf(2);
    const lost = feedback({ statusCount: 2, offsets: [1] });
    expect(copy(sender.onTransportFeedback(lost, 60))).toMatchObject([
      { received: false },
      { received: true },
    ]);
    const both = feedback({ statusCount: 2, offsets: [0, 1], deltas: [8, -3] });
    expect(copy(sender.onTransportFeedback(both, 70))).toMatchObject([
      { received: true, wasLost: true },
    ]);
    expect(sender.onTransportFeedback(both, 80)).toBeUndefined();
    expect(sender.counters).toMatchObject({ lost: 1, received: 2, recovered: 1, duplicates: 3 });
  });

  test('feedback without times says which packets arrived and not when', () => {
    const report = senderOf(1).onTransportFeedback(feedback({ deltas: [] }), 60);
    expect(copy(report)).toMatchObject([{ received: true, arrivalTime: Number.NaN }]);
  });

  test('sequence numbers wrap, and the history outgrows its first memory', () => {
    const sender = senderOf(1000, 0xff00);
    const report = sender.onTransportFeedback(
      feedback({
        baseSequenceNumber: 0xff00,
        statusCount: 1000,
        offsets: [0, 255, 256, 999],
        deltas: [0, 0, 0, 0],
      }),
      1001,
    );
    const results = copy(report);
    expect(results).toHaveLength(1000);
    expect(results.filter(({ received }) => received).map(({ sendTime }) => sendTime)).toEqual([
      0, 255, 256, 999,
    ]);
  });

  test('what the receiver saw comes back to the sender, whatever the network does', () => {
    const fates = fc.array(fc.tuple(fc.boolean(), fc.nat(300)), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(fc.nat(0xffff), fates, (firstSequenceNumber, each) => {
        const sender = new TransportFeedbackSender({ firstSequenceNumber });
        const receiver = new TransportFeedbackReceiver({ senderSsrc: 1 });
        const arrivals = each
          .map(([arrives, delay], i) => {
            const number = sender.onPacketSent(i * 5, 100 + i, SSRC, i & 0xffff);
            return { arrives, number, time: i * 5 + delay };
          })
          .filter(({ arrives }) => arrives)
          .sort((a, b) => a.time - b.time);
        const sizes = new Map<number, number>();
        const digest = (): void => {
          for (let report = receiver.pollFeedback(); report; report = receiver.pollFeedback()) {
            for (const result of sender.onTransportFeedback(report, 4000)?.packets ?? []) {
              if (!result.received) continue;
              expect(sizes.has(result.sizeBytes)).toBe(false);
              sizes.set(result.sizeBytes, result.arrivalTime);
            }
          }
        };
        for (const { number, time } of arrivals) {
          if (receiver.nextTimeout <= time) receiver.handleTimeout(receiver.nextTimeout);
          digest();
          receiver.onPacket(number, SSRC, time);
        }
        receiver.handleTimeout(receiver.nextTimeout);
        digest();
        expect(sizes.size).toBe(arrivals.length);
        expect(sender.counters.received).toBe(arrivals.length);
      }),
      { numRuns: 60 },
    );
  });

  describe('feedback that lies', () => {
    test('about packets not sent yet is counted and ignored', () => {
      const sender = senderOf(10);
      const future = feedback({ baseSequenceNumber: 11, statusCount: 2, offsets: [0, 1] });
      expect(sender.onTransportFeedback({ ...future, deltas: [0, 0] }, 60)).toBeUndefined();
      expect(sender.counters).toMatchObject({ future: 2, received: 0, uselessReports: 1 });
      expect(sender.bytesInFlight).toBe(10_000);
    });

    test('about packets from long ago is counted and ignored', () => {
      const sender = senderOf(10);
      const past = feedback({ baseSequenceNumber: 60_000, statusCount: 2, offsets: [0, 1] });
      expect(sender.onTransportFeedback({ ...past, deltas: [0, 0] }, 60)).toBeUndefined();
      expect(sender.counters.unknown).toBe(2);
      expect(sender.onTransportFeedback(feedback({}), 20_000)).toBeUndefined();
      expect(sender.counters.unknown).toBe(3);
      expect(sender.bytesInFlight).toBe(0);
    });

    test('that everything was lost, a hundred times, is news once', () => {
      const sender = senderOf(20_000);
      const all = feedback({
        baseSequenceNumber: 1,
        statusCount: 0xffff,
        offsets: [],
        deltas: [],
      });
      let news = 0;
      for (let i = 0; i < 100; i++)
        news += sender.onTransportFeedback(all, 9999)?.packets.length ?? 0;
      expect(news).toBeGreaterThan(0);
      expect(news).toBeLessThanOrEqual(20_000);
      expect(sender.counters.lost).toBe(news);
    });

    test('any bytes of it: no packet is reported received twice, and the flight is never negative', () => {
      const lies = fc.record({
        baseSequenceNumber: fc.nat(0xffff),
        statusCount: fc.integer({ min: 1, max: 0xffff }),
        referenceTime: fc.nat(0xff_ffff),
        picks: fc.array(
          fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -0x8000, max: 0x7fff })),
        ),
      });
      fc.assert(
        fc.property(fc.array(lies, { maxLength: 30 }), (all) => {
          const sender = senderOf(200, 0xff80);
          for (const { picks, ...rest } of all) {
            let offset = -1;
            const offsets = picks.map(([step]) => (offset += step));
            sender.onTransportFeedback(
              feedback({ ...rest, offsets, deltas: picks.map(([, delta]) => delta) }),
              300,
            );
          }
          expect(sender.counters.received).toBeLessThanOrEqual(200);
          expect(sender.counters.lost).toBeLessThanOrEqual(200);
          expect(sender.bytesInFlight).toBeGreaterThanOrEqual(0);
          expect(sender.bytesInFlight).toBeLessThanOrEqual(200_000);
        }),
        { numRuns: 200 },
      );
    });
  });

  test('remembers 32768 packets and not one more', () => {
    const sender = new TransportFeedbackSender({ firstSequenceNumber: 0 });
    for (let i = 0; i < 40_000; i++) sender.onPacketSent(i / 100, 1, SSRC, i & 0xffff);
    expect(sender.bytesInFlight).toBe(32_768);
  });

  test("options out of range are the caller's fault", () => {
    expect(() => new TransportFeedbackSender({ firstSequenceNumber: 65_536 })).toThrow(
      /firstSequenceNumber: 0 to 65535, not 65536/,
    );
    expect(() => new TransportFeedbackSender({ historyMs: 0 })).toThrow(/historyMs/);
  });
});

describe('congestion control feedback (RFC 8888)', () => {
  test('packets are found by SSRC and RTP sequence number; times count back from the report', () => {
    const sender = new TransportFeedbackSender();
    sender.onPacketSent(0, 100, 1, 0xffff);
    sender.onPacketSent(1, 200, 2, 0xffff);
    sender.onPacketSent(2, 300, 1, 0);
    sender.onPacketSent(3, 400, 1, 1);
    const report = sender.onCongestionControlFeedback(
      {
        type: 'congestion-control-feedback',
        senderSsrc: 9,
        reportTimestamp: 0xffff_0000,
        streams: [
          {
            ssrc: 1,
            beginSequenceNumber: 0xffff,
            metrics: [
              { ecn: 1, arrivalTimeOffset: 512 },
              undefined,
              { ecn: 3, arrivalTimeOffset: 0 },
            ],
          },
          { ssrc: 2, beginSequenceNumber: 0xffff, metrics: [{ ecn: 0, arrivalTimeOffset: 8191 }] },
          { ssrc: 3, beginSequenceNumber: 0, metrics: [undefined, undefined] },
        ],
      },
      50,
    );
    const results = copy(report);
    const last = results[3]?.arrivalTime as number;
    expect(results).toMatchObject([
      { sizeBytes: 100, received: true, arrivalTime: last - 500, ecn: 1 },
      { sizeBytes: 200, received: true, arrivalTime: Number.NaN },
      { sizeBytes: 300, received: false },
      { sizeBytes: 400, received: true, ecn: 3 },
    ]);
    expect(sender.counters).toMatchObject({ unknown: 2, lost: 1, received: 3 });
  });

  test('the report timestamp wraps', () => {
    const sender = senderOf(2);
    const report = (reportTimestamp: number, beginSequenceNumber: number): number => {
      const [result] = copy(
        sender.onCongestionControlFeedback(
          {
            type: 'congestion-control-feedback',
            senderSsrc: 9,
            reportTimestamp,
            streams: [
              { ssrc: SSRC, beginSequenceNumber, metrics: [{ ecn: 0, arrivalTimeOffset: 0 }] },
            ],
          },
          10,
        ),
      );
      return result?.arrivalTime as number;
    };
    const first = report(0xffff_8000, 500);
    expect(report(0x0000_8000, 501) - first).toBe(1000);
  });
});
