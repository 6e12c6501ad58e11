// CertificateVerify. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.8
//
//   struct { SignatureAndHashAlgorithm algorithm; opaque signature<0..2^16-1>; } DigitallySigned;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** The client's signature over the handshake so far. */
export interface CertificateVerify {
  /** The number of the signature scheme. */
  readonly scheme: number;
  readonly signature: Uint8Array;
}

/** The message in `body`; undefined if malformed. */
export function decodeCertificateVerify(body: Uint8Array): CertificateVerify | undefined {
  const reader = new ByteReader(body);
  const scheme = reader.uint16();
  const signature = reader.view(reader.uint16());
  return reader.failed || reader.remaining > 0 ? undefined : { scheme, signature };
}

/** The body of the message. */
export function encodeCertificateVerify(verify: CertificateVerify): Uint8Array {
  return new ByteWriter(512)
    .uint16(verify.scheme)
    .vector(2, (each) => each.append(verify.signature))
    .finish();
}
