// Keys for message integrity, from short-term and long-term credentials (RFC 8489 §9).
// https://www.rfc-editor.org/rfc/rfc8489#section-9

import type { CryptoProvider, Hmac } from '@kaon/crypto';
import { encodeUtf8 } from '@kaon/wire';

/** Which hash makes the long-term key: MD5 for old servers, SHA-256 where it was negotiated (§18.5). */
export type LongTermKeyAlgorithm = 'md5' | 'sha256';

/**
 * The MESSAGE-INTEGRITY code of short-term credentials: HMAC-SHA1 with the password as key
 * (RFC 8489 §9.1.1). ICE's passwords are of this kind.
 */
export function shortTermIntegrity(crypto: CryptoProvider, password: string): Hmac {
  return crypto.createHmac('sha1', encodeUtf8(opaqueString(password)));
}

/**
 * The key of long-term credentials: the hash of `username:realm:password` (RFC 8489 §9.2.2).
 *
 * @returns 16 bytes for MD5, 32 for SHA-256.
 */
export function longTermKey(
  crypto: CryptoProvider,
  algorithm: LongTermKeyAlgorithm,
  username: string,
  realm: string,
  password: string,
): Uint8Array {
  const text = `${opaqueString(username)}:${opaqueString(realm)}:${opaqueString(password)}`;
  return crypto.hash(algorithm, encodeUtf8(text));
}

/** The value of USERHASH: SHA-256 of `username:realm` (RFC 8489 §14.4). */
export function userhash(crypto: CryptoProvider, username: string, realm: string): Uint8Array {
  return crypto.hash('sha256', encodeUtf8(`${opaqueString(username)}:${opaqueString(realm)}`));
}

/**
 * The OpaqueString profile's mapping: other spaces become U+0020, then NFC (RFC 8265 §4.2.1). Forbidden
 * code points are let through; a password that has them fails to match, which is what it would do anyway.
 */
function opaqueString(text: string): string {
  return text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
