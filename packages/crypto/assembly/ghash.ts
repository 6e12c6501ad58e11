// GHASH in constant time, four blocks to a reduction (NIST SP 800-38D §6.3, §6.4).
//
// A product X·V in GF(2^128) is a sum over the 32 nibbles of X. Nibbles in the same half of their bytes
// differ by their byte's position only, so each half has one table: of the 16 products of a nibble with V,
// reduced, as 16 vectors, vector `j` holding byte `j` of all of them. Looking up all 16 bytes of X in
// vector `j` is one swizzle, which takes the same time for every index; its 16 results belong `j` bytes
// further on. Sums over blocks come before the shifts, so four blocks share them and one reduction.

import { lookUp } from './look-up';
import { GHASH_TABLE_BYTES, GHASH_TABLES, SCRATCH } from './memory-map';

/** The part of a table for one power of H: 16 pairs of vectors, for low and for high nibbles. */
const PART_BYTES: usize = GHASH_TABLE_BYTES / 4;
const PAIR_BYTES: usize = 32;
/** Two squares of 16 vectors, one turned into the other and back. */
const SQUARE: usize = SCRATCH + 16;
const OTHER_SQUARE: usize = SQUARE + 256;

/**
 * The mask of a nibble; what a low and a high nibble of the overflow add to their own byte, which is they
 * times 1 + x + x^2 + x^7; and what they add to the next one.
 */
// biome-ignore format: a vector to a line
const CONSTANTS: usize = memory.data<u8>([
  0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f,
  0x00, 0x01, 0x03, 0x02, 0x07, 0x06, 0x04, 0x05, 0x0e, 0x0f, 0x0d, 0x0c, 0x09, 0x08, 0x0a, 0x0b,
  0x00, 0x1c, 0x38, 0x24, 0x70, 0x6c, 0x48, 0x54, 0xe1, 0xfd, 0xd9, 0xc5, 0x91, 0x8d, 0xa9, 0xb5,
  0x00, 0xc2, 0x84, 0x46, 0x08, 0xca, 0x8c, 0x4e, 0x10, 0xd2, 0x94, 0x56, 0x18, 0xda, 0x9c, 0x5e,
  0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0, 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0,
]);

/** Address of the table in `slot`. */
@inline
export function ghashTable(slot: i32): usize {
  return GHASH_TABLES + <usize>slot * GHASH_TABLE_BYTES;
}

/** Makes the table of `slot` from the hash key at {@link SCRATCH}: its powers 4, 3, 2 and 1. */
export function makeTable(slot: i32): void {
  const table = ghashTable(slot);
  // Blocks of zeros give zeros with the parts not made yet too, if those hold zeros.
  memory.fill(table, 0, GHASH_TABLE_BYTES);
  const zero = i64x2.splat(0);
  let power = v128.load(SCRATCH);
  makePart(table + 3 * PART_BYTES, power);
  for (let part: usize = 3; part > 0; part--) {
    power = multiplyGroup(table, zero, zero, zero, power);
    makePart(table + (part - 1) * PART_BYTES, power);
  }
  memory.fill(SCRATCH, 0, 16 + 512);
}

/** The vectors for one factor. */
function makePart(part: usize, factor: v128): void {
  // The first bit of a byte is that of the lowest power of x (§6.3): high nibbles come first.
  factor = makeVectors(part + 16, factor);
  makeVectors(part, factor);
}

/** The products of `factor` with all nibbles, turned into 16 vectors 32 bytes apart; gives factor·x^4. */
function makeVectors(to: usize, factor: v128): v128 {
  v128.store(SQUARE, i64x2.splat(0));
  for (let bit: usize = 8; bit > 0; bit >>= 1) {
    v128.store(SQUARE + 16 * bit, factor);
    factor = multiplyByX(factor);
  }
  for (let n: usize = 3; n < 16; n++) {
    const rest = n & (n - 1); // Without the lowest bit: made already.
    if (rest != 0) {
      const sum = v128.xor(v128.load(SQUARE + 16 * rest), v128.load(SQUARE + 16 * (n ^ rest)));
      v128.store(SQUARE + 16 * n, sum);
    }
  }
  // Four perfect shuffles of 16 rows are a transposition.
  riffle(SQUARE, OTHER_SQUARE);
  riffle(OTHER_SQUARE, SQUARE);
  riffle(SQUARE, OTHER_SQUARE);
  riffle(OTHER_SQUARE, SQUARE);
  for (let j: usize = 0; j < 16; j++) v128.store(to + PAIR_BYTES * j, v128.load(SQUARE + 16 * j));
  return factor;
}

