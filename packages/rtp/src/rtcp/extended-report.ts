// XR: extended reports, a list of blocks (RFC 3611 §2, §3, https://www.rfc-editor.org/rfc/rfc3611#section-2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|reserved |   PT=XR=207   |             length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              SSRC                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      BT       | type-specific |         block length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     type-specific contents                  ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import {
  decodeReceiptTimesBlock,
  decodeRunLengthBlock,
  type ReceiptTimesBlock,
  type RunLengthBlock,
  receiptTimesBlockLength,
  runLengthBlockLength,
  writeReceiptTimesBlock,
  writeRunLengthBlock,
} from './extended-report-packet-blocks.ts';
import {
  decodeStatisticsSummaryBlock,
  decodeVoipMetricsBlock,
  STATISTICS_SUMMARY_LENGTH,
  type StatisticsSummaryBlock,
  VOIP_METRICS_LENGTH,
  type VoipMetricsBlock,
  writeStatisticsSummaryBlock,
  writeVoipMetricsBlock,
} from './extended-report-summary-blocks.ts';
import {
  DLRR_SUB_BLOCK_LENGTH,
  type DlrrBlock,
  decodeDlrrBlock,
  decodeReceiverReferenceTimeBlock,
  RECEIVER_REFERENCE_TIME_LENGTH,
  type ReceiverReferenceTimeBlock,
  writeDlrrBlock,
  writeReceiverReferenceTimeBlock,
} from './extended-report-time-blocks.ts';
import { RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

const FIXED_LENGTH = 8;
const BLOCK_HEADER_LENGTH = 4;

/** Block types (RFC 3611 §4). */
const BLOCK_TYPE = {
  lossRunLength: 1,
  duplicateRunLength: 2,
  receiptTimes: 3,
  receiverReferenceTime: 4,
  dlrr: 5,
  statisticsSummary: 6,
  voipMetrics: 7,
} as const;

/** A block of a type that is not known, as it came. */
export interface UnknownReportBlock {
  readonly type: 'unknown';
  readonly blockType: number;
  readonly typeSpecific: number;
  /** A multiple of four bytes; a view of the packet. */
  readonly contents: Uint8Array;
}

/** One block of an extended report. */
export type ExtendedReportBlock =
  | RunLengthBlock
  | ReceiptTimesBlock
  | ReceiverReferenceTimeBlock
  | DlrrBlock
  | StatisticsSummaryBlock
  | VoipMetricsBlock
  | UnknownReportBlock;

/** An extended report. */
export interface ExtendedReport {
  readonly type: 'extended-report';
  readonly ssrc: number;
  readonly blocks: readonly ExtendedReportBlock[];
}

/** Decodes the XR packet in `bytes[start..end)`. A malformed block makes the whole packet malformed. */
export function decodeExtendedReport(
  bytes: Uint8Array,
  start: number,
  end: number,
): ExtendedReport | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const blocks: ExtendedReportBlock[] = [];
  for (let at = start + FIXED_LENGTH; at < end; ) {
    if (end - at < BLOCK_HEADER_LENGTH) return undefined;
    const next = at + BLOCK_HEADER_LENGTH + 4 * readUint16(bytes, at + 2);
    if (next > end) return undefined;
    const block = decodeBlock(bytes, at, next);
    if (block === undefined) return undefined;
    blocks.push(block);
    at = next;
  }
  return { type: 'extended-report', ssrc: readUint32(bytes, start + 4), blocks };
}

/** Bytes that {@link encodeExtendedReport} writes. */
export function extendedReportLength(report: ExtendedReport): number {
  let length = FIXED_LENGTH;
  for (const block of report.blocks) length += BLOCK_HEADER_LENGTH + contentsLength(block);
  return length;
}

/** Writes `report` at `offset`; returns the offset behind it. */
export function encodeExtendedReport(
  report: ExtendedReport,
  out: Uint8Array,
  offset: number,
): number {
  const length = extendedReportLength(report);
  let at = writeRtcpHeader(out, offset, 0, RTCP_PACKET_TYPE.extendedReport, length);
  at = writeUint32(out, at, report.ssrc);
  for (const block of report.blocks) at = encodeBlock(block, out, at);
  return at;
}

function decodeBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
): ExtendedReportBlock | undefined {
  const typeSpecific = bytes[start + 1] as number;
  const contents = start + BLOCK_HEADER_LENGTH;
  switch (bytes[start]) {
    case BLOCK_TYPE.lossRunLength:
      return decodeRunLengthBlock(bytes, contents, end, typeSpecific, 'loss-run-length');
    case BLOCK_TYPE.duplicateRunLength:
      return decodeRunLengthBlock(bytes, contents, end, typeSpecific, 'duplicate-run-length');
    case BLOCK_TYPE.receiptTimes:
      return decodeReceiptTimesBlock(bytes, contents, end, typeSpecific);
    case BLOCK_TYPE.receiverReferenceTime:
      return decodeReceiverReferenceTimeBlock(bytes, contents, end);
    case BLOCK_TYPE.dlrr:
      return decodeDlrrBlock(bytes, contents, end);
    case BLOCK_TYPE.statisticsSummary:
      return decodeStatisticsSummaryBlock(bytes, contents, end, typeSpecific);
    case BLOCK_TYPE.voipMetrics:
      return decodeVoipMetricsBlock(bytes, contents, end);
    default:
      return {
        type: 'unknown',
        blockType: bytes[start] as number,
        typeSpecific,
        contents: bytes.subarray(contents, end),
      };
  }
}

function contentsLength(block: ExtendedReportBlock): number {
  switch (block.type) {
    case 'loss-run-length':
    case 'duplicate-run-length':
      return runLengthBlockLength(block);
    case 'receipt-times':
      return receiptTimesBlockLength(block);
    case 'receiver-reference-time':
      return RECEIVER_REFERENCE_TIME_LENGTH;
    case 'dlrr':
      return DLRR_SUB_BLOCK_LENGTH * block.reports.length;
    case 'statistics-summary':
      return STATISTICS_SUMMARY_LENGTH;
    case 'voip-metrics':
      return VOIP_METRICS_LENGTH;
    case 'unknown':
      return block.contents.length;
  }
}

function encodeBlock(block: ExtendedReportBlock, out: Uint8Array, offset: number): number {
  const contents = offset + BLOCK_HEADER_LENGTH;
  writeUint16(out, offset + 2, contentsLength(block) >> 2);
  switch (block.type) {
    case 'loss-run-length':
      writeTypes(out, offset, BLOCK_TYPE.lossRunLength, block.thinning & 0x0f);
      return writeRunLengthBlock(block, out, contents);
    case 'duplicate-run-length':
      writeTypes(out, offset, BLOCK_TYPE.duplicateRunLength, block.thinning & 0x0f);
      return writeRunLengthBlock(block, out, contents);
    case 'receipt-times':
      writeTypes(out, offset, BLOCK_TYPE.receiptTimes, block.thinning & 0x0f);
      return writeReceiptTimesBlock(block, out, contents);
    case 'receiver-reference-time':
      writeTypes(out, offset, BLOCK_TYPE.receiverReferenceTime, 0);
      return writeReceiverReferenceTimeBlock(block, out, contents);
    case 'dlrr':
      writeTypes(out, offset, BLOCK_TYPE.dlrr, 0);
      return writeDlrrBlock(block, out, contents);
    case 'statistics-summary':
      // L, D, J and ToH (§4.6).
      writeTypes(
        out,
        offset,
        BLOCK_TYPE.statisticsSummary,
        (block.hasLoss ? 0x80 : 0) |
          (block.hasDuplicates ? 0x40 : 0) |
          (block.hasJitter ? 0x20 : 0) |
          ((block.ttlOrHopLimit & 3) << 3),
      );
      return writeStatisticsSummaryBlock(block, out, contents);
    case 'voip-metrics':
      writeTypes(out, offset, BLOCK_TYPE.voipMetrics, 0);
      return writeVoipMetricsBlock(block, out, contents);
    case 'unknown':
      if (block.contents.length % 4 !== 0) {
        throw new RangeError(`contents: a multiple of four bytes, not ${block.contents.length}.`);
      }
      writeTypes(out, offset, block.blockType, block.typeSpecific);
      out.set(block.contents, contents);
      return contents + block.contents.length;
  }
}

function writeTypes(out: Uint8Array, offset: number, blockType: number, specific: number): void {
  out[offset] = blockType;
  out[offset + 1] = specific;
}
