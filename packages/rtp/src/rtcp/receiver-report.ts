// RR: what a participant that sends nothing received (RFC 3550 §6.4.2, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.2).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|    RC   |   PT=RR=201   |             length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     SSRC of packet sender                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  report blocks, profile-specific extensions   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import {
  REPORT_BLOCK_LENGTH,
  type ReportBlock,
  readReportBlocks,
  writeReportBlocks,
} from './report-block.ts';
import { RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

const FIXED_LENGTH = 8;

/** A receiver report. Profile-specific extensions are passed over. */
export interface ReceiverReport {
  readonly type: 'receiver-report';
  readonly ssrc: number;
  readonly reportBlocks: readonly ReportBlock[];
}

/** Decodes the RR in `bytes[start..end)` that has `count` report blocks. */
export function decodeReceiverReport(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): ReceiverReport | undefined {
  if (end - start < FIXED_LENGTH + REPORT_BLOCK_LENGTH * count) return undefined;
  return {
    type: 'receiver-report',
    ssrc: readUint32(bytes, start + 4),
    reportBlocks: readReportBlocks(bytes, start + FIXED_LENGTH, count),
  };
}

/** Bytes that {@link encodeReceiverReport} writes. */
export function receiverReportLength(report: ReceiverReport): number {
  return FIXED_LENGTH + REPORT_BLOCK_LENGTH * report.reportBlocks.length;
}

/** Writes `report` at `offset`; returns the offset behind it. */
export function encodeReceiverReport(
  report: ReceiverReport,
  out: Uint8Array,
  offset: number,
): number {
  const count = report.reportBlocks.length;
  const length = receiverReportLength(report);
  let at = writeRtcpHeader(out, offset, count, RTCP_PACKET_TYPE.receiverReport, length);
  at = writeUint32(out, at, report.ssrc);
  return writeReportBlocks(report.reportBlocks, out, at);
}
