import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCompoundPacket, encodeCompoundPacket } from '../rtcp/compound-packet.ts';
import type { TransportFeedback } from '../rtcp/transport-feedback.ts';
import { TransportFeedbackReceiver } from './feedback-receiver.ts';

const SENDER_SSRC = 7;
const MEDIA_SSRC = 9;

function drain(receiver: TransportFeedbackReceiver): TransportFeedback[] {
  const reports: TransportFeedback[] = [];
  for (let each = receiver.pollFeedback(); each; each = receiver.pollFeedback()) reports.push(each);
  return reports;
}

/** Gives the packets `[sequenceNumber, time]` and, at the end, the time for a report. */
function reportsOf(
  receiver: TransportFeedbackReceiver,
  packets: readonly (readonly [number, number])[],
): TransportFeedback[] {
  for (const [sequenceNumber, time] of packets) {
    receiver.onPacket(sequenceNumber, MEDIA_SSRC, time);
  }
  receiver.handleTimeout(receiver.nextTimeout);
  return drain(receiver);
}

/** What a report says: sequence number to arrival time, and the numbers that did not arrive. */
function read(report: TransportFeedback): { arrived: Map<number, number>; lost: number[] } {
  const arrived = new Map<number, number>();
  let time = report.referenceTime * 64;
  report.offsets.forEach((offset, i) => {
    time += (report.deltas[i] ?? Number.NaN) * 0.25;
    arrived.set((report.baseSequenceNumber + offset) & 0xffff, time);
  });
  const all = Array.from({ length: report.statusCount }, (_, i) => report.baseSequenceNumber + i);
  return { arrived, lost: all.filter((each) => !arrived.has(each & 0xffff)) };
}

