// FORWARD TSN: do not wait for what was abandoned (RFC 3758 §3.2, https://www.rfc-editor.org/rfc/rfc3758#section-3.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 192   |  Flags = 0x00 |        Length = Variable      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      New Cumulative TSN                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Stream-1              |       Stream Sequence-1       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                                                               /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** Bytes of a FORWARD TSN that names no stream. */
export const FORWARD_TSN_HEADER_LENGTH = 8;
/** Bytes of one stream and its sequence number. */
export const SKIPPED_STREAM_LENGTH = 4;

/** The last abandoned message of one stream. */
export interface SkippedStream {
  readonly streamId: number;
  readonly ssn: number;
}

/** FORWARD TSN. */
export interface ForwardTsnChunk {
  readonly type: 'forward-tsn';
  /** The receiver is to treat all TSNs up to this one as received. */
  readonly newCumulativeTsn: number;
  /** Streams with ordered messages among them. */
  readonly skippedStreams: readonly SkippedStream[];
}

/** Decodes the FORWARD TSN in `bytes[start..end)`. */
export function decodeForwardTsn(
  bytes: Uint8Array,
  start: number,
  end: number,
): ForwardTsnChunk | undefined {
  const listLength = end - start - FORWARD_TSN_HEADER_LENGTH;
  if (listLength < 0 || listLength % SKIPPED_STREAM_LENGTH !== 0) return undefined;
  const skippedStreams: SkippedStream[] = [];
  for (let at = start + FORWARD_TSN_HEADER_LENGTH; at < end; at += SKIPPED_STREAM_LENGTH) {
    skippedStreams.push({ streamId: readUint16(bytes, at), ssn: readUint16(bytes, at + 2) });
  }
  return { type: 'forward-tsn', newCumulativeTsn: readUint32(bytes, start + 4), skippedStreams };
}

/** Bytes that {@link encodeForwardTsn} writes. */
export function forwardTsnLength(chunk: ForwardTsnChunk): number {
  return FORWARD_TSN_HEADER_LENGTH + SKIPPED_STREAM_LENGTH * chunk.skippedStreams.length;
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeForwardTsn(chunk: ForwardTsnChunk, out: Uint8Array, offset: number): number {
  let at = writeChunkHeader(out, offset, CHUNK_TYPE.forwardTsn, 0, forwardTsnLength(chunk));
  at = writeUint32(out, at, chunk.newCumulativeTsn);
  for (const { streamId, ssn } of chunk.skippedStreams) {
    at = writeUint16(out, at, streamId);
    at = writeUint16(out, at, ssn);
  }
  return at;
}
