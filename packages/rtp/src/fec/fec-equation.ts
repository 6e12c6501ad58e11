// What a repair packet says: these packets, put together by exclusive or, give these bytes (RFC 5109 §8, https://www.rfc-editor.org/rfc/rfc5109#section-8).
import { writeUint16, writeUint32 } from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';

/** Bytes of an RTP header that recovery gives: all but SSRC. */
export const FIXED_HEADER_LENGTH = 12;

/** Most packets that an equation can be about: the longest mask, that of FlexFEC. */
export const MAX_MEMBERS = 109;

/**
 * One level of a repair packet. The *string* of a packet is what follows its fixed header: contributing
 * sources, extension, payload and padding.
 */
export interface FecEquation {
  /** The stream of each packet protected. */
  readonly ssrcs: readonly number[];
  /** The sequence number of each. */
  readonly sequenceNumbers: readonly number[];
  /** The exclusive or of the headers; undefined for levels above 0. */
  readonly header: FecHeaderParity | undefined;
  /** Where the bytes protected begin in each string. */
  readonly stringStart: number;
  /** Their exclusive or; shorter strings count as filled up with zeros. */
  readonly parity: Uint8Array;
}

/** The exclusive or of what headers say. */
export interface FecHeaderParity {
  /** P, X and CC, in the lower six bits. */
  readonly flags: number;
  /** M and PT. */
  readonly markerAndType: number;
  readonly timestamp: number;
  /** Of the lengths of the strings. */
  readonly length: number;
}

/** Gathers the exclusive or of packets. */
export class ParityAccumulator {
  /** Room for a fixed header, and behind it the string. */
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  #flags = 0;
  #markerAndType = 0;
  #timestamp = 0;
  #length = 0;

  /** @param maxPacketBytes the longest packet that counts, header included. */
  constructor(maxPacketBytes: number) {
    const words = new Uint32Array(Math.ceil(maxPacketBytes / 4));
    this.#words = words;
    this.bytes = new Uint8Array(words.buffer);
  }

  get header(): FecHeaderParity {
    return {
      flags: this.#flags,
      markerAndType: this.#markerAndType,
      timestamp: this.#timestamp >>> 0,
      length: this.#length,
    };
  }

  /** Length of the string, once a single packet is left. */
  get length(): number {
    return this.#length;
  }

  /** Begins with nothing. */
  clear(): void {
    this.#words.fill(0);
    this.#flags = 0;
    this.#markerAndType = 0;
    this.#timestamp = 0;
    this.#length = 0;
  }

  /** Adds what a repair packet says, from `stringStart` of the strings on. */
  addParity(header: FecHeaderParity | undefined, stringStart: number, parity: Uint8Array): void {
    if (header !== undefined) {
      this.#flags ^= header.flags;
      this.#markerAndType ^= header.markerAndType;
      this.#timestamp ^= header.timestamp;
      this.#length ^= header.length;
    }
    const at = FIXED_HEADER_LENGTH + stringStart;
    for (let i = 0; i < parity.length; i++) {
      this.bytes[at + i] = (this.bytes[at + i] as number) ^ (parity[i] as number);
    }
  }

  /** Adds the header of `packet`, and its string from `start` to `end`, or as long as it is. */
  addPacket(packet: RtpPacket, start: number, end: number): void {
    const { bytes } = packet;
    const at = packet.start;
    this.#flags ^= (bytes[at] as number) & 0x3f;
    this.#markerAndType ^= bytes[at + 1] as number;
    this.#timestamp ^= packet.timestamp;
    this.#length ^= packet.length - FIXED_HEADER_LENGTH;
    const from = FIXED_HEADER_LENGTH + start;
    const to = Math.min(FIXED_HEADER_LENGTH + end, packet.length);
    this.#addBytes(bytes, at, from, to);
  }

  /** Adds `bytes[at + from..at + to)` to the same place of the sum. */
  #addBytes(bytes: Uint8Array, at: number, from: number, to: number): void {
    if (from >= to) return;
    const sum = this.bytes;
    let i = from;
    if ((bytes.byteOffset + at) % 4 === 0 && from % 4 === 0) {
      // Four at a time where both are aligned, as packets in slots are.
      const count = (to - from) >> 2;
      const source = new Uint32Array(bytes.buffer, bytes.byteOffset + at + from, count);
      const words = this.#words;
      const first = from >> 2;
      for (let w = 0; w < count; w++) {
        words[first + w] = (words[first + w] as number) ^ (source[w] as number);
      }
      i += 4 * count;
    }
    for (; i < to; i++) sum[i] = (sum[i] as number) ^ (bytes[at + i] as number);
  }

  /** Writes the fixed header in front of the string: what was recovered, and what is known. */
  writeHeader(sequenceNumber: number, ssrc: number): void {
    // RFC 5109 §9.2: the version is 2.
    this.bytes[0] = 0x80 | this.#flags;
    this.bytes[1] = this.#markerAndType;
    writeUint16(this.bytes, 2, sequenceNumber);
    writeUint32(this.bytes, 4, this.#timestamp >>> 0);
    writeUint32(this.bytes, 8, ssrc);
  }
}
