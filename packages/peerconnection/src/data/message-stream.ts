// A channel's messages as a ReadableStream: what nobody has read yet closes the receive window.
// https://streams.spec.whatwg.org/#rs-class

import { Queue } from '@kaon/wire';

/** What a reader gets: text as a string, binary messages as bytes that are its own. */
export type ChannelMessage = string | Uint8Array<ArrayBuffer>;

interface Held {
  readonly message: ChannelMessage;
  readonly cost: number;
}

/** What a message takes beside its bytes, so that small ones cannot pile up either. */
const MESSAGE_COST = 128;

/** Holds messages until they are read. */
export class MessageStream {
  readonly readable: ReadableStream<ChannelMessage>;
  readonly #changeUnread: (delta: number) => void;
  readonly #held = new Queue<Held>();
  #controller: ReadableStreamDefaultController<ChannelMessage> | undefined;
  /** Ends the `pull` that waits for a message. */
  #resume: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;
  #isCancelled = false;

  /** `changeUnread` is told by how much what waits to be read grows or shrinks. */
  constructor(changeUnread: (delta: number) => void) {
    this.#changeUnread = changeUnread;
    this.readable = new ReadableStream<ChannelMessage>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      // Nothing is taken out before someone reads, so that back pressure is exact.
      { highWaterMark: 0 },
    );
  }

  /** A message came. */
  push(message: ChannelMessage, byteLength: number): void {
    if (this.#isCancelled || this.#end !== undefined) return;
    if (this.#resume !== undefined) {
      this.#controller?.enqueue(message);
      this.#continue();
      return;
    }
    const cost = byteLength + MESSAGE_COST;
    this.#held.push({ message, cost });
    this.#changeUnread(cost);
  }

  /** The channel is closed; what is held can still be read. */
  end(error?: unknown): void {
    if (this.#isCancelled || this.#end !== undefined) return;
    this.#end = { error };
    if (this.#held.length === 0) this.#finish();
  }

  #pull(): Promise<void> | undefined {
    const next = this.#held.shift();
    if (next === undefined) {
      return new Promise((resolve) => {
        this.#resume = resolve;
      });
    }
    this.#controller?.enqueue(next.message);
    this.#changeUnread(-next.cost);
    if (this.#held.length === 0 && this.#end !== undefined) this.#finish();
    return undefined;
  }

  #finish(): void {
    const error = this.#end?.error;
    if (error === undefined) this.#controller?.close();
    else this.#controller?.error(error);
    this.#continue();
  }

  #continue(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #cancel(): void {
    this.#isCancelled = true;
    let cost = 0;
    for (const each of this.#held) cost += each.cost;
    this.#held.clear();
    if (cost > 0) this.#changeUnread(-cost);
    this.#continue();
  }
}
