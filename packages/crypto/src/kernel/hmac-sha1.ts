// HMAC-SHA1 by the kernel, from midstates that are made once for a key (RFC 2104 §4).

import { NodeHmac, nodeHash } from '../node/hash.ts';
import { checkHmacRoom } from '../packet/plain-hmacs.ts';
import type { HashAlgorithm, Hmac } from '../provider.ts';
import { getKernel, KernelAddress, LANE_LENGTH } from './kernel.ts';

/** Bytes of a hash. */
const CODE_LENGTH = 20;
/** Bytes of a pair of midstates. */
const MIDSTATES_LENGTH = 40;
/** Bytes of a block of the hash; a longer key is hashed first (RFC 2104 §2). */
const BLOCK_LENGTH = 64;
/**
 * A longer message goes to node:crypto: creating a hash there costs as much as the kernel takes for some
 * 600 bytes, but what follows is done by instructions that WebAssembly has not.
 */
const MAX_KERNEL_LENGTH = 640;
/** The same for four messages at once. */
const MAX_LANE_LENGTH = 2048;
const LANES = 4;

/** A key for HMAC-SHA1. */
export class KernelHmacSha1 implements Hmac {
  readonly algorithm: HashAlgorithm = 'sha1';
  readonly #midstates = new Uint8Array(MIDSTATES_LENGTH);
  readonly #key: Uint8Array;
  #large: NodeHmac | undefined;

  constructor(key: Uint8Array) {
    const { exports, memory } = getKernel();
    const { packet, parameters } = KernelAddress;
    // Ours from now on: the caller may wipe its own.
    this.#key = key.length > BLOCK_LENGTH ? nodeHash('sha1', key) : key.slice();
    memory.fill(0, packet, packet + BLOCK_LENGTH);
    memory.set(this.#key, packet);
    exports.makeMidstates();
    this.#midstates.set(memory.subarray(parameters, parameters + MIDSTATES_LENGTH));
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > MAX_KERNEL_LENGTH) {
      this.#large ??= new NodeHmac('sha1', this.#key);
      return this.#large.compute(...parts);
    }
    const { exports, memory } = getKernel();
    let at: number = KernelAddress.packet;
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
    memory.set(this.#midstates, KernelAddress.parameters);
    exports.hmacSha1(length);
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
    if ((messages[i] as Uint8Array).length > MAX_LANE_LENGTH) return false;
  }
  return true;
}

function readCode(memory: Uint8Array, index: number, out: Uint8Array, offset: number): void {
  const start = KernelAddress.result + CODE_LENGTH * index;
  for (let i = 0; i < CODE_LENGTH; i++) out[offset + i] = memory[start + i] as number;
}