describe('transport-wide feedback, the receiver', () => {
  test('reports when packets arrived, to a quarter of a millisecond, and which did not', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    const [report] = reportsOf(receiver, [
      [10, 1000.1],
      [11, 1003.3],
      [14, 1002.5],
    ]) as [TransportFeedback];
    expect(report).toMatchObject({
      senderSsrc: SENDER_SSRC,
      mediaSsrc: MEDIA_SSRC,
      baseSequenceNumber: 10,
      statusCount: 5,
      referenceTime: 15,
      feedbackCount: 0,
      offsets: [0, 1, 4],
      deltas: [160, 13, -3],
    });
  });

  test('a report begins where the one before it ended, so that a lost tail is reported', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    reportsOf(receiver, [[0xfffe, 0]]);
    const [report] = reportsOf(receiver, [[2, 150]]) as [TransportFeedback];
    expect(report).toMatchObject({ baseSequenceNumber: 0xffff, statusCount: 4, offsets: [3] });
    expect(report.feedbackCount).toBe(1);
  });

  test('a packet that comes after it was reported lost is reported, with those behind it', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    const [first] = reportsOf(receiver, [
      [1, 0],
      [3, 5],
    ]) as [TransportFeedback];
    expect(read(first).lost).toEqual([2]);
    const [second] = reportsOf(receiver, [
      [2, 110],
      [4, 111],
    ]) as [TransportFeedback];
    expect(read(second)).toEqual({
      arrived: new Map([
        [2, 110],
        [3, 5],
        [4, 111],
      ]),
      lost: [],
    });
  });

  test('a copy of a packet changes nothing', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    reportsOf(receiver, [[1, 0]]);
    receiver.onPacket(1, MEDIA_SSRC, 20);
    expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('is silent while nothing comes, and reports at its interval while packets do', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    const times: number[] = [];
    for (let i = 0; i < 100; i++) {
      const now = i * 10;
      if (now >= receiver.nextTimeout) {
        receiver.handleTimeout(now);
        times.push(now);
      }
      receiver.onPacket(i, MEDIA_SSRC, now);
    }
    expect(times).toEqual([10, 110, 210, 310, 410, 510, 610, 710, 810, 910]);
    receiver.handleTimeout(1010);
    expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [1e9, 50],
    [100_000, 108.8],
    [10_000, 250],
    [0, 250],
  ])('reports take 5%% of %i bit/s: every %f ms', (bitrate, intervalMs) => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    receiver.setSendBitrate(bitrate);
    expect(receiver.intervalMs).toBeCloseTo(intervalMs);
  });

  test('arrivals more than 8 s apart get reports of their own', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    const reports = reportsOf(receiver, [
      [1, 0],
      [2, 9000],
      [3, 9001],
    ]);
    expect(reports.map(({ offsets }) => offsets)).toEqual([[0], [0, 1]]);
    expect(read(reports[1] as TransportFeedback).arrived.get(3)).toBe(9001);
  });

  describe('on request (transport-wide-cc-02)', () => {
    const onRequest = (): TransportFeedbackReceiver =>
      new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC, mode: 'on-request' });

    test('reports the packets that are asked for, this one last, and never by itself', () => {
      const receiver = onRequest();
      for (const number of [1, 2, 4]) receiver.onPacket(number, MEDIA_SSRC, number);
      expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
      receiver.onPacket(5, MEDIA_SSRC, 5, { includeTimestamps: true, sequenceCount: 4 });
      const [report, none] = drain(receiver) as [TransportFeedback, undefined];
      expect(none).toBeUndefined();
      expect(read(report)).toEqual({
        arrived: new Map([
          [2, 2],
          [4, 4],
          [5, 5],
        ]),
        lost: [3],
      });
    });

    test('leaves the times out if they are not asked for', () => {
      const receiver = onRequest();
      receiver.onPacket(5, MEDIA_SSRC, 5, { includeTimestamps: false, sequenceCount: 1 });
      expect(drain(receiver)).toMatchObject([{ offsets: [0], deltas: [] }]);
    });

    test('a request for more than was ever received is a small report', () => {
      const receiver = onRequest();
      receiver.onPacket(500, MEDIA_SSRC, 5, { includeTimestamps: true, sequenceCount: 0x7fff });
      expect(drain(receiver)).toMatchObject([{ baseSequenceNumber: 500, statusCount: 1 }]);
    });
  });

  test('any arrivals, in any order, are reported as they were, in packets of the size allowed', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -20, max: 40 }), fc.nat(40_000)), {
      minLength: 1,
      maxLength: 800,
    });
    fc.assert(
      fc.property(fc.nat(0xffff), steps, fc.integer({ min: 64, max: 1200 }), (start, each, max) => {
        const receiver = new TransportFeedbackReceiver({
          senderSsrc: SENDER_SSRC,
          maxPacketBytes: max,
        });
        const expected = new Map<number, number>();
        let number = start;
        let time = 0;
        for (const [step, wait] of each) {
          number = (number + step) & 0xffff;
          time += wait / 1000;
          receiver.onPacket(number, MEDIA_SSRC, time);
          if (!expected.has(number)) expected.set(number, time);
        }
        receiver.handleTimeout(time + 1000);
        const seen = new Map<number, number>();
        for (const report of drain(receiver)) {
          const bytes = encodeCompoundPacket([report]);
          expect(bytes.length).toBeLessThanOrEqual(max);
          expect(decodeCompoundPacket(bytes)?.packets).toEqual([report]);
          for (const [key, value] of read(report).arrived) seen.set(key, value);
        }
        expect(new Set(seen.keys())).toEqual(new Set(expected.keys()));
        for (const [key, value] of expected) {
          expect(Math.abs((seen.get(key) as number) - value)).toBeLessThanOrEqual(0.125);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an attack by jumps of sequence numbers: reports stay few and small', () => {
    const receiver = new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC });
    let bytes = 0;
    for (let i = 0; i < 2000; i++) {
      const now = i * 1000;
      receiver.onPacket((i * 32_767) & 0xffff, MEDIA_SSRC, now);
      receiver.handleTimeout(now);
      const reports = drain(receiver);
      expect(reports.length).toBeLessThanOrEqual(2);
      for (const report of reports) bytes += encodeCompoundPacket([report]).length;
    }
    expect(bytes / 2000).toBeLessThan(40);
  });

  test('takes no limit that no report fits into', () => {
    expect(
      () => new TransportFeedbackReceiver({ senderSsrc: SENDER_SSRC, maxPacketBytes: 40 }),
    ).toThrow(/maxPacketBytes: 64 or more, not 40/);
  });
});
