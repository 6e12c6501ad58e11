// AES in counter mode for numbered packets, as SRTP's AES-CM has it (RFC 3711 §4.1.1, RFC 6188).

import {
  checkPacketNumber,
  checkRange,
  checkRoom,
  FreshNumbers,
  IvRegistry,
  keyDestroyed,
} from './packet-number.ts';

/** Bytes of an IV: those of a counter block without the 16 bits that count its packet's blocks. */
const IV_LENGTH = 14;

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
  /** Wipes what can be wiped. */
  destroy(): void;
}

/**
 * One AES key in counter mode. An IV has 14 bytes; a packet's first counter block is the IV with the
 * number's 48 bits added (exclusive or) to its last six, then 16 bits of zeros. For SRTP the IV is the salt
 * with the SSRC added at its fifth byte, and the number is ROC and SEQ (RFC 3711 §4.1.1).
 *
 * It authenticates nothing: decrypt only what a message authentication code covers.
 */
export class CounterKey {
  readonly #engine: CounterEngine;
  readonly #ivs = new IvRegistry(IV_LENGTH);
  readonly #sequences = new Set<CounterSequence>();
  #isDestroyed = false;

  /** @throws RangeError if the key has not 16, 24 or 32 bytes. */
  constructor(key: Uint8Array, createEngine: () => CounterEngine) {
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
      throw new RangeError(`A key for AES has 16, 24 or 32 bytes, not ${key.length}.`);
    }
    this.#engine = createEngine();
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
    this.#checkAlive();
    const numbers = new FreshNumbers(lateness);
    this.#ivs.add(iv);
    return new CounterEncryptor(...this.#sequence(iv), numbers);
  }

  /** A receiver of packets with keystream from `iv`. @throws RangeError if the IV has not 14 bytes. */
  createDecryptor(iv: Uint8Array): CounterDecryptor {
    this.#checkAlive();
    this.#ivs.check(iv);
    return new CounterDecryptor(...this.#sequence(iv));
  }

  /** Wipes the key and all keystream made ahead. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    for (const sequence of this.#sequences) sequence.destroy();
    this.#sequences.clear();
    this.#engine.destroy();
  }

  #sequence(iv: Uint8Array): [CounterSequence, Set<CounterSequence>] {
    const sequence = this.#engine.sequence(iv.slice());
    this.#sequences.add(sequence);
    return [sequence, this.#sequences];
  }

  #checkAlive(): void {
    if (this.#isDestroyed) throw keyDestroyed();
  }
}

/** Decrypts packets with any numbers. */
export class CounterDecryptor {
  readonly #sequence: CounterSequence;
  readonly #alive: Set<CounterSequence>;

  /** Made by {@link CounterKey.createDecryptor}. */
  constructor(sequence: CounterSequence, alive: Set<CounterSequence>) {
    this.#sequence = sequence;
    this.#alive = alive;
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
    if (!this.#alive.has(this.#sequence)) throw keyDestroyed();
    this.#sequence.apply(number, packet, start, end, out, offset);
    return offset + end - start;
  }

  /** Wipes the keystream made ahead. */
  destroy(): void {
    if (this.#alive.delete(this.#sequence)) this.#sequence.destroy();
  }
}

/** Encrypts packets with numbers of which none comes twice, so that no keystream is used twice. */
export class CounterEncryptor {
  readonly #sequence: CounterSequence;
  readonly #alive: Set<CounterSequence>;
  readonly #numbers: FreshNumbers;

  /** Made by {@link CounterKey.createEncryptor}. */
  constructor(sequence: CounterSequence, alive: Set<CounterSequence>, numbers: FreshNumbers) {
    this.#sequence = sequence;
    this.#alive = alive;
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
    if (!this.#alive.has(this.#sequence)) throw keyDestroyed();
    this.#numbers.take(number);
    this.#sequence.apply(number, packet, start, end, out, offset);
    return offset + end - start;
  }

  /** Wipes the keystream made ahead. The IV stays used. */
  destroy(): void {
    if (this.#alive.delete(this.#sequence)) this.#sequence.destroy();
  }
}
