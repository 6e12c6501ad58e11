// Messages that wait because a blob before them is still being read.
// https://www.w3.org/TR/webrtc/#datachannel-send

import { Queue } from '@kaon/wire';

/** A message as it goes out: a blob is still to be read, and bytes are still the application's. */
export interface EncodedMessage {
  readonly ppid: number;
  readonly byteLength: number;
  readonly data: Uint8Array | Blob;
}

/** One that waits; of a blob the bytes come later. */
export interface WaitingMessage {
  readonly ppid: number;
  readonly byteLength: number;
  data: Uint8Array | undefined;
}

/** Keeps the order of `send` calls while blobs are read. It exists only while something waits. */
export class Outbox {
  readonly #messages = new Queue<WaitingMessage>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Bytes of the messages that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  push(message: WaitingMessage): void {
    this.#messages.push(message);
    this.#bytes += message.byteLength;
  }

  /** Takes the first message if its bytes are there. */
  shift(): (WaitingMessage & { readonly data: Uint8Array }) | undefined {
    const first = this.#messages.peek();
    const data = first?.data;
    if (first === undefined || data === undefined) return undefined;
    this.#messages.shift();
    this.#bytes -= first.byteLength;
    return { ...first, data };
  }
}
