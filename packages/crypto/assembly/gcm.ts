// AES-GCM over keystream that is there already (NIST SP 800-38D §7).

import { ghash } from './ghash';
import { PACKET } from './memory-map';
import { additionalDataStart, addKeystream, clearPadding, padded } from './padding';

/** The tag of the ciphertext at PACKET. Overwrites the two blocks behind it. */
function computeTag(slot: i32, additionalLength: i32, length: i32, keystream: usize): v128 {
  const start = additionalDataStart(additionalLength);
  const end = PACKET + <usize>padded(length);
  clearPadding(start, additionalLength);
  clearPadding(PACKET, length);
  store<u64>(end, bswap(<u64>additionalLength << 3));
  store<u64>(end, bswap(<u64>length << 3), 8);
  const blocks = <i32>((end + 16 - start) >> 4);
  return v128.xor(ghash(slot, start, blocks), v128.load(keystream));
}

/** Encrypts the packet and writes its tag behind it. The keystream's first block is that of the tag. */
export function sealGcm(slot: i32, additionalLength: i32, length: i32, keystream: usize): void {
  addKeystream(PACKET, length, keystream + 16);
  const tag = computeTag(slot, additionalLength, length, keystream);
  v128.store(keystream, i64x2.splat(0));
  v128.store(PACKET + <usize>length, tag);
}

/** Checks the tag behind the ciphertext, and decrypts if it is right; else gives 0 and leaves the keystream. */
export function openGcm(slot: i32, additionalLength: i32, length: i32, keystream: usize): i32 {
  const expected = v128.load(PACKET + <usize>length);
  const tag = computeTag(slot, additionalLength, length, keystream);
  if (v128.any_true(v128.xor(tag, expected))) return 0;
  v128.store(keystream, i64x2.splat(0));
  addKeystream(PACKET, length, keystream + 16);
  return 1;
}
