import { SeededRandom } from '@kaon/simnet';
import { decodeUtf8 } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { rtpPacket } from '../../test/rtp-packets.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';
import type { ExtendedReport } from '../rtcp/extended-report.ts';
import type { ReportBlock } from '../rtcp/report-block.ts';
import type { SenderReport } from '../rtcp/sender-report.ts';
import { compactNtpTimeFromUnixMs, unixMsFromNtpTime } from '../timing/ntp-time.ts';
import { RtcpReports, type RtcpReportsOptions } from './rtcp-reports.ts';

const ORIGIN = Date.UTC(2026, 0, 2, 3, 4, 5);

function reportsOf(options: Partial<RtcpReportsOptions> = {}): RtcpReports {
  return new RtcpReports({
    ssrc: 1,
    cname: 'me',
    timeOrigin: ORIGIN,
    random: new SeededRandom(3),
    ...options,
  });
}

function drain(reports: RtcpReports): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  for (;;) {
    const packet = reports.pollRtcp();
    if (packet === undefined) return packets;
    packets.push(packet);
  }
}

/** Runs until there are reports; what they are and when. */
function next(reports: RtcpReports): { now: number; packets: RtcpPacket[] } {
  for (;;) {
    const now = reports.nextTimeout;
    expect(now).toBeLessThan(Infinity);
    reports.handleTimeout(now);
    const packets = drain(reports);
    if (packets.length > 0) return { now, packets };
  }
}

const types = (packets: readonly RtcpPacket[]): string[] => packets.map(({ type }) => type);
const local = { ssrc: 10, clockRate: 90_000, nack: true, rtx: { ssrc: 11, apt: new Map() } };

