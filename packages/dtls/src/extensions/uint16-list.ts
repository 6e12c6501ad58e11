// A vector of 16-bit numbers, the content of several extensions. https://www.rfc-editor.org/rfc/rfc8446#section-3.4

import { ByteReader, ByteWriter } from '@kaon/wire';

/** The numbers of a vector with a length of `lengthBytes` bytes; undefined if malformed or empty. */
export function decodeUint16List(
  data: Uint8Array,
  lengthBytes: 1 | 2,
): readonly number[] | undefined {
  const reader = new ByteReader(data);
  const list = reader.sub(lengthBytes === 1 ? reader.uint8() : reader.uint16());
  const values: number[] = [];
  while (list.remaining > 0) values.push(list.uint16());
  const malformed = reader.failed || list.failed || reader.remaining > 0 || values.length === 0;
  return malformed ? undefined : values;
}

/** The vector of `values`. */
export function encodeUint16List(values: readonly number[], lengthBytes: 1 | 2): Uint8Array {
  const writer = new ByteWriter(lengthBytes + 2 * values.length);
  writer.vector(lengthBytes, (list) => {
    for (const value of values) list.uint16(value);
  });
  return writer.finish();
}
