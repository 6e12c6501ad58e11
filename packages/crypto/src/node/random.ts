// The operating system's randomness, by way of OpenSSL's generator.

import { randomFillSync } from 'node:crypto';
import { type RandomSource, readUint32 } from '@kaon/wire';

/** What everything is made of that must not be guessed. */
export const nodeRandom: RandomSource = {
  fill: (out) => randomFillSync(out),
  uint32: () => readUint32(randomFillSync(new Uint8Array(4)), 0),
};
