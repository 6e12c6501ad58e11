// XR blocks by which a receiver that sends nothing measures the round trip: RRTR and DLRR (RFC 3611 §4.4, §4.5, https://www.rfc-editor.org/rfc/rfc3611#section-4.4).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     BT=4      |   reserved    |       block length = 2        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              NTP timestamp, most significant word             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             NTP timestamp, least significant word             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     BT=5      |   reserved    |         block length          |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |                 SSRC_1 (SSRC of first receiver)               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         last RR (LRR)                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   delay since last RR (DLRR)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import type { NtpTime } from '../timing/ntp-time.ts';

/** Bytes of an RRTR block's contents. */
export const RECEIVER_REFERENCE_TIME_LENGTH = 8;
/** Bytes of one sub-block of DLRR. */
export const DLRR_SUB_BLOCK_LENGTH = 12;

/** RRTR: when the receiver sent this. */
export interface ReceiverReferenceTimeBlock {
  readonly type: 'receiver-reference-time';
  readonly ntpTime: NtpTime;
}

/** The answer to one receiver's RRTR. */
export interface DelaySinceLastReceiverReport {
  readonly ssrc: number;
  /** Compact NTP time of the last RRTR; 0 if none came. */
  readonly lastReceiverReport: number;
  /** How long ago it came, in units of 2^-16 s. */
  readonly delaySinceLastReceiverReport: number;
}

/** DLRR: the answers to RRTR blocks. */
export interface DlrrBlock {
  readonly type: 'dlrr';
  readonly reports: readonly DelaySinceLastReceiverReport[];
}

/** Decodes an RRTR block with contents in `bytes[start..end)`. */
export function decodeReceiverReferenceTimeBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
): ReceiverReferenceTimeBlock | undefined {
  if (end - start !== RECEIVER_REFERENCE_TIME_LENGTH) return undefined;
  return {
    type: 'receiver-reference-time',
    ntpTime: { seconds: readUint32(bytes, start), fraction: readUint32(bytes, start + 4) },
  };
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeReceiverReferenceTimeBlock(
  block: ReceiverReferenceTimeBlock,
  out: Uint8Array,
  offset: number,
): number {
  return writeUint32(out, writeUint32(out, offset, block.ntpTime.seconds), block.ntpTime.fraction);
}

/** Decodes a DLRR block with contents in `bytes[start..end)`. */
export function decodeDlrrBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
): DlrrBlock | undefined {
  if ((end - start) % DLRR_SUB_BLOCK_LENGTH !== 0) return undefined;
  const reports: DelaySinceLastReceiverReport[] = [];
  for (let at = start; at < end; at += DLRR_SUB_BLOCK_LENGTH) {
    reports.push({
      ssrc: readUint32(bytes, at),
      lastReceiverReport: readUint32(bytes, at + 4),
      delaySinceLastReceiverReport: readUint32(bytes, at + 8),
    });
  }
  return { type: 'dlrr', reports };
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeDlrrBlock(block: DlrrBlock, out: Uint8Array, offset: number): number {
  let at = offset;
  for (const report of block.reports) {
    at = writeUint32(out, at, report.ssrc);
    at = writeUint32(out, at, report.lastReceiverReport);
    at = writeUint32(out, at, report.delaySinceLastReceiverReport);
  }
  return at;
}
