// Encryption of chosen header extensions. https://www.rfc-editor.org/rfc/rfc6904

import type { CounterDecryptor, CounterEncryptor, CounterKey, CryptoProvider } from '@kaon/crypto';
import { readUint16 } from '@kaon/wire';
import { checkInteger } from './errors.ts';
import type { SessionKeys } from './key-derivation.ts';
import { saltWithSsrc } from './packet-transform.ts';
import { EXTENSION_HEADER_LENGTH } from './rtp-layout.ts';

/** Where the SSRC is added to the salt (RFC 3711 §4.1.1). */
const SSRC_OFFSET = 4;
/** "Defined by profile" of one-byte extensions, and of two-byte ones without their application bits. */
const ONE_BYTE = 0xbede;
const TWO_BYTE = 0x1000;
const TWO_BYTE_MASK = 0xfff0;
/** The identifier of padding, and the one that ends a list of one-byte extensions (RFC 8285 §4.2). */
const PADDING_ID = 0;
const STOP_ID = 15;
const MAX_ID = 255;

/** Keystream of the packet at hand: as many bytes as its extension has; wiped after use. */
let keystream = new Uint8Array(256);

/** A flag for each identifier that is encrypted. */
export type EncryptedIds = Uint8Array;

/** @throws SrtpError with code `SRTP_INVALID_OPTION` if an identifier is not from 1 to 255. */
export function encryptedIds(ids: Iterable<number>): EncryptedIds {
  const flags = new Uint8Array(MAX_ID + 1);
  for (const id of ids) {
    checkInteger('encryptedHeaderExtensions', id, 1, MAX_ID);
    flags[id] = 1;
  }
  return flags;
}

// Deviation: with AES-GCM, which RFC 6904 does not know, header extensions are encrypted in counter mode with
// keys derived as for it (key-derivation.ts), because libsrtp does so.

/** One master key's key for header extensions. */
export class HeaderExtensionKey {
  readonly #key: CounterKey;
  readonly #salt: Uint8Array;

  constructor(crypto: CryptoProvider, keys: SessionKeys) {
    this.#key = crypto.createCounterKey(keys.header.encryption);
    this.#salt = keys.header.salt.slice();
  }

  /** For sending from one SSRC. */
  createEncryptor(ssrc: number, lateness: number): CounterEncryptor {
    return this.#key.createEncryptor(saltWithSsrc(this.#salt, SSRC_OFFSET, ssrc), lateness);
  }

  /** For receiving from one SSRC. */
  createDecryptor(ssrc: number): CounterDecryptor {
    return this.#key.createDecryptor(saltWithSsrc(this.#salt, SSRC_OFFSET, ssrc));
  }

  /** Wipes the key. */
  destroy(): void {
    this.#key.destroy();
    this.#salt.fill(0);
  }
}

/**
 * Encrypts the contents of the chosen extensions, not their identifiers and lengths, in the extension that
 * is `packet[start..end)`, its header included.
 */
export function encryptExtensions(
  encryptor: CounterEncryptor,
  index: number,
  packet: Uint8Array,
  start: number,
  end: number,
  ids: EncryptedIds,
): void {
  const length = end - start - EXTENSION_HEADER_LENGTH;
  if (length === 0) return;
  clearKeystream(length);
  encryptor.encrypt(index, keystream, 0, length, keystream, 0);
  addToChosen(packet, start, end, ids);
  keystream.fill(0, 0, length);
}

/** Undoes {@link encryptExtensions}. */
export function decryptExtensions(
  decryptor: CounterDecryptor,
  index: number,
  packet: Uint8Array,
  start: number,
  end: number,
  ids: EncryptedIds,
): void {
  const length = end - start - EXTENSION_HEADER_LENGTH;
  if (length === 0) return;
  clearKeystream(length);
  decryptor.decrypt(index, keystream, 0, length, keystream, 0);
  addToChosen(packet, start, end, ids);
  keystream.fill(0, 0, length);
}

function clearKeystream(length: number): void {
  if (keystream.length < length) keystream = new Uint8Array(2 * length);
  else keystream.fill(0, 0, length);
}

/** Adds the keystream to the contents of the chosen extensions (RFC 6904 §3, §4: under a mask). */
function addToChosen(packet: Uint8Array, start: number, end: number, ids: EncryptedIds): void {
  const profile = readUint16(packet, start);
  const isOneByte = profile === ONE_BYTE;
  if (!isOneByte && (profile & TWO_BYTE_MASK) !== TWO_BYTE) return;
  const content = start + EXTENSION_HEADER_LENGTH;
  for (let at = content; at < end; ) {
    const first = packet[at++] as number;
    const id = isOneByte ? first >> 4 : first;
    if (id === PADDING_ID) {
      // RFC 8285 §4.2: padding of one byte has no length; what pretends to one ends the list.
      if (isOneByte && first !== 0) return;
      continue;
    }
    if (isOneByte ? id === STOP_ID : at >= end) return;
    const elementEnd = isOneByte ? at + (first & 15) + 1 : at + 1 + (packet[at] as number);
    if (!isOneByte) at++;
    // A length that lies is nobody's extension: both sides leave it, and what follows, as it is.
    if (elementEnd > end) return;
    if (ids[id] === 1) {
      for (; at < elementEnd; at++) {
        packet[at] = (packet[at] as number) ^ (keystream[at - content] as number);
      }
    }
    at = elementEnd;
  }
}
