// HelloVerifyRequest. https://www.rfc-editor.org/rfc/rfc6347#section-4.2.1
//
//   struct { ProtocolVersion server_version; opaque cookie<0..2^8-1>; } HelloVerifyRequest;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** The server's demand to show that the client can be reached. */
export interface HelloVerifyRequest {
  readonly version: number;
  readonly cookie: Uint8Array;
}

/** The message in `body`; undefined if malformed. */
export function decodeHelloVerifyRequest(body: Uint8Array): HelloVerifyRequest | undefined {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const cookie = reader.view(reader.uint8());
  return reader.failed || reader.remaining > 0 ? undefined : { version, cookie };
}

/** The body of the message. */
export function encodeHelloVerifyRequest(request: HelloVerifyRequest): Uint8Array {
  return new ByteWriter(64)
    .uint16(request.version)
    .vector(1, (each) => each.append(request.cookie))
    .finish();
}
