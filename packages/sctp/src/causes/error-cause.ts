// Error causes: why ERROR or ABORT was sent (RFC 9260 §3.3.10, https://www.rfc-editor.org/rfc/rfc9260#section-3.3.10).
import { decodeUtf8, encodeUtf8, writeUint16, writeUint32 } from '@kaon/wire';
import type { Parameter } from '../parameters/parameter.ts';

/** The cause codes. */
export const ERROR_CAUSE = {
  invalidStreamIdentifier: 1,
  missingMandatoryParameter: 2,
  staleCookie: 3,
  outOfResource: 4,
  unresolvableAddress: 5,
  unrecognizedChunkType: 6,
  invalidMandatoryParameter: 7,
  unrecognizedParameters: 8,
  noUserData: 9,
  cookieReceivedWhileShuttingDown: 10,
  restartWithNewAddresses: 11,
  userInitiatedAbort: 12,
  protocolViolation: 13,
} as const;

const CAUSE_NAMES: readonly string[] = [
  'unknown cause',
  'invalid stream identifier',
  'missing mandatory parameter',
  'stale cookie',
  'out of resource',
  'unresolvable address',
  'unrecognized chunk type',
  'invalid mandatory parameter',
  'unrecognized parameters',
  'no user data',
  'cookie received while shutting down',
  'restart of an association with new addresses',
  'user-initiated abort',
  'protocol violation',
];

/** An error cause: laid out as a {@link Parameter}, with the cause code for a type. */
export type ErrorCause = Parameter;

/** Invalid Stream Identifier (§3.3.10.1): data on a stream that was never agreed on. */
export function invalidStreamIdentifier(streamId: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint16(value, 0, streamId);
  return { type: ERROR_CAUSE.invalidStreamIdentifier, value };
}

/** Missing Mandatory Parameter (§3.3.10.2). */
export function missingMandatoryParameter(parameterType: number): ErrorCause {
  const value = new Uint8Array(6);
  writeUint32(value, 0, 1);
  writeUint16(value, 4, parameterType);
  return { type: ERROR_CAUSE.missingMandatoryParameter, value };
}

/** Stale Cookie (§3.3.10.3): the cookie came `stalenessMs` too late; the wire has microseconds. */
export function staleCookie(stalenessMs: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint32(value, 0, Math.min(stalenessMs * 1000, 0xffff_ffff));
  return { type: ERROR_CAUSE.staleCookie, value };
}

/** Unrecognized Chunk Type (§3.3.10.6), with a copy of the chunk's beginning. */
export function unrecognizedChunkType(chunk: Uint8Array): ErrorCause {
  return { type: ERROR_CAUSE.unrecognizedChunkType, value: new Uint8Array(chunk) };
}

/** No User Data (§3.3.10.9): the DATA chunk with this TSN was empty. */
export function noUserData(tsn: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint32(value, 0, tsn);
  return { type: ERROR_CAUSE.noUserData, value };
}

/** Cookie Received While Shutting Down (§3.3.10.10). */
export function cookieReceivedWhileShuttingDown(): ErrorCause {
  return { type: ERROR_CAUSE.cookieReceivedWhileShuttingDown, value: new Uint8Array(0) };
}

/** A cause that is a code and a text for humans: User-Initiated Abort (§3.3.10.12), Protocol Violation (§3.3.10.13). */
export function textCause(code: number, text: string): ErrorCause {
  return { type: code, value: encodeUtf8(text).slice(0, 256) };
}

/** What a person is told of `cause`. */
export function describeCause(cause: ErrorCause): string {
  const name = CAUSE_NAMES[cause.type] ?? `cause ${cause.type}`;
  const hasText =
    cause.type === ERROR_CAUSE.userInitiatedAbort || cause.type === ERROR_CAUSE.protocolViolation;
  return hasText && cause.value.length > 0
    ? `${name} (${decodeUtf8(cause.value.subarray(0, 256))})`
    : name;
}
