// Outgoing and Incoming SSN Reset Request (RFC 6525 §4.1 and §4.2, https://www.rfc-editor.org/rfc/rfc6525#section-4.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Parameter Type = 13       | Parameter Length = 16 + 2 * N |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Re-configuration Request Sequence Number            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Re-configuration Response Sequence Number           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                Sender's Last Assigned TSN                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// The incoming request (type 14) has the request sequence number alone before the stream numbers.
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { PARAMETER_TYPE, type Parameter } from './parameter.ts';

const OUTGOING_HEADER_LENGTH = 12;
const INCOMING_HEADER_LENGTH = 4;

/** The sender resets streams it sends on. */
export interface OutgoingSsnResetRequest {
  readonly type: 'outgoing-ssn-reset-request';
  readonly requestSequenceNumber: number;
  /** That of the incoming request this one answers, or of the last request seen. */
  readonly responseSequenceNumber: number;
  /** The reset takes place when everything up to this TSN has arrived. */
  readonly lastAssignedTsn: number;
  /** Empty means all. */
  readonly streamIds: readonly number[];
}

/** The sender asks the receiver to reset streams that the receiver sends on. */
export interface IncomingSsnResetRequest {
  readonly type: 'incoming-ssn-reset-request';
  readonly requestSequenceNumber: number;
  /** Empty means all. */
  readonly streamIds: readonly number[];
}

/** Decodes the value of an Outgoing SSN Reset Request. */
export function decodeOutgoingSsnResetRequest(
  value: Uint8Array,
): OutgoingSsnResetRequest | undefined {
  const streamIds = readStreamIds(value, OUTGOING_HEADER_LENGTH);
  if (streamIds === undefined) return undefined;
  return {
    type: 'outgoing-ssn-reset-request',
    requestSequenceNumber: readUint32(value, 0),
    responseSequenceNumber: readUint32(value, 4),
    lastAssignedTsn: readUint32(value, 8),
    streamIds,
  };
}

/** The parameter for `request`. */
export function encodeOutgoingSsnResetRequest(request: OutgoingSsnResetRequest): Parameter {
  const value = new Uint8Array(OUTGOING_HEADER_LENGTH + 2 * request.streamIds.length);
  writeUint32(value, 0, request.requestSequenceNumber);
  writeUint32(value, 4, request.responseSequenceNumber);
  writeUint32(value, 8, request.lastAssignedTsn);
  writeStreamIds(request.streamIds, value, OUTGOING_HEADER_LENGTH);
  return { type: PARAMETER_TYPE.outgoingSsnResetRequest, value };
}

/** Decodes the value of an Incoming SSN Reset Request. */
export function decodeIncomingSsnResetRequest(
  value: Uint8Array,
): IncomingSsnResetRequest | undefined {
  const streamIds = readStreamIds(value, INCOMING_HEADER_LENGTH);
  if (streamIds === undefined) return undefined;
  return {
    type: 'incoming-ssn-reset-request',
    requestSequenceNumber: readUint32(value, 0),
    streamIds,
  };
}

/** The parameter for `request`. */
export function encodeIncomingSsnResetRequest(request: IncomingSsnResetRequest): Parameter {
  const value = new Uint8Array(INCOMING_HEADER_LENGTH + 2 * request.streamIds.length);
  writeUint32(value, 0, request.requestSequenceNumber);
  writeStreamIds(request.streamIds, value, INCOMING_HEADER_LENGTH);
  return { type: PARAMETER_TYPE.incomingSsnResetRequest, value };
}

function readStreamIds(value: Uint8Array, start: number): number[] | undefined {
  if (value.length < start || (value.length - start) % 2 !== 0) return undefined;
  const streamIds: number[] = [];
  for (let at = start; at < value.length; at += 2) streamIds.push(readUint16(value, at));
  return streamIds;
}

function writeStreamIds(streamIds: readonly number[], out: Uint8Array, start: number): void {
  let at = start;
  for (const streamId of streamIds) at = writeUint16(out, at, streamId);
}
