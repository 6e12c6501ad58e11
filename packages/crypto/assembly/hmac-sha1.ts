// HMAC-SHA1 from midstates: what the hash is behind the key's block, inside and outside (RFC 2104 §2, §4).

import { LANE_BYTES, PACKET, PARAMETERS, RESULT, SCRATCH } from './memory-map';
import { compress } from './sha1';
import { compressLanes, gather } from './sha1-lanes';

/** Bytes of a pair of midstates: five words inside, five outside. */
const MIDSTATES_BYTES: usize = 40;
/** Where a midstate goes on from; the outer message is behind it. */
const STATE: usize = SCRATCH + 0x600;
const OUTER_BLOCK: usize = STATE + 80;
/** Bytes of the key's block, which comes before each message. */
const KEY_BLOCK: i32 = 64;

/** Makes the midstates at PARAMETERS from the key's block at PACKET, padded with zeros to 64 bytes. */
export function makeMidstates(): void {
  for (let half: usize = 0; half < 2; half++) {
    // Between the pads are the bits of 0x36 ^ 0x5c.
    const pad: u32 = half == 0 ? 0x36363636 : 0x36363636 ^ 0x5c5c5c5c;
    for (let i: usize = PACKET; i < PACKET + 64; i += 4) store<u32>(i, load<u32>(i) ^ pad);
    const state = PARAMETERS + 20 * half;
    store<u32>(state, 0x67452301);
    store<u32>(state, 0xefcdab89, 4);
    store<u32>(state, 0x98badcfe, 8);
    store<u32>(state, 0x10325476, 12);
    store<u32>(state, 0xc3d2e1f0, 16);
    compress(state, PACKET, 1);
  }
  memory.fill(PACKET, 0, 64);
}

/** Pads a message behind the key's block (FIPS 180-4 §5.1.1); gives its blocks. */
function pad(message: usize, length: i32): i32 {
  const blocks = (length + 9 + 63) >> 6;
  const end = message + 64 * <usize>blocks;
  memory.fill(message + <usize>length, 0, end - message - <usize>length);
  store<u8>(message + <usize>length, 0x80);
  store<u64>(end - 8, bswap(<u64>(KEY_BLOCK + length) << 3));
  return blocks;
}

/** The code of the message at PACKET with the midstates at PARAMETERS, at RESULT. */
export function hmacSha1(length: i32): void {
  memory.copy(STATE, PARAMETERS, 20);
  compress(STATE, PACKET, pad(PACKET, length));
  for (let i: usize = 0; i < 20; i += 4) {
    store<u32>(RESULT + i, bswap(load<u32>(STATE + i)));
  }
  finishHmacSha1();
}

/** The code from the inner hash at RESULT, in its place, with the midstates at PARAMETERS. */
export function finishHmacSha1(): void {
  memory.copy(OUTER_BLOCK, RESULT, 20);
  compress(PARAMETERS + 20, OUTER_BLOCK, pad(OUTER_BLOCK, 20));
  for (let i: usize = 0; i < 20; i += 4) {
    store<u32>(RESULT + i, bswap(load<u32>(PARAMETERS + 20 + i)));
  }
}

/** Puts one half of each lane's midstates where the lanes go on from. */
function loadLanes(half: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    for (let i: usize = 0; i < 5; i++) {
      const word = load<u32>(PARAMETERS + MIDSTATES_BYTES * lane + 20 * half + 4 * i);
      store<u32>(STATE + 16 * i + 4 * lane, word);
    }
  }
}

/** Four codes at once: messages LANE_BYTES apart from PACKET on, midstates 40 bytes, results 20. */
export function hmacSha1Lanes(length0: i32, length1: i32, length2: i32, length3: i32): void {
  const blocks0 = pad(PACKET, length0);
  const blocks1 = pad(PACKET + LANE_BYTES, length1);
  const blocks2 = pad(PACKET + 2 * LANE_BYTES, length2);
  const blocks3 = pad(PACKET + 3 * LANE_BYTES, length3);
  const blocks = i32x4(blocks0, blocks1, blocks2, blocks3);
  const most = max(max(blocks0, blocks1), max(blocks2, blocks3));
  loadLanes(0);
  for (let block = 0; block < most; block++) {
    gather(PACKET + 64 * <usize>block, LANE_BYTES);
    compressLanes(STATE, i32x4.gt_s(blocks, i32x4.splat(block)));
  }
  // The outer message: the inner hash, one bit, zeros, and the length of 84 bytes in bits.
  memory.copy(SCRATCH, STATE, 80);
  memory.fill(SCRATCH + 80, 0, 176);
  v128.store(SCRATCH + 80, i32x4.splat(<i32>0x80000000));
  v128.store(SCRATCH + 240, i32x4.splat(84 << 3));
  loadLanes(1);
  compressLanes(STATE, i32x4.splat(-1));
  for (let lane: usize = 0; lane < 4; lane++) {
    for (let i: usize = 0; i < 5; i++) {
      store<u32>(RESULT + 20 * lane + 4 * i, bswap(load<u32>(STATE + 16 * i + 4 * lane)));
    }
  }
}
