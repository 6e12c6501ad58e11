// Writes header extensions, in the one-byte form while it will do (RFC 8285 §4, https://www.rfc-editor.org/rfc/rfc8285#section-4).
import { writeUint16 } from '@kaon/wire';
import { EXTENSION_HEADER_LENGTH } from '../packet/rtp-header.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import {
  type HeaderExtensionCursor,
  MAX_ONE_BYTE_ID,
  MAX_ONE_BYTE_LENGTH,
  ONE_BYTE_PROFILE,
  TWO_BYTE_PROFILE,
} from './header-extension-cursor.ts';

const NOTHING = new Uint8Array(0);

/**
 * A reusable writer of the extension of one packet after the other.
 *
 * The one-byte form becomes the two-byte form by itself when an element comes that needs it: an
 * identifier above 14, no data, or more than 16 bytes. A peer that has not negotiated
 * `a=extmap-allow-mixed` must see one form only in a stream (RFC 8285 §4.1.2): {@link begin} can ask
 * for the two-byte form from the start.
 *
 * ```ts
 * let at = writeRtpHeader(header, out, 0);
 * writer.begin(out, 0, at);
 * encodeTransportSequenceNumber(sequenceNumber, out, writer.add(twccId, 2));
 * at = writer.finish();
 * ```
 */
export class HeaderExtensionWriter {
  #out: Uint8Array = NOTHING;
  #packetStart = 0;
  #offset = 0;
  #at = 0;
  #count = 0;
  #isTwoByte = false;

  /**
   * Begins the extension of the packet that starts at `packetStart` of `out`; `offset` is where its fixed
   * header and contributing sources end.
   */
  begin(out: Uint8Array, packetStart: number, offset: number, isTwoByte = false): void {
    this.#out = out;
    this.#packetStart = packetStart;
    this.#offset = offset;
    this.#at = offset + EXTENSION_HEADER_LENGTH;
    this.#count = 0;
    this.#isTwoByte = isTwoByte;
  }

  /**
   * Adds an element and gives the index in `out` at which its `length` bytes of data are to be written,
   * before anything else is added.
   *
   * @throws RangeError if `id` is not 1 to 255, `length` not 0 to 255, or there is no room.
   */
  add(id: number, length: number): number {
    if (!(id >= 1 && id <= 255)) {
      throw new RangeError(`id: header extensions have identifiers of 1 to 255, not ${id}.`);
    }
    if (!(length >= 0 && length <= 255)) {
      throw new RangeError(`length: an element has 0 to 255 bytes, not ${length}.`);
    }
    const fitsOneByte = id <= MAX_ONE_BYTE_ID && length >= 1 && length <= MAX_ONE_BYTE_LENGTH;
    const isTwoByte = this.#isTwoByte || !fitsOneByte;
    const grown = isTwoByte && !this.#isTwoByte ? this.#count : 0;
    const end = this.#at + grown + (isTwoByte ? 2 : 1) + length;
    if (end > this.#out.length) {
      throw new RangeError(`out: the extension ends at ${end}, the memory at ${this.#out.length}.`);
    }
    if (isTwoByte && !this.#isTwoByte) this.#widen();
    this.#count++;
    if (isTwoByte) {
      this.#out[this.#at++] = id;
      this.#out[this.#at++] = length;
    } else {
      this.#out[this.#at++] = (id << 4) | (length - 1);
    }
    const dataStart = this.#at;
    this.#at += length;
    return dataStart;
  }

  /**
   * Adds what `packet`, which must lie elsewhere, has in its extension: each element under the identifier
   * that `ids` holds at the index of its old one; elements for which that is 0 are left out.
   */
  addMapped(packet: RtpPacket, ids: Uint8Array, cursor: HeaderExtensionCursor): void {
    cursor.rewind(packet);
    while (cursor.next()) {
      const id = ids[cursor.id] as number;
      if (id === 0) continue;
      let at = this.add(id, cursor.end - cursor.start);
      for (let i = cursor.start; i < cursor.end; i++) this.#out[at++] = cursor.bytes[i] as number;
    }
  }

  /**
   * Pads to a multiple of four bytes, writes the header of the extension and sets the packet's X bit;
   * returns the offset at which the payload goes. Without elements nothing is written.
   *
   * @throws RangeError if there is no room for the padding.
   */
  finish(): number {
    const out = this.#out;
    const first = out[this.#packetStart] as number;
    if (this.#count === 0) {
      out[this.#packetStart] = first & 0xef;
      return this.#offset;
    }
    const start = this.#offset + EXTENSION_HEADER_LENGTH;
    const words = (this.#at - start + 3) >> 2;
    const end = start + 4 * words;
    if (end > out.length) {
      throw new RangeError(`out: the extension ends at ${end}, the memory at ${out.length}.`);
    }
    while (this.#at < end) out[this.#at++] = 0;
    writeUint16(out, this.#offset, this.#isTwoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
    writeUint16(out, this.#offset + 2, words);
    out[this.#packetStart] = first | 0x10;
    return end;
  }

  // Gives every element written so far a second header byte.
  #widen(): void {
    const out = this.#out;
    let to = this.#offset + EXTENSION_HEADER_LENGTH;
    let from = to + this.#count;
    out.copyWithin(from, to, this.#at);
    this.#at += this.#count;
    while (from < this.#at) {
      const header = out[from] as number;
      const length = (header & 0x0f) + 1;
      out[to] = header >> 4;
      out[to + 1] = length;
      out.copyWithin(to + 2, from + 1, from + 1 + length);
      to += 2 + length;
      from += 1 + length;
    }
    this.#isTwoByte = true;
  }
}
