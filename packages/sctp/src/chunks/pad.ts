// PAD: fills a packet up to the size that is probed (RFC 4820 §3, https://www.rfc-editor.org/rfc/rfc4820#section-3).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 0x84  |   Flags = 0   |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                         Padding Data                          \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { CHUNK_HEADER_LENGTH, writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/**
 * Writes a PAD chunk of `length` bytes in all, four at least and a multiple of four; `out` holds zeros
 * there. Returns the offset behind it. A receiver ignores it, so there is nothing to decode.
 */
export function encodePad(length: number, out: Uint8Array, offset: number): number {
  writeChunkHeader(out, offset, CHUNK_TYPE.pad, 0, Math.max(CHUNK_HEADER_LENGTH, length));
  return offset + length;
}
