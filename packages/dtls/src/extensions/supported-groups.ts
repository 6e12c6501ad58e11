// supported_groups: which groups may be used. https://www.rfc-editor.org/rfc/rfc8422#section-5.1.1
//
//   NamedCurve named_curve_list<2..2^16-1>;

import { decodeUint16List, encodeUint16List } from './uint16-list.ts';

/** Numbers of groups, the sender's favourite first; undefined if malformed. */
export function decodeSupportedGroups(data: Uint8Array): readonly number[] | undefined {
  return decodeUint16List(data, 2);
}

/** The content that offers `groups`. */
export function encodeSupportedGroups(groups: readonly number[]): Uint8Array {
  return encodeUint16List(groups, 2);
}
