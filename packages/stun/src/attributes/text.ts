// Attributes that hold UTF-8 text (RFC 8489 §14.3, §14.9, §14.10, §14.14, §14.16).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.3

import { encodeUtf8, parseUtf8 } from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';
import { StunError } from '../errors.ts';

/** Who asks: `remote:local` fragments in ICE (RFC 8489 §14.3; RFC 8445 §7.2.2). At most 508 bytes. */
export const USERNAME: AttributeKind<string> = textKind('USERNAME', 0x0006, 508);
/** The realm of long-term credentials (RFC 8489 §14.9). */
export const REALM: AttributeKind<string> = textKind('REALM', 0x0014, 763);
/** The server's nonce (RFC 8489 §14.10). */
export const NONCE: AttributeKind<string> = textKind('NONCE', 0x0015, 763);
/** What software the sender is (RFC 8489 §14.14). */
export const SOFTWARE: AttributeKind<string> = textKind('SOFTWARE', 0x8022, 763);
/** The domain of the alternate server, for its certificate (RFC 8489 §14.16). */
export const ALTERNATE_DOMAIN: AttributeKind<string> = textKind('ALTERNATE-DOMAIN', 0x8003, 255);

/** A text attribute whose value has at most `maxBytes` bytes. */
export function textKind(name: string, type: number, maxBytes: number): AttributeKind<string> {
  return {
    name,
    type,
    byteLength: (text) => encodeUtf8(text).length,
    encode(text, out, offset) {
      const bytes = encodeUtf8(text);
      if (bytes.length > maxBytes) {
        throw new StunError(
          'STUN_ATTRIBUTE_TOO_LONG',
          `${name} takes at most ${maxBytes} bytes, not ${bytes.length}.`,
        );
      }
      out.set(bytes, offset);
    },
    decode: (value) => (value.length > maxBytes ? undefined : parseUtf8(value)),
  };
}
