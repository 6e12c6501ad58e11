// AES in counter mode for numbered packets, as SRTP's AES-CM has it (RFC 3711 §4.1.1, RFC 6188).

import type { Hmac } from '../provider.ts';
import { HASH_LENGTHS } from '../signature-scheme.ts';
import { type KeySequence, KeySequences } from './key-sequences.ts';
import { checkPacketNumber, checkRange, checkRoom, type FreshNumbers } from './packet-number.ts';

/** Bytes of an IV: those of a counter block without the 16 bits that count its packet's blocks. */
const IV_LENGTH = 14;
/** Bytes of the shortest tag that there is (RFC 3711 §5.2: 32 bits). */
const MIN_TAG_LENGTH = 4;

/** What an implementation brings: the cryptography of one key, its arguments checked already. */
export interface CounterEngine {
  /** The part for the packets of one IV; the IV is the engine's to keep. */
  sequence(iv: Uint8Array): CounterSequence;
  /** Wipes what can be wiped. */
  destroy(): void;
}

/** What an implementation brings for the packets of one IV. */
export interface CounterSequence {
  /** Writes `packet[start..end)` with the keystream of `number` added to `out` at `offset`. */
  apply(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void;
  /** {@link CounterEncryptor.encryptAndAuthenticate}, of arguments that are checked. */
  encryptAndAuthenticate(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    code: Uint8Array,
  ): void;
  /** {@link CounterDecryptor.verifyAndDecrypt}, of arguments that are checked. */
  verifyAndDecrypt(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    tagStart: number,
    tagLength: number,
  ): boolean;
  /** Wipes what can be wiped. */
  destroy(): void;
}

/**
 * One AES key in counter mode. An IV has 14 bytes; a packet's first counter block is the IV with the
 * number's 48 bits added (exclusive or) to its last six, then 16 bits of zeros. For SRTP the IV is the salt
 * with the SSRC added at its fifth byte, and the number is ROC and SEQ (RFC 3711 §4.1.1).
 *
 * By itself it authenticates nothing: decrypt only what a message authentication code covers.
 */
export class CounterKey {
  readonly #sequences: KeySequences<CounterSequence>;

  /** @throws RangeError if the key has not 16, 24 or 32 bytes. */
  constructor(key: Uint8Array, createEngine: () => CounterEngine) {
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
      throw new RangeError(`A key for AES has 16, 24 or 32 bytes, not ${key.length}.`);
    }
    this.#sequences = new KeySequences(createEngine(), IV_LENGTH);
  }

