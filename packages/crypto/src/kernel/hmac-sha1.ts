// HMAC-SHA1 by the kernel, from midstates that are made once for a key (RFC 2104 §4).

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { NodeHmac, nodeHash } from '../node/hash.ts';
import { checkRoom, keyDestroyed } from '../packet/packet-number.ts';
import { checkHmacs, checkMessage } from '../packet/plain-hmacs.ts';
import type { HashAlgorithm, Hmac } from '../provider.ts';
import { getKernel, KernelAddress, LANE_LENGTH, loadPacket, loadWords } from './kernel.ts';

/** Bytes of a hash. */
const CODE_LENGTH = 20;
/** Bytes of a pair of midstates. */
const MIDSTATES_LENGTH = 40;
const MIDSTATES_WORDS = 10;
/** Bytes of a block of the hash; a longer key is hashed first (RFC 2104 §2). */
const BLOCK_LENGTH = 64;
/** What the inner block of the key is made with (RFC 2104 §2). */
const INNER_PAD = 0x36;
/**
 * For a longer message the inner hash is left to node:crypto: hashing at one stroke there costs as much as
 * the kernel takes for some 400 bytes, but what follows is done by instructions that WebAssembly has not.
 */
const MAX_KERNEL_LENGTH = 440;
/** The same for four messages at once. */
const MAX_LANE_LENGTH = 1500;
/** A longer one goes there whole; views of the lengths up to this one are kept. */
const MAX_VIEW_LENGTH = 2048;
/** Bytes behind a message that belong to it. */
const SUFFIX_LENGTH = 4;
/** The longest message in the kernel's memory that a code can be computed of, without its suffix. */
export const MAX_LENGTH_AT_ONCE: number = MAX_VIEW_LENGTH - SUFFIX_LENGTH;
const LANES = 4;
/** Four lanes cost as much as two messages one by one, whatever is in them. */
const MIN_LANES = 3;
/** What wipes a key's block. */
const NO_BLOCK = new Int32Array(BLOCK_LENGTH / 4);
/** Where the inner block of the key lies, so that the message is behind it. */
const INNER_BLOCK = KernelAddress.packet - BLOCK_LENGTH;

/** A key for HMAC-SHA1. */
export class KernelHmacSha1 implements Hmac {
  readonly algorithm: HashAlgorithm = 'sha1';
  readonly #midstates = new Int32Array(MIDSTATES_WORDS);
  readonly #key: Uint8Array;
  #innerBlock: Int32Array | undefined;
  #isDestroyed = false;
  #large: NodeHmac | undefined;

  constructor(key: Uint8Array) {
    const { exports, memory, words } = getKernel();
    const { packet, parameters } = KernelAddress;
    // Ours from now on: the caller may wipe its own.
    this.#key = key.length > BLOCK_LENGTH ? nodeHash('sha1', key) : new Uint8Array(key);
    memory.fill(0, packet, packet + BLOCK_LENGTH);
    memory.set(this.#key, packet);
    exports.makeMidstates();
    const first = parameters >> 2;
    this.#midstates.set(words.subarray(first, first + MIDSTATES_WORDS));
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > MAX_VIEW_LENGTH) return this.#computeLarge(...parts);
    const { memory } = getKernel();
    let at: number = KernelAddress.packet;
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
    const code = new Uint8Array(CODE_LENGTH);
    this.#computeLoaded(length, code, 0);
    return code;
  }