describe('reports of one session (RFC 3550 §6.4)', () => {
  test('a sender tells what it sent, and the timestamp of this very instant', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    for (let i = 0; i < 50; i++) {
      const packet = rtpPacket(
        { ssrc: 10, timestamp: 0xffff_0000 + 1800 * i },
        new Uint8Array(100),
      );
      reports.handleOutgoingRtp(packet, 20 * i);
    }
    const { now, packets } = next(reports);
    expect(types(packets)).toEqual(['sender-report', 'source-description']);
    const report = packets[0] as SenderReport;
    expect(report).toMatchObject({ ssrc: 10, packetCount: 50, octetCount: 5000, reportBlocks: [] });
    expect(unixMsFromNtpTime(report.ntpTime)).toBeCloseTo(ORIGIN + now, 2);
    expect(report.rtpTimestamp).toBe(Math.round(0xffff_0000 + 90 * now) >>> 0);
    const name = packets[1];
    if (name?.type !== 'source-description') throw new Error('no name');
    expect(name.chunks.map(({ ssrc }) => ssrc)).toEqual([10]);
    expect(decodeUtf8(name.chunks[0]?.items[0]?.value as Uint8Array)).toBe('me');
  });

  test('a packet that is sent again does not set the clock of its stream back', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    const send = (timestamp: number, now: number): void => {
      reports.handleOutgoingRtp(rtpPacket({ ssrc: 10, timestamp: timestamp >>> 0 }), now);
    };
    for (let i = 0; i < 50; i++) {
      send(0xffff_0000 + 1800 * i, 20 * i);
      // Without RTX, what was lost is sent again with the timestamp that it had.
      if (i > 10) send(0xffff_0000 + 1800 * (i - 10), 20 * i);
    }
    const { now, packets } = next(reports);
    expect((packets[0] as SenderReport).rtpTimestamp).toBe(
      Math.round(0xffff_0000 + 90 * now) >>> 0,
    );
    // A source that begins its timestamps anew, further back, does.
    send(0xc000_0000, now);
    const again = next(reports);
    expect((again.packets[0] as SenderReport).rtpTimestamp).toBe(
      Math.round(0xc000_0000 + 90 * (again.now - now)),
    );
  });

  test('a receiver reports about those it heard since the last time, 31 to a packet', () => {
    const reports = reportsOf({ extendedReports: false });
    for (let ssrc = 100; ssrc < 140; ssrc++) reports.addRemoteStream({ ssrc, clockRate: 48_000 });
    for (let ssrc = 100; ssrc < 140; ssrc++) {
      for (const sequenceNumber of [1, 2, 3]) {
        reports.handleIncomingRtp(rtpPacket({ ssrc, sequenceNumber }), 0);
      }
    }
    const first = next(reports);
    expect(types(first.packets)).toEqual([
      'receiver-report',
      'receiver-report',
      'source-description',
    ]);
    const about = first.packets.flatMap((packet) =>
      packet.type === 'receiver-report' ? packet.reportBlocks.map(({ ssrc }) => ssrc) : [],
    );
    expect(about).toEqual(Array.from({ length: 40 }, (_, i) => 100 + i));
    reports.handleIncomingRtp(rtpPacket({ ssrc: 120, sequenceNumber: 4 }), first.now);
    const second = next(reports).packets[0];
    expect(second).toMatchObject({
      type: 'receiver-report',
      ssrc: 1,
      reportBlocks: [{ ssrc: 120 }],
    });
    expect(next(reports).packets[0]).toMatchObject({ type: 'receiver-report', reportBlocks: [] });
  });

  test('a stream sent and one received may have the same SSRC', () => {
    const reports = reportsOf();
    reports.addLocalStream({ ssrc: 10, clockRate: 90_000 });
    reports.addRemoteStream({ ssrc: 10, clockRate: 90_000 });
    for (const sequenceNumber of [1, 2, 3]) {
      reports.handleOutgoingRtp(rtpPacket({ ssrc: 10, sequenceNumber: 100 + sequenceNumber }), 0);
      reports.handleIncomingRtp(rtpPacket({ ssrc: 10, sequenceNumber }), 0);
    }
    expect(next(reports).packets[0]).toMatchObject({
      type: 'sender-report',
      ssrc: 10,
      packetCount: 3,
      reportBlocks: [{ ssrc: 10, extendedHighestSequenceNumber: 3 }],
    });
  });

  test('who has stopped sending sends receiver reports (§6.3.8)', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    reports.handleOutgoingRtp(rtpPacket({ ssrc: 10 }), 0);
    const first = Array.from({ length: 4 }, () => next(reports).packets[0]?.type);
    expect(first).toEqual(['sender-report', 'sender-report', 'receiver-report', 'receiver-report']);
  });

  test('streams that nobody announced: where the clock is known; silent ones are forgotten', () => {
    const reports = reportsOf({ clockRates: new Map([[97, 90_000]]) });
    for (const sequenceNumber of [1, 2]) {
      reports.handleIncomingRtp(rtpPacket({ ssrc: 5, payloadType: 97, sequenceNumber }), 0);
      reports.handleIncomingRtp(rtpPacket({ ssrc: 6, payloadType: 98, sequenceNumber }), 0);
    }
    expect([reports.received(5)?.packetsReceived, reports.received(6)]).toEqual([1, undefined]);
    for (let i = 0; i < 7; i++) next(reports);
    expect(reports.received(5)).toBeUndefined();
  });
});

