// Packet numbers and the nonces made of them (RFC 5288 §3, RFC 7905 §2, RFC 7714 §8.1, RFC 3711 §4.1.1).

import { CryptoError } from '../errors.ts';

/** The highest packet number: DTLS sequence numbers and SRTP indices have 48 bits. */
export const MAX_PACKET_NUMBER: number = 2 ** 48 - 1;
/** The longest packet, and the most additional data: what a UDP datagram can hold. */
const MAX_PACKET_LENGTH = 65535;
/** The most that a number may be behind the highest: half the circle of RTP's sequence numbers. */
const MAX_LATENESS = 32768;
/** Bytes of a number. They are the last of an IV. */
export const NUMBER_LENGTH = 6;

/** @throws RangeError if `number` is none. */
export function checkPacketNumber(number: number): void {
  if (!Number.isInteger(number) || number < 0 || number > MAX_PACKET_NUMBER) {
    throw new RangeError(`A packet number is an integer from 0 to 2^48 - 1, not ${number}.`);
  }
}

/** @throws RangeError if `[start, end)` is no part of the packet, or longer than a packet can be. */
export function checkRange(packet: Uint8Array, start: number, end: number): void {
  if (!(start >= 0 && start <= end && end <= packet.length && end - start <= MAX_PACKET_LENGTH)) {
    throw new RangeError(`No packet is from ${start} to ${end} of ${packet.length} bytes.`);
  }
}

/** @throws RangeError if `out` has no room for `length` bytes at `offset`. */
export function checkRoom(out: Uint8Array, offset: number, length: number): void {
  if (!(offset >= 0 && length <= out.length - offset)) {
    throw new RangeError(`No room for ${length} bytes at ${offset} of ${out.length}.`);
  }
}

/**
 * Writes `iv` with `number` added to its last six bytes, bit by bit: concatenation (RFC 5288) where those
 * are zero, exclusive or (RFC 7905) elsewhere.
 */
export function writeNonce(
  out: Uint8Array,
  offset: number,
  iv: Uint8Array,
  number: number,
): number {
  const { length } = iv;
  for (let i = 0; i < length; i++) out[offset + i] = iv[i] as number;
  const high = Math.floor(number / 0x100000000);
  const at = offset + length - NUMBER_LENGTH;
  out[at] = (out[at] as number) ^ (high >>> 8);
  out[at + 1] = (out[at + 1] as number) ^ (high & 0xff);
  out[at + 2] = (out[at + 2] as number) ^ (number >>> 24);
  out[at + 3] = (out[at + 3] as number) ^ ((number >>> 16) & 0xff);
  out[at + 4] = (out[at + 4] as number) ^ ((number >>> 8) & 0xff);
  out[at + 5] = (out[at + 5] as number) ^ (number & 0xff);
  return offset + length;
}

/**
 * The IVs that a key seals with. Two that differ in front of the number's six bytes never give the same
 * nonce, whatever the numbers; others are refused.
 */
export class IvRegistry {
  readonly #length: number;
  readonly #used = new Set<string>();

  constructor(length: number) {
    this.#length = length;
  }

  /** @throws RangeError if the IV has not the length of this key's. */
  check(iv: Uint8Array): void {
    if (iv.length !== this.#length) {
      throw new RangeError(`An IV has ${this.#length} bytes, not ${iv.length}.`);
    }
  }

  /** @throws CryptoError with code `CRYPTO_IV_REUSED` if nonces of another IV could be the same. */
  add(iv: Uint8Array): void {
    this.check(iv);
    const prefix = iv.subarray(0, -NUMBER_LENGTH).join();
    if (this.#used.has(prefix)) {
      throw new CryptoError(
        'CRYPTO_IV_REUSED',
        'This key seals with an IV already that has the same bytes in front of the packet number.',
      );
    }
    this.#used.add(prefix);
  }
}

/**
 * The numbers of one sender, of which none may come twice: each is higher than those before, or at most
 * `lateness` behind the highest and not used yet.
 */
export class FreshNumbers {
  readonly #lateness: number;
  /** A bit for each number up to `#lateness` behind the highest, by the number's last bits. */
  readonly #used: Uint32Array;
  /** Bits there are, less one. */
  readonly #mask: number;
  #last = -1;

  /** @throws RangeError if `lateness` is no integer from 0 to 32768. */
  constructor(lateness: number) {
    if (!Number.isInteger(lateness) || lateness < 0 || lateness > MAX_LATENESS) {
      throw new RangeError(`Lateness is an integer from 0 to ${MAX_LATENESS}, not ${lateness}.`);
    }
    this.#lateness = lateness;
    let bits = 32;
    while (bits <= lateness) bits *= 2;
    this.#used = new Uint32Array(lateness === 0 ? 0 : bits >> 5);
    this.#mask = bits - 1;
  }

  /** The highest number taken; -1 before the first. */
  get last(): number {
    return this.#last;
  }

  /** @throws RangeError if it is no number, CryptoError with `CRYPTO_NUMBER_REUSED` if it is used or too late. */
  check(number: number): void {
    checkPacketNumber(number);
    if (number > this.#last) return;
    const distance = this.#last - number;
    if (distance > this.#lateness) {
      throw new CryptoError(
        'CRYPTO_NUMBER_REUSED',
        `Packet number ${number} is not higher than ${this.#last - this.#lateness}, below which all count as used.`,
      );
    }
    if (distance === 0 || this.#isUsed(number)) {
      throw new CryptoError('CRYPTO_NUMBER_REUSED', `Packet number ${number} is used already.`);
    }
  }

  /** Notes a number that {@link check} let through. */
  take(number: number): void {
    const last = this.#last;
    if (number > last) this.#last = number;
    if (this.#lateness === 0) return;
    if (number - last > this.#mask) {
      this.#used.fill(0);
    } else {
      for (let skipped = last + 1; skipped < number; skipped++) this.#forget(skipped);
    }
    const bit = number & this.#mask;
    this.#used[bit >> 5] = (this.#used[bit >> 5] as number) | (1 << (bit & 31));
  }

  #isUsed(number: number): boolean {
    const bit = number & this.#mask;
    return ((this.#used[bit >> 5] as number) & (1 << (bit & 31))) !== 0;
  }

  #forget(number: number): void {
    const bit = number & this.#mask;
    this.#used[bit >> 5] = (this.#used[bit >> 5] as number) & ~(1 << (bit & 31));
  }
}

/** The error of anything done with a key that was destroyed. */
export function keyDestroyed(): CryptoError {
  return new CryptoError('CRYPTO_KEY_DESTROYED', 'The key was destroyed.');
}