  computeInto(
    message: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number {
    checkMessage(message, start, end);
    checkRoom(out, offset, CODE_LENGTH);
    if (end - start > MAX_VIEW_LENGTH) {
      out.set(this.#computeLarge(message.subarray(start, end)), offset);
    } else {
      loadPacket(message, start, end, KernelAddress.packet);
      this.#computeLoaded(end - start, out, offset);
    }
    return offset + CODE_LENGTH;
  }

  /**
   * The code of the message of `length` bytes in the kernel's memory with `suffix` behind it. The message
   * stays as it is.
   */
  computeLoaded(length: number, suffix: number, code: Uint8Array): void {
    const { memory } = getKernel();
    const end = KernelAddress.packet + length;
    memory[end] = suffix >>> 24;
    memory[end + 1] = suffix >>> 16;
    memory[end + 2] = suffix >>> 8;
    memory[end + 3] = suffix;
    this.#computeLoaded(length + SUFFIX_LENGTH, code, 0);
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#key.fill(0);
    this.#midstates.fill(0);
    this.#innerBlock?.fill(0);
    this.#large = undefined;
    // Midstates, or the words they were made of, may still be where the kernel had them last.
    getKernel().memory.fill(0, KernelAddress.parameters, KernelAddress.result);
  }

  /**
   * The codes of four messages with four keys, from message `from` on, one after the other in `out` from
   * `offset` on; or of as many as there are until `end`, where the last one fills the lanes that are left.
   */
  static computeFour(
    hmacs: readonly Hmac[],
    messages: readonly Uint8Array[],
    ranges: Uint32Array,
    from: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void {
    const { exports, memory } = getKernel();
    const last = end - 1;
    for (let lane = 0; lane < LANES; lane++) {
      const index = Math.min(from + lane, last);
      const hmac = hmacs[index] as KernelHmacSha1;
      loadWords(hmac.#alive, KernelAddress.parameters + MIDSTATES_LENGTH * lane);
      loadPacket(
        messages[index] as Uint8Array,
        ranges[2 * index] as number,
        ranges[2 * index + 1] as number,
        KernelAddress.packet + LANE_LENGTH * lane,
      );
    }
    exports.hmacSha1Lanes(
      lengthOf(ranges, from),
      lengthOf(ranges, Math.min(from + 1, last)),
      lengthOf(ranges, Math.min(from + 2, last)),
      lengthOf(ranges, Math.min(from + 3, last)),
    );
    for (let lane = 0; lane < LANES && from + lane < end; lane++) {
      readCode(memory, lane, out, offset + CODE_LENGTH * lane);
    }
  }

  /** The code of the message of `length` bytes in the kernel's memory. */
  #computeLoaded(length: number, out: Uint8Array, offset: number): void {
    const { exports, memory } = getKernel();
    loadWords(this.#alive, KernelAddress.parameters);
    if (length <= MAX_KERNEL_LENGTH) {
      exports.hmacSha1(length);
    } else {
      this.#innerBlock ??= innerBlock(this.#key);
      loadWords(this.#innerBlock, INNER_BLOCK);
      // A string of Latin-1 costs a third of what a buffer does.
      const inner = hash('sha1', messageView(length), 'binary');
      memory.write(inner, KernelAddress.result, CODE_LENGTH, 'latin1');
      loadWords(NO_BLOCK, INNER_BLOCK);
      exports.finishHmacSha1();
    }
    readCode(memory, 0, out, offset);
  }

  /** The midstates, if there are any. */
  get #alive(): Int32Array {
    if (this.#isDestroyed) throw keyDestroyed();
    return this.#midstates;
  }

  #computeLarge(...parts: readonly Uint8Array[]): Uint8Array {
    if (this.#isDestroyed) throw keyDestroyed();
    this.#large ??= new NodeHmac('sha1', this.#key);
    return this.#large.compute(...parts);
  }
}

/** {@link CryptoProvider.computeHmacs}: four at a time in the lanes of vectors, the rest one by one. */
export function computeKernelHmacs(
  count: number,
  hmacs: readonly Hmac[],
  messages: readonly Uint8Array[],
  ranges: Uint32Array,
  out: Uint8Array,
): void {
  checkHmacs(count, hmacs, messages, ranges, out);
  let offset = 0;
  for (let i = 0; i < count; ) {
    const end = Math.min(i + LANES, count);
    if (end - i >= MIN_LANES && fitsLanes(hmacs, ranges, i, end)) {
      KernelHmacSha1.computeFour(hmacs, messages, ranges, i, end, out, offset);
      offset += (end - i) * CODE_LENGTH;
      i = end;
    } else {
      const start = ranges[2 * i] as number;
      const stop = ranges[2 * i + 1] as number;
      offset = (hmacs[i] as Hmac).computeInto(messages[i] as Uint8Array, start, stop, out, offset);
      i++;
    }
  }
}

function fitsLanes(
  hmacs: readonly Hmac[],
  ranges: Uint32Array,
  from: number,
  end: number,
): boolean {
  for (let i = from; i < end; i++) {
    if (!(hmacs[i] instanceof KernelHmacSha1) || lengthOf(ranges, i) > MAX_LANE_LENGTH)
      return false;
  }
  return true;
}

function lengthOf(ranges: Uint32Array, index: number): number {
  return (ranges[2 * index + 1] as number) - (ranges[2 * index] as number);
}

function readCode(memory: Uint8Array, index: number, out: Uint8Array, offset: number): void {
  const start = KernelAddress.result + CODE_LENGTH * index;
  for (let i = 0; i < CODE_LENGTH; i++) out[offset + i] = memory[start + i] as number;
}

/** The block that comes before a message (RFC 2104 §2: K XOR ipad). */
function innerBlock(key: Uint8Array): Int32Array {
  const block = new Uint8Array(BLOCK_LENGTH);
  block.set(key);
  for (let i = 0; i < BLOCK_LENGTH; i++) block[i] = (block[i] as number) ^ INNER_PAD;
  return new Int32Array(block.buffer);
}

/** The key's block and a message of that length in the kernel's memory; one view for each length. */
function messageView(length: number): Uint8Array {
  let view = views[length];
  if (view === undefined) {
    view = Buffer.from(getKernel().exports.memory.buffer, INNER_BLOCK, BLOCK_LENGTH + length);
    views[length] = view;
  }
  return view;
}

const views: (Uint8Array | undefined)[] = new Array<undefined>(MAX_VIEW_LENGTH + 1).fill(undefined);
