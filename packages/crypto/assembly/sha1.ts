// SHA-1's compression, of one message (FIPS 180-4 §6.1.2).

import { lookUp } from './look-up';
import { SCRATCH } from './memory-map';

/** The constants of the four kinds of rounds, each four times (FIPS 180-4 §4.2.1). */
// biome-ignore format: a vector to a line
export const ROUND_CONSTANTS: usize = memory.data<u32>([
  0x5a827999, 0x5a827999, 0x5a827999, 0x5a827999,
  0x6ed9eba1, 0x6ed9eba1, 0x6ed9eba1, 0x6ed9eba1,
  0x8f1bbcdc, 0x8f1bbcdc, 0x8f1bbcdc, 0x8f1bbcdc,
  0xca62c1d6, 0xca62c1d6, 0xca62c1d6, 0xca62c1d6,
]);
const K0: usize = ROUND_CONSTANTS;
const K1: usize = K0 + 16;
const K2: usize = K1 + 16;
const K3: usize = K2 + 16;

/** Which bytes four big-endian words are made of. */
export const BIG_ENDIAN: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);

/** Where the rounds find their words; the schedule itself is at {@link SCRATCH}. */
const WORDS_WITH_CONSTANT: usize = SCRATCH + 0x200;

@inline
function scheduled(t: usize): u32 {
  return load<u32>(WORDS_WITH_CONSTANT + 4 * t);
}

@inline
function choose(b: u32, c: u32, d: u32): u32 {
  return d ^ (b & (c ^ d));
}

@inline
function parity(b: u32, c: u32, d: u32): u32 {
  return b ^ c ^ d;
}

@inline
function majority(b: u32, c: u32, d: u32): u32 {
  return (b & c) | (d & (b | c));
}

/** Writes four words of the schedule, and what the rounds take of them: with their constant added. */
@inline
function put(t: usize, w: v128, k: usize): void {
  v128.store(SCRATCH + 4 * t, w);
  v128.store(WORDS_WITH_CONSTANT + 4 * t, i32x4.add(w, v128.load(k)));
}

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

@inline
function at(t: usize): v128 {
  return v128.load(SCRATCH + 4 * t);
}

/** The four words from `t + 2` on, without a load that two stores before it have part in. */
@inline
function twoWordsOn(t: usize): v128 {
  return v128.shuffle<u32>(at(t), at(t + 4), 2, 3, 4, 5);
}

/** The first 16 words: those of the message at `from`. */
@inline
function startSchedule(from: usize): void {
  for (let t: usize = 0; t < 16; t += 4) {
    put(t, lookUp(v128.load(from + 4 * t), v128.load(BIG_ENDIAN)), K0);
  }
}

/** Words 16 to 31 of the schedule, four from `t` on (FIPS 180-4 §6.1.2 step 1); `k` is those rounds' constant. */
@inline
function scheduleEarly(t: usize, k: usize): void {
  const zero = i64x2.splat(0);
  // The last of four words needs the first of them: it gets that one afterwards.
  const before = v128.shuffle<u32>(at(t - 4), zero, 1, 2, 3, 4);
  const x = v128.xor(v128.xor(before, at(t - 8)), v128.xor(twoWordsOn(t - 16), at(t - 16)));
  const w = rotate(x, 1);
  put(t, v128.xor(w, rotate(v128.shuffle<u32>(zero, w, 0, 1, 2, 4), 1)), k);
}

/** Four later words: the recurrence put into itself reaches further back and needs none of the four. */
@inline
function scheduleLate(t: usize, k: usize): void {
  const x = v128.xor(v128.xor(twoWordsOn(t - 8), at(t - 16)), v128.xor(at(t - 28), at(t - 32)));
  put(t, rotate(x, 2), k);
}

/** Takes `blocks` blocks of 64 bytes at `from` into the five words at `state`. */
export function compress(state: usize, from: usize, blocks: i32): void {
  let h0 = load<u32>(state);
  let h1 = load<u32>(state, 4);
  let h2 = load<u32>(state, 8);
  let h3 = load<u32>(state, 12);
  let h4 = load<u32>(state, 16);
  for (; blocks > 0; blocks--, from += 64) {
    startSchedule(from);
    scheduleEarly(16, K0);
    scheduleEarly(20, K1);
    // Five rounds take five words and bring each variable back to its place. The schedule stays ahead of
    // them by four words each time, so that the processor can do both at once.
    let next: usize = 24;
    let a = h0, b = h1, c = h2, d = h3, e = h4;
    let t: usize = 0;
    for (; t < 20; t += 5, next += 4) {
      if (next < 32) scheduleEarly(next, K1);
      else scheduleLate(next, K1);
      e = e + scheduled(t) + choose(b, c, d) + rotl(a, 5); b = rotl(b, 30);
      d = d + scheduled(t + 1) + choose(a, b, c) + rotl(e, 5); a = rotl(a, 30);
      c = c + scheduled(t + 2) + choose(e, a, b) + rotl(d, 5); e = rotl(e, 30);
      b = b + scheduled(t + 3) + choose(d, e, a) + rotl(c, 5); d = rotl(d, 30);
      a = a + scheduled(t + 4) + choose(c, d, e) + rotl(b, 5); c = rotl(c, 30);
    }
    for (; t < 40; t += 5, next += 4) {
      scheduleLate(next, K2);
      e = e + scheduled(t) + parity(b, c, d) + rotl(a, 5); b = rotl(b, 30);
      d = d + scheduled(t + 1) + parity(a, b, c) + rotl(e, 5); a = rotl(a, 30);
      c = c + scheduled(t + 2) + parity(e, a, b) + rotl(d, 5); e = rotl(e, 30);
      b = b + scheduled(t + 3) + parity(d, e, a) + rotl(c, 5); d = rotl(d, 30);
      a = a + scheduled(t + 4) + parity(c, d, e) + rotl(b, 5); c = rotl(c, 30);
    }
    for (; t < 60; t += 5, next += 4) {
      scheduleLate(next, next < 60 ? K2 : K3);
      e = e + scheduled(t) + majority(b, c, d) + rotl(a, 5); b = rotl(b, 30);
      d = d + scheduled(t + 1) + majority(a, b, c) + rotl(e, 5); a = rotl(a, 30);
      c = c + scheduled(t + 2) + majority(e, a, b) + rotl(d, 5); e = rotl(e, 30);
      b = b + scheduled(t + 3) + majority(d, e, a) + rotl(c, 5); d = rotl(d, 30);
      a = a + scheduled(t + 4) + majority(c, d, e) + rotl(b, 5); c = rotl(c, 30);
    }
    for (; t < 80; t += 5, next += 4) {
      if (next < 80) scheduleLate(next, K3);
      e = e + scheduled(t) + parity(b, c, d) + rotl(a, 5); b = rotl(b, 30);
      d = d + scheduled(t + 1) + parity(a, b, c) + rotl(e, 5); a = rotl(a, 30);
      c = c + scheduled(t + 2) + parity(e, a, b) + rotl(d, 5); e = rotl(e, 30);
      b = b + scheduled(t + 3) + parity(d, e, a) + rotl(c, 5); d = rotl(d, 30);
      a = a + scheduled(t + 4) + parity(c, d, e) + rotl(b, 5); c = rotl(c, 30);
    }
    h0 += a; h1 += b; h2 += c; h3 += d; h4 += e;
  }
  store<u32>(state, h0);
  store<u32>(state, h1, 4);
  store<u32>(state, h2, 8);
  store<u32>(state, h3, 12);
  store<u32>(state, h4, 16);
}
