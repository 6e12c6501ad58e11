// Walks the elements of a header extension, one-byte and two-byte form (RFC 8285 §4, https://www.rfc-editor.org/rfc/rfc8285#section-4).
//
// One-byte form (§4.2):                       Two-byte form (§4.3):
//  0                   1                       0                   1
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5             0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+           +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       0xBE    |    0xDE       |           |         0x100         |appbits|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+           +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  0 1 2 3 4 5 6 7                             0                   1
// +-+-+-+-+-+-+-+-+                            0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// |  ID   | len-1 |                           +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// +-+-+-+-+-+-+-+-+                           |       ID      |     length    |
//                                             +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import type { RtpPacket } from '../packet/rtp-packet.ts';

/** The "defined by profile" bits of the one-byte form (§4.2). */
export const ONE_BYTE_PROFILE = 0xbede;
/** The same of the two-byte form, with the four appbits 0 (§4.3). */
export const TWO_BYTE_PROFILE = 0x1000;
/** The largest identifier of the one-byte form: 15 is reserved (§4.2). */
export const MAX_ONE_BYTE_ID = 14;
/** The most bytes of data that an element of the one-byte form has. */
export const MAX_ONE_BYTE_LENGTH = 16;

const NOTHING = new Uint8Array(0);

/**
 * A reusable cursor over the elements of a packet's header extension; it never allocates or throws.
 *
 * ```ts
 * if (cursor.find(packet, levelId)) decodeAudioLevel(cursor.bytes, cursor.start, cursor.end);
 * ```
 */
export class HeaderExtensionCursor {
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #limit = 0;
  #isTwoByte = false;
  #id = 0;
  #start = 0;
  #end = 0;

  /** The memory of the packet that was given to {@link rewind}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The local identifier of the current element: 1 to 14, or 1 to 255 in the two-byte form. */
  get id(): number {
    return this.#id;
  }

  /** Index in {@link bytes} of the current element's first byte of data. */
  get start(): number {
    return this.#start;
  }

  /** Index in {@link bytes} behind the current element's data; equal to `start` if it has none. */
  get end(): number {
    return this.#end;
  }

  /** Index in {@link bytes} of the current element's own header. */
  get headerStart(): number {
    return this.#start - (this.#isTwoByte ? 2 : 1);
  }

  /** Whether the extension has the two-byte form. */
  get isTwoByte(): boolean {
    return this.#isTwoByte;
  }

  /** Stands before the first element of `packet`; there are none if its extension is of no kind known. */
  rewind(packet: RtpPacket): void {
    const profile = packet.extensionProfile;
    this.#bytes = packet.bytes;
    this.#isTwoByte = (profile & 0xfff0) === TWO_BYTE_PROFILE;
    this.#at = packet.extensionStart;
    this.#limit = this.#isTwoByte || profile === ONE_BYTE_PROFILE ? packet.extensionEnd : this.#at;
    this.#id = 0;
    this.#start = this.#at;
    this.#end = this.#at;
  }

  /** Goes to the next element; false if there is none. */
  next(): boolean {
    const bytes = this.#bytes;
    while (this.#at < this.#limit) {
      const first = bytes[this.#at++] as number;
      if (first === 0) continue; // Padding: §4.2, §4.3.
      let id = first;
      let length: number;
      if (this.#isTwoByte) {
        if (this.#at === this.#limit) break;
        length = bytes[this.#at++] as number;
      } else {
        id = first >> 4;
        length = (first & 0x0f) + 1;
        // §4.2: at a 15, and at a 0 that has a length, everything ends.
        if (id === 0 || id === 15) break;
      }
      if (length > this.#limit - this.#at) break;
      this.#id = id;
      this.#start = this.#at;
      this.#end = this.#at + length;
      this.#at = this.#end;
      return true;
    }
    this.#at = this.#limit;
    return false;
  }

  /** Goes to the first element of `packet` whose identifier is `id`; false if there is none. */
  find(packet: RtpPacket, id: number): boolean {
    this.rewind(packet);
    while (this.next()) if (this.#id === id) return true;
    return false;
  }
}
