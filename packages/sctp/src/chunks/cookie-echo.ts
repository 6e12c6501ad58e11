// COOKIE ECHO and COOKIE ACK: the end of the handshake (RFC 9260 §3.3.11 and §3.3.12, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.11).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 10   |  Chunk Flags  |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                            Cookie                             \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// COOKIE ACK is a chunk header alone.
import { CHUNK_HEADER_LENGTH, writeChunkHeader, writePadding } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** COOKIE ECHO: the State Cookie of an INIT ACK, sent back unchanged. */
export interface CookieEchoChunk {
  readonly type: 'cookie-echo';
  /** A view into what was decoded. */
  readonly cookie: Uint8Array;
}

/** Decodes the COOKIE ECHO in `bytes[start..end)`. */
export function decodeCookieEcho(
  bytes: Uint8Array,
  start: number,
  end: number,
): CookieEchoChunk | undefined {
  if (end - start < CHUNK_HEADER_LENGTH) return undefined;
  return { type: 'cookie-echo', cookie: bytes.subarray(start + CHUNK_HEADER_LENGTH, end) };
}

/** Bytes that {@link encodeCookieEcho} writes, without padding. */
export function cookieEchoLength(chunk: CookieEchoChunk): number {
  return CHUNK_HEADER_LENGTH + chunk.cookie.length;
}

/** Writes `chunk` at `offset`; returns the offset behind it and its padding. */
export function encodeCookieEcho(chunk: CookieEchoChunk, out: Uint8Array, offset: number): number {
  const length = cookieEchoLength(chunk);
  const at = writeChunkHeader(out, offset, CHUNK_TYPE.cookieEcho, 0, length);
  out.set(chunk.cookie, at);
  return writePadding(out, offset, offset + length);
}

/** Writes COOKIE ACK at `offset`; returns the offset behind it. */
export function encodeCookieAck(out: Uint8Array, offset: number): number {
  return writeChunkHeader(out, offset, CHUNK_TYPE.cookieAck, 0, CHUNK_HEADER_LENGTH);
}
