// INIT and INIT ACK: what each side offers when an association begins (RFC 9260 §3.3.2 and §3.3.3, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 1 or 2 |  Chunk Flags  |         Chunk Length          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Initiate Tag                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Advertised Receiver Window Credit (a_rwnd)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Number of Outbound Streams   |   Number of Inbound Streams   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          Initial TSN                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \              Optional/Variable-Length Parameters              \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import {
  decodeParameters,
  encodeParameters,
  type Parameter,
  parametersLength,
} from '../parameters/parameter.ts';
import { writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

const INIT_HEADER_LENGTH = 20;

/** INIT or INIT ACK. */
export interface InitChunk {
  readonly type: 'init' | 'init-ack';
  /** The verification tag that the receiver is to put in every packet; 0 is not allowed. */
  readonly initiateTag: number;
  readonly aRwnd: number;
  /** How many streams the sender wants to send on; 0 is not allowed. */
  readonly outboundStreams: number;
  /** How many streams the sender accepts at most; 0 is not allowed. */
  readonly inboundStreams: number;
  readonly initialTsn: number;
  readonly parameters: readonly Parameter[];
}

/** Decodes the INIT or INIT ACK in `bytes[start..end)`. Forbidden zeros are the caller's to judge. */
export function decodeInit(bytes: Uint8Array, start: number, end: number): InitChunk | undefined {
  if (end - start < INIT_HEADER_LENGTH) return undefined;
  const parameters = decodeParameters(bytes, start + INIT_HEADER_LENGTH, end);
  if (parameters === undefined) return undefined;
  return {
    type: bytes[start] === CHUNK_TYPE.init ? 'init' : 'init-ack',
    initiateTag: readUint32(bytes, start + 4),
    aRwnd: readUint32(bytes, start + 8),
    outboundStreams: readUint16(bytes, start + 12),
    inboundStreams: readUint16(bytes, start + 14),
    initialTsn: readUint32(bytes, start + 16),
    parameters,
  };
}

/** Bytes that {@link encodeInit} writes. */
export function initLength(chunk: InitChunk): number {
  return INIT_HEADER_LENGTH + parametersLength(chunk.parameters);
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeInit(chunk: InitChunk, out: Uint8Array, offset: number): number {
  const type = chunk.type === 'init' ? CHUNK_TYPE.init : CHUNK_TYPE.initAck;
  let at = writeChunkHeader(out, offset, type, 0, initLength(chunk));
  at = writeUint32(out, at, chunk.initiateTag);
  at = writeUint32(out, at, chunk.aRwnd);
  at = writeUint16(out, at, chunk.outboundStreams);
  at = writeUint16(out, at, chunk.inboundStreams);
  at = writeUint32(out, at, chunk.initialTsn);
  return encodeParameters(chunk.parameters, out, at);
}
