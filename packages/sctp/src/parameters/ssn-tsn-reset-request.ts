// SSN/TSN Reset Request (RFC 6525 §4.3, https://www.rfc-editor.org/rfc/rfc6525#section-4.3).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Parameter Type = 15       |      Parameter Length = 8     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Re-configuration Request Sequence Number              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import { PARAMETER_TYPE, type Parameter } from './parameter.ts';

/** All sequence numbers and TSNs of both directions start anew. */
export interface SsnTsnResetRequest {
  readonly type: 'ssn-tsn-reset-request';
  readonly requestSequenceNumber: number;
}

/** Decodes the value of an SSN/TSN Reset Request. */
export function decodeSsnTsnResetRequest(value: Uint8Array): SsnTsnResetRequest | undefined {
  if (value.length !== 4) return undefined;
  return { type: 'ssn-tsn-reset-request', requestSequenceNumber: readUint32(value, 0) };
}

/** The parameter for `request`. */
export function encodeSsnTsnResetRequest(request: SsnTsnResetRequest): Parameter {
  const value = new Uint8Array(4);
  writeUint32(value, 0, request.requestSequenceNumber);
  return { type: PARAMETER_TYPE.ssnTsnResetRequest, value };
}
