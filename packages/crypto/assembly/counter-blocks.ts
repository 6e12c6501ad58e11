// Counter blocks, from which a block cipher makes keystream (NIST SP 800-38A §6.5).

import { KEYSTREAM, PARAMETERS } from './memory-map';

/**
 * Writes `blocks` counter blocks for each of `packets` initial blocks at PARAMETERS to KEYSTREAM. The last
 * four bytes count up, big-endian, beginning `first` after the initial block's.
 */
export function makeCounterBlocks(packets: i32, first: i32, blocks: i32): void {
  let out = KEYSTREAM;
  for (let packet = 0; packet < packets; packet++) {
    const initial = v128.load(PARAMETERS + 16 * <usize>packet);
    const counter = bswap(i32x4.extract_lane(initial, 3)) + first;
    for (let block = 0; block < blocks; block++, out += 16) {
      v128.store(out, i32x4.replace_lane(initial, 3, bswap(counter + block)));
    }
  }
}
