// Lengths of the AEAD algorithms and checks of their arguments, the same for all providers (RFC 5116).

import type { AeadAlgorithm } from './provider.ts';

/** Bytes of the nonce, for all algorithms (RFC 5116 §5.1, RFC 8439 §2.8). */
export const NONCE_LENGTH = 12;
/** Bytes of the tag, for all algorithms. */
export const TAG_LENGTH = 16;

const KEY_LENGTHS: Readonly<Record<AeadAlgorithm, number>> = {
  'aes-128-gcm': 16,
  'aes-256-gcm': 32,
  'chacha20-poly1305': 32,
};

/** @throws RangeError if the key has not the algorithm's length. */
export function checkAeadKey(algorithm: AeadAlgorithm, key: Uint8Array): void {
  const length = KEY_LENGTHS[algorithm];
  if (key.length !== length) {
    throw new RangeError(`A key for ${algorithm} has ${length} bytes, not ${key.length}.`);
  }
}

/** @throws RangeError if the nonce has not 12 bytes, or `out` has no room for `length` at `offset`. */
export function checkAeadArguments(
  nonce: Uint8Array,
  out: Uint8Array,
  offset: number,
  length: number,
): void {
  if (nonce.length !== NONCE_LENGTH) {
    throw new RangeError(`A nonce has ${NONCE_LENGTH} bytes, not ${nonce.length}.`);
  }
  if (offset < 0 || length > out.length - offset) {
    throw new RangeError(`No room for ${length} bytes at ${offset} of ${out.length}.`);
  }
}