describe('the round-trip time', () => {
  test('by LSR and DLSR (RFC 3550 §6.4.1)', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    reports.handleOutgoingRtp(rtpPacket({ ssrc: 10 }), 0);
    const { now, packets } = next(reports);
    const { ntpTime } = packets[0] as SenderReport;
    const lastSenderReport = compactNtpTimeFromUnixMs(unixMsFromNtpTime(ntpTime));
    const block: ReportBlock = {
      ssrc: 10,
      fractionLost: 26,
      cumulativeLost: 3,
      extendedHighestSequenceNumber: 9,
      jitter: 5,
      lastSenderReport,
      delaySinceLastSenderReport: 65_536,
    };
    const answer: RtcpPacket = { type: 'receiver-report', ssrc: 99, reportBlocks: [block] };
    reports.handleIncomingRtcp(answer, now + 1080);
    expect(reports.roundTrip.latestMs).toBeCloseTo(80, 0);
    expect(reports.sent(10)?.remoteReport).toMatchObject({ block, at: now + 1080 });
    // What it did not send, an answer in the future, and one long gone: lies.
    for (const lie of [
      { ...block, lastSenderReport: 12_345 },
      { ...block, delaySinceLastSenderReport: 0xffff_ffff },
      { ...block, lastSenderReport: 0 },
      { ...block, ssrc: 77 },
    ]) {
      reports.handleIncomingRtcp({ ...answer, reportBlocks: [lie] }, now + 2000);
    }
    expect(reports.roundTrip.samples).toBe(1);
  });

  test('by XR where nothing is sent: RRTR there, DLRR back (RFC 3611 §4.4, §4.5)', () => {
    const viewer = reportsOf();
    const sender = reportsOf({ ssrc: 50, random: new SeededRandom(4) });
    viewer.addRemoteStream(local);
    sender.addLocalStream(local);
    for (const sequenceNumber of [1, 2]) {
      sender.handleOutgoingRtp(rtpPacket({ ssrc: 10, sequenceNumber }), 0);
      viewer.handleIncomingRtp(rtpPacket({ ssrc: 10, sequenceNumber }), 40);
    }
    const asked = next(viewer);
    expect(types(asked.packets)).toEqual([
      'receiver-report',
      'source-description',
      'extended-report',
    ]);
    while (sender.nextTimeout < asked.now + 40) next(sender);
    for (const packet of asked.packets) sender.handleIncomingRtcp(packet, asked.now + 40);
    const answered = next(sender);
    const answer = answered.packets.find(({ type }) => type === 'extended-report');
    expect((answer as ExtendedReport).blocks).toMatchObject([
      { type: 'dlrr', reports: [{ ssrc: 1 }] },
    ]);
    for (const packet of answered.packets) viewer.handleIncomingRtcp(packet, answered.now + 40);
    expect(viewer.roundTrip.latestMs).toBeCloseTo(80, 0);
    // Each is answered once.
    const blocks = next(sender).packets.flatMap((packet) =>
      packet.type === 'extended-report' ? packet.blocks.map(({ type }) => type) : [],
    );
    expect(blocks).not.toContain('dlrr');
  });
});

describe('farewells (RFC 3550 §6.6)', () => {
  test('a stream that was sent says BYE when it is removed, with its retransmissions', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    reports.addLocalStream({ ssrc: 20, clockRate: 8000 });
    reports.handleOutgoingRtp(rtpPacket({ ssrc: 10 }), 0);
    reports.handleOutgoingRtp(rtpPacket({ ssrc: 11 }), 0);
    reports.removeLocalStream(10);
    reports.removeLocalStream(20);
    expect(drain(reports)).toEqual([{ type: 'goodbye', ssrcs: [10, 11] }]);
    reports.sayGoodbye([10], 'again');
    expect(drain(reports)).toEqual([]);
  });

  test('a reason that is too long is refused before anything is forgotten', () => {
    const reports = reportsOf();
    reports.addLocalStream({ ssrc: 10, clockRate: 8000 });
    reports.handleOutgoingRtp(rtpPacket({ ssrc: 10 }), 0);
    expect(() => reports.sayGoodbye([10], 'ä'.repeat(128))).toThrow(/reason has 256 bytes/);
    expect(drain(reports)).toEqual([]);
    reports.sayGoodbye([10], 'ä'.repeat(127));
    expect(types(drain(reports))).toEqual(['goodbye']);
  });

  test('a source that says BYE is reported about no more, and begins anew if it comes again', () => {
    const reports = reportsOf();
    reports.addRemoteStream({ ssrc: 5, clockRate: 8000 });
    for (const sequenceNumber of [1, 2, 3]) {
      reports.handleIncomingRtp(rtpPacket({ ssrc: 5, sequenceNumber }), 0);
    }
    reports.handleIncomingRtcp({ type: 'goodbye', ssrcs: [5, 6] }, 1);
    expect(next(reports).packets[0]).toMatchObject({ reportBlocks: [] });
    expect(reports.received(5)?.packetsReceived).toBe(0);
  });
});

