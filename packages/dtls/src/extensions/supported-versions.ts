// supported_versions: how clients that also speak DTLS 1.3 list what they speak.
// https://www.rfc-editor.org/rfc/rfc8446#section-4.2.1
//
//   ProtocolVersion versions<2..254>;

import { decodeUint16List, encodeUint16List } from './uint16-list.ts';

/** The client's versions, its favourite first; undefined if malformed. */
export function decodeSupportedVersions(data: Uint8Array): readonly number[] | undefined {
  return decodeUint16List(data, 1);
}

/** The content with which a client lists `versions`. */
export function encodeSupportedVersions(versions: readonly number[]): Uint8Array {
  return encodeUint16List(versions, 1);
}
