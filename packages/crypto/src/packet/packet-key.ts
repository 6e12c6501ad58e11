// Keys that seal and open numbered packets, the same over every implementation (RFC 5116, RFC 7714).

import { checkAeadKey, NONCE_LENGTH, TAG_LENGTH } from '../aead-parameters.ts';
import type { AeadAlgorithm } from '../provider.ts';
import { type KeySequence, KeySequences } from './key-sequences.ts';
import { checkPacketNumber, checkRange, checkRoom, type FreshNumbers } from './packet-number.ts';

/** What an implementation brings: the cryptography of one key, its arguments checked already. */
export interface PacketEngine {
  /** The part for the packets of one IV; the IV is the engine's to keep. */
  sequence(iv: Uint8Array): PacketSequence;
  /** Wipes what can be wiped. */
  destroy(): void;
}

/** What an implementation brings for the packets of one IV. */
export interface PacketSequence {
  /**
   * Seals `packet[start..end)` with `additionalData[additionalStart..additionalEnd)`: ciphertext and tag to
   * `out` at `offset`.
   */
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
  ): void;
  /** Writes the plaintext to `out` at `offset`; false, and nothing written, if the tag is wrong. */
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
  ): boolean;
  /** Wipes what can be wiped. */
  destroy(): void;
}

/**
 * One AEAD key for packets. A key is for one direction: it seals or it opens. Under it there may be
 * several sequences of numbers, each with an IV of its own, as SRTP has one for each SSRC.
 *
 * An IV has 12 bytes; a packet's nonce is the IV with the number's 48 bits added (exclusive or) to its last
 * six. For DTLS with GCM the IV is the salt, the epoch and zeros (RFC 5288 §3); with ChaCha20 the write IV
 * with the epoch added before the last six bytes (RFC 7905 §2). For SRTP it is the salt with the SSRC added
 * at its third byte (RFC 7714 §8.1), and the number is ROC and SEQ.
 */
export class PacketKey {
  readonly algorithm: AeadAlgorithm;
  /** Bytes of the tag behind the ciphertext: 16. */
  readonly tagLength: number = TAG_LENGTH;
  readonly #sequences: KeySequences<PacketSequence>;

  /** @throws RangeError if the key has not the algorithm's length. */
  constructor(algorithm: AeadAlgorithm, key: Uint8Array, createEngine: () => PacketEngine) {
    checkAeadKey(algorithm, key);
    this.algorithm = algorithm;
    this.#sequences = new KeySequences(createEngine(), NONCE_LENGTH);
  }

