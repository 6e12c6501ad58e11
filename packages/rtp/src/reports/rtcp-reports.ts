// Sender and receiver reports of all streams, names, farewells, and the round-trip time (RFC 3550 §6, RFC 3611 §4.4, §4.5, RFC 8108 §5, https://www.rfc-editor.org/rfc/rfc3550#section-6).
import { encodeUtf8, Queue } from '@kaon/wire';
import type { Interceptor, RtpStreamDescription } from '../interceptors/interceptor.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { SsrcTable } from '../packet/ssrc-table.ts';
import { type RtcpPacket, rtcpPacketLength } from '../rtcp/compound-packet.ts';
import type { ExtendedReportBlock } from '../rtcp/extended-report.ts';
import type { DelaySinceLastReceiverReport } from '../rtcp/extended-report-time-blocks.ts';
import { MAX_REPORT_BLOCKS, type ReportBlock } from '../rtcp/report-block.ts';
import { SDES_ITEM, type SourceDescription } from '../rtcp/source-description.ts';
import {
  compactNtpDuration,
  compactNtpTime,
  compactNtpTimeFromUnixMs,
  ntpTimeFromUnixMs,
  roundTripMs,
} from '../timing/ntp-time.ts';
import { ReceptionStatistics } from './reception-statistics.ts';
import { RoundTripTime } from './round-trip-time.ts';
import { RtcpSchedule, type RtcpScheduleOptions } from './rtcp-schedule.ts';
import { SendingStatistics } from './sending-statistics.ts';

/** Who reports, and how. */
export interface RtcpReportsOptions extends RtcpScheduleOptions {
  /** The SSRC that speaks while no stream is sent: one of ours. */
  readonly ssrc: number;
  /** The name that all our streams share (RFC 7022): 1 to 255 bytes of UTF-8. */
  readonly cname: string;
  /**
   * What the caller's clock is at 0, in milliseconds since 1970: `performance.timeOrigin`, where `now` is
   * `performance.now()`.
   */
  readonly timeOrigin: number;
  /** Takes what is measured; by default a new one. */
  readonly roundTrip?: RoundTripTime;
  /** Whether the round trip is measured also where nothing is sent, by XR (RFC 3611 §4.4). True by default. */
  readonly extendedReports?: boolean;
  /**
   * Units of the timestamp a second for each payload type of streams that nobody announced, such as
   * retransmissions. Those with other payload types are not reported about. None by default.
   */
  readonly clockRates?: ReadonlyMap<number, number>;
  /** Streams of each direction at most; 256 by default. */
  readonly maxStreams?: number;
  /** Of those that nobody announced, at most; 64 by default. */
  readonly maxUnannounced?: number;
}

/** §6.3.5: who has been silent for so many intervals is gone. */
const SILENT_INTERVALS = 5;
/** §6.3.8: who has sent nothing for two intervals is no sender. */
const SENDER_INTERVALS = 2;
/** How many peers' XR are answered, and how many of our own remembered. */
const MAX_REFERENCE_TIMES = 32;
const MAX_REMEMBERED = 8;
const MAX_GOODBYES = 31;
/** Transport-wide feedback without chunks and deltas. */
const FEEDBACK_BYTES = 20;

interface ReferenceTime {
  readonly ssrc: number;
  lastReceiverReport: number;
  at: number;
  isAnswered: boolean;
}

/**
 * Reports for one RTP session, as a machine and as an {@link Interceptor}; it stands next to the network.
 *
 * All our SSRCs report together, at times that RFC 3550 §6.3 draws: an SR for each stream that was sent of
 * late, else an RR, with blocks about each source that was heard since the last time; their CNAMEs; XR where
 * that is of use.
 *
 * Deviation: RFC 8108 §5.1 has each of our SSRCs report about every source, or a reporting group announced
 * (RFC 8861); one block about each source is sent, as browsers do.
 *
 * Deviation: RFC 3550 §8.2 has who hears its own SSRC take another; here both directions have keys and state
 * of their own, and the SSRCs are those that were announced.
 */
export class RtcpReports implements Interceptor {
  /** What the caller's clock is at 0, in milliseconds since 1970; to be set when the wall clock was. */
  timeOrigin: number;
  /** What is measured. */
  readonly roundTrip: RoundTripTime;
  /** When reports are due. */
  readonly schedule: RtcpSchedule;
  readonly #ssrc: number;
  readonly #cname: Uint8Array;
  readonly #extendedReports: boolean;
  // At the index of a payload type: its clock rate, or 0.
  readonly #clockRates: Float64Array = new Float64Array(128);
  readonly #sent: SsrcTable<SendingStatistics>;
  // For a sent stream that of its retransmissions.
  readonly #rtxSsrcs: Map<number, number> = new Map();
  readonly #received: SsrcTable<ReceptionStatistics>;
  readonly #unannounced: SsrcTable<ReceptionStatistics>;
  readonly #referenceTimes: SsrcTable<ReferenceTime> = new SsrcTable(MAX_REFERENCE_TIMES);
  // Compact NTP times of our last XR, oldest overwritten first.
  readonly #ownReferenceTimes: Uint32Array = new Uint32Array(MAX_REMEMBERED);
  #ownReferenceCount = 0;
  #lastMeasuredAt = Number.NEGATIVE_INFINITY;
  // When the last reports were made, the latest first.
  readonly #reportedAt: number[] = [];
  readonly #outgoing: Queue<RtcpPacket> = new Queue();

