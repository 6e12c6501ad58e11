// Certificate. https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2
//
//   opaque ASN.1Cert<1..2^24-1>;
//   struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** More certificates than any chain has. */
const MAX_CERTIFICATES = 16;

/** The certificates, the sender's own first, in DER; undefined if malformed or too many. */
export function decodeCertificateChain(body: Uint8Array): readonly Uint8Array[] | undefined {
  const reader = new ByteReader(body);
  const list = reader.sub(reader.uint24());
  const chain: Uint8Array[] = [];
  while (list.remaining > 0) {
    const certificate = list.view(list.uint24());
    if (certificate.length === 0 || chain.length === MAX_CERTIFICATES) list.fail();
    chain.push(certificate);
  }
  return reader.failed || list.failed || reader.remaining > 0 ? undefined : chain;
}

/** The body of the message; an empty chain says that there is none. */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  return new ByteWriter(1024)
    .vector(3, (list) => {
      for (const certificate of chain) list.vector(3, (each) => each.append(certificate));
    })
    .finish();
}
