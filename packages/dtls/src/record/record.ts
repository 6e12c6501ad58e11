// The header of DTLS 1.2 records. https://www.rfc-editor.org/rfc/rfc6347#section-4.1
//
//   struct {
//     ContentType type;    ProtocolVersion version;
//     uint16 epoch;        uint48 sequence_number;
//     uint16 length;       opaque fragment[length];
//   } DTLSPlaintext;

import { readUint16, readUint48, writeUint16, writeUint48 } from '@kaon/wire';

/** What a record carries (RFC 5246 §6.2.1). */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** Bytes in front of a record's content. */
export const RECORD_HEADER_LENGTH = 13;
/** The largest content before protection (RFC 6347 §4.1). */
export const MAX_PLAINTEXT_LENGTH = 16384;
/** The largest content with protection (RFC 6347 §4.1). */
const MAX_CIPHERTEXT_LENGTH = MAX_PLAINTEXT_LENGTH + 2048;
/** The last sequence number of an epoch. */
export const MAX_SEQUENCE_NUMBER: number = 2 ** 48 - 1;

/** A record's header, read. */
export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequenceNumber: number;
  readonly length: number;
}

/**
 * The header at `start` of `datagram`.
 *
 * @returns undefined if the record is cut short or longer than any record may be; nothing behind it in
 * the datagram can then be found.
 */
export function decodeRecordHeader(datagram: Uint8Array, start: number): RecordHeader | undefined {
  if (datagram.length - start < RECORD_HEADER_LENGTH) return undefined;
  const length = readUint16(datagram, start + 11);
  if (length > MAX_CIPHERTEXT_LENGTH) return undefined;
  if (length > datagram.length - start - RECORD_HEADER_LENGTH) return undefined;
  return {
    type: datagram[start] as number,
    version: readUint16(datagram, start + 1),
    epoch: readUint16(datagram, start + 3),
    sequenceNumber: readUint48(datagram, start + 5),
    length,
  };
}

/** Writes a header at `offset`; returns the offset behind it. */
export function encodeRecordHeader(
  out: Uint8Array,
  offset: number,
  type: number,
  version: number,
  epoch: number,
  sequenceNumber: number,
  length: number,
): number {
  out[offset] = type;
  let at = writeUint16(out, offset + 1, version);
  at = writeUint16(out, at, epoch);
  at = writeUint48(out, at, sequenceNumber);
  return writeUint16(out, at, length);
}
