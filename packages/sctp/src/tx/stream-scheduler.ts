// Which stream may send next: the seam that stream schedulers stand behind (RFC 8260 §3, https://www.rfc-editor.org/rfc/rfc8260#section-3).
import { Queue } from '@kaon/wire';
import type { OutgoingStream } from './outgoing-message.ts';

/** An order among streams that have messages. */
export interface StreamScheduler {
  /** `stream` has a message now, and had none. */
  add(stream: OutgoingStream): void;
  /** Takes the stream whose next message is sent; it is added again afterwards if it has more. */
  next(): OutgoingStream | undefined;
  /** Forgets all streams. */
  clear(): void;
}

/** Each stream sends one message, then the next stream (RFC 8260 §3.2). */
export class RoundRobinScheduler implements StreamScheduler {
  readonly #streams = new Queue<OutgoingStream>();

  add(stream: OutgoingStream): void {
    this.#streams.push(stream);
  }

  next(): OutgoingStream | undefined {
    return this.#streams.shift();
  }

  clear(): void {
    this.#streams.clear();
  }
}
