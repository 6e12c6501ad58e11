// Attributes that hold bytes as they are (RFC 8489 §14.4).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.4

import type { AttributeKind } from '../attribute.ts';
import { StunError } from '../errors.ts';

/** SHA-256 of `username:realm`, in place of USERNAME (RFC 8489 §14.4). 32 bytes. */
export const USERHASH: AttributeKind<Uint8Array> = opaqueKind('USERHASH', 0x001e, 32);

/** An attribute of exactly `length` bytes. The decoded value is a view of the message. */
export function opaqueKind(name: string, type: number, length: number): AttributeKind<Uint8Array> {
  return {
    name,
    type,
    byteLength: () => length,
    encode(value, out, offset) {
      if (value.length !== length) {
        throw new StunError(
          'STUN_INVALID_ARGUMENT',
          `${name} takes ${length} bytes, not ${value.length}.`,
        );
      }
      out.set(value, offset);
    },
    decode: (value) => (value.length === length ? value : undefined),
  };
}