/** Interleaves the bytes of the first eight rows with those of the last eight. */
function riffle(from: usize, to: usize): void {
  for (let i: usize = 0; i < 128; i += 16) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 128);
    v128.store(to + 2 * i, v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(
      to + 2 * i,
      v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    );
  }
}

/** All bytes one place further on; the first comes from the end of `before`. */
@inline
function shiftBytes(before: v128, x: v128): v128 {
  return v128.shuffle<u8>(before, x, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

function multiplyByX(v: v128): v128 {
  const zero = i64x2.splat(0);
  const carried = i8x16.shl(shiftBytes(zero, v), 7);
  const shifted = v128.or(i8x16.shr_u(v, 1), carried);
  // x^128 = 1 + x + x^2 + x^7: 0xe1 in the first byte.
  const overflow = <i8>((i8x16.extract_lane_u(v, 15) & 1) * 0xe1);
  return v128.xor(shifted, i8x16.replace_lane(zero, 0, overflow));
}

/** A shift of bytes would bring a mask of its own. */
@inline
function highNibbles(x: v128, nibble: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), nibble);
}

/** a·H^4 + b·H^3 + c·H^2 + d·H. */
@inline
function multiplyGroup(table: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const nibble = v128.load(CONSTANTS);
  const a0 = v128.and(a, nibble);
  const b0 = v128.and(b, nibble);
  const c0 = v128.and(c, nibble);
  const d0 = v128.and(d, nibble);
  const a1 = highNibbles(a, nibble);
  const b1 = highNibbles(b, nibble);
  const c1 = highNibbles(c, nibble);
  const d1 = highNibbles(d, nibble);
  const zero = i64x2.splat(0);
  let low = zero;
  let high = zero;
  for (let pair = table + 15 * PAIR_BYTES; pair >= table; pair -= PAIR_BYTES) {
    high = shiftBytes(low, high);
    low = shiftBytes(zero, low);
    const ab = v128.xor(
      v128.xor(lookUp(v128.load(pair), a0), lookUp(v128.load(pair, 16), a1)),
      v128.xor(lookUp(v128.load(pair, 512), b0), lookUp(v128.load(pair, 528), b1)),
    );
    const cd = v128.xor(
      v128.xor(lookUp(v128.load(pair, 1024), c0), lookUp(v128.load(pair, 1040), c1)),
      v128.xor(lookUp(v128.load(pair, 1536), d0), lookUp(v128.load(pair, 1552), d1)),
    );
    low = v128.xor(low, v128.xor(ab, cd));
  }
  // high·x^128 = high·(1 + x + x^2 + x^7). Its last byte is zero, so nothing falls out again.
  const h0 = v128.and(high, nibble);
  const h1 = highNibbles(high, nibble);
  const here = v128.xor(lookUp(v128.load(CONSTANTS, 16), h0), lookUp(v128.load(CONSTANTS, 32), h1));
  const next = v128.xor(lookUp(v128.load(CONSTANTS, 48), h0), lookUp(v128.load(CONSTANTS, 64), h1));
  return v128.xor(v128.xor(low, here), shiftBytes(zero, next));
}

/** The hash of `blocks` blocks from `start` on. Up to three blocks in front of them are overwritten. */
export function ghash(slot: i32, start: usize, blocks: i32): v128 {
  const table = ghashTable(slot);
  let y = i64x2.splat(0);
  const end = start + 16 * <usize>blocks;
  // Zeros in front change nothing and fill the first group.
  for (let missing = -blocks & 3; missing > 0; missing--) {
    start -= 16;
    v128.store(start, y);
  }
  for (; start < end; start += 64) {
    y = multiplyGroup(
      table,
      v128.xor(y, v128.load(start)),
      v128.load(start, 16),
      v128.load(start, 32),
      v128.load(start, 48),
    );
  }
  return y;
}
