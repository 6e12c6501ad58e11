// Poly1305 with limbs of 26 bits, so that products and their sums fit into 64 (RFC 8439 §2.5).

const LIMB: u64 = 0x3ffffff;

/** The tag of `blocks` whole blocks from `start` on, under the one-time key at `key`, at `out`. */
export function poly1305(key: usize, start: usize, blocks: i32, out: usize): void {
  // r, with the bits cleared that §2.5 wants cleared.
  const low = load<u64>(key) & 0x0ffffffc0fffffff;
  const top = load<u64>(key, 8) & 0x0ffffffc0ffffffc;
  const r0 = low & LIMB;
  const r1 = (low >> 26) & LIMB;
  const r2 = ((low >> 52) | (top << 12)) & LIMB;
  const r3 = (top >> 14) & LIMB;
  const r4 = top >> 40;
  // What overflows 2^130 comes back times five.
  const s1 = 5 * r1;
  const s2 = 5 * r2;
  const s3 = 5 * r3;
  const s4 = 5 * r4;
  let h0: u64 = 0, h1: u64 = 0, h2: u64 = 0, h3: u64 = 0, h4: u64 = 0;
  for (const end = start + 16 * <usize>blocks; start < end; start += 16) {
    const a = load<u64>(start);
    const b = load<u64>(start, 8);
    h0 += a & LIMB;
    h1 += (a >> 26) & LIMB;
    h2 += ((a >> 52) | (b << 12)) & LIMB;
    h3 += (b >> 14) & LIMB;
    h4 += (b >> 40) | (1 << 24);
    const d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    const d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2 + (d0 >> 26);
    const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3 + (d1 >> 26);
    const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4 + (d2 >> 26);
    const d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + (d3 >> 26);
    h0 = (d0 & LIMB) + 5 * (d4 >> 26);
    h1 = (d1 & LIMB) + (h0 >> 26);
    h0 &= LIMB;
    h2 = d2 & LIMB;
    h3 = d3 & LIMB;
    h4 = d4 & LIMB;
  }
  // All carries through, twice round at most.
  h2 += h1 >> 26; h1 &= LIMB;
  h3 += h2 >> 26; h2 &= LIMB;
  h4 += h3 >> 26; h3 &= LIMB;
  h0 += 5 * (h4 >> 26); h4 &= LIMB;
  h1 += h0 >> 26; h0 &= LIMB;
  // h - p, taken instead of h if it is not negative.
  let g0 = h0 + 5;
  let g1 = h1 + (g0 >> 26); g0 &= LIMB;
  let g2 = h2 + (g1 >> 26); g1 &= LIMB;
  let g3 = h3 + (g2 >> 26); g2 &= LIMB;
  let g4 = h4 + (g3 >> 26) - (1 << 26); g3 &= LIMB;
  const keep: u64 = <u64>(<i64>g4 >> 63); // All ones if h is below p.
  h0 = (h0 & keep) | (g0 & ~keep);
  h1 = (h1 & keep) | (g1 & ~keep);
  h2 = (h2 & keep) | (g2 & ~keep);
  h3 = (h3 & keep) | (g3 & ~keep);
  h4 = (h4 & keep) | (g4 & ~keep);
  // Plus s, modulo 2^128.
  let sum = ((h0 | (h1 << 26)) & 0xffffffff) + <u64>load<u32>(key, 16);
  store<u32>(out, <u32>sum);
  sum = (((h1 >> 6) | (h2 << 20)) & 0xffffffff) + <u64>load<u32>(key, 20) + (sum >> 32);
  store<u32>(out, <u32>sum, 4);
  sum = (((h2 >> 12) | (h3 << 14)) & 0xffffffff) + <u64>load<u32>(key, 24) + (sum >> 32);
  store<u32>(out, <u32>sum, 8);
  sum = (((h3 >> 18) | (h4 << 8)) & 0xffffffff) + <u64>load<u32>(key, 28) + (sum >> 32);
  store<u32>(out, <u32>sum, 12);
}
