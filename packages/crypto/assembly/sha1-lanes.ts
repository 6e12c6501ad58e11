// SHA-1's compression, of four messages at once: a vector holds one word of all four (FIPS 180-4 §6.1.2).

import { lookUp } from './look-up';
import { SCRATCH } from './memory-map';
import { BIG_ENDIAN, ROUND_CONSTANTS } from './sha1';

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

@inline
function scheduled(t: usize): v128 {
  return v128.load(SCRATCH + 16 * t);
}

/** One round: what `e` becomes. */
@inline
function round(a: v128, f: v128, e: v128, k: usize, t: usize): v128 {
  return i32x4.add(i32x4.add(i32x4.add(e, f), i32x4.add(v128.load(k), scheduled(t))), rotate(a, 5));
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
  return lookUp(v128.load(from), v128.load(BIG_ENDIAN));
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

/** Four of words 16 to 31 of the schedule, from `t` on (FIPS 180-4 §6.1.2 step 1). */
@inline
function scheduleEarly(t: usize): void {
  for (const end = t + 4; t < end; t++) {
    const recent = v128.xor(scheduled(t - 3), scheduled(t - 8));
    const w = v128.xor(recent, v128.xor(scheduled(t - 14), scheduled(t - 16)));
    v128.store(SCRATCH + 16 * t, rotate(w, 1));
  }
}

/** Four later words: the recurrence put into itself reaches further back, so that six can come at once. */
@inline
function scheduleLate(t: usize): void {
  for (const end = t + 4; t < end; t++) {
    const recent = v128.xor(scheduled(t - 6), scheduled(t - 16));
    const w = v128.xor(recent, v128.xor(scheduled(t - 28), scheduled(t - 32)));
    v128.store(SCRATCH + 16 * t, rotate(w, 2));
  }
}

/** Takes the 16 words at SCRATCH into the five at `state`, in those lanes where `mask` is set. */
export function compressLanes(state: usize, mask: v128): void {
  // The schedule stays ahead of the rounds, as it does in ./sha1.ts.
  scheduleEarly(16);
  scheduleEarly(20);
  let next: usize = 24;
  const h0 = v128.load(state);
  const h1 = v128.load(state, 16);
  const h2 = v128.load(state, 32);
  const h3 = v128.load(state, 48);
  const h4 = v128.load(state, 64);
  let a = h0, b = h1, c = h2, d = h3, e = h4;
  let t: usize = 0;
  let k: usize = ROUND_CONSTANTS;
  for (; t < 20; t += 5, next += 4) {
    if (next < 32) scheduleEarly(next);
    else scheduleLate(next);
    e = round(a, choose(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, choose(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, choose(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, choose(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, choose(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = ROUND_CONSTANTS + 16;
  for (; t < 40; t += 5, next += 4) {
    scheduleLate(next);
    e = round(a, parity(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, parity(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, parity(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, parity(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, parity(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = ROUND_CONSTANTS + 32;
  for (; t < 60; t += 5, next += 4) {
    scheduleLate(next);
    e = round(a, majority(b, c, d), e, k, t); b = rotate(b, 30);
    d = round(e, majority(a, b, c), d, k, t + 1); a = rotate(a, 30);
    c = round(d, majority(e, a, b), c, k, t + 2); e = rotate(e, 30);
    b = round(c, majority(d, e, a), b, k, t + 3); d = rotate(d, 30);
    a = round(b, majority(c, d, e), a, k, t + 4); c = rotate(c, 30);
  }
  k = ROUND_CONSTANTS + 48;
  for (; t < 80; t += 5, next += 4) {
    if (next < 80) scheduleLate(next);
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