  /**
   * A sender of packets with keystream from `iv`.
   *
   * @param lateness how far behind the highest number one may come that has not been used: 0, which means
   * that numbers rise, to 32768.
   * @throws RangeError if the IV has not 14 bytes, or for the lateness; CryptoError with code `CRYPTO_IV_REUSED` if the key has
   * an encryptor, alive or destroyed, whose IV has the same first eight bytes.
   */
  createEncryptor(iv: Uint8Array, lateness = 0): CounterEncryptor {
    return new CounterEncryptor(...this.#sequences.createFresh(iv, lateness));
  }

  /** A receiver of packets with keystream from `iv`. @throws RangeError if the IV has not 14 bytes. */
  createDecryptor(iv: Uint8Array): CounterDecryptor {
    return new CounterDecryptor(this.#sequences.create(iv));
  }

  /** Wipes the key and all keystream made ahead. */
  destroy(): void {
    this.#sequences.destroy();
  }
}

/** Decrypts packets with any numbers. */
export class CounterDecryptor {
  readonly #sequence: KeySequence<CounterSequence>;

  /** Made by {@link CounterKey.createDecryptor}. */
  constructor(sequence: KeySequence<CounterSequence>) {
    this.#sequence = sequence;
  }

  /**
   * Decrypts `packet[start..end)`, a packet proved genuine, to `out` from `offset` on; `out` may be `packet`.
   *
   * @param number from 0 to 2^48 - 1.
   * @returns the offset behind the result.
   * @throws CryptoError with code `CRYPTO_KEY_DESTROYED`; RangeError if an argument is out of range.
   */
  decrypt(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number {
    checkPacketNumber(number);
    checkRange(packet, start, end);
    checkRoom(out, offset, end - start);
    this.#sequence.alive.apply(number, packet, start, end, out, offset);
    return offset + end - start;
  }

  /**
   * Decrypts `packet[textStart..end)` in place if the packet is genuine: if the `tagLength` bytes at `tagStart`
   * begin the code of `packet[start..end)` with `suffix`, 32 bits, behind it (RFC 3711 §4.2). One pass over the
   * packet takes less time than computing the code first. The comparison takes the same time for all tags.
   *
   * @param number from 0 to 2^48 - 1.
   * @returns false if it is not genuine, and as it was then.
   * @throws as {@link decrypt} does.
   */
  verifyAndDecrypt(
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
    checkPacketNumber(number);
    checkText(packet, start, textStart, end);
    checkRange(packet, tagStart, tagStart + tagLength);
    checkTagLength(hmac, tagLength);
    return this.#sequence.alive.verifyAndDecrypt(
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

  /** Wipes the keystream made ahead. */
  destroy(): void {
    this.#sequence.destroy();
  }
}

/** Encrypts packets with numbers of which none comes twice, so that no keystream is used twice. */
export class CounterEncryptor {
  readonly #sequence: KeySequence<CounterSequence>;
  readonly #numbers: FreshNumbers;

  /** Made by {@link CounterKey.createEncryptor}. */
  constructor(sequence: KeySequence<CounterSequence>, numbers: FreshNumbers) {
    this.#sequence = sequence;
    this.#numbers = numbers;
  }

  /** The highest number encrypted with; -1 before the first. */
  get lastNumber(): number {
    return this.#numbers.last;
  }

  /**
   * Encrypts `packet[start..end)` to `out` from `offset` on; `out` may be `packet`.
   *
   * @param number from 0 to 2^48 - 1, higher than any before, or late but not used.
   * @returns the offset behind the result.
   * @throws CryptoError with code `CRYPTO_NUMBER_REUSED` if the number is used or too late, or with
   * `CRYPTO_KEY_DESTROYED`; RangeError if an argument is out of range. The number is not used up then.
   */
  encrypt(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number {
    this.#numbers.check(number);
    checkRange(packet, start, end);
    checkRoom(out, offset, end - start);
    const { alive } = this.#sequence;
    this.#numbers.take(number);
    alive.apply(number, packet, start, end, out, offset);
    return offset + end - start;
  }

  /**
   * Encrypts `packet[textStart..end)` in place, and writes the code of `packet[start..end)` with `suffix`, 32
   * bits, behind it to `code` (RFC 3711 §4.2: the authenticated portion and the ROC). One pass over the packet
   * takes less time than two.
   *
   * @param number as in {@link encrypt}.
   * @param code has room for a code of `hmac`.
   * @throws as {@link encrypt} does.
   */
  encryptAndAuthenticate(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    code: Uint8Array,
  ): void {
    this.#numbers.check(number);
    checkText(packet, start, textStart, end);
    checkRoom(code, 0, HASH_LENGTHS[hmac.algorithm]);
    const { alive } = this.#sequence;
    this.#numbers.take(number);
    alive.encryptAndAuthenticate(number, packet, start, textStart, end, hmac, suffix, code);
  }

  /** Wipes the keystream made ahead. The IV stays used. */
  destroy(): void {
    this.#sequence.destroy();
  }
}

/** @throws RangeError if `[start, end)` is no part of the packet, or `textStart` lies outside of it. */
function checkText(packet: Uint8Array, start: number, textStart: number, end: number): void {
  checkRange(packet, start, end);
  if (textStart >= start && textStart <= end) return;
  throw new RangeError(`A text in a packet from ${start} to ${end} cannot start at ${textStart}.`);
}

/** @throws RangeError if no code is that long, or a tag should have been. */
function checkTagLength(hmac: Hmac, tagLength: number): void {
  const most = HASH_LENGTHS[hmac.algorithm];
  if (Number.isInteger(tagLength) && tagLength >= MIN_TAG_LENGTH && tagLength <= most) return;
  throw new RangeError(
    `A tag has from ${MIN_TAG_LENGTH} to ${most} bytes of its code, not ${tagLength}.`,
  );
}
