// SHA-1's compression, of one message (FIPS 180-4 §6.1.2).

import { SCRATCH } from './memory-map';

const K0: u32 = 0x5a827999;
const K1: u32 = 0x6ed9eba1;
const K2: u32 = 0x8f1bbcdc;
const K3: u32 = 0xca62c1d6;

@inline
function scheduled(at: usize): u32 {
  return load<u32>(SCRATCH + 4 * at);
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

/** Takes `blocks` blocks of 64 bytes at `from` into the five words at `state`. */
export function compress(state: usize, from: usize, blocks: i32): void {
  let h0 = load<u32>(state);
  let h1 = load<u32>(state, 4);
  let h2 = load<u32>(state, 8);
  let h3 = load<u32>(state, 12);
  let h4 = load<u32>(state, 16);
  for (; blocks > 0; blocks--, from += 64) {
    for (let t: usize = 0; t < 16; t++) store<u32>(SCRATCH + 4 * t, bswap(load<u32>(from + 4 * t)));
    for (let t: usize = 16; t < 80; t++) {
      const w = scheduled(t - 3) ^ scheduled(t - 8) ^ scheduled(t - 14) ^ scheduled(t - 16);
      store<u32>(SCRATCH + 4 * t, rotl(w, 1));
    }
    let a = h0, b = h1, c = h2, d = h3, e = h4;
    let t: usize = 0;
    // Five rounds bring each variable back to its place.
    for (; t < 20; t += 5) {
      e += rotl(a, 5) + choose(b, c, d) + K0 + scheduled(t); b = rotl(b, 30);
      d += rotl(e, 5) + choose(a, b, c) + K0 + scheduled(t + 1); a = rotl(a, 30);
      c += rotl(d, 5) + choose(e, a, b) + K0 + scheduled(t + 2); e = rotl(e, 30);
      b += rotl(c, 5) + choose(d, e, a) + K0 + scheduled(t + 3); d = rotl(d, 30);
      a += rotl(b, 5) + choose(c, d, e) + K0 + scheduled(t + 4); c = rotl(c, 30);
    }
    for (; t < 40; t += 5) {
      e += rotl(a, 5) + parity(b, c, d) + K1 + scheduled(t); b = rotl(b, 30);
      d += rotl(e, 5) + parity(a, b, c) + K1 + scheduled(t + 1); a = rotl(a, 30);
      c += rotl(d, 5) + parity(e, a, b) + K1 + scheduled(t + 2); e = rotl(e, 30);
      b += rotl(c, 5) + parity(d, e, a) + K1 + scheduled(t + 3); d = rotl(d, 30);
      a += rotl(b, 5) + parity(c, d, e) + K1 + scheduled(t + 4); c = rotl(c, 30);
    }
    for (; t < 60; t += 5) {
      e += rotl(a, 5) + majority(b, c, d) + K2 + scheduled(t); b = rotl(b, 30);
      d += rotl(e, 5) + majority(a, b, c) + K2 + scheduled(t + 1); a = rotl(a, 30);
      c += rotl(d, 5) + majority(e, a, b) + K2 + scheduled(t + 2); e = rotl(e, 30);
      b += rotl(c, 5) + majority(d, e, a) + K2 + scheduled(t + 3); d = rotl(d, 30);
      a += rotl(b, 5) + majority(c, d, e) + K2 + scheduled(t + 4); c = rotl(c, 30);
    }
    for (; t < 80; t += 5) {
      e += rotl(a, 5) + parity(b, c, d) + K3 + scheduled(t); b = rotl(b, 30);
      d += rotl(e, 5) + parity(a, b, c) + K3 + scheduled(t + 1); a = rotl(a, 30);
      c += rotl(d, 5) + parity(e, a, b) + K3 + scheduled(t + 2); e = rotl(e, 30);
      b += rotl(c, 5) + parity(d, e, a) + K3 + scheduled(t + 3); d = rotl(d, 30);
      a += rotl(b, 5) + parity(c, d, e) + K3 + scheduled(t + 4); c = rotl(c, 30);
    }
    h0 += a; h1 += b; h2 += c; h3 += d; h4 += e;
  }
  store<u32>(state, h0);
  store<u32>(state, h1, 4);
  store<u32>(state, h2, 8);
  store<u32>(state, h3, 12);
  store<u32>(state, h4, 16);
}
