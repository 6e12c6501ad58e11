// The division of labour: small packets to the kernel, large ones to node:crypto.

import type { KeyObject } from 'node:crypto';
import { TAG_LENGTH } from '../aead-parameters.ts';
import { NodeAead } from '../node/aead.ts';
import type { PacketEngine, PacketSequence } from '../packet/packet-key.ts';
import { plainPacketEngine } from '../packet/plain-engine.ts';
import type { AeadAlgorithm } from '../provider.ts';

/**
 * A packet that has more bytes goes to node:crypto. A cipher context there costs as much as the kernel
 * takes for some 3000 bytes, but what follows is done by instructions that WebAssembly has not.
 */
const MAX_KERNEL_LENGTH = 3072;

/** A sequence that is told of numbers which another one takes care of. */
export interface KernelSequence extends PacketSequence {
  /** Packet `number` has been sealed, or was genuine, elsewhere. */
  skip(number: number): void;
}

/** An engine whose sequences are such. */
export interface KernelEngine extends PacketEngine {
  sequence(iv: Uint8Array): KernelSequence;
}

/** An engine for packets of all lengths. */
export class AnyPacketEngine implements PacketEngine {
  readonly #kernel: KernelEngine;
  readonly #large: PacketEngine;

  constructor(kernel: KernelEngine, algorithm: AeadAlgorithm, key: KeyObject) {
    this.#kernel = kernel;
    this.#large = plainPacketEngine(new NodeAead(algorithm, key));
  }

  sequence(iv: Uint8Array): PacketSequence {
    return new AnyPacketSequence(this.#kernel.sequence(iv), this.#large.sequence(iv));
  }

  destroy(): void {
    this.#kernel.destroy();
    this.#large.destroy();
  }
}

class AnyPacketSequence implements PacketSequence {
  readonly #kernel: KernelSequence;
  readonly #large: PacketSequence;

  constructor(kernel: KernelSequence, large: PacketSequence) {
    this.#kernel = kernel;
    this.#large = large;
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
    const isSmall = end - start + additionalEnd - additionalStart <= MAX_KERNEL_LENGTH;
    (isSmall ? this.#kernel : this.#large).seal(
      number,
      additionalData,
      additionalStart,
      additionalEnd,
      packet,
      start,
      end,
      out,
      offset,
    );
    if (!isSmall) this.#kernel.skip(number);
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
    const length = end - start - TAG_LENGTH + additionalEnd - additionalStart;
    const isSmall = length <= MAX_KERNEL_LENGTH;
    const isGenuine = (isSmall ? this.#kernel : this.#large).open(
      number,
      additionalData,
      additionalStart,
      additionalEnd,
      packet,
      start,
      end,
      out,
      offset,
    );
    if (isGenuine && !isSmall) this.#kernel.skip(number);
    return isGenuine;
  }

  destroy(): void {
    this.#kernel.destroy();
    this.#large.destroy();
  }
}
