// ec_point_formats: only uncompressed points are left. https://www.rfc-editor.org/rfc/rfc8422#section-5.1.2
//
//   ECPointFormat ec_point_format_list<1..2^8-1>;

import { ByteReader } from '@kaon/wire';

const UNCOMPRESSED = 0;

/** Whether the list names the uncompressed form; undefined if it is malformed. */
export function decodeEcPointFormats(
  data: Uint8Array,
): { readonly uncompressed: boolean } | undefined {
  const reader = new ByteReader(data);
  const formats = reader.view(reader.uint8());
  if (reader.failed || reader.remaining > 0 || formats.length === 0) return undefined;
  return { uncompressed: formats.includes(UNCOMPRESSED) };
}

/** The content that names the uncompressed form and no other. */
export function encodeEcPointFormats(): Uint8Array {
  return Uint8Array.of(1, UNCOMPRESSED);
}
