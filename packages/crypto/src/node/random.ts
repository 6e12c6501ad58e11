// The operating system's randomness, by way of OpenSSL's generator.

import { randomFillSync } from 'node:crypto';
import { type RandomSource, readUint32 } from '@kaon/wire';

// A connection draws some thirty small numbers and keys while it is set up, and a call costs as much for 1024
// bytes as for 4. What has been handed out is wiped here.
const POOL_BYTES = 1024;
const LARGEST_POOLED_BYTES = 64;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** What everything is made of that must not be guessed. */
export const nodeRandom: RandomSource = {
  fill: (out) => {
    const { length } = out;
    if (length > LARGEST_POOLED_BYTES) return randomFillSync(out);
    const start = take(length);
    out.set(pool.subarray(start, used));
    pool.fill(0, start, used);
    return out;
  },
  uint32: () => {
    const start = take(4);
    const value = readUint32(pool, start);
    pool.fill(0, start, used);
    return value;
  },
};

/** Where in the pool the next `length` bytes stand. */
function take(length: number): number {
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += length;
  return start;
}
