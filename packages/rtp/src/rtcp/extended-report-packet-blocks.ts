// XR blocks that speak of single packets: losses, duplicates, receipt times (RFC 3611 §4.1 to §4.3, https://www.rfc-editor.org/rfc/rfc3611#section-4.1).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | BT=1, 2 or 3  | rsvd. |   T   |         block length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        SSRC of source                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          begin_seq            |             end_seq           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  chunk 1                      |  chunk 2                    ...   BT=1, 2
// |  receipt time of packet begin_seq                           ...   BT=3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';

const FIXED_LENGTH = 8;

/** Which packets were lost, or came more than once, as a run-length encoded bit vector. */
export interface RunLengthBlock {
  readonly type: 'loss-run-length' | 'duplicate-run-length';
  /** T: only sequence numbers that are multiples of 2^T are spoken of: 4 bits. */
  readonly thinning: number;
  readonly ssrc: number;
  /** The first sequence number spoken of. */
  readonly beginSequenceNumber: number;
  /** The one behind the last. */
  readonly endSequenceNumber: number;
  /**
   * Runs (15th bit 0: 14th bit the value, 14 bits of length) and bit vectors (15th bit 1: 15 values), as in
   * §4.1.1 to §4.1.3; without the terminating null chunk.
   */
  readonly chunks: readonly number[];
}

/** When packets arrived. */
export interface ReceiptTimesBlock {
  readonly type: 'receipt-times';
  readonly thinning: number;
  readonly ssrc: number;
  readonly beginSequenceNumber: number;
  readonly endSequenceNumber: number;
  /** In units of the stream's timestamps, one for each packet spoken of. */
  readonly receiptTimes: readonly number[];
}

/** Decodes a Loss RLE or Duplicate RLE block with contents in `bytes[start..end)`. */
export function decodeRunLengthBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  typeSpecific: number,
  type: RunLengthBlock['type'],
): RunLengthBlock | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const chunks: number[] = [];
  for (let at = start + FIXED_LENGTH; at < end; at += 2) {
    const chunk = readUint16(bytes, at);
    if (chunk === 0) break; // §4.1.3: the null chunk ends the list.
    chunks.push(chunk);
  }
  return {
    type,
    thinning: typeSpecific & 0x0f,
    ssrc: readUint32(bytes, start),
    beginSequenceNumber: readUint16(bytes, start + 4),
    endSequenceNumber: readUint16(bytes, start + 6),
    chunks,
  };
}

/** Bytes of the contents. */
export function runLengthBlockLength(block: RunLengthBlock): number {
  return FIXED_LENGTH + ((2 * block.chunks.length + 3) & ~3);
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeRunLengthBlock(
  block: RunLengthBlock,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeRange(block, out, offset);
  for (const chunk of block.chunks) at = writeUint16(out, at, chunk);
  return block.chunks.length % 2 === 0 ? at : writeUint16(out, at, 0);
}

/** Decodes a Packet Receipt Times block with contents in `bytes[start..end)`. */
export function decodeReceiptTimesBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  typeSpecific: number,
): ReceiptTimesBlock | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const receiptTimes: number[] = [];
  for (let at = start + FIXED_LENGTH; at < end; at += 4) receiptTimes.push(readUint32(bytes, at));
  return {
    type: 'receipt-times',
    thinning: typeSpecific & 0x0f,
    ssrc: readUint32(bytes, start),
    beginSequenceNumber: readUint16(bytes, start + 4),
    endSequenceNumber: readUint16(bytes, start + 6),
    receiptTimes,
  };
}

/** Bytes of the contents. */
export function receiptTimesBlockLength(block: ReceiptTimesBlock): number {
  return FIXED_LENGTH + 4 * block.receiptTimes.length;
}

/** Writes the contents at `offset`; returns the offset behind them. */
export function writeReceiptTimesBlock(
  block: ReceiptTimesBlock,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeRange(block, out, offset);
  for (const time of block.receiptTimes) at = writeUint32(out, at, time);
  return at;
}

function writeRange(
  block: RunLengthBlock | ReceiptTimesBlock,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeUint32(out, offset, block.ssrc);
  at = writeUint16(out, at, block.beginSequenceNumber);
  return writeUint16(out, at, block.endSequenceNumber);
}
