// What keys for numbered packets have in common: sequences, each with an IV, that live and end with their key.

import { FreshNumbers, IvRegistry, keyDestroyed } from './packet-number.ts';

/** What an implementation brings for the packets of one IV. */
interface Destroyable {
  /** Wipes what can be wiped. */
  destroy(): void;
}

/** What an implementation brings: the cryptography of one key. */
interface Engine<Sequence> extends Destroyable {
  /** The part for the packets of one IV; the IV is the engine's to keep. */
  sequence(iv: Uint8Array): Sequence;
}

/** One sequence of packet numbers under a key, of no use once that or itself is destroyed. */
export class KeySequence<Sequence extends Destroyable> {
  readonly #sequence: Sequence;
  readonly #alive: Set<Sequence>;

  /** Made by {@link KeySequences}. */
  constructor(sequence: Sequence, alive: Set<Sequence>) {
    this.#sequence = sequence;
    this.#alive = alive;
  }

  /** @throws CryptoError with code `CRYPTO_KEY_DESTROYED`. */
  get alive(): Sequence {
    if (!this.#alive.has(this.#sequence)) throw keyDestroyed();
    return this.#sequence;
  }

  /** Wipes what was made ahead. */
  destroy(): void {
    if (this.#alive.delete(this.#sequence)) this.#sequence.destroy();
  }
}

/** The sequences of one key: of two that protect packets, no nonces are ever the same. */
export class KeySequences<Sequence extends Destroyable> {
  readonly #engine: Engine<Sequence>;
  readonly #ivs: IvRegistry;
  readonly #alive = new Set<Sequence>();
  #isDestroyed = false;

  constructor(engine: Engine<Sequence>, ivLength: number) {
    this.#engine = engine;
    this.#ivs = new IvRegistry(ivLength);
  }

  /**
   * One that protects packets, and the numbers it may use.
   *
   * @throws RangeError for the IV's length or the lateness; CryptoError with code `CRYPTO_IV_REUSED` if nonces
   * of another one could be the same, or `CRYPTO_KEY_DESTROYED`.
   */
  createFresh(iv: Uint8Array, lateness: number): [KeySequence<Sequence>, FreshNumbers] {
    this.#checkAlive();
    const numbers = new FreshNumbers(lateness);
    this.#ivs.add(iv);
    return [this.#create(iv), numbers];
  }

  /** One that takes packets with any numbers. @throws RangeError, and CryptoError with code `CRYPTO_KEY_DESTROYED`. */
  create(iv: Uint8Array): KeySequence<Sequence> {
    this.#checkAlive();
    this.#ivs.check(iv);
    return this.#create(iv);
  }

  /** Wipes the key and all that was made ahead. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    for (const sequence of this.#alive) sequence.destroy();
    this.#alive.clear();
    this.#engine.destroy();
  }

  #create(iv: Uint8Array): KeySequence<Sequence> {
    const sequence = this.#engine.sequence(new Uint8Array(iv)); // A Buffer's slice is no copy.
    this.#alive.add(sequence);
    return new KeySequence(sequence, this.#alive);
  }

  #checkAlive(): void {
    if (this.#isDestroyed) throw keyDestroyed();
  }
}
