// STUN messages out of a byte stream, where each says its own length (RFC 8489 §6.2.2).
// https://www.rfc-editor.org/rfc/rfc8489#section-6.2.2

import { concatBytes, readUint16, readUint32 } from '@kaon/wire';
import { HEADER_LENGTH, MAGIC_COOKIE } from './message.ts';

/** Cuts a byte stream into messages. Holds at most one message (64 KiB) that is not yet whole. */
export class StreamFraming {
  #held: Uint8Array = new Uint8Array(0);
  #failed = false;

  /** Whether the stream holds something other than STUN; it is of no use from there on. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Takes bytes from the stream; returns the messages that are now whole, in order. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#failed) return [];
    const messages: Uint8Array[] = [];
    const data = concatBytes(this.#held, bytes); // kept: a message may span reads
    let offset = 0;
    while (data.length - offset >= HEADER_LENGTH) {
      if ((data[offset] as number) > 3 || readUint32(data, offset + 4) !== MAGIC_COOKIE) {
        this.#failed = true;
        this.#held = new Uint8Array(0);
        return messages;
      }
      const end = offset + HEADER_LENGTH + readUint16(data, offset + 2);
      if (end > data.length) break;
      messages.push(data.subarray(offset, end));
      offset = end;
    }
    this.#held = data.slice(offset);
    return messages;
  }
}
