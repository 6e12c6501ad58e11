// The attributes of ICE connectivity checks (RFC 8445 §16.1).
// https://www.rfc-editor.org/rfc/rfc8445#section-16.1

import { readUint32, writeUint32 } from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';

/** The priority of a peer-reflexive candidate that this check may reveal: 32 bits. */
export const PRIORITY: AttributeKind<number> = {
  name: 'PRIORITY',
  type: 0x0024,
  byteLength: () => 4,
  encode(value, out, offset) {
    writeUint32(out, offset, value);
  },
  decode: (value) => (value.length === 4 ? readUint32(value, 0) : undefined),
};

/** The controlling agent nominates this pair. It has no contents. */
export const USE_CANDIDATE: AttributeKind<true> = {
  name: 'USE-CANDIDATE',
  type: 0x0025,
  byteLength: () => 0,
  encode() {
    // Its presence says it all.
  },
  decode: (value) => (value.length === 0 ? true : undefined),
};

/** The sender is controlled; the value is its tie-breaker. */
export const ICE_CONTROLLED: AttributeKind<bigint> = tieBreakerKind('ICE-CONTROLLED', 0x8029);
/** The sender is controlling; the value is its tie-breaker. */
export const ICE_CONTROLLING: AttributeKind<bigint> = tieBreakerKind('ICE-CONTROLLING', 0x802a);

/** A 64-bit unsigned number. */
function tieBreakerKind(name: string, type: number): AttributeKind<bigint> {
  return {
    name,
    type,
    byteLength: () => 8,
    encode(value, out, offset) {
      writeUint32(out, offset, Number(value >> 32n));
      writeUint32(out, offset + 4, Number(value & 0xffff_ffffn));
    },
    decode(value) {
      if (value.length !== 8) return undefined;
      return (BigInt(readUint32(value, 0)) << 32n) | BigInt(readUint32(value, 4));
    },
  };
}
