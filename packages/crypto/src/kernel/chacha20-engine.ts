// ChaCha20-Poly1305, all of it by the kernel (RFC 8439 §2.8).

import { TAG_LENGTH } from '../aead-parameters.ts';
import { writeNonce } from '../packet/packet-number.ts';
import { additionalDataStart } from './gcm-engine.ts';
import { copyBytes, getKernel, KernelAddress, loadPacket, storePacket } from './kernel.ts';
import type { KernelEngine, KernelSequence } from './large-packets.ts';

const KEY_LENGTH = 32;

/** One ChaCha20-Poly1305 key. It comes into the kernel's memory for the length of a call. */
export class ChaCha20Engine implements KernelEngine {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(key); // Ours from now on: the caller may wipe its own.
  }

  sequence(iv: Uint8Array): KernelSequence {
    return new ChaCha20Sequence(this.#key, iv);
  }

  destroy(): void {
    this.#key.fill(0);
  }
}

class ChaCha20Sequence implements KernelSequence {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;

  constructor(key: Uint8Array, iv: Uint8Array) {
    this.#key = key;
    this.#iv = iv;
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
    loadPacket(packet, start, end, KernelAddress.packet);
    this.#load(memory, number, additionalData, additionalStart, additionalEnd);
    exports.sealChaCha20Poly1305(additionalEnd - additionalStart, length);
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
    loadPacket(packet, start, end, KernelAddress.packet);
    this.#load(memory, number, additionalData, additionalStart, additionalEnd);
    if (exports.openChaCha20Poly1305(additionalEnd - additionalStart, length) === 0) return false;
    storePacket(length, out, offset);
    return true;
  }

  skip(_number: number): void {
    // Nothing is made ahead.
  }

  destroy(): void {
    this.#iv.fill(0);
  }

  #load(
    memory: Uint8Array,
    number: number,
    additionalData: Uint8Array,
    additionalStart: number,
    additionalEnd: number,
  ): void {
    memory.set(this.#key, KernelAddress.parameters);
    writeNonce(memory, KernelAddress.parameters + KEY_LENGTH, this.#iv, number);
    const at = additionalDataStart(additionalEnd - additionalStart);
    copyBytes(additionalData, additionalStart, additionalEnd, memory, at);
  }
}
