import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { rtpPacket } from '../../test/rtp-packets.ts';
import { ReceptionStatistics } from './reception-statistics.ts';

function statisticsOf(probation = 1): ReceptionStatistics {
  return new ReceptionStatistics({ ssrc: 2, clockRate: 90_000, probation });
}

function feed(statistics: ReceptionStatistics, ...sequenceNumbers: number[]): boolean[] {
  return sequenceNumbers.map((sequenceNumber) =>
    statistics.handlePacket(rtpPacket({ sequenceNumber: sequenceNumber & 0xffff }), 0),
  );
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe('sequence numbers of a source (RFC 3550 §A.1)', () => {
  test('a source is valid after two packets in sequence, and counts from the second', () => {
    const statistics = new ReceptionStatistics({ ssrc: 2, clockRate: 90_000 });
    expect(feed(statistics, 10, 12, 20, 21, 22)).toEqual([false, false, false, true, true]);
    expect([statistics.isValid, statistics.packetsReceived, statistics.cumulativeLost]).toEqual([
      true,
      2,
      0,
    ]);
  });

  test('the highest number counts its cycles', () => {
    const statistics = statisticsOf();
    feed(statistics, 65_534, 65_535, 0, 1, 65_533);
    expect(statistics.extendedHighestSequenceNumber).toBe(0x1_0001);
    expect(statistics.highestSequenceNumber).toBe(1);
    expect(statistics.cumulativeLost).toBe(-1);
    for (let i = 2; i < 3 * 65_536; i += 1000) feed(statistics, i);
    expect(statistics.extendedHighestSequenceNumber >>> 16).toBe(3);
  });

  test('a number far off is dropped; two in sequence are a restart', () => {
    const statistics = statisticsOf();
    feed(statistics, 1000, 1001);
    expect(feed(statistics, 30_000, 1002, 40_000, 40_001, 40_002)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
    expect([statistics.packetsReceived, statistics.extendedHighestSequenceNumber]).toEqual([
      2, 40_002,
    ]);
  });
});

describe('loss (RFC 3550 §6.4.1, §A.3)', () => {
  test('since the last report in 1/256, and since the beginning', () => {
    const statistics = statisticsOf();
    feed(statistics, ...range(100, 110), ...range(115, 120));
    expect(statistics.reportBlock(0)).toMatchObject({
      fractionLost: 64, // 5 of 20
      cumulativeLost: 5,
      extendedHighestSequenceNumber: 119,
    });
    feed(statistics, ...range(120, 130));
    expect(statistics.reportBlock(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 5 });
    feed(statistics, 2000);
    expect(statistics.reportBlock(0)).toMatchObject({ fractionLost: 255, cumulativeLost: 1875 });
    expect(statistics.reportBlock(0)).toMatchObject({ fractionLost: 0 });
  });

  test('late and double packets make it smaller, below zero if there are many', () => {
    const statistics = statisticsOf();
    feed(statistics, 1, 2, 5, 5, 5, 5);
    expect(statistics.reportBlock(0)).toMatchObject({ fractionLost: 0, cumulativeLost: -1 });
    feed(statistics, 3, 4);
    expect(statistics.reportBlock(0)).toMatchObject({ fractionLost: 0, cumulativeLost: -3 });
  });

  test('sticks at the ends of 24 bits', () => {
    const statistics = statisticsOf();
    for (let i = 0; i < 4000; i++) feed(statistics, 2999 * i);
    expect(statistics.cumulativeLost).toBeGreaterThan(0x7f_ffff);
    expect(statistics.reportBlock(0).cumulativeLost).toBe(0x7f_ffff);
  });

  test('any loss and reordering: what is reported is what was lost', () => {
    fc.assert(
      fc.property(
        fc.nat(65_535),
        fc.array(fc.record({ lost: fc.boolean(), late: fc.nat(20) }), {
          minLength: 2,
          maxLength: 300,
        }),
        (first, fates) => {
          const statistics = statisticsOf();
          const arriving = fates
            .map(({ lost, late }, i) => ({ sequenceNumber: first + i, lost, at: i + late }))
            .filter(({ lost }, i) => !lost || i === 0 || i === fates.length - 1)
            .map((each, i) => (i === 0 ? { ...each, at: -1 } : each))
            .sort((a, b) => a.at - b.at);
          feed(statistics, ...arriving.map(({ sequenceNumber }) => sequenceNumber));
          expect(statistics.reportBlock(0)).toMatchObject({
            cumulativeLost: fates.length - arriving.length,
            extendedHighestSequenceNumber: first + fates.length - 1,
          });
        },
      ),
    );
  });
});

describe('jitter (RFC 3550 §6.4.1, §A.8)', () => {
  test('packets as evenly as they were sent have none, across the wrap of timestamps', () => {
    const statistics = statisticsOf();
    for (let i = 0; i < 100; i++) {
      const timestamp = (0xffff_ff00 + 1800 * i) >>> 0;
      statistics.handlePacket(rtpPacket({ sequenceNumber: i, timestamp }), 1e9 + 20 * i);
    }
    expect(statistics.jitter).toBeLessThan(1e-3);
  });

  test('a pause of hours, in which timestamps run on, is none', () => {
    const statistics = statisticsOf();
    const pauses = [0, 20, 7 * 3_600_000, 14 * 3_600_000, 100 * 3_600_000];
    let now = 0;
    for (const [i, pause] of pauses.entries()) {
      now += pause;
      const timestamp = (90 * now) % 2 ** 32;
      statistics.handlePacket(rtpPacket({ sequenceNumber: i, timestamp }), now);
    }
    expect(statistics.jitter).toBeLessThan(1e-3);
  });

  test('moves by a sixteenth of each difference', () => {
    const statistics = statisticsOf();
    const arrivals = [0, 20, 50, 60];
    const jitters = arrivals.map((now, i) => {
      statistics.handlePacket(rtpPacket({ sequenceNumber: i, timestamp: 1800 * i }), now);
      return statistics.jitter;
    });
    const second = 900 / 16;
    expect(jitters).toEqual([0, 0, second, second + (900 - second) / 16]);
    expect(statistics.reportBlock(60).jitter).toBe(Math.floor(second + (900 - second) / 16));
  });

  test('another clock begins it anew (RFC 7160 §4)', () => {
    const statistics = statisticsOf();
    statistics.handlePacket(rtpPacket({ sequenceNumber: 1, timestamp: 0 }), 0);
    statistics.handlePacket(rtpPacket({ sequenceNumber: 2, timestamp: 900_000 }), 20);
    expect(statistics.jitter).toBeGreaterThan(50_000);
    statistics.clockRate = 8000;
    statistics.handlePacket(rtpPacket({ sequenceNumber: 3, timestamp: 5 }), 40);
    expect(statistics.jitter).toBe(0);
  });
});

test('LSR and DLSR answer the last sender report, and are 0 before one (RFC 3550 §6.4.1)', () => {
  const statistics = statisticsOf();
  feed(statistics, 1);
  expect(statistics.reportBlock(500)).toMatchObject({
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  });
  statistics.handleSenderReport(
    {
      type: 'sender-report',
      ssrc: 2,
      ntpTime: { seconds: 0xb705_1234, fraction: 0x5678_9abc },
      rtpTimestamp: 0,
      packetCount: 0,
      octetCount: 0,
      reportBlocks: [],
    },
    1000,
  );
  // RFC 3550 §6.4.1: 5.25 s are 0x0005:4000.
  expect(statistics.reportBlock(6250)).toMatchObject({
    lastSenderReport: 0x1234_5678,
    delaySinceLastSenderReport: 0x0005_4000,
  });
});

test('allocates nothing for a packet', () => {
  const statistics = statisticsOf();
  const packet = rtpPacket();
  const perCall = allocatedBytesPerCall(() => {
    packet.sequenceNumber = (packet.sequenceNumber + 1) & 0xffff;
    packet.timestamp = (packet.timestamp + 3000) >>> 0;
    statistics.handlePacket(packet, 7);
  });
  expect(perCall).toBeLessThan(1);
});

test("names the caller's fault", () => {
  expect(() => new ReceptionStatistics({ ssrc: 1, clockRate: 0 })).toThrow(/clockRate is 0/);
  expect(() => statisticsOf(0)).toThrow(/probation is 0/);
});
