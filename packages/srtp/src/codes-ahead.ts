// Codes of packets that have arrived together, computed four at a time before the packets are judged.
// https://www.rfc-editor.org/rfc/rfc3711#section-4.2

import type { CryptoProvider, Hmac } from '@kaon/crypto';
import { readUint32, writeUint32 } from '@kaon/wire';
import { SEQUENCE_NUMBERS } from './packet-index.ts';

/** Bytes of HMAC-SHA1. */
const CODE_LENGTH = 20;
/** Bytes of the rollover counter, which is authenticated but not sent. */
const ROC_LENGTH = 4;

/**
 * Up to {@link CAPACITY} codes, each for the index that its packet had by what was known beforehand. Packets
 * in front of it in the batch may change that, and the code is not its own then.
 */
export class CodesAhead {
  static readonly CAPACITY: number = 64;
  /** One after the other. */
  readonly codes: Uint8Array = new Uint8Array(CODE_LENGTH * CodesAhead.CAPACITY);
  readonly #crypto: CryptoProvider;
  readonly #hmacs: Hmac[] = [];
  readonly #packets: Uint8Array[] = [];
  /** Beginning and end of what is authenticated, the rollover counter with it. */
  readonly #ranges = new Uint32Array(2 * CodesAhead.CAPACITY);
  /** What stood where the rollover counters stand for as long as it takes. */
  readonly #behind = new Uint32Array(CodesAhead.CAPACITY);
  readonly #indices = new Float64Array(CodesAhead.CAPACITY);
  #count = 0;

  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto;
  }

  /** Takes `packet[start..textEnd)` with the rollover counter of `index`. @returns which code is to be its. */
  add(hmac: Hmac, packet: Uint8Array, start: number, textEnd: number, index: number): number {
    const place = this.#count++;
    this.#hmacs[place] = hmac;
    this.#packets[place] = packet;
    this.#ranges[2 * place] = start;
    this.#ranges[2 * place + 1] = textEnd + ROC_LENGTH;
    this.#behind[place] = readUint32(packet, textEnd);
    this.#indices[place] = index;
    writeUint32(packet, textEnd, Math.floor(index / SEQUENCE_NUMBERS));
    return place;
  }

  /** Computes the codes of all that were taken; the packets are as they were before. */
  compute(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#crypto.computeHmacs(count, this.#hmacs, this.#packets, this.#ranges, this.codes);
    for (let place = count - 1; place >= 0; place--) {
      const end = this.#ranges[2 * place + 1] as number;
      const packet = this.#packets[place] as Uint8Array;
      writeUint32(packet, end - ROC_LENGTH, this.#behind[place] as number);
    }
    // The packets are their owner's alone again.
    this.#packets.length = 0;
  }

  /** Where in {@link codes} the code of `place` is; -1 if it is for another index, or there is none. */
  startOf(place: number, index: number): number {
    return place >= 0 && this.#indices[place] === index ? CODE_LENGTH * place : -1;
  }
}
