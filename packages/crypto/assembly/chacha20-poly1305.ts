// ChaCha20-Poly1305 (RFC 8439 §2.8).

import { chacha20 } from './chacha20';
import { KEYSTREAM, PACKET, PARAMETERS, RESULT } from './memory-map';
import { additionalDataStart, addKeystream, clearPadding, padded } from './padding';
import { poly1305 } from './poly1305';

/** Keystream for the packet; its first block is the one-time key. */
function makeKeystream(length: i32): void {
  const end = KEYSTREAM + 64 + <usize>length;
  let counter = 0;
  for (let at = KEYSTREAM; at < end; at += 256, counter += 4) chacha20(PARAMETERS, counter, at);
}

/** Wipes the key, and what keystream was made. */
function wipe(length: i32): void {
  memory.fill(PARAMETERS, 0, 48);
  memory.fill(KEYSTREAM, 0, (64 + <usize>length + 255) & ~255);
}

/** The tag of the ciphertext at PACKET. Overwrites the two blocks behind it. */
function computeTag(additionalLength: i32, length: i32): v128 {
  const start = additionalDataStart(additionalLength);
  const end = PACKET + <usize>padded(length);
  clearPadding(start, additionalLength);
  clearPadding(PACKET, length);
  store<u64>(end, <u64>additionalLength);
  store<u64>(end, <u64>length, 8);
  poly1305(KEYSTREAM, start, <i32>((end + 16 - start) >> 4), RESULT);
  return v128.load(RESULT);
}

/** Encrypts the packet with key and nonce at PARAMETERS, and writes its tag behind it. */
export function sealChaCha20Poly1305(additionalLength: i32, length: i32): void {
  makeKeystream(length);
  addKeystream(PACKET, length, KEYSTREAM + 64);
  const tag = computeTag(additionalLength, length);
  v128.store(PACKET + <usize>length, tag);
  wipe(length);
}

/** Checks the tag behind the ciphertext, and decrypts if it is right; else gives 0. */
export function openChaCha20Poly1305(additionalLength: i32, length: i32): i32 {
  makeKeystream(length);
  const expected = v128.load(PACKET + <usize>length);
  const tag = computeTag(additionalLength, length);
  const isGenuine = !v128.any_true(v128.xor(tag, expected));
  if (isGenuine) addKeystream(PACKET, length, KEYSTREAM + 64);
  wipe(length);
  return <i32>isGenuine;
}
