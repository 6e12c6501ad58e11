// AES in counter mode: keystream by node:crypto, made ahead, and added by the kernel (RFC 3711 §4.1.1).

import type { KeyObject } from 'node:crypto';
import type { CounterEngine, CounterSequence } from '../packet/counter-key.ts';
import { AesBlocks } from './aes-blocks.ts';
import { copyBytes, getKernel, KernelAddress } from './kernel.ts';
import { Keystream } from './keystream.ts';

const BLOCK_LENGTH = 16;

/** One AES key in counter mode. */
export class KernelCounterEngine implements CounterEngine {
  readonly #aes: AesBlocks;

  constructor(key: KeyObject) {
    this.#aes = new AesBlocks(key);
  }

  sequence(iv: Uint8Array): CounterSequence {
    return new KernelCounterSequence(new Keystream(this.#aes, iv, 0));
  }

  destroy(): void {
    this.#aes.destroy();
  }
}

class KernelCounterSequence implements CounterSequence {
  readonly #keystream: Keystream;

  constructor(keystream: Keystream) {
    this.#keystream = keystream;
  }

  apply(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void {
    const length = end - start;
    if (length === 0) return;
    const { exports, memory } = getKernel();
    const blocks = (length + BLOCK_LENGTH - 1) >> 4;
    this.#keystream.load(number, blocks);
    this.#keystream.take(number, blocks);
    copyBytes(packet, start, end, memory, KernelAddress.packet);
    exports.addStream(length);
    copyBytes(memory, KernelAddress.packet, KernelAddress.packet + length, out, offset);
  }

  destroy(): void {
    this.#keystream.destroy();
  }
}
