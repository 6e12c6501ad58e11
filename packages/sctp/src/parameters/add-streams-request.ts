// Add Outgoing and Add Incoming Streams Request (RFC 6525 §4.5 and §4.6, https://www.rfc-editor.org/rfc/rfc6525#section-4.5).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Parameter Type = 17 or 18    |      Parameter Length = 12    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Re-configuration Request Sequence Number             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Number of new streams    |         Reserved              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { PARAMETER_TYPE, type Parameter } from './parameter.ts';

const VALUE_LENGTH = 8;

/** The sender wants more streams: to send on (`add-outgoing-streams-request`), or to be sent on. */
export interface AddStreamsRequest {
  readonly type: 'add-outgoing-streams-request' | 'add-incoming-streams-request';
  readonly requestSequenceNumber: number;
  readonly newStreams: number;
}

/** Decodes the value of a request of that type. */
export function decodeAddStreamsRequest(
  type: AddStreamsRequest['type'],
  value: Uint8Array,
): AddStreamsRequest | undefined {
  if (value.length !== VALUE_LENGTH) return undefined;
  return { type, requestSequenceNumber: readUint32(value, 0), newStreams: readUint16(value, 4) };
}

/** The parameter for `request`. */
export function encodeAddStreamsRequest(request: AddStreamsRequest): Parameter {
  const { type, requestSequenceNumber, newStreams } = request;
  const value = new Uint8Array(VALUE_LENGTH);
  writeUint32(value, 0, requestSequenceNumber);
  writeUint16(value, 4, newStreams);
  const isOutgoing = type === 'add-outgoing-streams-request';
  return {
    type: isOutgoing
      ? PARAMETER_TYPE.addOutgoingStreamsRequest
      : PARAMETER_TYPE.addIncomingStreamsRequest,
    value,
  };
}
