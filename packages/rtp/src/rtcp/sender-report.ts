// SR: what a sender sent and what it received (RFC 3550 §6.4.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|    RC   |   PT=SR=200   |             length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         SSRC of sender                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              NTP timestamp, most significant word             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             NTP timestamp, least significant word             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         RTP timestamp                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     sender's packet count                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      sender's octet count                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  report blocks, profile-specific extensions   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import type { NtpTime } from '../timing/ntp-time.ts';
import {
  REPORT_BLOCK_LENGTH,
  type ReportBlock,
  readReportBlocks,
  writeReportBlocks,
} from './report-block.ts';
import { RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

const FIXED_LENGTH = 28;

/** A sender report. Profile-specific extensions are passed over. */
export interface SenderReport {
  readonly type: 'sender-report';
  readonly ssrc: number;
  /** Wall-clock time at which the report was sent. */
  readonly ntpTime: NtpTime;
  /** The same instant in units of the stream's timestamps. */
  readonly rtpTimestamp: number;
  /** RTP packets sent since the beginning: 32 bits. */
  readonly packetCount: number;
  /** Bytes of payload sent, without headers and padding: 32 bits. */
  readonly octetCount: number;
  readonly reportBlocks: readonly ReportBlock[];
}

/** Decodes the SR in `bytes[start..end)` that has `count` report blocks. */
export function decodeSenderReport(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): SenderReport | undefined {
  if (end - start < FIXED_LENGTH + REPORT_BLOCK_LENGTH * count) return undefined;
  return {
    type: 'sender-report',
    ssrc: readUint32(bytes, start + 4),
    ntpTime: { seconds: readUint32(bytes, start + 8), fraction: readUint32(bytes, start + 12) },
    rtpTimestamp: readUint32(bytes, start + 16),
    packetCount: readUint32(bytes, start + 20),
    octetCount: readUint32(bytes, start + 24),
    reportBlocks: readReportBlocks(bytes, start + FIXED_LENGTH, count),
  };
}

/** Bytes that {@link encodeSenderReport} writes. */
export function senderReportLength(report: SenderReport): number {
  return FIXED_LENGTH + REPORT_BLOCK_LENGTH * report.reportBlocks.length;
}

/** Writes `report` at `offset`; returns the offset behind it. */
export function encodeSenderReport(report: SenderReport, out: Uint8Array, offset: number): number {
  const count = report.reportBlocks.length;
  const length = senderReportLength(report);
  let at = writeRtcpHeader(out, offset, count, RTCP_PACKET_TYPE.senderReport, length);
  at = writeUint32(out, at, report.ssrc);
  at = writeUint32(out, at, report.ntpTime.seconds);
  at = writeUint32(out, at, report.ntpTime.fraction);
  at = writeUint32(out, at, report.rtpTimestamp);
  at = writeUint32(out, at, report.packetCount);
  at = writeUint32(out, at, report.octetCount);
  return writeReportBlocks(report.reportBlocks, out, at);
}
