// Rewrites the identifiers of header extensions in place, for a receiver that negotiated others (RFC 8285 §6, https://www.rfc-editor.org/rfc/rfc8285#section-6).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { type HeaderExtensionCursor, MAX_ONE_BYTE_ID } from './header-extension-cursor.ts';

/**
 * A table for {@link rewriteHeaderExtensionIds} and `HeaderExtensionWriter.addMapped`: at the index of an
 * identifier stands the one that replaces it. What `pairs` does not name is dropped.
 *
 * @param pairs Old and new identifier of each element that is kept, 1 to 255.
 * @throws RangeError if an identifier is not 1 to 255.
 */
export function headerExtensionIdMap(
  pairs: Iterable<readonly [from: number, to: number]>,
): Uint8Array {
  const ids = new Uint8Array(256);
  for (const [from, to] of pairs) {
    for (const id of [from, to]) {
      if (!(Number.isInteger(id) && id >= 1 && id <= 255)) {
        throw new RangeError(`pairs: header extensions have identifiers of 1 to 255, not ${id}.`);
      }
    }
    ids[from] = to;
  }
  return ids;
}

/**
 * Gives each element of `packet` the identifier that `ids` holds at the index of its old one, and turns
 * those for which that is 0 into padding.
 *
 * @returns false if a new identifier is above 14 and the extension has the one-byte form: nothing was
 * changed then, and the packet must be written anew (`HeaderExtensionWriter.addMapped`).
 */
export function rewriteHeaderExtensionIds(
  packet: RtpPacket,
  ids: Uint8Array,
  cursor: HeaderExtensionCursor,
): boolean {
  cursor.rewind(packet);
  if (!cursor.isTwoByte) {
    while (cursor.next()) if ((ids[cursor.id] as number) > MAX_ONE_BYTE_ID) return false;
    cursor.rewind(packet);
  }
  const { bytes } = packet;
  while (cursor.next()) {
    const id = ids[cursor.id] as number;
    const at = cursor.headerStart;
    if (id === 0) for (let i = at; i < cursor.end; i++) bytes[i] = 0;
    else if (cursor.isTwoByte) bytes[at] = id;
    else bytes[at] = (id << 4) | ((bytes[at] as number) & 0x0f);
  }
  return true;
}