  /** @throws RangeError if an option is out of range. */
  constructor(options: RtcpReportsOptions) {
    const { maxStreams = 256, maxUnannounced = 64 } = options;
    this.#cname = encodeUtf8(options.cname);
    if (this.#cname.length === 0 || this.#cname.length > 255) {
      throw new RangeError(`cname has ${this.#cname.length} bytes; expected 1 to 255`);
    }
    if (!Number.isFinite(options.timeOrigin)) {
      throw new RangeError(`timeOrigin is ${options.timeOrigin}; expected milliseconds since 1970`);
    }
    this.timeOrigin = options.timeOrigin;
    this.roundTrip = options.roundTrip ?? new RoundTripTime();
    this.schedule = new RtcpSchedule(options);
    this.#ssrc = options.ssrc;
    this.#extendedReports = options.extendedReports ?? true;
    this.#sent = new SsrcTable(maxStreams);
    this.#received = new SsrcTable(maxStreams);
    this.#unannounced = new SsrcTable(maxUnannounced);
    for (const [payloadType, clockRate] of options.clockRates ?? []) {
      if (!(clockRate > 0)) {
        throw new RangeError(
          `clockRates gives ${payloadType} a rate of ${clockRate}; expected more than 0`,
        );
      }
      this.#clockRates[payloadType & 0x7f] = clockRate;
    }
  }

  get nextTimeout(): number {
    return this.schedule.nextTimeout;
  }

  /** What is known of a sent stream; undefined if it was not announced. */
  sent(ssrc: number): SendingStatistics | undefined {
    return this.#sent.get(ssrc);
  }

  /** What is known of a received stream; undefined if there is none. */
  received(ssrc: number): ReceptionStatistics | undefined {
    return this.#received.get(ssrc) ?? this.#unannounced.get(ssrc);
  }

