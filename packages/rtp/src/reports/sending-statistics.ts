// What a sender knows of one stream, and the sender reports about it (RFC 3550 §6.4.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
import { serialDistance32 } from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import type { ReportBlock } from '../rtcp/report-block.ts';
import type { SenderReport } from '../rtcp/sender-report.ts';
import { compactNtpTime, ntpTimeFromUnixMs, roundTripMs } from '../timing/ntp-time.ts';

/** How many sender reports are remembered: what comes back later is not measured. */
const MAX_REMEMBERED = 8;

/** A timestamp that lies further back, in seconds, is one of a source that began anew. */
const MAX_BEHIND_S = 5;

/** What the peer last said of a stream. */
export interface RemoteReport {
  readonly block: ReportBlock;
  /** When it came. */
  readonly at: number;
  /** The round trip that it measured, in milliseconds; undefined if it could not. */
  readonly roundTripMs: number | undefined;
}

/** Counts one sent stream and makes sender reports. Nothing is allocated for a packet. */
export class SendingStatistics {
  readonly ssrc: number;
  readonly clockRate: number;
  #packetCount = 0;
  #octetCount = 0;
  #lastTimestamp = 0;
  #lastCapturedAt = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #remoteReport: RemoteReport | undefined;
  // Compact NTP times of the last sender reports, oldest overwritten first.
  readonly #reports: Uint32Array = new Uint32Array(MAX_REMEMBERED);
  #reportCount = 0;

  /** @throws RangeError if `clockRate` is not a positive number. */
  constructor(ssrc: number, clockRate: number) {
    if (!(clockRate > 0 && clockRate < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`clockRate is ${clockRate}; expected more than 0`);
    }
    this.ssrc = ssrc;
    this.clockRate = clockRate;
  }

  /** Packets sent. */
  get packetCount(): number {
    return this.#packetCount;
  }

  /** Bytes of their payloads, without padding. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** When the last packet was sent; -Infinity if none was. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** What the peer last said of the stream. */
  get remoteReport(): RemoteReport | undefined {
    return this.#remoteReport;
  }

  /**
   * A packet is being sent.
   *
   * @param capturedAt The instant that its timestamp stands for, where that is known better.
   */
  handlePacket(packet: RtpPacket, now: number, capturedAt: number = now): void {
    this.#packetCount++;
    this.#octetCount += packet.payloadLength;
    this.#lastSentAt = now;
    const ahead = serialDistance32(packet.timestamp, this.#lastTimestamp);
    // What is sent again, or after a frame that it comes before, tells nothing new of the clock.
    if (this.#packetCount > 1 && ahead < 0 && ahead >= -MAX_BEHIND_S * this.clockRate) return;
    this.#lastTimestamp = packet.timestamp;
    this.#lastCapturedAt = capturedAt;
  }

  /** The sender report of this instant, which is `unixMs` by the wall clock. */
  senderReport(now: number, unixMs: number, reportBlocks: readonly ReportBlock[]): SenderReport {
    const ntpTime = ntpTimeFromUnixMs(unixMs);
    this.#reports[this.#reportCount++ % MAX_REMEMBERED] = compactNtpTime(
      ntpTime.seconds,
      ntpTime.fraction,
    );
    const elapsed = ((now - this.#lastCapturedAt) * this.clockRate) / 1000;
    return {
      type: 'sender-report',
      ssrc: this.ssrc,
      ntpTime,
      // §6.4.1: the same instant as the NTP time, not that of the last packet.
      rtpTimestamp: Math.round(this.#lastTimestamp + elapsed) >>> 0,
      packetCount: this.#packetCount >>> 0,
      octetCount: this.#octetCount >>> 0,
      reportBlocks,
    };
  }

  /**
   * The peer reports about this stream.
   *
   * @param compactNow Compact NTP time at which it came.
   * @returns the round trip in milliseconds. Undefined if it names no sender report of ours: a peer may lie,
   * or answer one that is too old to tell.
   */
  handleReportBlock(block: ReportBlock, now: number, compactNow: number): number | undefined {
    const { lastSenderReport, delaySinceLastSenderReport } = block;
    const isOurs = this.#reportCount > 0 && this.#reports.includes(lastSenderReport);
    const measured = isOurs
      ? roundTripMs(compactNow, lastSenderReport, delaySinceLastSenderReport)
      : undefined;
    this.#remoteReport = { block, at: now, roundTripMs: measured };
    return measured;
  }
}
