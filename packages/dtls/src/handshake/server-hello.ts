// ServerHello. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.3
//
//   struct {
//     ProtocolVersion server_version;    Random random;
//     SessionID session_id<0..32>;       CipherSuite cipher_suite;
//     CompressionMethod compression_method;
//     Extension extensions<0..2^16-1>;
//   } ServerHello;

import { ByteReader, ByteWriter } from '@kaon/wire';
import { decodeExtensions, type Extension, encodeExtensions } from '../extensions/extension.ts';

/** The server's choice. */
export interface ServerHello {
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly Extension[];
}

/** The message in `body`; undefined if malformed. */
export function decodeServerHello(body: Uint8Array): ServerHello | undefined {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const random = reader.view(32);
  const sessionId = reader.view(reader.uint8());
  const cipherSuite = reader.uint16();
  const compressionMethod = reader.uint8();
  const extensions = decodeExtensions(reader);
  if (reader.failed || reader.remaining > 0 || sessionId.length > 32) return undefined;
  return { version, random, sessionId, cipherSuite, compressionMethod, extensions };
}

/** The body of the message. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  const writer = new ByteWriter(128)
    .uint16(hello.version)
    .append(hello.random)
    .vector(1, (each) => each.append(hello.sessionId))
    .uint16(hello.cipherSuite)
    .uint8(hello.compressionMethod);
  encodeExtensions(writer, hello.extensions);
  return writer.finish();
}
