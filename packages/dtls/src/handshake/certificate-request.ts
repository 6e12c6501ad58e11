// CertificateRequest. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.4
//
//   struct {
//     ClientCertificateType certificate_types<1..2^8-1>;
//     SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;
//     DistinguishedName certificate_authorities<0..2^16-1>;
//   } CertificateRequest;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** Kinds of certificates that a client may show (RFC 5246 §7.4.4, RFC 8422 §5.5). */
export const ClientCertificateType = { rsaSign: 1, ecdsaSign: 64 } as const;

/** The server's wish to see a certificate. Names of authorities are read over: ours are self-signed. */
export interface CertificateRequest {
  readonly certificateTypes: readonly number[];
  /** Numbers of signature schemes. */
  readonly schemes: readonly number[];
}

/** The message in `body`; undefined if malformed. */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest | undefined {
  const reader = new ByteReader(body);
  const certificateTypes = [...reader.view(reader.uint8())];
  const list = reader.sub(reader.uint16());
  const schemes: number[] = [];
  while (list.remaining > 0) schemes.push(list.uint16());
  reader.skip(reader.uint16());
  if (reader.failed || list.failed || reader.remaining > 0) return undefined;
  return { certificateTypes, schemes };
}

/** The body of the message, with no names of authorities. */
export function encodeCertificateRequest(request: CertificateRequest): Uint8Array {
  return new ByteWriter(64)
    .vector(1, (each) => {
      for (const type of request.certificateTypes) each.uint8(type);
    })
    .vector(2, (each) => {
      for (const scheme of request.schemes) each.uint16(scheme);
    })
    .uint16(0)
    .finish();
}
