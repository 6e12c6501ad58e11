// Re-configuration Response (RFC 6525 §4.4, https://www.rfc-editor.org/rfc/rfc6525#section-4.4).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Parameter Type = 16       |      Parameter Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Re-configuration Response Sequence Number             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Result                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   Sender's Next TSN (optional)                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Receiver's Next TSN (optional)               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// The two TSNs are in the answer to an SSN/TSN Reset Request that was performed.
import { readUint32, writeUint32 } from '@kaon/wire';
import { PARAMETER_TYPE, type Parameter } from './parameter.ts';

const SHORT_LENGTH = 8;
const LONG_LENGTH = 16;

/** The results of a request. */
export const RECONFIGURATION_RESULT = {
  successNothingToDo: 0,
  successPerformed: 1,
  denied: 2,
  errorWrongSsn: 3,
  errorRequestAlreadyInProgress: 4,
  errorBadSequenceNumber: 5,
  inProgress: 6,
} as const;

/** The TSNs that both sides go on with after an SSN/TSN reset. */
export interface NextTsns {
  /** That of the next chunk from the sender of the response. */
  readonly sendersNextTsn: number;
  /** That of the next chunk to it. */
  readonly receiversNextTsn: number;
}

/** The answer to a request. */
export interface ReconfigurationResponse {
  readonly type: 'reconfiguration-response';
  /** That of the request. */
  readonly responseSequenceNumber: number;
  /** One of {@link RECONFIGURATION_RESULT}, or unknown. */
  readonly result: number;
  readonly next?: NextTsns;
}

/** Decodes the value of a Re-configuration Response. */
export function decodeReconfigurationResponse(
  value: Uint8Array,
): ReconfigurationResponse | undefined {
  if (value.length !== SHORT_LENGTH && value.length !== LONG_LENGTH) return undefined;
  const response = {
    type: 'reconfiguration-response' as const,
    responseSequenceNumber: readUint32(value, 0),
    result: readUint32(value, 4),
  };
  if (value.length === SHORT_LENGTH) return response;
  const next = { sendersNextTsn: readUint32(value, 8), receiversNextTsn: readUint32(value, 12) };
  return { ...response, next };
}

/** The parameter for `response`. */
export function encodeReconfigurationResponse(response: ReconfigurationResponse): Parameter {
  const { next, responseSequenceNumber, result } = response;
  const value = new Uint8Array(next === undefined ? SHORT_LENGTH : LONG_LENGTH);
  writeUint32(value, 0, responseSequenceNumber);
  writeUint32(value, 4, result);
  if (next !== undefined) {
    writeUint32(value, 8, next.sendersNextTsn);
    writeUint32(value, 12, next.receiversNextTsn);
  }
  return { type: PARAMETER_TYPE.reconfigurationResponse, value };
}
