// renegotiation_info: binds a renegotiation to what it renews; empty in first handshakes, the only ones we do.
// https://www.rfc-editor.org/rfc/rfc5746#section-3.2
//
//   opaque renegotiated_connection<0..255>;

import { ByteReader } from '@kaon/wire';

/** The verify data of the connection that is renegotiated; undefined if malformed. */
export function decodeRenegotiationInfo(data: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(data);
  const verifyData = reader.view(reader.uint8());
  return reader.failed || reader.remaining > 0 ? undefined : verifyData;
}

/** The content for a first handshake. */
export function encodeRenegotiationInfo(): Uint8Array {
  return Uint8Array.of(0);
}
