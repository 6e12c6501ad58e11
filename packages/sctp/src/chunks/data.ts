// DATA: a fragment of a user message (RFC 9260 §3.3.1, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 0    |  Res  |I|U|B|E|            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              TSN                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Stream Identifier S      |   Stream Sequence Number n    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Payload Protocol Identifier                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                 User Data (seq n of Stream S)                 \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { writeChunkHeader, writePadding } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** Bytes of a DATA chunk before its user data. */
export const DATA_HEADER_LENGTH = 16;

/** The flags of a DATA chunk. */
export const DATA_FLAG = {
  /** The last fragment of its message. */
  end: 0x01,
  /** The first fragment of its message. */
  beginning: 0x02,
  unordered: 0x04,
  /** The SACK should be sent at once (RFC 7053). */
  immediate: 0x08,
} as const;

/** The fields of a DATA chunk. */
export interface DataHeader {
  /** Bits of {@link DATA_FLAG}. */
  readonly flags: number;
  readonly tsn: number;
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
}

/** A DATA chunk as one object; the packet path works with {@link DataHeader} and offsets instead. */
export interface DataChunk extends DataHeader {
  readonly type: 'data';
  /** A view into what was decoded. */
  readonly userData: Uint8Array;
}

/**
 * Decodes the DATA chunk in `bytes[start..end)`. One without user data is decoded too: RFC 9260
 * §3.3.10.9 has an answer to it.
 */
export function decodeData(bytes: Uint8Array, start: number, end: number): DataChunk | undefined {
  if (end - start < DATA_HEADER_LENGTH) return undefined;
  return {
    type: 'data',
    flags: (bytes[start + 1] as number) & 0x0f,
    tsn: readUint32(bytes, start + 4),
    streamId: readUint16(bytes, start + 8),
    ssn: readUint16(bytes, start + 10),
    ppid: readUint32(bytes, start + 12),
    userData: bytes.subarray(start + DATA_HEADER_LENGTH, end),
  };
}

/** Bytes that a DATA chunk with `userDataLength` bytes of user data takes in a packet, with padding. */
export function dataLength(userDataLength: number): number {
  return (DATA_HEADER_LENGTH + userDataLength + 3) & ~3;
}

/**
 * Writes a DATA chunk with the user data `message[from..to)` at `offset`; returns the offset behind it and
 * its padding.
 */
export function encodeData(
  header: DataHeader,
  message: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  offset: number,
): number {
  const length = DATA_HEADER_LENGTH + to - from;
  let at = writeChunkHeader(out, offset, CHUNK_TYPE.data, header.flags, length);
  at = writeUint32(out, at, header.tsn);
  at = writeUint16(out, at, header.streamId);
  at = writeUint16(out, at, header.ssn);
  at = writeUint32(out, at, header.ppid);
  out.set(from === 0 && to === message.length ? message : message.subarray(from, to), at);
  return writePadding(out, offset, offset + length);
}
