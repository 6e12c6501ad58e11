// HEARTBEAT and HEARTBEAT ACK: is the peer there, and how far away (RFC 9260 §3.3.5 and §3.3.6, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.5).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 4 or 5 |  Chunk Flags  |       Heartbeat Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Heartbeat Info Type = 1   |           Info Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \              Sender-Specific Heartbeat Info                   \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import {
  decodeParameters,
  encodeParameters,
  PARAMETER_TYPE,
  parametersLength,
} from '../parameters/parameter.ts';
import { CHUNK_HEADER_LENGTH, writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** HEARTBEAT or HEARTBEAT ACK. */
export interface HeartbeatChunk {
  readonly type: 'heartbeat' | 'heartbeat-ack';
  /** Whatever the sender of the HEARTBEAT wants back; a view into what was decoded. */
  readonly info: Uint8Array;
}

/** Decodes the HEARTBEAT or HEARTBEAT ACK in `bytes[start..end)`. */
export function decodeHeartbeat(
  bytes: Uint8Array,
  start: number,
  end: number,
): HeartbeatChunk | undefined {
  if (end - start < CHUNK_HEADER_LENGTH) return undefined;
  const parameters = decodeParameters(bytes, start + CHUNK_HEADER_LENGTH, end);
  const first = parameters?.[0];
  if (first === undefined || first.type !== PARAMETER_TYPE.heartbeatInfo) return undefined;
  const type = bytes[start] === CHUNK_TYPE.heartbeat ? 'heartbeat' : 'heartbeat-ack';
  return { type, info: first.value };
}

/** Bytes that {@link encodeHeartbeat} writes. */
export function heartbeatLength(chunk: HeartbeatChunk): number {
  return (
    CHUNK_HEADER_LENGTH +
    parametersLength([{ type: PARAMETER_TYPE.heartbeatInfo, value: chunk.info }])
  );
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeHeartbeat(chunk: HeartbeatChunk, out: Uint8Array, offset: number): number {
  const type = chunk.type === 'heartbeat' ? CHUNK_TYPE.heartbeat : CHUNK_TYPE.heartbeatAck;
  const at = writeChunkHeader(out, offset, type, 0, heartbeatLength(chunk));
  return encodeParameters([{ type: PARAMETER_TYPE.heartbeatInfo, value: chunk.info }], out, at);
}
