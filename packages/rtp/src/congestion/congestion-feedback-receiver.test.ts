import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCompoundPacket, encodeCompoundPacket } from '../rtcp/compound-packet.ts';
import type { CongestionControlFeedback } from '../rtcp/congestion-control-feedback.ts';
import { CongestionFeedbackReceiver } from './congestion-feedback-receiver.ts';
import { TransportFeedbackSender } from './feedback-sender.ts';

const SSRC = 0xcafe_babe;

/** What is due, as it comes over the wire, and the sizes it had there. */
function reportsOf(
  receiver: CongestionFeedbackReceiver,
  sizes: number[] = [],
): CongestionControlFeedback[] {
  receiver.handleTimeout(receiver.nextTimeout);
  const reports: CongestionControlFeedback[] = [];
  for (let each = receiver.pollFeedback(); each; each = receiver.pollFeedback()) {
    const bytes = encodeCompoundPacket([each]);
    sizes.push(bytes.length);
    reports.push(...((decodeCompoundPacket(bytes)?.packets ?? []) as CongestionControlFeedback[]));
  }
  return reports;
}

describe('congestion control feedback of RFC 8888, the receiver', () => {
  test('reports how long ago packets arrived, in 1/1024 s, and which did not', () => {
    const receiver = new CongestionFeedbackReceiver({ senderSsrc: 7, timeOrigin: 1_000_000 });
    receiver.onPacket(SSRC, 10, 1000);
    expect(receiver.nextTimeout).toBe(1000);
    reportsOf(receiver);
    receiver.onPacket(SSRC, 11, 1001);
    receiver.onPacket(SSRC, 13, 1050);
    receiver.onPacket(9, 5, 1100);
    expect(receiver.nextTimeout).toBe(1100);
    expect(reportsOf(receiver)).toEqual([
      {
        type: 'congestion-control-feedback',
        senderSsrc: 7,
        // 1001.1 s after 1970, of whose NTP seconds (2208988800 more) 16 bits are left.
        reportTimestamp:
          ((((2_208_988_800 + 1001) & 0xffff) << 16) >>> 0) + Math.floor(0.1 * 65_536),
        streams: [
          {
            ssrc: SSRC,
            beginSequenceNumber: 11,
            metrics: [
              { ecn: 0, arrivalTimeOffset: 101 },
              undefined,
              { ecn: 0, arrivalTimeOffset: 51 },
            ],
          },
          { ssrc: 9, beginSequenceNumber: 5, metrics: [{ ecn: 0, arrivalTimeOffset: 0 }] },
        ],
      },
    ]);
    expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('goes on where it ended, and back to what comes late', () => {
    const receiver = new CongestionFeedbackReceiver({ senderSsrc: 7 });
    receiver.onPacket(SSRC, 0xfffe, 0);
    reportsOf(receiver);
    receiver.onPacket(SSRC, 1, 150);
    const [second] = reportsOf(receiver);
    expect(second?.streams[0]).toMatchObject({ beginSequenceNumber: 0xffff });
    expect(second?.streams[0]?.metrics.map((each) => each !== undefined)).toEqual([
      false,
      false,
      true,
    ]);
    receiver.onPacket(SSRC, 0, 260);
    const [third] = reportsOf(receiver);
    expect(third?.streams[0]).toMatchObject({ beginSequenceNumber: 0 });
    expect(third?.streams[0]?.metrics).toHaveLength(2);
  });

  test('what arrived eight seconds ago is longer ago than can be said', () => {
    const receiver = new CongestionFeedbackReceiver({ senderSsrc: 7, intervalMs: 20_000 });
    receiver.onPacket(SSRC, 1, 0);
    reportsOf(receiver);
    receiver.onPacket(SSRC, 2, 1);
    receiver.onPacket(SSRC, 3, 19_000);
    const [report] = reportsOf(receiver);
    expect(report?.streams[0]?.metrics.map((each) => each?.arrivalTimeOffset)).toEqual([
      8190, 1024,
    ]);
  });

  test('a sender learns the truth of every packet, whatever the network does to them', () => {
    const arrival = fc.record({
      lost: fc.nat(9).map((n) => n === 0),
      delay: fc.integer({ min: 5, max: 60 }),
      stream: fc.nat(2),
    });
    fc.assert(
      fc.property(
        fc.array(arrival, { minLength: 1, maxLength: 400, size: 'max' }),
        fc.constantFrom(64, 100, 1200),
        (packets, maxPacketBytes) => {
          const sender = new TransportFeedbackSender();
          const receiver = new CongestionFeedbackReceiver({ senderSsrc: 7, maxPacketBytes });
          const next = [0xff80, 0, 30_000];
          const sent = packets.map(({ delay, lost, stream }, i) => {
            const sequenceNumber = next[stream] as number;
            next[stream] = (sequenceNumber + 1) & 0xffff;
            sender.onPacketSent(3 * i, 1000, stream, sequenceNumber);
            return { stream, sequenceNumber, lost, at: 3 * i + delay };
          });
          const told = new Map<number, number>();
          const sizes: number[] = [];
          const report = (): void => {
            const now = receiver.nextTimeout;
            for (const each of reportsOf(receiver, sizes)) {
              for (const packet of sender.onCongestionControlFeedback(each, now)?.packets ?? []) {
                if (packet.received) told.set(packet.sequenceNumber, packet.arrivalTime);
              }
            }
          };
          const arrivals = sent
            .map((packet, number) => ({ ...packet, number: 65_537 + number }))
            .filter(({ lost }) => !lost)
            .sort((a, b) => a.at - b.at);
          for (const { at, sequenceNumber, stream } of arrivals) {
            while (receiver.nextTimeout <= at) report();
            receiver.onPacket(stream, sequenceNumber, at);
          }
          while (receiver.nextTimeout < Number.POSITIVE_INFINITY) report();
          expect([...told.keys()].sort((a, b) => a - b)).toEqual(
            arrivals.map(({ number }) => number).sort((a, b) => a - b),
          );
          // The sender has the receiver's clock but for where it begins.
          const [first] = arrivals;
          if (first === undefined) return;
          const offset = (told.get(first.number) as number) - first.at;
          for (const { at, number } of arrivals) {
            expect(Math.abs((told.get(number) as number) - at - offset)).toBeLessThan(1.1);
          }
          expect(Math.max(...sizes)).toBeLessThanOrEqual(maxPacketBytes);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('one packet far ahead, in many streams, asks for no flood of reports and little memory', () => {
    const receiver = new CongestionFeedbackReceiver({ senderSsrc: 7 });
    for (let ssrc = 0; ssrc < 10_000; ssrc++) {
      receiver.onPacket(ssrc, 0, 0);
      receiver.onPacket(ssrc, 2000, 0);
      receiver.onPacket(ssrc, 32_000, 0);
      receiver.onPacket(ssrc, 30_000, 0);
    }
    expect(receiver.allocatedBytes).toBeLessThanOrEqual(256 * 2048 * 8);
    const sizes: number[] = [];
    expect(reportsOf(receiver, sizes).length).toBeLessThan(20);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThan(20_000);
    // Those who waited get theirs, and then it ends.
    let rounds = 1;
    for (; receiver.nextTimeout < Number.POSITIVE_INFINITY; rounds++) reportsOf(receiver, sizes);
    expect(rounds).toBeGreaterThan(60);
    expect(rounds).toBeLessThan(70);
    receiver.removeStream(0);
    receiver.onPacket(10_000, 1, 7000);
    expect(reportsOf(receiver)[0]?.streams).toMatchObject([{ ssrc: 10_000 }]);
  });

  test.each([
    [{ maxPacketBytes: 63 }, 'maxPacketBytes: 64 or more, not 63.'],
    [{ intervalMs: 0 }, 'intervalMs: more than 0, not 0.'],
    [{ maxStreams: 0 }, 'maxStreams: a positive integer, not 0.'],
  ])('refuses %o', (options, message) => {
    expect(() => new CongestionFeedbackReceiver({ senderSsrc: 7, ...options })).toThrow(message);
  });
});
