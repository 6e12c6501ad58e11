// AES in counter mode: keystream by node:crypto, made ahead, and added by the kernel (RFC 3711 §4.1.1).

import type { KeyObject } from 'node:crypto';
import type { CounterEngine, CounterSequence } from '../packet/counter-key.ts';
import { isTag } from '../packet/tag.ts';
import { TwoPassSequence } from '../packet/two-pass-sequence.ts';
import type { Hmac } from '../provider.ts';
import { AesBlocks } from './aes-blocks.ts';
import { KernelHmacSha1, MAX_LENGTH_AT_ONCE } from './hmac-sha1.ts';
import { getKernel, KernelAddress, loadPacket, storePacket } from './kernel.ts';
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
    loadPacket(packet, start, end, KernelAddress.packet);
    this.#addKeystream(number, KernelAddress.packet, end - start);
    storePacket(end - start, out, offset);
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
    loadPacket(packet, start, end, KernelAddress.packet);
    this.#addKeystream(number, KernelAddress.packet + textStart - start, end - textStart);
    // All of it: what is in front of the text is what it was.
    storePacket(length, packet, start);
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
    loadPacket(packet, start, end, KernelAddress.packet);
    hmac.computeLoaded(length, suffix, expectedCode);
    if (!isTag(packet, tagStart, tagLength, expectedCode, 0)) return false;
    this.#addKeystream(number, KernelAddress.packet + textStart - start, end - textStart);
    storePacket(length, packet, start);
    return true;
  }

  destroy(): void {
    this.#keystream.destroy();
  }

  /** Adds the keystream of `number` to the `length` bytes at `text`. */
  #addKeystream(number: number, text: number, length: number): void {
    if (length === 0) return;
    const { exports } = getKernel();
    const blocks = (length + BLOCK_LENGTH - 1) >> 4;
    const keystream = this.#keystream.load(number, blocks);
    this.#keystream.take(number, blocks, keystream);
    exports.addKeystream(text, length, keystream);
  }
}
