// ClientKeyExchange with ECDHE. https://www.rfc-editor.org/rfc/rfc8422#section-5.7
//
//   struct { opaque point<1..2^8-1>; } ClientECDiffieHellmanPublic;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** The client's ephemeral public key; undefined if malformed. */
export function decodeClientKeyExchange(body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body);
  const publicKey = reader.view(reader.uint8());
  return reader.failed || reader.remaining > 0 || publicKey.length === 0 ? undefined : publicKey;
}

/** The body of the message. */
export function encodeClientKeyExchange(publicKey: Uint8Array): Uint8Array {
  return new ByteWriter(128).vector(1, (each) => each.append(publicKey)).finish();
}
