// ChaCha20, four blocks at a time: a vector holds one word of all four (RFC 8439 §2.3).

import { lookUp } from './look-up';

/** Where the bytes of words rotated by 16 and by 8 come from. */
// biome-ignore format: a vector to a line
const ROTATIONS: usize = memory.data<u8>([
  2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
  3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14,
]);

@inline
function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

@inline
function rotate16(a: v128, b: v128): v128 {
  return lookUp(v128.xor(a, b), v128.load(ROTATIONS));
}

@inline
function rotate12(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shl(x, 12), i32x4.shr_u(x, 20));
}

@inline
function rotate8(a: v128, b: v128): v128 {
  return lookUp(v128.xor(a, b), v128.load(ROTATIONS, 16));
}

@inline
function rotate7(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.or(i32x4.shl(x, 7), i32x4.shr_u(x, 25));
}

@inline
function word(at: usize): v128 {
  return i32x4.splat(load<i32>(at));
}

/** Turns four vectors, each one word of four blocks, into 16 bytes of each block, 64 bytes apart. */
@inline
function store(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(ab0, cd0, 0, 2));
  v128.store(out, v128.shuffle<u64>(ab0, cd0, 1, 3), 64);
  v128.store(out, v128.shuffle<u64>(ab1, cd1, 0, 2), 128);
  v128.store(out, v128.shuffle<u64>(ab1, cd1, 1, 3), 192);
}

/** Writes 256 bytes of keystream from block `counter` on; `key` has 32 bytes with 12 of nonce behind. */
export function chacha20(key: usize, counter: i32, out: usize): void {
  // The constants read "expand 32-byte k" (RFC 8439 §2.3).
  const c0 = i32x4.splat(0x61707865);
  const c1 = i32x4.splat(0x3320646e);
  const c2 = i32x4.splat(0x79622d32);
  const c3 = i32x4.splat(0x6b206574);
  const counters = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  let x0 = c0, x1 = c1, x2 = c2, x3 = c3;
  let x4 = word(key), x5 = word(key + 4), x6 = word(key + 8), x7 = word(key + 12);
  let x8 = word(key + 16), x9 = word(key + 20), x10 = word(key + 24), x11 = word(key + 28);
  let x12 = counters, x13 = word(key + 32), x14 = word(key + 36), x15 = word(key + 40);
  for (let round = 0; round < 10; round++) {
    // The columns.
    x0 = add(x0, x4); x1 = add(x1, x5); x2 = add(x2, x6); x3 = add(x3, x7);
    x12 = rotate16(x12, x0); x13 = rotate16(x13, x1); x14 = rotate16(x14, x2); x15 = rotate16(x15, x3);
    x8 = add(x8, x12); x9 = add(x9, x13); x10 = add(x10, x14); x11 = add(x11, x15);
    x4 = rotate12(x4, x8); x5 = rotate12(x5, x9); x6 = rotate12(x6, x10); x7 = rotate12(x7, x11);
    x0 = add(x0, x4); x1 = add(x1, x5); x2 = add(x2, x6); x3 = add(x3, x7);
    x12 = rotate8(x12, x0); x13 = rotate8(x13, x1); x14 = rotate8(x14, x2); x15 = rotate8(x15, x3);
    x8 = add(x8, x12); x9 = add(x9, x13); x10 = add(x10, x14); x11 = add(x11, x15);
    x4 = rotate7(x4, x8); x5 = rotate7(x5, x9); x6 = rotate7(x6, x10); x7 = rotate7(x7, x11);
    // The diagonals.
    x0 = add(x0, x5); x1 = add(x1, x6); x2 = add(x2, x7); x3 = add(x3, x4);
    x15 = rotate16(x15, x0); x12 = rotate16(x12, x1); x13 = rotate16(x13, x2); x14 = rotate16(x14, x3);
    x10 = add(x10, x15); x11 = add(x11, x12); x8 = add(x8, x13); x9 = add(x9, x14);
    x5 = rotate12(x5, x10); x6 = rotate12(x6, x11); x7 = rotate12(x7, x8); x4 = rotate12(x4, x9);
    x0 = add(x0, x5); x1 = add(x1, x6); x2 = add(x2, x7); x3 = add(x3, x4);
    x15 = rotate8(x15, x0); x12 = rotate8(x12, x1); x13 = rotate8(x13, x2); x14 = rotate8(x14, x3);
    x10 = add(x10, x15); x11 = add(x11, x12); x8 = add(x8, x13); x9 = add(x9, x14);
    x5 = rotate7(x5, x10); x6 = rotate7(x6, x11); x7 = rotate7(x7, x8); x4 = rotate7(x4, x9);
  }
  store(out, add(x0, c0), add(x1, c1), add(x2, c2), add(x3, c3));
  store(
    out + 16,
    add(x4, word(key)), add(x5, word(key + 4)), add(x6, word(key + 8)), add(x7, word(key + 12)),
  );
  store(
    out + 32,
    add(x8, word(key + 16)), add(x9, word(key + 20)), add(x10, word(key + 24)), add(x11, word(key + 28)),
  );
  store(
    out + 48,
    add(x12, counters), add(x13, word(key + 32)), add(x14, word(key + 36)), add(x15, word(key + 40)),
  );
}
