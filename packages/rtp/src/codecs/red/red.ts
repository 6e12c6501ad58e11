// The payload of redundant audio data: earlier frames travel with the newest (RFC 2198 §3, https://www.rfc-editor.org/rfc/rfc2198#section-3).
//
//  0                   1                    2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |1|   block PT  |  timestamp offset         |   block length    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
//  0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+
// |0|   block PT  | of the primary encoding, which comes last
// +-+-+-+-+-+-+-+-+
import { readUint32, serialAdd32 } from '@kaon/wire';

/** Bytes of the header of a redundant block. */
export const RED_BLOCK_HEADER_LENGTH = 4;
/** Bytes of the header of the primary block. */
export const RED_PRIMARY_HEADER_LENGTH = 1;
/** Largest timestamp offset: 14 bits. */
export const RED_MAX_OFFSET = 0x3fff;
/** Largest redundant block: 10 bits. */
export const RED_MAX_BLOCK_BYTES = 0x3ff;

/** One block of a payload. */
export interface RedBlock {
  readonly payloadType: number;
  /** RTP timestamp. */
  readonly timestamp: number;
  /** Whether it is a copy of a frame that was sent before. */
  readonly redundant: boolean;
  /** A view of the payload. */
  readonly data: Uint8Array;
}

/**
 * The blocks of `payload`, in its order: redundant ones first, the primary one last.
 *
 * @param timestamp RTP timestamp of the packet.
 * @returns undefined if the headers are cut off or tell of more bytes than there are.
 */
export function decodeRed(payload: Uint8Array, timestamp: number): RedBlock[] | undefined {
  let headersEnd = 0;
  while (((payload[headersEnd] ?? 0) & 0x80) !== 0) headersEnd += RED_BLOCK_HEADER_LENGTH;
  let dataAt = headersEnd + RED_PRIMARY_HEADER_LENGTH;
  if (dataAt > payload.length) return undefined;
  const blocks: RedBlock[] = [];
  for (let at = 0; at < headersEnd; at += RED_BLOCK_HEADER_LENGTH) {
    const header = readUint32(payload, at);
    const length = header & RED_MAX_BLOCK_BYTES;
    if (dataAt + length > payload.length) return undefined;
    blocks.push({
      payloadType: (header >>> 24) & 0x7f,
      timestamp: serialAdd32(timestamp, -((header >>> 10) & RED_MAX_OFFSET)),
      redundant: true,
      data: payload.subarray(dataAt, dataAt + length),
    });
    dataAt += length;
  }
  const payloadType = payload[headersEnd] as number;
  blocks.push({ payloadType, timestamp, redundant: false, data: payload.subarray(dataAt) });
  return blocks;
}
