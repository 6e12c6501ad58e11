// SACK: which DATA chunks have arrived and how much room is left (RFC 9260 §3.3.4, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.4).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 3    |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Cumulative TSN Ack                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Advertised Receiver Window Credit (a_rwnd)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                              ...                              \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                        Duplicate TSN 1                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                              ...                              \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** Bytes of a SACK without gap ack blocks and duplicates. */
export const SACK_HEADER_LENGTH = 16;
/** Bytes of one gap ack block or one duplicate TSN. */
export const SACK_ENTRY_LENGTH = 4;

/** A run of TSNs that arrived beyond the cumulative one; both ends belong to it. */
export interface GapAckBlock {
  /** Distance of the first TSN from {@link SackChunk.cumulativeTsnAck}: 16 bits, at least 2 by the rules. */
  readonly start: number;
  /** Distance of the last TSN. */
  readonly end: number;
}

/** An acknowledgement. */
export interface SackChunk {
  readonly type: 'sack';
  /** The last TSN before the first gap. */
  readonly cumulativeTsnAck: number;
  /** Bytes of user data that the sender of the SACK has room for. */
  readonly aRwnd: number;
  /** As they were sent: in any order, perhaps overlapping or inverted; who acts on them judges them. */
  readonly gapAckBlocks: readonly GapAckBlock[];
  /** TSNs that arrived more than once since the last SACK. */
  readonly duplicateTsns: readonly number[];
}

// Nearly all SACKs have neither list; they share one empty array.
const NONE: readonly never[] = [];

/** Decodes the SACK in `bytes[start..end)`, `end` being that of its length field. */
export function decodeSack(bytes: Uint8Array, start: number, end: number): SackChunk | undefined {
  if (end - start < SACK_HEADER_LENGTH) return undefined;
  const blockCount = readUint16(bytes, start + 12);
  const duplicateCount = readUint16(bytes, start + 14);
  const length = SACK_HEADER_LENGTH + SACK_ENTRY_LENGTH * (blockCount + duplicateCount);
  // Longer than its lists is as wrong as shorter: the counts cannot be trusted then.
  if (end - start !== length) return undefined;
  const duplicatesStart = start + SACK_HEADER_LENGTH + SACK_ENTRY_LENGTH * blockCount;
  return {
    type: 'sack',
    cumulativeTsnAck: readUint32(bytes, start + 4),
    aRwnd: readUint32(bytes, start + 8),
    gapAckBlocks:
      blockCount === 0 ? NONE : readBlocks(bytes, start + SACK_HEADER_LENGTH, blockCount),
    duplicateTsns: duplicateCount === 0 ? NONE : readTsns(bytes, duplicatesStart, duplicateCount),
  };
}

/** Bytes that {@link encodeSack} writes. */
export function sackLength(chunk: SackChunk): number {
  const entries = chunk.gapAckBlocks.length + chunk.duplicateTsns.length;
  return SACK_HEADER_LENGTH + SACK_ENTRY_LENGTH * entries;
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeSack(chunk: SackChunk, out: Uint8Array, offset: number): number {
  let at = writeChunkHeader(out, offset, CHUNK_TYPE.sack, 0, sackLength(chunk));
  at = writeUint32(out, at, chunk.cumulativeTsnAck);
  at = writeUint32(out, at, chunk.aRwnd);
  at = writeUint16(out, at, chunk.gapAckBlocks.length);
  at = writeUint16(out, at, chunk.duplicateTsns.length);
  for (const block of chunk.gapAckBlocks) {
    at = writeUint16(out, at, block.start);
    at = writeUint16(out, at, block.end);
  }
  for (const tsn of chunk.duplicateTsns) at = writeUint32(out, at, tsn);
  return at;
}

function readBlocks(bytes: Uint8Array, start: number, count: number): GapAckBlock[] {
  const blocks: GapAckBlock[] = [];
  for (let i = 0, at = start; i < count; i++, at += SACK_ENTRY_LENGTH) {
    blocks.push({ start: readUint16(bytes, at), end: readUint16(bytes, at + 2) });
  }
  return blocks;
}

function readTsns(bytes: Uint8Array, start: number, count: number): number[] {
  const tsns: number[] = [];
  for (let i = 0, at = start; i < count; i++, at += SACK_ENTRY_LENGTH) {
    tsns.push(readUint32(bytes, at));
  }
  return tsns;
}
