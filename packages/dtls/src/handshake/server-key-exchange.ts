// ServerKeyExchange with ECDHE. https://www.rfc-editor.org/rfc/rfc8422#section-5.4
//
//   struct { ECCurveType curve_type = named_curve; NamedCurve namedcurve; opaque point<1..2^8-1>; } ServerECDHParams;
//   struct { ServerECDHParams params; Signature signed_params; } ServerKeyExchange;

import { ByteReader, ByteWriter } from '@kaon/wire';

const NAMED_CURVE = 3;

/** The server's ephemeral key, signed. */
export interface ServerKeyExchange {
  /** The number of the group. */
  readonly group: number;
  readonly publicKey: Uint8Array;
  /** The number of the signature scheme. */
  readonly scheme: number;
  readonly signature: Uint8Array;
}

/** The message in `body`; undefined if malformed, or the group is not named by a number. */
export function decodeServerKeyExchange(body: Uint8Array): ServerKeyExchange | undefined {
  const reader = new ByteReader(body);
  if (reader.uint8() !== NAMED_CURVE) reader.fail();
  const group = reader.uint16();
  const publicKey = reader.view(reader.uint8());
  const scheme = reader.uint16();
  const signature = reader.view(reader.uint16());
  if (reader.failed || reader.remaining > 0 || publicKey.length === 0) return undefined;
  return { group, publicKey, scheme, signature };
}

/** The bytes of ServerECDHParams, which is what the signature covers besides the randoms. */
export function encodeEcdhParams(group: number, publicKey: Uint8Array): Uint8Array {
  return new ByteWriter(128)
    .uint8(NAMED_CURVE)
    .uint16(group)
    .vector(1, (each) => each.append(publicKey))
    .finish();
}

/** The body of the message. */
export function encodeServerKeyExchange(exchange: ServerKeyExchange): Uint8Array {
  return new ByteWriter(512)
    .append(encodeEcdhParams(exchange.group, exchange.publicKey))
    .uint16(exchange.scheme)
    .vector(2, (each) => each.append(exchange.signature))
    .finish();
}