test('feedback between reports gets an SR or RR and a name in front (RFC 4585 §3.1)', () => {
  const reports = reportsOf();
  expect(types(reports.lead(5))).toEqual(['receiver-report', 'source-description']);
  reports.addLocalStream(local);
  reports.handleOutgoingRtp(rtpPacket({ ssrc: 10 }), 0);
  expect(types(reports.lead(5))).toEqual(['sender-report', 'source-description']);
});

describe('hostile peers', () => {
  test('10,000 SSRCs take a bounded number of places, and none of an announced stream', () => {
    const reports = reportsOf({ clockRates: new Map([[96, 90_000]]), maxUnannounced: 16 });
    for (let ssrc = 1000; ssrc < 11_000; ssrc++) {
      for (const sequenceNumber of [1, 2]) {
        reports.handleIncomingRtp(rtpPacket({ ssrc, sequenceNumber }), 0);
      }
      reports.handleIncomingRtcp(
        {
          type: 'extended-report',
          ssrc,
          blocks: [{ type: 'receiver-reference-time', ntpTime: { seconds: 1, fraction: 2 } }],
        },
        0,
      );
    }
    reports.addRemoteStream({ ssrc: 5, clockRate: 90_000 });
    for (const sequenceNumber of [1, 2]) {
      reports.handleIncomingRtp(rtpPacket({ ssrc: 5, sequenceNumber }), 0);
    }
    const { packets } = next(reports);
    const report = packets[0];
    if (report?.type !== 'receiver-report') throw new Error('no report');
    expect(report.reportBlocks.map(({ ssrc }) => ssrc)).toContain(5);
    expect(report.reportBlocks).toHaveLength(17);
    const extended = packets.find(({ type }) => type === 'extended-report') as ExtendedReport;
    const dlrr = extended.blocks.find(({ type }) => type === 'dlrr');
    expect(dlrr).toMatchObject({ type: 'dlrr' });
    expect(dlrr?.type === 'dlrr' && dlrr.reports.length).toBe(32);
  });

  test('reports about streams that are not ours, and of times to come, change nothing', () => {
    const reports = reportsOf();
    reports.addLocalStream(local);
    const before = [reports.roundTrip.smoothedMs, reports.sent(10)?.remoteReport];
    reports.handleIncomingRtcp(
      {
        type: 'sender-report',
        ssrc: 66,
        ntpTime: { seconds: 0xffff_ffff, fraction: 0xffff_ffff },
        rtpTimestamp: 0xffff_ffff,
        packetCount: 0xffff_ffff,
        octetCount: 0xffff_ffff,
        reportBlocks: [],
      },
      0,
    );
    expect([reports.roundTrip.smoothedMs, reports.sent(10)?.remoteReport]).toEqual(before);
    expect(reports.received(66)).toBeUndefined();
  });
});

test('allocates nothing for a packet', () => {
  const reports = reportsOf();
  reports.addLocalStream(local);
  reports.addRemoteStream({ ssrc: 0xf000_0002, clockRate: 90_000 });
  const outgoing = rtpPacket({ ssrc: 10 });
  const incoming = rtpPacket({ ssrc: 0xf000_0002 });
  const perCall = allocatedBytesPerCall(() => {
    outgoing.timestamp = (outgoing.timestamp + 3000) >>> 0;
    incoming.sequenceNumber = (incoming.sequenceNumber + 1) & 0xffff;
    reports.handleOutgoingRtp(outgoing, 7);
    reports.handleIncomingRtp(incoming, 7);
    reports.pollRtcp();
  });
  expect(perCall).toBeLessThan(1);
});

test("names the caller's fault", () => {
  expect(() => reportsOf({ cname: '' })).toThrow(/cname has 0 bytes/);
  expect(() => reportsOf({ timeOrigin: Number.NaN })).toThrow(/timeOrigin is NaN/);
  expect(() => reportsOf({ clockRates: new Map([[96, 0]]) })).toThrow(/clockRates gives 96/);
  expect(() => reportsOf().addLocalStream({ ssrc: 1, clockRate: 0 })).toThrow(/clockRate is 0/);
});
