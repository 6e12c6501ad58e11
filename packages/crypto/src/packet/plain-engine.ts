// Packet engines without state, over an AEAD or a stream cipher that takes a nonce for each packet.

import { NONCE_LENGTH } from '../aead-parameters.ts';
import type { Aead } from '../provider.ts';
import type { CounterEngine } from './counter-key.ts';
import type { PacketEngine } from './packet-key.ts';
import { writeNonce } from './packet-number.ts';
import { TwoPassSequence } from './two-pass-sequence.ts';

/** Bytes of an AES counter block. */
const COUNTER_BLOCK_LENGTH = 16;

/** A packet engine over `aead`. */
export function plainPacketEngine(aead: Aead): PacketEngine {
  return {
    sequence(iv) {
      const nonce = new Uint8Array(NONCE_LENGTH);
      return {
        seal(
          number,
          additionalData,
          additionalStart,
          additionalEnd,
          packet,
          start,
          end,
          out,
          offset,
        ) {
          writeNonce(nonce, 0, iv, number);
          const additional = additionalData.subarray(additionalStart, additionalEnd);
          aead.seal(nonce, additional, packet.subarray(start, end), out, offset);
        },
        open(
          number,
          additionalData,
          additionalStart,
          additionalEnd,
          packet,
          start,
          end,
          out,
          offset,
        ) {
          writeNonce(nonce, 0, iv, number);
          const additional = additionalData.subarray(additionalStart, additionalEnd);
          return aead.open(nonce, additional, packet.subarray(start, end), out, offset) >= 0;
        },
        destroy() {
          nonce.fill(0);
        },
      };
    },
    destroy() {
      // The key lies where only the garbage collector reaches.
    },
  };
}

/** Gives `data` with the keystream added that starts at the counter block `first`. */
export type CounterCipher = (first: Uint8Array, data: Uint8Array) => Uint8Array;

/** A counter mode engine over `cipher`. */
export function plainCounterEngine(cipher: CounterCipher): CounterEngine {
  return {
    sequence: (iv) => new PlainCounterSequence(cipher, iv),
    destroy() {
      // The key lies where only the garbage collector reaches.
    },
  };
}

class PlainCounterSequence extends TwoPassSequence {
  readonly #cipher: CounterCipher;
  readonly #iv: Uint8Array;
  readonly #first = new Uint8Array(COUNTER_BLOCK_LENGTH);

  constructor(cipher: CounterCipher, iv: Uint8Array) {
    super();
    this.#cipher = cipher;
    this.#iv = iv;
  }

  apply(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void {
    writeNonce(this.#first, 0, this.#iv, number);
    out.set(this.#cipher(this.#first, packet.subarray(start, end)), offset);
  }

  destroy(): void {
    this.#first.fill(0);
    this.#iv.fill(0);
  }
}
