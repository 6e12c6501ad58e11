// HMAC-SHA1 by the kernel, from midstates that are made once for a key (RFC 2104 §4).

import { checkHmacRoom } from '../packet/plain-hmacs.ts';
import type { HashAlgorithm, Hmac } from '../provider.ts';
import { getKernel, KernelAddress, LANE_LENGTH } from './kernel.ts';

/** Bytes of a hash. */
const CODE_LENGTH = 20;
/** Bytes of a pair of midstates. */
const MIDSTATES_LENGTH = 40;
/** Bytes of a block of the hash; a longer key is hashed first (RFC 2104 §2). */
const BLOCK_LENGTH = 64;
/** The most that goes to the kernel at a time: whole blocks. */
const MAX_PIECE = 65536;
/** The longest message that fits into a lane together with its padding. */
const MAX_LANE_MESSAGE = LANE_LENGTH - BLOCK_LENGTH - 9;
const LANES = 4;

/** A key for HMAC-SHA1. */
export class KernelHmacSha1 implements Hmac {
  readonly algorithm: HashAlgorithm = 'sha1';
  readonly #midstates = new Uint8Array(MIDSTATES_LENGTH);

  constructor(key: Uint8Array, hash: (key: Uint8Array) => Uint8Array) {
    const { exports, memory } = getKernel();
    const { packet, parameters } = KernelAddress;
    memory.fill(0, packet, packet + BLOCK_LENGTH);
    memory.set(key.length > BLOCK_LENGTH ? hash(key) : key, packet);
    exports.makeMidstates();
    this.#midstates.set(memory.subarray(parameters, parameters + MIDSTATES_LENGTH));
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
    const { exports, memory } = getKernel();
    memory.set(this.#midstates, KernelAddress.parameters);
    exports.beginHmacSha1();
    let before = 0; // bytes taken in already
    let there = 0; // bytes waiting in the kernel's memory
    for (const part of parts) {
      for (let at = 0; at < part.length; ) {
        const size = Math.min(part.length - at, MAX_PIECE - there);
        const piece = size === part.length ? part : part.subarray(at, at + size);
        memory.set(piece, KernelAddress.packet + there);
        at += size;
        there += size;
        if (there === MAX_PIECE) {
          exports.updateHmacSha1(MAX_PIECE / BLOCK_LENGTH);
          before += MAX_PIECE;
          there = 0;
        }
      }
    }
    exports.finishHmacSha1(there, before);
    const code = new Uint8Array(CODE_LENGTH);
    readCode(memory, 0, code, 0);
    return code;
  }

  /** The codes of four messages with four keys, one after the other in `out` from `offset` on. */
  static computeFour(
    hmacs: readonly Hmac[],
    messages: readonly Uint8Array[],
    from: number,
    out: Uint8Array,
    offset: number,
  ): void {
    const { exports, memory } = getKernel();
    for (let lane = 0; lane < LANES; lane++) {
      const hmac = hmacs[from + lane] as KernelHmacSha1;
      memory.set(hmac.#midstates, KernelAddress.parameters + MIDSTATES_LENGTH * lane);
      memory.set(messages[from + lane] as Uint8Array, KernelAddress.packet + LANE_LENGTH * lane);
    }
    exports.hmacSha1Lanes(
      (messages[from] as Uint8Array).length,
      (messages[from + 1] as Uint8Array).length,
      (messages[from + 2] as Uint8Array).length,
      (messages[from + 3] as Uint8Array).length,
    );
    for (let lane = 0; lane < LANES; lane++) {
      readCode(memory, lane, out, offset + CODE_LENGTH * lane);
    }
  }
}

/** {@link CryptoProvider.computeHmacs}: four at a time in the lanes of vectors, the rest one by one. */
export function computeKernelHmacs(
  hmacs: readonly Hmac[],
  messages: readonly Uint8Array[],
  out: Uint8Array,
): void {
  checkHmacRoom(hmacs, out);
  let offset = 0;
  for (let i = 0; i < hmacs.length; ) {
    if (fitsLanes(hmacs, messages, i)) {
      KernelHmacSha1.computeFour(hmacs, messages, i, out, offset);
      i += LANES;
      offset += LANES * CODE_LENGTH;
    } else {
      const code = (hmacs[i] as Hmac).compute(messages[i] as Uint8Array);
      out.set(code, offset);
      i++;
      offset += code.length;
    }
  }
}

function fitsLanes(hmacs: readonly Hmac[], messages: readonly Uint8Array[], from: number): boolean {
  if (from + LANES > hmacs.length) return false;
  for (let i = from; i < from + LANES; i++) {
    if (!(hmacs[i] instanceof KernelHmacSha1)) return false;
    if ((messages[i] as Uint8Array).length > MAX_LANE_MESSAGE) return false;
  }
  return true;
}

function readCode(memory: Uint8Array, index: number, out: Uint8Array, offset: number): void {
  const start = KernelAddress.result + CODE_LENGTH * index;
  for (let i = 0; i < CODE_LENGTH; i++) out[offset + i] = memory[start + i] as number;
}
