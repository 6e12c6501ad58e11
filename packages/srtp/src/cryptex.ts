// Cryptex: header extensions and CSRC identifiers are encrypted with the payload.
// https://www.rfc-editor.org/rfc/rfc9335

import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import { EXTENSION_HEADER_LENGTH, FIXED_HEADER_LENGTH } from './rtp-layout.ts';

/** "Defined by profile" of one-byte and two-byte extensions, in the clear (RFC 8285 §4) and encrypted. */
const ONE_BYTE = 0xbede;
const TWO_BYTE = 0x1000;
const ENCRYPTED_ONE_BYTE = 0xc0de;
const ENCRYPTED_TWO_BYTE = 0xc2de;

/** Where the text begins once extension header and CSRCs have changed places. */
export const CRYPTEX_TEXT_OFFSET: number = FIXED_HEADER_LENGTH + EXTENSION_HEADER_LENGTH;

/** Whether the extension whose header is at `offset` is encrypted. */
export function isCryptex(packet: Uint8Array, offset: number): boolean {
  const profile = readUint16(packet, offset);
  return profile === ENCRYPTED_ONE_BYTE || profile === ENCRYPTED_TWO_BYTE;
}

/**
 * Marks the extension whose header is at `offset` as encrypted (RFC 9335 §5.1).
 *
 * @returns false, with nothing changed, if it is none of RFC 8285, or has application bits, for which there
 * is no room.
 */
export function markCryptex(packet: Uint8Array, offset: number): boolean {
  const profile = readUint16(packet, offset);
  if (profile !== ONE_BYTE && profile !== TWO_BYTE) return false;
  writeUint16(packet, offset, profile === ONE_BYTE ? ENCRYPTED_ONE_BYTE : ENCRYPTED_TWO_BYTE);
  return true;
}

/** Marks the extension whose header is at `offset` as decrypted. */
export function unmarkCryptex(packet: Uint8Array, offset: number): void {
  const isOneByte = readUint16(packet, offset) === ENCRYPTED_ONE_BYTE;
  writeUint16(packet, offset, isOneByte ? ONE_BYTE : TWO_BYTE);
}

/** Writes an empty extension at `offset`, for a packet that has only CSRCs (RFC 9335 §5.1). */
export function writeEmptyExtension(packet: Uint8Array, offset: number): void {
  writeUint16(packet, offset, ONE_BYTE);
  writeUint16(packet, offset + 2, 0);
}

/**
 * Puts the extension's header in front of the CSRCs, so that the text lies in one piece behind it, and what
 * is only authenticated in front (RFC 9335 §6.2, Figure 2).
 */
export function gatherCsrcs(packet: Uint8Array, start: number, csrcLength: number): void {
  const csrcs = start + FIXED_HEADER_LENGTH;
  const extensionHeader = readUint32(packet, csrcs + csrcLength);
  packet.copyWithin(csrcs + EXTENSION_HEADER_LENGTH, csrcs, csrcs + csrcLength);
  writeUint32(packet, csrcs, extensionHeader);
}

/** Undoes {@link gatherCsrcs}. */
export function scatterCsrcs(packet: Uint8Array, start: number, csrcLength: number): void {
  const csrcs = start + FIXED_HEADER_LENGTH;
  const extensionHeader = readUint32(packet, csrcs);
  const gathered = csrcs + EXTENSION_HEADER_LENGTH;
  packet.copyWithin(csrcs, gathered, gathered + csrcLength);
  writeUint32(packet, csrcs + csrcLength, extensionHeader);
}
