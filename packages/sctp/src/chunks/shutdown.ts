// SHUTDOWN, SHUTDOWN ACK and SHUTDOWN COMPLETE: the orderly end (RFC 9260 §3.3.8, §3.3.9 and §3.3.13, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.8).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 7    |  Chunk Flags  |          Length = 8           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Cumulative TSN Ack                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// The other two are a chunk header alone; SHUTDOWN COMPLETE has the T bit of ABORT.
import { readUint32, writeUint32 } from '@kaon/wire';
import { CHUNK_HEADER_LENGTH, writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';
import { REFLECTED_TAG_FLAG } from './error.ts';

/** Bytes of SHUTDOWN. */
export const SHUTDOWN_LENGTH = 8;

/** SHUTDOWN: all that its sender had to send has been acknowledged. */
export interface ShutdownChunk {
  readonly type: 'shutdown';
  readonly cumulativeTsnAck: number;
}

/** Decodes the SHUTDOWN in `bytes[start..end)`. */
export function decodeShutdown(
  bytes: Uint8Array,
  start: number,
  end: number,
): ShutdownChunk | undefined {
  if (end - start !== SHUTDOWN_LENGTH) return undefined;
  return { type: 'shutdown', cumulativeTsnAck: readUint32(bytes, start + 4) };
}

/** Writes SHUTDOWN at `offset`; returns the offset behind it. */
export function encodeShutdown(chunk: ShutdownChunk, out: Uint8Array, offset: number): number {
  const at = writeChunkHeader(out, offset, CHUNK_TYPE.shutdown, 0, SHUTDOWN_LENGTH);
  return writeUint32(out, at, chunk.cumulativeTsnAck);
}

/** Writes SHUTDOWN ACK at `offset`; returns the offset behind it. */
export function encodeShutdownAck(out: Uint8Array, offset: number): number {
  return writeChunkHeader(out, offset, CHUNK_TYPE.shutdownAck, 0, CHUNK_HEADER_LENGTH);
}

/** Writes SHUTDOWN COMPLETE at `offset`; returns the offset behind it. */
export function encodeShutdownComplete(
  tagReflected: boolean,
  out: Uint8Array,
  offset: number,
): number {
  const flags = tagReflected ? REFLECTED_TAG_FLAG : 0;
  return writeChunkHeader(out, offset, CHUNK_TYPE.shutdownComplete, flags, CHUNK_HEADER_LENGTH);
}
