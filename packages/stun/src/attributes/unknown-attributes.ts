// UNKNOWN-ATTRIBUTES: what a 420 response did not understand (RFC 8489 §14.13).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.13

import { readUint16, writeUint16 } from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';

/** The types of the attributes that were not understood. */
export const UNKNOWN_ATTRIBUTES: AttributeKind<readonly number[]> = {
  name: 'UNKNOWN-ATTRIBUTES',
  type: 0x000a,
  byteLength: (types) => 2 * types.length,
  encode(types, out, offset) {
    types.forEach((type, i) => {
      writeUint16(out, offset + 2 * i, type);
    });
  },
  decode(value) {
    if (value.length % 2 !== 0) return undefined;
    const types: number[] = [];
    for (let i = 0; i < value.length; i += 2) types.push(readUint16(value, i));
    return types;
  },
};
