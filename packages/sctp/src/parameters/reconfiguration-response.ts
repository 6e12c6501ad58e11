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
//
// Two TSNs may follow, in answer to an SSN/TSN Reset Request only, which Kaon never sends.
import { readUint32, writeUint32 } from '@kaon/wire';
import { PARAMETER_TYPE, type Parameter } from './parameter.ts';

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

/** The answer to a request. */
export interface ReconfigurationResponse {
  readonly type: 'reconfiguration-response';
  /** That of the request. */
  readonly responseSequenceNumber: number;
  /** One of {@link RECONFIGURATION_RESULT}, or unknown. */
  readonly result: number;
}

/** Decodes the value of a Re-configuration Response. */
export function decodeReconfigurationResponse(
  value: Uint8Array,
): ReconfigurationResponse | undefined {
  if (value.length !== 8 && value.length !== 16) return undefined;
  return {
    type: 'reconfiguration-response',
    responseSequenceNumber: readUint32(value, 0),
    result: readUint32(value, 4),
  };
}

/** The parameter for `response`. */
export function encodeReconfigurationResponse(response: ReconfigurationResponse): Parameter {
  const value = new Uint8Array(8);
  writeUint32(value, 0, response.responseSequenceNumber);
  writeUint32(value, 4, response.result);
  return { type: PARAMETER_TYPE.reconfigurationResponse, value };
}
