// AES in counter mode: keystream by node:crypto, made ahead, and added by the kernel (RFC 3711 §4.1.1).

import type { KeyObject } from 'node:crypto';
import type { CounterEngine, CounterSequence } from '../packet/counter-key.ts';
import { isTag } from '../packet/tag.ts';
import { TwoPassSequence } from '../packet/two-pass-sequence.ts';
import type { Hmac } from '../provider.ts';
import { AesBlocks } from './aes-blocks.ts';
import { KernelHmacSha1, MAX_LENGTH_AT_ONCE } from './hmac-sha1.ts';
import { copyBytes, getKernel, KernelAddress } from './kernel.ts';
import { Keystream } from './keystream.ts';

const BLOCK_LENGTH = 16;
/** The code that the tag being verified must be the beginning of. */
const expectedCode = new Uint8Array(20);

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

class KernelCounterSequence extends TwoPassSequence {
  readonly #keystream: Keystream;

  constructor(keystream: Keystream) {
    super();
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
    const { memory } = getKernel();
    copyBytes(packet, start, end, memory, KernelAddress.packet);
    this.#addKeystream(number, KernelAddress.packet, end - start, out, offset);
  }

  override encryptAndAuthenticate(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    code: Uint8Array,
  ): void {
    const length = end - start;
    if (!(hmac instanceof KernelHmacSha1) || length > MAX_LENGTH_AT_ONCE) {
      super.encryptAndAuthenticate(number, packet, start, textStart, end, hmac, suffix, code);
      return;
    }
    copyBytes(packet, start, end, getKernel().memory, KernelAddress.packet);
    const text = KernelAddress.packet + textStart - start;
    this.#addKeystream(number, text, end - textStart, packet, textStart);
    hmac.computeLoaded(length, suffix, code);
  }

  override verifyAndDecrypt(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    tagStart: number,
    tagLength: number,
  ): boolean {
    const length = end - start;
    if (!(hmac instanceof KernelHmacSha1) || length > MAX_LENGTH_AT_ONCE) {
      return super.verifyAndDecrypt(
        number,
        packet,
        start,
        textStart,
        end,
        hmac,
        suffix,
        tagStart,
        tagLength,
      );
    }
    copyBytes(packet, start, end, getKernel().memory, KernelAddress.packet);
    hmac.computeLoaded(length, suffix, expectedCode);
    if (!isTag(packet, tagStart, tagLength, expectedCode, 0)) return false;
    const text = KernelAddress.packet + textStart - start;
    this.#addKeystream(number, text, end - textStart, packet, textStart);
    return true;
  }

  destroy(): void {
    this.#keystream.destroy();
  }

  /** Adds the keystream of `number` to the `length` bytes at `text`, and copies them to `out`. */
  #addKeystream(
    number: number,
    text: number,
    length: number,
    out: Uint8Array,
    offset: number,
  ): void {
    if (length === 0) return;
    const { exports, memory } = getKernel();
    const blocks = (length + BLOCK_LENGTH - 1) >> 4;
    const keystream = this.#keystream.load(number, blocks);
    this.#keystream.take(number, blocks, keystream);
    exports.addKeystream(text, length, keystream);
    copyBytes(memory, text, text + length, out, offset);
  }
}
