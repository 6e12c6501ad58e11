// RE-CONFIG: requests and responses that change streams (RFC 6525 §3.1, https://www.rfc-editor.org/rfc/rfc6525#section-3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Type = 130   |  Chunk Flags  |      Chunk Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                  Re-configuration Parameter                   \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \             Re-configuration Parameter (optional)             \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import {
  decodeParameters,
  encodeParameters,
  type Parameter,
  parametersLength,
} from '../parameters/parameter.ts';
import { CHUNK_HEADER_LENGTH, writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** RE-CONFIG. */
export interface ReConfigChunk {
  readonly type: 're-config';
  /** One or two, of the types 13 to 18. */
  readonly parameters: readonly Parameter[];
}

/** Decodes the RE-CONFIG in `bytes[start..end)`. */
export function decodeReConfig(
  bytes: Uint8Array,
  start: number,
  end: number,
): ReConfigChunk | undefined {
  if (end - start < CHUNK_HEADER_LENGTH) return undefined;
  const parameters = decodeParameters(bytes, start + CHUNK_HEADER_LENGTH, end);
  // RFC 6525 §3.1: one parameter, or two of certain pairs.
  if (parameters === undefined || parameters.length === 0 || parameters.length > 2) {
    return undefined;
  }
  return { type: 're-config', parameters };
}

/** Bytes that {@link encodeReConfig} writes. */
export function reConfigLength(chunk: ReConfigChunk): number {
  return CHUNK_HEADER_LENGTH + parametersLength(chunk.parameters);
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeReConfig(chunk: ReConfigChunk, out: Uint8Array, offset: number): number {
  const at = writeChunkHeader(out, offset, CHUNK_TYPE.reConfig, 0, reConfigLength(chunk));
  return encodeParameters(chunk.parameters, out, at);
}