  /**
   * A sender of packets with nonces from `iv`.
   *
   * @param lateness how far behind the highest number one may come that has not been used: 0, which means
   * that numbers rise, to 32768.
   * @throws RangeError if the IV has not 12 bytes, or for the lateness; CryptoError with code `CRYPTO_IV_REUSED` if the key has
   * a sealer, alive or destroyed, whose IV has the same first six bytes.
   */
  createSealer(iv: Uint8Array, lateness = 0): PacketSealer {
    return new PacketSealer(...this.#sequences.createFresh(iv, lateness));
  }

  /** A receiver of packets with nonces from `iv`. @throws RangeError if the IV has not 12 bytes. */
  createOpener(iv: Uint8Array): PacketOpener {
    return new PacketOpener(this.#sequences.create(iv));
  }

  /** Wipes the key and all keystream made ahead. Its sealers and openers are of no use any more. */
  destroy(): void {
    this.#sequences.destroy();
  }
}

/** Seals packets with numbers of which none comes twice, so that no nonce does. */
export class PacketSealer {
  readonly #sequence: KeySequence<PacketSequence>;
  readonly #numbers: FreshNumbers;

  /** Made by {@link PacketKey.createSealer}. */
  constructor(sequence: KeySequence<PacketSequence>, numbers: FreshNumbers) {
    this.#sequence = sequence;
    this.#numbers = numbers;
  }

  /** The highest number sealed with; -1 before the first. */
  get lastNumber(): number {
    return this.#numbers.last;
  }

  /**
   * Encrypts `plaintext` and writes ciphertext and tag to `out` from `offset` on. `plaintext` may lie
   * anywhere in `out`. The packet after a number is expected to have the next one; another costs a little
   * more time. The packet kernel allocates nothing for packets up to 3072 bytes, but keystream for several
   * at a time.
   *
   * @param number from 0 to 2^48 - 1, higher than any before, or late but not used.
   * @returns the offset behind the tag.
   * @throws CryptoError with code `CRYPTO_NUMBER_REUSED` if the number is used or too late, or with
   * `CRYPTO_KEY_DESTROYED`; RangeError if an argument is out of range. The number is not used up then.
   */
  seal(
    number: number,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const length = plaintext.length + TAG_LENGTH;
    this.#numbers.check(number);
    checkRange(plaintext, 0, plaintext.length);
    checkRange(additionalData, 0, additionalData.length);
    checkRoom(out, offset, length);
    const { alive } = this.#sequence;
    this.#numbers.take(number);
    alive.seal(
      number,
      additionalData,
      0,
      additionalData.length,
      plaintext,
      0,
      plaintext.length,
      out,
      offset,
    );
    return offset + length;
  }

  /**
   * As {@link seal}, without a view to be made for any part: encrypts `packet[start..end)` where it is, and
   * writes the tag behind it. The additional data is `additionalData[additionalStart..additionalEnd)`, which
   * may be part of the packet.
   *
   * @returns the offset behind the tag.
   * @throws as {@link seal}.
   */
  sealInPlace(
    number: number,
    additionalData: Uint8Array,
    additionalStart: number,
    additionalEnd: number,
    packet: Uint8Array,
    start: number,
    end: number,
  ): number {
    this.#numbers.check(number);
    checkRange(packet, start, end);
    checkRange(additionalData, additionalStart, additionalEnd);
    checkRoom(packet, start, end - start + TAG_LENGTH);
    const { alive } = this.#sequence;
    this.#numbers.take(number);
    alive.seal(
      number,
      additionalData,
      additionalStart,
      additionalEnd,
      packet,
      start,
      end,
      packet,
      start,
    );
    return end + TAG_LENGTH;
  }

  /** Wipes the keystream made ahead. The IV stays used. */
  destroy(): void {
    this.#sequence.destroy();
  }
}

/** Opens packets with any numbers. Whether one came before is for a replay window to say. */
export class PacketOpener {
  readonly #sequence: KeySequence<PacketSequence>;

  /** Made by {@link PacketKey.createOpener}. */
  constructor(sequence: KeySequence<PacketSequence>) {
    this.#sequence = sequence;
  }

  /**
   * Checks and decrypts ciphertext and tag in `packet[start..end)` and writes the plaintext to `out` from
   * `offset` on; `out` may be `packet`. The work for a forged packet is bounded by its length, whatever
   * its number, and changes nothing. Memory is as for {@link PacketSealer.seal}.
   *
   * @param number from 0 to 2^48 - 1.
   * @returns the offset behind the plaintext, or -1 if the tag is wrong; `out` is untouched then.
   * @throws CryptoError with code `CRYPTO_KEY_DESTROYED`; RangeError if an argument is out of range.
   */
  open(
    number: number,
    additionalData: Uint8Array,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number {
    checkPacketNumber(number);
    checkRange(packet, start, end);
    checkRange(additionalData, 0, additionalData.length);
    const length = end - start - TAG_LENGTH;
    if (length < 0) return -1;
    checkRoom(out, offset, length);
    const isGenuine = this.#sequence.alive.open(
      number,
      additionalData,
      0,
      additionalData.length,
      packet,
      start,
      end,
      out,
      offset,
    );
    return isGenuine ? offset + length : -1;
  }

  /**
   * As {@link open}, without a view to be made for any part: decrypts `packet[start..end)`, the tag being its
   * last bytes, where it is. The additional data is `additionalData[additionalStart..additionalEnd)`, which
   * may be part of the packet.
   *
   * @returns the offset behind the plaintext, or -1 if the tag is wrong; the packet is untouched then.
   * @throws as {@link open}.
   */
  openInPlace(
    number: number,
    additionalData: Uint8Array,
    additionalStart: number,
    additionalEnd: number,
    packet: Uint8Array,
    start: number,
    end: number,
  ): number {
    checkPacketNumber(number);
    checkRange(packet, start, end);
    checkRange(additionalData, additionalStart, additionalEnd);
    if (end - start < TAG_LENGTH) return -1;
    const isGenuine = this.#sequence.alive.open(
      number,
      additionalData,
      additionalStart,
      additionalEnd,
      packet,
      start,
      end,
      packet,
      start,
    );
    return isGenuine ? end - TAG_LENGTH : -1;
  }

  /** Wipes the keystream made ahead. */
  destroy(): void {
    this.#sequence.destroy();
  }
}
