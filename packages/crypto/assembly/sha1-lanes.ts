// SHA-1's compression, of four messages at once: a vector holds one word of all four (FIPS 180-4 §6.1.2).

import { SCRATCH } from './memory-map';

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

@inline
function scheduled(at: usize): v128 {
  return v128.load(SCRATCH + 16 * at);
}

/** One round: what `e` becomes. */
@inline
function round(a: v128, f: v128, e: v128, k: v128, t: usize): v128 {
  return i32x4.add(i32x4.add(i32x4.add(e, f), i32x4.add(k, scheduled(t))), rotate(a, 5));
}

@inline
function choose(b: v128, c: v128, d: v128): v128 {
  return v128.xor(d, v128.and(b, v128.xor(c, d)));
}

@inline
function parity(b: v128, c: v128, d: v128): v128 {
  return v128.xor(b, v128.xor(c, d));
}

@inline
function majority(b: v128, c: v128, d: v128): v128 {
  return v128.or(v128.and(b, c), v128.and(d, v128.or(b, c)));
}

/** Puts a message's 64 bytes at `from` into one lane of the 16 words at SCRATCH. */
@inline
export function gather(lane: usize, from: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    store<u32>(SCRATCH + 16 * t + 4 * lane, bswap(load<u32>(from + 4 * t)));
  }
}

/** Takes the 16 words at SCRATCH into the five at `state`, in those lanes where `mask` is set. */
export function compressLanes(state: usize, mask: v128): void {
  for (let t: usize = 16; t < 80; t++) {
    const w = v128.xor(
      v128.xor(scheduled(t - 3), scheduled(t - 8)),
      v128.xor(scheduled(t - 14), scheduled(t - 16)),
    );
    v128.store(SCRATCH + 16 * t, rotate(w, 1));
  }
  const h0 = v128.load(state);
  const h1 = v128.load(state, 16);
  const h2 = v128.load(state, 32);
  const h3 = v128.load(state, 48);
  const h4 = v128.load(state, 64);
  let a = h0, b = h1, c = h2, d = h3, e = h4;
  let t: usize = 0;
  let k = i32x4.splat(0x5a827999);
  for (; t < 20; t += 5) {
    e = round(a, choose(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, choose(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, choose(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, choose(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, choose(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = i32x4.splat(0x6ed9eba1);
  for (; t < 40; t += 5) {
    e = round(a, parity(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, parity(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, parity(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, parity(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, parity(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = i32x4.splat(0x8f1bbcdc);
  for (; t < 60; t += 5) {
    e = round(a, majority(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, majority(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, majority(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, majority(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, majority(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = i32x4.splat(0xca62c1d6);
  for (; t < 80; t += 5) {
    e = round(a, parity(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, parity(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, parity(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, parity(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, parity(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  v128.store(state, i32x4.add(h0, v128.and(a, mask)));
  v128.store(state, i32x4.add(h1, v128.and(b, mask)), 16);
  v128.store(state, i32x4.add(h2, v128.and(c, mask)), 32);
  v128.store(state, i32x4.add(h3, v128.and(d, mask)), 48);
  v128.store(state, i32x4.add(h4, v128.and(e, mask)), 64);
}
