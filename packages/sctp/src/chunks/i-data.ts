// I-DATA: a fragment of a user message that others may be interleaved with (RFC 8260 §2.1, https://www.rfc-editor.org/rfc/rfc8260#section-2.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Type = 64   |  Res  |I|U|B|E|       Length = Variable       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              TSN                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Stream Identifier      |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Message Identifier                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Payload Protocol Identifier / Fragment Sequence Number     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                           User Data                           \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { writeChunkHeader, writePadding } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';
import { DATA_FLAG } from './data.ts';

/** Bytes of an I-DATA chunk before its user data. */
export const I_DATA_HEADER_LENGTH = 20;

/** The fields of an I-DATA chunk; flags are those of DATA. */
export interface IDataHeader {
  /** Bits of {@link DATA_FLAG}. */
  readonly flags: number;
  readonly tsn: number;
  readonly streamId: number;
  /** Message Identifier: counts ordered and unordered messages of a stream apart. */
  readonly mid: number;
  /** Fragment Sequence Number; 0 in the first fragment, which has the PPID in its place. */
  readonly fsn: number;
  /** Only the first fragment has one; 0 in the others. */
  readonly ppid: number;
}

/** An I-DATA chunk as one object; the packet path works with {@link IDataHeader} and offsets instead. */
export interface IDataChunk extends IDataHeader {
  readonly type: 'i-data';
  /** A view into what was decoded. */
  readonly userData: Uint8Array;
}

/** Decodes the I-DATA chunk in `bytes[start..end)`; one without user data is decoded too. */
export function decodeIData(bytes: Uint8Array, start: number, end: number): IDataChunk | undefined {
  if (end - start < I_DATA_HEADER_LENGTH) return undefined;
  const flags = (bytes[start + 1] as number) & 0x0f;
  const isBeginning = (flags & DATA_FLAG.beginning) !== 0;
  const last = readUint32(bytes, start + 16);
  return {
    type: 'i-data',
    flags,
    tsn: readUint32(bytes, start + 4),
    streamId: readUint16(bytes, start + 8),
    mid: readUint32(bytes, start + 12),
    fsn: isBeginning ? 0 : last,
    ppid: isBeginning ? last : 0,
    userData: bytes.subarray(start + I_DATA_HEADER_LENGTH, end),
  };
}

/**
 * Writes an I-DATA chunk with the user data `message[from..to)` at `offset`; returns the offset behind it
 * and its padding.
 */
export function encodeIData(
  header: IDataHeader,
  message: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  offset: number,
): number {
  const length = I_DATA_HEADER_LENGTH + to - from;
  const isBeginning = (header.flags & DATA_FLAG.beginning) !== 0;
  let at = writeChunkHeader(out, offset, CHUNK_TYPE.iData, header.flags, length);
  at = writeUint32(out, at, header.tsn);
  at = writeUint16(out, at, header.streamId);
  at = writeUint16(out, at, 0);
  at = writeUint32(out, at, header.mid);
  at = writeUint32(out, at, isBeginning ? header.ppid : header.fsn);
  out.set(from === 0 && to === message.length ? message : message.subarray(from, to), at);
  return writePadding(out, offset, offset + length);
}
