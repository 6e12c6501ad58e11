// Counter blocks, from which a block cipher makes keystream (NIST SP 800-38A §6.5).

import { lookUp } from './look-up';
import { KEYSTREAM, PARAMETERS } from './memory-map';

/** The order of a counter block's bytes with its counter the other way round, and a one for that counter. */
// biome-ignore format: a vector to a line
const CONSTANTS: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
]);

/**
 * Writes `blocks` counter blocks for each of `packets` packets, from `number` on, to KEYSTREAM. At PARAMETERS
 * is what their first ones have in common: the IV, and the counter in the last four bytes, big-endian. The
 * packet's number is added to six of its bytes from `numberAt` on, and `first` to the counter.
 */
export function makeCounterBlocks(
  packets: i32,
  first: i32,
  blocks: i32,
  number: f64,
  numberAt: i32,
): void {
  const order = v128.load(CONSTANTS);
  const one = v128.load(CONSTANTS, 16);
  const common = v128.load(PARAMETERS);
  let out = KEYSTREAM;
  let current = <u64>number;
  for (let packet = 0; packet < packets; packet++, current++) {
    v128.store(out, common);
    const at = out + <usize>numberAt;
    store<u64>(at, load<u64>(at) ^ bswap(current << 16));
    const initial = lookUp(v128.load(out), order);
    let block = i32x4.replace_lane(initial, 3, i32x4.extract_lane(initial, 3) + first);
    for (const end = out + 16 * <usize>blocks; out < end; out += 16) {
      v128.store(out, lookUp(block, order));
      block = i32x4.add(block, one);
    }
  }
}
