// record_size_limit: how large the records may be that a side is willing to receive.
// https://www.rfc-editor.org/rfc/rfc8449#section-4
//
//   uint16 RecordSizeLimit;

import { readUint16, writeUint16 } from '@kaon/wire';

/** Bytes of plaintext; less is not allowed. */
const MIN_RECORD_SIZE_LIMIT = 64;

/** The limit in bytes of plaintext; undefined if malformed or less than allowed. */
export function decodeRecordSizeLimit(data: Uint8Array): number | undefined {
  if (data.length !== 2) return undefined;
  const limit = readUint16(data, 0);
  return limit < MIN_RECORD_SIZE_LIMIT ? undefined : limit;
}

/** The bytes of the content. */
export function encodeRecordSizeLimit(limit: number): Uint8Array {
  const data = new Uint8Array(2);
  writeUint16(data, 0, limit);
  return data;
}
