// ClientHello. https://www.rfc-editor.org/rfc/rfc6347#section-4.2.1
//
//   struct {
//     ProtocolVersion client_version;      Random random;
//     SessionID session_id<0..32>;         opaque cookie<0..2^8-1>;
//     CipherSuite cipher_suites<2..2^16-1>;
//     CompressionMethod compression_methods<1..2^8-1>;
//     Extension extensions<0..2^16-1>;
//   } ClientHello;

import { ByteReader, ByteWriter } from '@kaon/wire';
import { decodeExtensions, type Extension, encodeExtensions } from '../extensions/extension.ts';

/** The client's offer. */
export interface ClientHello {
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** What a HelloVerifyRequest gave; empty in a first hello. */
  readonly cookie: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** The message in `body`; undefined if malformed. */
export function decodeClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const random = reader.view(32);
  const sessionId = reader.view(reader.uint8());
  const cookie = reader.view(reader.uint8());
  const suites = reader.sub(reader.uint16());
  const cipherSuites: number[] = [];
  while (suites.remaining > 0) cipherSuites.push(suites.uint16());
  const compressionMethods = reader.view(reader.uint8());
  const extensions = decodeExtensions(reader);
  if (suites.failed || reader.failed || reader.remaining > 0) return undefined;
  if (sessionId.length > 32 || cipherSuites.length === 0) return undefined;
  if (compressionMethods.length === 0) return undefined;
  return { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions };
}

/** The body of the message. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const writer = new ByteWriter(256)
    .uint16(hello.version)
    .append(hello.random)
    .vector(1, (each) => each.append(hello.sessionId))
    .vector(1, (each) => each.append(hello.cookie))
    .vector(2, (each) => {
      for (const suite of hello.cipherSuites) each.uint16(suite);
    })
    .vector(1, (each) => each.append(hello.compressionMethods));
  encodeExtensions(writer, hello.extensions);
  return writer.finish();
}
