// Transport-wide sequence number, versions 01 and 02 (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2, https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/transport-wide-cc-02).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  transport-wide sequence no.  |T|  seq count (version 02)     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, writeUint16 } from '@kaon/wire';

/** Bytes of the element without a request for feedback. */
export const TRANSPORT_SEQUENCE_NUMBER_LENGTH = 2;
/** Bytes of the element with one: version 02 only. */
export const TRANSPORT_SEQUENCE_NUMBER_REQUEST_LENGTH = 4;

/** What version 02 asks the receiver for. */
export interface TransportFeedbackRequest {
  /** T: whether the feedback shall say when packets arrived, and not only which. */
  readonly includeTimestamps: boolean;
  /** How many packets, this one the last, the feedback shall be about: 15 bits, at least 1. */
  readonly sequenceCount: number;
}

/** The sequence number: 16 bits; undefined if the element has a length of neither version. */
export function decodeTransportSequenceNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const length = end - start;
  return length === TRANSPORT_SEQUENCE_NUMBER_LENGTH ||
    length === TRANSPORT_SEQUENCE_NUMBER_REQUEST_LENGTH
    ? readUint16(bytes, start)
    : undefined;
}

/** The request for feedback in the element; undefined if it has none. */
export function decodeTransportFeedbackRequest(
  bytes: Uint8Array,
  start: number,
  end: number,
): TransportFeedbackRequest | undefined {
  if (end - start !== TRANSPORT_SEQUENCE_NUMBER_REQUEST_LENGTH) return undefined;
  const word = readUint16(bytes, start + 2);
  const sequenceCount = word & 0x7fff;
  if (sequenceCount === 0) return undefined;
  return { includeTimestamps: (word & 0x8000) !== 0, sequenceCount };
}

/** Writes the sequence number at `offset`; returns the offset behind it. */
export function encodeTransportSequenceNumber(
  sequenceNumber: number,
  out: Uint8Array,
  offset: number,
): number {
  return writeUint16(out, offset, sequenceNumber);
}

/** Writes the sequence number and a request for feedback at `offset`; returns the offset behind them. */
export function encodeTransportFeedbackRequest(
  sequenceNumber: number,
  request: TransportFeedbackRequest,
  out: Uint8Array,
  offset: number,
): number {
  const at = writeUint16(out, offset, sequenceNumber);
  return writeUint16(
    out,
    at,
    (request.includeTimestamps ? 0x8000 : 0) | (request.sequenceCount & 0x7fff),
  );
}
