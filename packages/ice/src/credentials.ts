// Username fragments and passwords, and the message integrity keys made of them.
// https://www.rfc-editor.org/rfc/rfc8445#section-5.3

import type { CryptoProvider, Hmac } from '@kaon/crypto';
import { shortTermIntegrity } from '@kaon/stun';
import type { RandomSource } from '@kaon/wire';
import { IceError } from './errors.ts';

/** One side's short-term credentials, as signalling carries them (RFC 8839 §5.4). */
export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** Credentials with their HMAC key set up once, for all messages of a generation. */
export interface KeyedCredentials extends IceCredentials {
  readonly integrity: Hmac;
}

/** RFC 8839 §5.4: `ice-char`, 6 bits each. */
const ICE_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** 48 bits, where RFC 8445 §5.3 asks for 24. */
const USERNAME_FRAGMENT_LENGTH = 8;
/** 144 bits, where RFC 8445 §5.3 asks for 128. */
const PASSWORD_LENGTH = 24;
const USERNAME_FRAGMENT = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;

/** Fresh credentials, as `IceAgent.restart` takes them. */
export function generateIceCredentials(random: RandomSource): IceCredentials {
  const usernameFragment = randomIceChars(random, USERNAME_FRAGMENT_LENGTH);
  const password = randomIceChars(random, PASSWORD_LENGTH);
  return { usernameFragment, password };
}

/** Fresh credentials. */
export function generateCredentials(
  random: RandomSource,
  crypto: CryptoProvider,
): KeyedCredentials {
  return keyCredentials(generateIceCredentials(random), crypto);
}

/**
 * Credentials, checked and with their key.
 *
 * @throws IceError `ICE_INVALID_CREDENTIALS` if they break the grammar of RFC 8839 §5.4.
 */
export function keyCredentials(
  credentials: IceCredentials,
  crypto: CryptoProvider,
): KeyedCredentials {
  const { usernameFragment, password } = credentials;
  if (!USERNAME_FRAGMENT.test(usernameFragment)) {
    throw new IceError(
      'ICE_INVALID_CREDENTIALS',
      `usernameFragment must be 4 to 256 ice-chars (RFC 8839 §5.4), not ${JSON.stringify(usernameFragment)}.`,
    );
  }
  if (!PASSWORD.test(password)) {
    throw new IceError(
      'ICE_INVALID_CREDENTIALS',
      `password must be 22 to 256 ice-chars (RFC 8839 §5.4); it has ${password.length} characters.`,
    );
  }
  return { usernameFragment, password, integrity: shortTermIntegrity(crypto, password) };
}

function randomIceChars(random: RandomSource, length: number): string {
  let text = '';
  // 64 characters divide 256 evenly, so that masking favours none.
  for (const byte of random.fill(new Uint8Array(length))) text += ICE_CHARS[byte & 63] as string;
  return text;
}