  addLocalStream(stream: RtpStreamDescription): void {
    for (const ssrc of [stream.ssrc, stream.rtx?.ssrc]) {
      if (ssrc === undefined || this.#sent.get(ssrc) !== undefined) continue;
      if (!this.#sent.set(ssrc, new SendingStatistics(ssrc, stream.clockRate))) continue;
      if (ssrc !== stream.ssrc) this.#rtxSsrcs.set(stream.ssrc, ssrc);
    }
  }

  /** It says goodbye, and the stream of its retransmissions as well. */
  removeLocalStream(ssrc: number): void {
    const rtxSsrc = this.#rtxSsrcs.get(ssrc);
    this.#rtxSsrcs.delete(ssrc);
    this.sayGoodbye(rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc]);
  }

  addRemoteStream(stream: RtpStreamDescription): void {
    for (const ssrc of [stream.ssrc, stream.rtx?.ssrc]) {
      if (ssrc === undefined || this.#received.get(ssrc) !== undefined) continue;
      // One that came before it was announced goes on as it is.
      const statistics =
        this.#unannounced.get(ssrc) ??
        new ReceptionStatistics({ ssrc, clockRate: stream.clockRate });
      statistics.clockRate = stream.clockRate;
      this.#received.set(ssrc, statistics);
      this.#unannounced.delete(ssrc);
    }
  }

  removeRemoteStream(ssrc: number): void {
    this.#received.delete(ssrc);
    this.#unannounced.delete(ssrc);
  }

  handleOutgoingRtp(packet: RtpPacket, now: number): boolean {
    this.#sent.get(packet.ssrc)?.handlePacket(packet, now);
    this.schedule.start(now);
    return true;
  }

  handleIncomingRtp(packet: RtpPacket, now: number): boolean {
    const statistics = this.#received.get(packet.ssrc) ?? this.#meet(packet);
    statistics?.handlePacket(packet, now);
    this.schedule.start(now);
    return true;
  }

  handleIncomingRtcp(packet: RtcpPacket, now: number): void {
    this.schedule.noteSize(sizeOf(packet));
    switch (packet.type) {
      case 'sender-report':
        this.received(packet.ssrc)?.handleSenderReport(packet, now);
        this.#handleReportBlocks(packet.reportBlocks, now);
        break;
      case 'receiver-report':
        this.#handleReportBlocks(packet.reportBlocks, now);
        break;
      case 'extended-report':
        for (const block of packet.blocks) this.#handleExtendedBlock(packet.ssrc, block, now);
        break;
      case 'goodbye':
        for (const ssrc of packet.ssrcs) this.#forget(ssrc);
        break;
    }
  }

  handleTimeout(now: number): void {
    this.#updateParties(now);
    if (!this.schedule.expire(now)) return;
    let bytes = 0;
    for (const packet of this.#report(now)) {
      bytes += rtcpPacketLength(packet);
      this.#outgoing.push(packet);
    }
    this.schedule.noteSent(bytes, now);
    this.#reportedAt.unshift(now);
    if (this.#reportedAt.length > SILENT_INTERVALS) this.#reportedAt.pop();
  }

  pollRtcp(): RtcpPacket | undefined {
    return this.#outgoing.length === 0 ? undefined : this.#outgoing.shift();
  }

  /**
   * What a compound packet of feedback begins with, when no report is due (RFC 4585 §3.1): an SR or RR
   * without blocks, and the CNAME of its SSRC.
   */
  lead(now: number): readonly RtcpPacket[] {
    for (const each of this.#sent.values()) {
      if (!this.#isSender(each)) continue;
      return [each.senderReport(now, this.timeOrigin + now, []), this.#names([each.ssrc])];
    }
    return [
      { type: 'receiver-report', ssrc: this.#ssrc, reportBlocks: [] },
      this.#names([this.#ssrc]),
    ];
  }

  /**
   * Forgets sent streams; those of which packets were sent say BYE (§6.6), at most 31 at once.
   *
   * Deviation: §6.3.7 delays a BYE in sessions of more than 50 members; these have two ends.
   *
   * @throws RangeError if the reason is longer than 255 bytes of UTF-8.
   */
  sayGoodbye(ssrcs: readonly number[], reason?: string): void {
    const reasonBytes = reason === undefined ? 0 : encodeUtf8(reason).length;
    if (reasonBytes > 255) {
      throw new RangeError(`reason has ${reasonBytes} bytes; expected at most 255`);
    }
    const leaving: number[] = [];
    for (const ssrc of ssrcs) {
      if ((this.#sent.get(ssrc)?.packetCount ?? 0) > 0) leaving.push(ssrc);
      this.#sent.delete(ssrc);
    }
    for (let i = 0; i < leaving.length; i += MAX_GOODBYES) {
      this.#outgoing.push({
        type: 'goodbye',
        ssrcs: leaving.slice(i, i + MAX_GOODBYES),
        ...(reason !== undefined && { reason }),
      });
    }
  }

  // A stream that nobody announced: known from now on if there is room and its clock rate is known.
  #meet(packet: RtpPacket): ReceptionStatistics | undefined {
    const known = this.#unannounced.get(packet.ssrc);
    if (known !== undefined) return known;
    const clockRate = this.#clockRates[packet.payloadType] as number;
    if (clockRate === 0 || this.#unannounced.isFull) return undefined;
    const statistics = new ReceptionStatistics({ ssrc: packet.ssrc, clockRate });
    this.#unannounced.set(packet.ssrc, statistics);
    return statistics;
  }

  #forget(ssrc: number): void {
    this.#unannounced.delete(ssrc);
    this.#referenceTimes.delete(ssrc);
    const announced = this.#received.get(ssrc);
    if (announced === undefined) return;
    // It stays announced: should it come again, it begins anew.
    const { clockRate } = announced;
    this.#received.set(ssrc, new ReceptionStatistics({ ssrc, clockRate }));
  }

  #handleReportBlocks(blocks: readonly ReportBlock[], now: number): void {
    const compactNow = compactNtpTimeFromUnixMs(this.timeOrigin + now);
    for (const block of blocks) {
      const measured = this.#sent.get(block.ssrc)?.handleReportBlock(block, now, compactNow);
      this.#measured(measured, now);
    }
  }

  #handleExtendedBlock(ssrc: number, block: ExtendedReportBlock, now: number): void {
    if (block.type === 'receiver-reference-time') {
      const { seconds, fraction } = block.ntpTime;
      const lastReceiverReport = compactNtpTime(seconds, fraction);
      this.#referenceTimes.set(ssrc, { ssrc, lastReceiverReport, at: now, isAnswered: false });
    } else if (block.type === 'dlrr') {
      const compactNow = compactNtpTimeFromUnixMs(this.timeOrigin + now);
      for (const report of block.reports) {
        const { lastReceiverReport, delaySinceLastReceiverReport } = report;
        if (this.#ownReferenceCount === 0 || report.ssrc !== this.#ssrc) continue;
        if (!this.#ownReferenceTimes.includes(lastReceiverReport)) continue;
        this.#measured(
          roundTripMs(compactNow, lastReceiverReport, delaySinceLastReceiverReport),
          now,
        );
      }
    }
  }

  // Blocks about several streams that come together say the same thing: one measurement.
  #measured(measuredMs: number | undefined, now: number): void {
    if (measuredMs === undefined || now === this.#lastMeasuredAt) return;
    this.#lastMeasuredAt = now;
    this.roundTrip.update(measuredMs);
  }

  #isSender(statistics: SendingStatistics): boolean {
    const since = this.#reportedAt[SENDER_INTERVALS - 1] ?? Number.NEGATIVE_INFINITY;
    return statistics.packetCount > 0 && statistics.lastSentAt >= since;
  }

  #updateParties(now: number): void {
    const silentSince = this.#reportedAt[SILENT_INTERVALS - 1] ?? Number.NEGATIVE_INFINITY;
    for (const each of this.#unannounced.values()) {
      if (each.lastPacketAt < silentSince) this.#unannounced.delete(each.ssrc);
    }
    const sendingSince = this.#reportedAt[SENDER_INTERVALS - 1] ?? Number.NEGATIVE_INFINITY;
    let remote = 0;
    for (const table of [this.#received, this.#unannounced]) {
      for (const each of table.values()) {
        if (each.isValid && each.lastPacketAt >= sendingSince) remote++;
      }
    }
    let local = 0;
    for (const each of this.#sent.values()) if (this.#isSender(each)) local++;
    // Who only receives counts as well: ourselves if we send nothing, and the peer likewise.
    const members = Math.max(local, 1) + Math.max(remote, 1);
    this.schedule.setParties(members, local + remote, local > 0, now);
  }

  #report(now: number): RtcpPacket[] {
    const unixMs = this.timeOrigin + now;
    const blocks: ReportBlock[] = [];
    for (const table of [this.#received, this.#unannounced]) {
      // §6.4: about those heard since the last report.
      for (const each of table.values()) if (each.hasNews) blocks.push(each.reportBlock(now));
    }
    const packets: RtcpPacket[] = [];
    const speakers: number[] = [];
    const takeBlocks = (): ReportBlock[] => blocks.splice(0, MAX_REPORT_BLOCKS);
    for (const each of this.#sent.values()) {
      if (!this.#isSender(each)) continue;
      packets.push(each.senderReport(now, unixMs, takeBlocks()));
      speakers.push(each.ssrc);
    }
    const speaker = speakers[0] ?? this.#ssrc;
    if (speakers.length === 0) speakers.push(speaker);
    while (packets.length === 0 || blocks.length > 0) {
      packets.push({ type: 'receiver-report', ssrc: speaker, reportBlocks: takeBlocks() });
    }
    for (let i = 0; i < speakers.length; i += MAX_REPORT_BLOCKS) {
      packets.push(this.#names(speakers.slice(i, i + MAX_REPORT_BLOCKS)));
    }
    const extended = this.#extendedBlocks(now, unixMs, packets[0]?.type === 'sender-report');
    if (extended.length > 0) {
      packets.push({ type: 'extended-report', ssrc: speaker, blocks: extended });
    }
    return packets;
  }

  #extendedBlocks(now: number, unixMs: number, isSender: boolean): ExtendedReportBlock[] {
    const blocks: ExtendedReportBlock[] = [];
    if (this.#extendedReports && !isSender) {
      const ntpTime = ntpTimeFromUnixMs(unixMs);
      this.#ownReferenceTimes[this.#ownReferenceCount++ % MAX_REMEMBERED] = compactNtpTime(
        ntpTime.seconds,
        ntpTime.fraction,
      );
      blocks.push({ type: 'receiver-reference-time', ntpTime });
    }
    const reports: DelaySinceLastReceiverReport[] = [];
    for (const each of this.#referenceTimes.values()) {
      if (each.isAnswered) continue;
      each.isAnswered = true;
      reports.push({
        ssrc: each.ssrc,
        lastReceiverReport: each.lastReceiverReport,
        delaySinceLastReceiverReport: compactNtpDuration(now - each.at),
      });
    }
    if (reports.length > 0) blocks.push({ type: 'dlrr', reports });
    return blocks;
  }

  #names(ssrcs: readonly number[]): SourceDescription {
    const items = [{ type: SDES_ITEM.cname, value: this.#cname }];
    return { type: 'source-description', chunks: ssrcs.map((ssrc) => ({ ssrc, items })) };
  }
}

/** Bytes of a packet that came. */
function sizeOf(packet: RtcpPacket): number {
  if (packet.type !== 'transport-feedback') return rtcpPacketLength(packet);
  // About: to pack it anew takes as long as the losses are many that it claims in two bytes.
  return FEEDBACK_BYTES + packet.deltas.length + Math.ceil((2 * packet.offsets.length) / 7);
}
