// The header that every chunk begins with (RFC 9260 §3.2, https://www.rfc-editor.org/rfc/rfc9260#section-3.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Chunk Type  |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                          Chunk Value                          \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** Bytes of type, flags and length. */
export const CHUNK_HEADER_LENGTH = 4;

/** `length` with the padding behind it: the next multiple of four. */
export function paddedLength(length: number): number {
  return (length + 3) & ~3;
}

/** Writes a chunk header; returns the offset behind it. `length` is without padding, as the RFC has it. */
export function writeChunkHeader(
  out: Uint8Array,
  offset: number,
  type: number,
  flags: number,
  length: number,
): number {
  out[offset] = type;
  out[offset + 1] = flags;
  out[offset + 2] = length >>> 8;
  out[offset + 3] = length;
  return offset + CHUNK_HEADER_LENGTH;
}

/** Writes zeros from `end` up to the next multiple of four counted from `start`; returns that offset. */
export function writePadding(out: Uint8Array, start: number, end: number): number {
  const paddedEnd = start + paddedLength(end - start);
  for (let i = end; i < paddedEnd; i++) out[i] = 0;
  return paddedEnd;
}
