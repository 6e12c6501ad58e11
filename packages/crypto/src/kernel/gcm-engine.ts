// AES-GCM: keystream by node:crypto, made ahead; addition and GHASH by the kernel (NIST SP 800-38D).

import type { KeyObject } from 'node:crypto';
import { TAG_LENGTH } from '../aead-parameters.ts';
import { AesBlocks } from './aes-blocks.ts';
import { HashKey } from './ghash-tables.ts';
import { copyBytes, getKernel, KernelAddress, loadPacket, storePacket } from './kernel.ts';
import { Keystream } from './keystream.ts';
import type { KernelEngine, KernelSequence } from './large-packets.ts';

const BLOCK_LENGTH = 16;
/** The counter of a packet's first block, which encrypts the tag (SP 800-38D §7.1: J0). */
const FIRST_COUNTER = 1;

/** One AES-GCM key. */
export class GcmEngine implements KernelEngine {
  readonly #aes: AesBlocks;
  readonly #hashKey: HashKey;

  constructor(key: KeyObject) {
    this.#aes = new AesBlocks(key);
    this.#hashKey = new HashKey(this.#aes.encrypt(new Uint8Array(BLOCK_LENGTH)));
  }

  sequence(iv: Uint8Array): KernelSequence {
    return new GcmSequence(this.#hashKey, new Keystream(this.#aes, iv, FIRST_COUNTER));
  }

  destroy(): void {
    this.#aes.destroy();
    this.#hashKey.destroy();
  }
}

class GcmSequence implements KernelSequence {
  readonly #hashKey: HashKey;
  readonly #keystream: Keystream;

  constructor(hashKey: HashKey, keystream: Keystream) {
    this.#hashKey = hashKey;
    this.#keystream = keystream;
  }

  seal(
    number: number,
    additionalData: Uint8Array,
    additionalStart: number,
    additionalEnd: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void {
    const { exports, memory } = getKernel();
    const length = end - start;
    const additionalLength = additionalEnd - additionalStart;
    const blocks = blocksFor(length);
    const at = additionalDataStart(additionalLength);
    loadPacket(packet, start, end, KernelAddress.packet);
    copyBytes(additionalData, additionalStart, additionalEnd, memory, at);
    const keystream = this.#keystream.load(number, blocks);
    this.#keystream.take(number, blocks, keystream);
    exports.sealGcm(this.#hashKey.slot, additionalLength, length, keystream);
    storePacket(length + TAG_LENGTH, out, offset);
  }

  open(
    number: number,
    additionalData: Uint8Array,
    additionalStart: number,
    additionalEnd: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): boolean {
    const { exports, memory } = getKernel();
    const length = end - start - TAG_LENGTH;
    const blocks = blocksFor(length);
    const additionalLength = additionalEnd - additionalStart;
    const at = additionalDataStart(additionalLength);
    loadPacket(packet, start, end, KernelAddress.packet);
    copyBytes(additionalData, additionalStart, additionalEnd, memory, at);
    const keystream = this.#keystream.load(number, blocks);
    if (exports.openGcm(this.#hashKey.slot, additionalLength, length, keystream) === 0) {
      this.#keystream.putBack(keystream, blocks);
      return false;
    }
    this.#keystream.take(number, blocks, keystream);
    storePacket(length, out, offset);
    return true;
  }

  skip(number: number): void {
    this.#keystream.skip(number);
  }

  destroy(): void {
    this.#keystream.destroy();
  }
}

/** Where additional data stands: it ends, padded to whole blocks, where the packet begins. */
export function additionalDataStart(length: number): number {
  return KernelAddress.packet - ((length + BLOCK_LENGTH - 1) & -BLOCK_LENGTH);
}

/** Blocks of keystream for a packet: one for the tag, and those of the text. */
function blocksFor(length: number): number {
  return 1 + ((length + BLOCK_LENGTH - 1) >> 4);
}
