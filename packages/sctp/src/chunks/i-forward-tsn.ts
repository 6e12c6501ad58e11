// I-FORWARD-TSN: do not wait for what was abandoned, where messages are interleaved (RFC 8260 §2.3.1, https://www.rfc-editor.org/rfc/rfc8260#section-2.3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 194  |  Flags = 0x00 |       Length = Variable       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       New Cumulative TSN                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       Stream Identifier       |          Reserved           |U|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Message Identifier                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                                                               \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

const HEADER_LENGTH = 8;
/** Bytes of one stream and its message identifier. */
const SKIPPED_MESSAGE_LENGTH = 8;
const UNORDERED = 0x0001;

/** The last abandoned message of one stream, of the ordered or of the unordered ones. */
export interface SkippedMessage {
  readonly streamId: number;
  readonly isUnordered: boolean;
  readonly mid: number;
}

/** I-FORWARD-TSN. */
export interface IForwardTsnChunk {
  readonly type: 'i-forward-tsn';
  /** The receiver is to treat all TSNs up to this one as received. */
  readonly newCumulativeTsn: number;
  readonly skippedMessages: readonly SkippedMessage[];
}

/** How many messages fit into a chunk of at most `length` bytes. */
export function maxSkippedMessages(length: number): number {
  return Math.floor((length - HEADER_LENGTH) / SKIPPED_MESSAGE_LENGTH);
}

/** Decodes the I-FORWARD-TSN in `bytes[start..end)`. */
export function decodeIForwardTsn(
  bytes: Uint8Array,
  start: number,
  end: number,
): IForwardTsnChunk | undefined {
  const listLength = end - start - HEADER_LENGTH;
  if (listLength < 0 || listLength % SKIPPED_MESSAGE_LENGTH !== 0) return undefined;
  const skippedMessages: SkippedMessage[] = [];
  for (let at = start + HEADER_LENGTH; at < end; at += SKIPPED_MESSAGE_LENGTH) {
    skippedMessages.push({
      streamId: readUint16(bytes, at),
      isUnordered: (readUint16(bytes, at + 2) & UNORDERED) !== 0,
      mid: readUint32(bytes, at + 4),
    });
  }
  return { type: 'i-forward-tsn', newCumulativeTsn: readUint32(bytes, start + 4), skippedMessages };
}

/** Bytes that {@link encodeIForwardTsn} writes. */
export function iForwardTsnLength(chunk: IForwardTsnChunk): number {
  return HEADER_LENGTH + SKIPPED_MESSAGE_LENGTH * chunk.skippedMessages.length;
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeIForwardTsn(
  chunk: IForwardTsnChunk,
  out: Uint8Array,
  offset: number,
): number {
  const length = iForwardTsnLength(chunk);
  let at = writeChunkHeader(out, offset, CHUNK_TYPE.iForwardTsn, 0, length);
  at = writeUint32(out, at, chunk.newCumulativeTsn);
  for (const { streamId, isUnordered, mid } of chunk.skippedMessages) {
    at = writeUint16(out, at, streamId);
    at = writeUint16(out, at, isUnordered ? UNORDERED : 0);
    at = writeUint32(out, at, mid);
  }
  return at;
}
