// A reception report about one source (RFC 3550 §6.4.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           SSRC_n                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | fraction lost |       cumulative number of packets lost       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           extended highest sequence number received           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      interarrival jitter                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         last SR (LSR)                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   delay since last SR (DLSR)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint24, readUint32, writeUint24, writeUint32 } from '@kaon/wire';

/** Bytes of one block. */
export const REPORT_BLOCK_LENGTH = 24;
/** The most blocks that one SR or RR counts in its five bits. */
export const MAX_REPORT_BLOCKS = 31;

/** What a receiver says about one source. */
export interface ReportBlock {
  /** The source that it is about. */
  readonly ssrc: number;
  /** Packets lost since the last report over packets expected, in 1/256. */
  readonly fractionLost: number;
  /** Packets lost since the beginning: 24 bits, signed, because duplicates count as received. */
  readonly cumulativeLost: number;
  /** Highest sequence number received, with the count of its cycles in the upper 16 bits. */
  readonly extendedHighestSequenceNumber: number;
  /** In units of the timestamp. */
  readonly jitter: number;
  /** Compact NTP time of the last sender report that came; 0 if none did. */
  readonly lastSenderReport: number;
  /** How long ago it came, in units of 2^-16 s. */
  readonly delaySinceLastSenderReport: number;
}

/** The `count` blocks from `start` on; the caller has checked the length. */
export function readReportBlocks(bytes: Uint8Array, start: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let i = 0, at = start; i < count; i++, at += REPORT_BLOCK_LENGTH) {
    blocks.push({
      ssrc: readUint32(bytes, at),
      fractionLost: bytes[at + 4] as number,
      cumulativeLost: (readUint24(bytes, at + 5) << 8) >> 8,
      extendedHighestSequenceNumber: readUint32(bytes, at + 8),
      jitter: readUint32(bytes, at + 12),
      lastSenderReport: readUint32(bytes, at + 16),
      delaySinceLastSenderReport: readUint32(bytes, at + 20),
    });
  }
  return blocks;
}

/**
 * Writes `blocks` at `offset`; returns the offset behind them.
 *
 * @throws RangeError if there are more than 31.
 */
export function writeReportBlocks(
  blocks: readonly ReportBlock[],
  out: Uint8Array,
  offset: number,
): number {
  if (blocks.length > MAX_REPORT_BLOCKS) {
    throw new RangeError(`reportBlocks: a report has at most 31, not ${blocks.length}.`);
  }
  let at = offset;
  for (const block of blocks) {
    at = writeUint32(out, at, block.ssrc);
    out[at++] = block.fractionLost;
    at = writeUint24(out, at, block.cumulativeLost);
    at = writeUint32(out, at, block.extendedHighestSequenceNumber);
    at = writeUint32(out, at, block.jitter);
    at = writeUint32(out, at, block.lastSenderReport);
    at = writeUint32(out, at, block.delaySinceLastSenderReport);
  }
  return at;
}
