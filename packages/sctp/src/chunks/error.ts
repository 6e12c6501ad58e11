// ERROR and ABORT: what went wrong, and that it is over (RFC 9260 §3.3.10 and §3.3.7, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.7).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 6 or 9 |  Reserved   |T|            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                   zero or more Error Causes                   \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import type { ErrorCause } from '../causes/error-cause.ts';
import { decodeParameters, encodeParameters, parametersLength } from '../parameters/parameter.ts';
import { CHUNK_HEADER_LENGTH, writeChunkHeader } from './chunk-header.ts';
import { CHUNK_TYPE } from './chunk-type.ts';

/** The T bit of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's own (§8.5.1). */
export const REFLECTED_TAG_FLAG = 0x01;

/** ERROR or ABORT. */
export interface ErrorChunk {
  readonly type: 'error' | 'abort';
  /** The T bit; false in ERROR. */
  readonly tagReflected: boolean;
  readonly causes: readonly ErrorCause[];
}

/** Decodes the ERROR or ABORT in `bytes[start..end)`. */
export function decodeError(bytes: Uint8Array, start: number, end: number): ErrorChunk | undefined {
  if (end - start < CHUNK_HEADER_LENGTH) return undefined;
  const causes = decodeParameters(bytes, start + CHUNK_HEADER_LENGTH, end);
  if (causes === undefined) return undefined;
  const isAbort = bytes[start] === CHUNK_TYPE.abort;
  const tagReflected = isAbort && ((bytes[start + 1] as number) & REFLECTED_TAG_FLAG) !== 0;
  return { type: isAbort ? 'abort' : 'error', tagReflected, causes };
}

/** Bytes that {@link encodeError} writes. */
export function errorLength(chunk: ErrorChunk): number {
  return CHUNK_HEADER_LENGTH + parametersLength(chunk.causes);
}

/** Writes `chunk` at `offset`; returns the offset behind it. */
export function encodeError(chunk: ErrorChunk, out: Uint8Array, offset: number): number {
  const type = chunk.type === 'abort' ? CHUNK_TYPE.abort : CHUNK_TYPE.error;
  const flags = chunk.tagReflected ? REFLECTED_TAG_FLAG : 0;
  const at = writeChunkHeader(out, offset, type, flags, errorLength(chunk));
  return encodeParameters(chunk.causes, out, at);
}
