// What the shared suites run over, and randomness that can be replayed.

import { parseHex, type RandomSource, readUint32 } from '@kaon/wire';
import {
  type CryptoProvider,
  deterministicCrypto,
  kernelCrypto,
  nodeCrypto,
} from '../src/index.ts';
import { nobleCrypto } from '../src/noble/index.ts';

/** Every implementation, by name, for `describe.each`. */
export const PROVIDERS: readonly (readonly [string, CryptoProvider])[] = [
  ['kernel', kernelCrypto],
  ['node', nodeCrypto],
  ['noble', nobleCrypto],
  ['deterministic', deterministicCrypto],
];

/** The bytes of hexadecimal text that is known to be right. */
export function hex(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new TypeError(`Not hexadecimal: ${text}`);
  return bytes;
}

/** Gives `chunks` one after the other, each to one call, then `rest` for ever. */
export function scriptedRandom(chunks: readonly Uint8Array[], rest = 0xff): RandomSource {
  let next = 0;
  return {
    fill(out) {
      const chunk = chunks[next++];
      if (chunk === undefined) return out.fill(rest);
      out.set(chunk);
      return out;
    },
    uint32() {
      return readUint32(this.fill(new Uint8Array(4)), 0);
    },
  };
}

/** An endless stream of bytes from a seed (xorshift32). */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 1;
  const uint32 = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = uint32() >>> 11;
      return out;
    },
    uint32,
  };
}
