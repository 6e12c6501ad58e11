// SHA-1's compression, of four messages at once: a vector holds one word of all four (FIPS 180-4 §6.1.2).

import { SCRATCH } from './memory-map';

/** Words that the schedule reaches back: a step of it begins that far in front of what it makes. */
const REACH: usize = 32;

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}


/** One round: what `e` becomes. */
@inline
function round(a: v128, f: v128, e: v128, k: v128, w: v128): v128 {
  return i32x4.add(i32x4.add(i32x4.add(e, f), i32x4.add(k, w)), rotate(a, 5));
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

/** Four words of a message, which has them big-endian. */
@inline
function words(from: usize): v128 {
  const x = v128.load(from);
  return v128.shuffle<u8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Puts 64 bytes of each of four messages, `distance` bytes apart, into the 16 words at SCRATCH. */
export function gather(from: usize, distance: usize): void {
  for (let t: usize = 0; t < 16; t += 4, from += 16) {
    const a = words(from);
    const b = words(from + distance);
    const c = words(from + 2 * distance);
    const d = words(from + 3 * distance);
    const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    v128.store(SCRATCH + 16 * t, v128.shuffle<u64>(ab, cd, 0, 2));
    v128.store(SCRATCH + 16 * t, v128.shuffle<u64>(ab, cd, 1, 3), 16);
    const abBehind = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const cdBehind = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    v128.store(SCRATCH + 16 * t, v128.shuffle<u64>(abBehind, cdBehind, 0, 2), 32);
    v128.store(SCRATCH + 16 * t, v128.shuffle<u64>(abBehind, cdBehind, 1, 3), 48);
  }
}

@inline
function sum(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.xor(v128.xor(a, b), v128.xor(c, d));
}

/** Four of words 16 to 31 of the schedule, {@link REACH} words behind `step` (FIPS 180-4 §6.1.2 step 1). */
@inline
function scheduleEarly(step: usize): void {
  let w = sum(v128.load(step, 29 * 16), v128.load(step, 24 * 16), v128.load(step, 18 * 16), v128.load(step, 16 * 16));
  v128.store(step, rotate(w, 1), 32 * 16);
  w = sum(v128.load(step, 30 * 16), v128.load(step, 25 * 16), v128.load(step, 19 * 16), v128.load(step, 17 * 16));
  v128.store(step, rotate(w, 1), 33 * 16);
  w = sum(v128.load(step, 31 * 16), v128.load(step, 26 * 16), v128.load(step, 20 * 16), v128.load(step, 18 * 16));
  v128.store(step, rotate(w, 1), 34 * 16);
  w = sum(v128.load(step, 32 * 16), v128.load(step, 27 * 16), v128.load(step, 21 * 16), v128.load(step, 19 * 16));
  v128.store(step, rotate(w, 1), 35 * 16);
}

/** Four later words: the recurrence put into itself reaches further back, so that six come at the same time. */
@inline
function scheduleLate(step: usize): void {
  let w = sum(v128.load(step, 26 * 16), v128.load(step, 16 * 16), v128.load(step, 4 * 16), v128.load(step));
  v128.store(step, rotate(w, 2), 32 * 16);
  w = sum(v128.load(step, 27 * 16), v128.load(step, 17 * 16), v128.load(step, 5 * 16), v128.load(step, 1 * 16));
  v128.store(step, rotate(w, 2), 33 * 16);
  w = sum(v128.load(step, 28 * 16), v128.load(step, 18 * 16), v128.load(step, 6 * 16), v128.load(step, 2 * 16));
  v128.store(step, rotate(w, 2), 34 * 16);
  w = sum(v128.load(step, 29 * 16), v128.load(step, 19 * 16), v128.load(step, 7 * 16), v128.load(step, 3 * 16));
  v128.store(step, rotate(w, 2), 35 * 16);
}

/** Takes the 16 words at SCRATCH into the five at `state`, in those lanes where `mask` is set. */
export function compressLanes(state: usize, mask: v128): void {
  // The schedule stays ahead of the rounds, as it does in ./sha1.ts.
  let step = SCRATCH - 16 * (REACH - 16);
  scheduleEarly(step);
  scheduleEarly(step + 64);
  step += 128;
  const h0 = v128.load(state);
  const h1 = v128.load(state, 16);
  const h2 = v128.load(state, 32);
  const h3 = v128.load(state, 48);
  const h4 = v128.load(state, 64);
  let a = h0, b = h1, c = h2, d = h3, e = h4;
  let w = SCRATCH;
  let k = i32x4.splat(0x5a827999);
  for (; w < SCRATCH + 16 * 20; w += 16 * 5, step += 16 * 4) {
    if (w < SCRATCH + 16 * 10) scheduleEarly(step);
    else scheduleLate(step);
    e = round(a, choose(b, c, d), e, k, v128.load(w)); b = rotate(b, 30);
    d = round(e, choose(a, b, c), d, k, v128.load(w, 16)); a = rotate(a, 30);
    c = round(d, choose(e, a, b), c, k, v128.load(w, 32)); e = rotate(e, 30);
    b = round(c, choose(d, e, a), b, k, v128.load(w, 48)); d = rotate(d, 30);
    a = round(b, choose(c, d, e), a, k, v128.load(w, 64)); c = rotate(c, 30);
  }
  k = i32x4.splat(0x6ed9eba1);
  for (; w < SCRATCH + 16 * 40; w += 16 * 5, step += 16 * 4) {
    scheduleLate(step);
    e = round(a, parity(b, c, d), e, k, v128.load(w)); b = rotate(b, 30);
    d = round(e, parity(a, b, c), d, k, v128.load(w, 16)); a = rotate(a, 30);
    c = round(d, parity(e, a, b), c, k, v128.load(w, 32)); e = rotate(e, 30);
    b = round(c, parity(d, e, a), b, k, v128.load(w, 48)); d = rotate(d, 30);
    a = round(b, parity(c, d, e), a, k, v128.load(w, 64)); c = rotate(c, 30);
  }
  k = i32x4.splat(0x8f1bbcdc);
  for (; w < SCRATCH + 16 * 60; w += 16 * 5, step += 16 * 4) {
    scheduleLate(step);
    e = round(a, majority(b, c, d), e, k, v128.load(w)); b = rotate(b, 30);
    d = round(e, majority(a, b, c), d, k, v128.load(w, 16)); a = rotate(a, 30);
    c = round(d, majority(e, a, b), c, k, v128.load(w, 32)); e = rotate(e, 30);
    b = round(c, majority(d, e, a), b, k, v128.load(w, 48)); d = rotate(d, 30);
    a = round(b, majority(c, d, e), a, k, v128.load(w, 64)); c = rotate(c, 30);
  }
  k = i32x4.splat(0xca62c1d6);
  for (; w < SCRATCH + 16 * 80; w += 16 * 5, step += 16 * 4) {
    if (w < SCRATCH + 16 * 70) scheduleLate(step);
    e = round(a, parity(b, c, d), e, k, v128.load(w)); b = rotate(b, 30);
    d = round(e, parity(a, b, c), d, k, v128.load(w, 16)); a = rotate(a, 30);
    c = round(d, parity(e, a, b), c, k, v128.load(w, 32)); e = rotate(e, 30);
    b = round(c, parity(d, e, a), b, k, v128.load(w, 48)); d = rotate(d, 30);
    a = round(b, parity(c, d, e), a, k, v128.load(w, 64)); c = rotate(c, 30);
  }
  v128.store(state, i32x4.add(h0, v128.and(a, mask)));
  v128.store(state, i32x4.add(h1, v128.and(b, mask)), 16);
  v128.store(state, i32x4.add(h2, v128.and(c, mask)), 32);
  v128.store(state, i32x4.add(h3, v128.and(d, mask)), 48);
  v128.store(state, i32x4.add(h4, v128.and(e, mask)), 64);
}
