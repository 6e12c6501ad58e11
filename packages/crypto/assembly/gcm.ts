// AES-GCM over keystream that is there already (NIST SP 800-38D §7).

import { ghash } from './ghash';
import { KEYSTREAM, PACKET } from './memory-map';
import { additionalDataStart, addKeystream, clearPadding, padded } from './padding';

/** The tag of the ciphertext at PACKET. Overwrites the two blocks behind it. */
function computeTag(slot: i32, additionalLength: i32, length: i32): v128 {
  const start = additionalDataStart(additionalLength);
  const end = PACKET + <usize>padded(length);
  clearPadding(start, additionalLength);
  clearPadding(PACKET, length);
  store<u64>(end, bswap(<u64>additionalLength << 3));
  store<u64>(end, bswap(<u64>length << 3), 8);
  const blocks = <i32>((end + 16 - start) >> 4);
  return v128.xor(ghash(slot, start, blocks), v128.load(KEYSTREAM));
}

/** Encrypts the packet and writes its tag behind it. The keystream's first block is that of the tag. */
export function sealGcm(slot: i32, additionalLength: i32, length: i32): void {
  addKeystream(KEYSTREAM + 16, length);
  const tag = computeTag(slot, additionalLength, length);
  v128.store(KEYSTREAM, i64x2.splat(0));
  v128.store(PACKET + <usize>length, tag);
}

/** Checks the tag behind the ciphertext, and decrypts if it is right; else gives 0. */
export function openGcm(slot: i32, additionalLength: i32, length: i32): i32 {
  const expected = v128.load(PACKET + <usize>length);
  const tag = computeTag(slot, additionalLength, length);
  if (v128.any_true(v128.xor(tag, expected))) {
    memory.fill(KEYSTREAM, 0, 16 + <usize>padded(length));
    return 0;
  }
  v128.store(KEYSTREAM, i64x2.splat(0));
  addKeystream(KEYSTREAM + 16, length);
  return 1;
}
