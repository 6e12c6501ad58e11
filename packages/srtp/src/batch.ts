// Authentication tags of several packets at once. https://www.rfc-editor.org/rfc/rfc3711#section-4.2

import { type CryptoProvider, defaultCrypto, type Hmac } from '@kaon/crypto';

/** Bytes of HMAC-SHA1. */
const CODE_LENGTH = 20;
const FIRST_CAPACITY = 16;
const NONE = new Uint8Array(0);

/**
 * Puts off the tags of packets protected with HMAC-SHA1, to compute them together: four small packets take
 * hardly more time than two. For a packet that goes to many receivers, or many packets to one.
 *
 * ```ts
 * const batch = new SrtpBatch();
 * for (const copy of copies) copy.end = copy.sender.protectRtp(copy.bytes, 0, copy.end, batch);
 * batch.finish(); // only now may the packets be sent
 * ```
 *
 * With AES-GCM nothing is put off, and `finish` does nothing. A batch may serve any senders again and again.
 */
export class SrtpBatch {
  readonly #crypto: CryptoProvider;
  readonly #hmacs: Hmac[] = [];
  readonly #packets: Uint8Array[] = [];
  readonly #mkis: Uint8Array[] = [];
  /** Beginning and end of what is authenticated. */
  #ranges = new Uint32Array(2 * FIRST_CAPACITY);
  /** Where MKI and tag go, and the tag's length. */
  #places = new Uint32Array(2 * FIRST_CAPACITY);
  #codes = new Uint8Array(CODE_LENGTH * FIRST_CAPACITY);
  #count = 0;

  /** @param crypto the senders' own. */
  constructor(crypto: CryptoProvider = defaultCrypto) {
    this.#crypto = crypto;
  }

  /** Packets that wait for their tags. */
  get size(): number {
    return this.#count;
  }

  /** Called by a sender: the tag of `packet[start..end)` is to be written behind the MKI at `place`. */
  defer(
    hmac: Hmac,
    packet: Uint8Array,
    start: number,
    end: number,
    place: number,
    mki: Uint8Array,
    tagLength: number,
  ): void {
    const index = this.#count++;
    if (2 * index === this.#ranges.length) this.#grow();
    this.#hmacs[index] = hmac;
    this.#packets[index] = packet;
    this.#mkis[index] = mki;
    this.#ranges[2 * index] = start;
    this.#ranges[2 * index + 1] = end;
    this.#places[2 * index] = place;
    this.#places[2 * index + 1] = tagLength;
  }

  /** Writes all tags that were put off. */
  finish(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#crypto.computeHmacs(count, this.#hmacs, this.#packets, this.#ranges, this.#codes);
    for (let i = 0; i < count; i++) {
      writeTag(
        this.#packets[i] as Uint8Array,
        this.#places[2 * i] as number,
        this.#mkis[i] as Uint8Array,
        this.#codes,
        CODE_LENGTH * i,
        this.#places[2 * i + 1] as number,
      );
      // The packet is its owner's alone again.
      this.#packets[i] = NONE;
    }
  }

  #grow(): void {
    this.#ranges = grown(this.#ranges);
    this.#places = grown(this.#places);
    this.#codes = new Uint8Array(2 * this.#codes.length);
  }
}

function grown(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * words.length);
  larger.set(words);
  return larger;
}

/** Writes MKI and tag, which is the beginning of the code at `codeStart`. @returns the offset behind. */
export function writeTag(
  packet: Uint8Array,
  place: number,
  mki: Uint8Array,
  code: Uint8Array,
  codeStart: number,
  tagLength: number,
): number {
  const { length } = mki;
  for (let i = 0; i < length; i++) packet[place + i] = mki[i] as number;
  const tagStart = place + length;
  for (let i = 0; i < tagLength; i++) packet[tagStart + i] = code[codeStart + i] as number;
  return tagStart + tagLength;
}
