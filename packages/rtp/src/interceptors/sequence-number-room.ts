// Copies packets with room for a transport-wide sequence number, which is known only when they leave (RFC 8285 §4, https://www.rfc-editor.org/rfc/rfc8285#section-4).
import { packetSlab } from '@kaon/wire';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { TRANSPORT_SEQUENCE_NUMBER_LENGTH } from '../header-extensions/transport-sequence-number.ts';
import { EXTENSION_HEADER_LENGTH } from '../packet/rtp-header.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';

/** Where a copy has no such room. */
export const NO_ROOM = -1;

const FIRST_SCRATCH_BYTES = 2048;
/** An extension that was not there, padded; each element may besides take a byte more in the two-byte form. */
const MAX_ADDED_BYTES = EXTENSION_HEADER_LENGTH + 8;

/** Makes copies of packets that are kept. */
export class SequenceNumberRoom {
  /** In the last copy, where the sequence number goes; {@link NO_ROOM} if nowhere. */
  numberAt: number = NO_ROOM;
  readonly #cursor: HeaderExtensionCursor = new HeaderExtensionCursor();
  readonly #writer: HeaderExtensionWriter = new HeaderExtensionWriter();
  readonly #sameIds: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => i);
  #scratch: Uint8Array = new Uint8Array(FIRST_SCRATCH_BYTES);

  /**
   * A copy of `packet`, with an element of identifier `extensionId` for the number: the one that is there, or
   * one more. Without one if the identifier is 0, or the packet has an extension that RFC 8285 does not know.
   */
  copy(packet: RtpPacket, extensionId: number): Uint8Array {
    const cursor = this.#cursor;
    const { bytes, end, start } = packet;
    if (extensionId !== 0 && cursor.find(packet, extensionId)) {
      const hasRoom = cursor.end - cursor.start >= TRANSPORT_SEQUENCE_NUMBER_LENGTH;
      this.numberAt = hasRoom ? cursor.start - start : NO_ROOM;
    } else if (extensionId !== 0 && (!packet.hasExtension || this.#isKnown(packet))) {
      return this.#widen(packet, extensionId);
    } else {
      this.numberAt = NO_ROOM;
    }
    return packetSlab.copy(bytes.subarray(start, end));
  }

  // An extension of unknown kind has no elements, whatever its length.
  #isKnown(packet: RtpPacket): boolean {
    this.#cursor.rewind(packet);
    return packet.extensionStart === packet.extensionEnd || this.#cursor.next();
  }

  #widen(packet: RtpPacket, extensionId: number): Uint8Array {
    const { bytes, end, extensionEnd, extensionStart, start } = packet;
    const needed = packet.length + MAX_ADDED_BYTES + (extensionEnd - extensionStart);
    if (this.#scratch.length < needed) this.#scratch = new Uint8Array(2 * needed);
    const scratch = this.#scratch;
    const headerLength =
      extensionStart - start - (packet.hasExtension ? EXTENSION_HEADER_LENGTH : 0);
    for (let i = 0; i < headerLength; i++) scratch[i] = bytes[start + i] as number;
    this.#cursor.rewind(packet);
    this.#writer.begin(scratch, 0, headerLength, this.#cursor.isTwoByte);
    // The number comes last: an element behind it might change the form, and the number would move.
    this.#writer.addMapped(packet, this.#sameIds, this.#cursor);
    this.numberAt = this.#writer.add(extensionId, TRANSPORT_SEQUENCE_NUMBER_LENGTH);
    scratch.fill(0, this.numberAt, this.numberAt + TRANSPORT_SEQUENCE_NUMBER_LENGTH);
    const payloadAt = this.#writer.finish();
    scratch.set(bytes.subarray(extensionEnd, end), payloadAt);
    return packetSlab.copy(scratch.subarray(0, payloadAt + end - extensionEnd));
  }
}
