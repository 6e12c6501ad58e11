// signature_algorithms: which signatures the sender can verify.
// https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.4.1
//
//   SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>;

import { decodeUint16List, encodeUint16List } from './uint16-list.ts';

/** Numbers of schemes, the sender's favourite first; undefined if malformed. */
export function decodeSignatureAlgorithms(data: Uint8Array): readonly number[] | undefined {
  return decodeUint16List(data, 2);
}

/** The content that offers `schemes`. */
export function encodeSignatureAlgorithms(schemes: readonly number[]): Uint8Array {
  return encodeUint16List(schemes, 2);
}
