// A channel as a WritableStream: each chunk is a message, and writers wait while too much does.
// https://streams.spec.whatwg.org/#ws-class

import { exception } from '../errors.ts';

/** What can be written: what `RTCDataChannel.send` takes. */
export type SendableMessage = string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** What the sink needs of its channel. */
export interface SinkChannel {
  readonly readyState: 'connecting' | 'open' | 'closing' | 'closed';
  readonly bufferedAmount: number;
  send(message: unknown): void;
  close(): void;
}

/** Writers go on when no more than this waits … */
const LOW_WATER_BYTES = 256 * 1024;
/** … after more than this did. */
const HIGH_WATER_BYTES = 1024 * 1024;

interface Waiting {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Sends what is written as fast as the channel takes it. */
export class MessageSink {
  readonly writable: WritableStream<SendableMessage>;
  #controller: WritableStreamDefaultController | undefined;
  /** A stream asks for one thing at a time: to begin, to write or to close. */
  #waiting: Waiting | undefined;
  #isClosing = false;

  constructor(channel: SinkChannel) {
    this.writable = new WritableStream<SendableMessage>({
      start: (controller) => {
        this.#controller = controller;
        return this.#until(() => channel.readyState !== 'connecting');
      },
      write: (message) => {
        channel.send(message);
        if (channel.bufferedAmount <= HIGH_WATER_BYTES) return undefined;
        return this.#until(() => channel.bufferedAmount <= LOW_WATER_BYTES);
      },
      close: () => {
        this.#isClosing = true;
        channel.close();
        return this.#until(() => channel.readyState === 'closed');
      },
      abort: () => {
        this.#isClosing = true;
        channel.close();
      },
    });
  }

  /** The channel's state or what waits on it has changed. */
  update(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !waiting.isOver()) return;
    this.#waiting = undefined;
    waiting.resolve();
  }

  /** The channel is closed, by the peer or for an error if not by the writer. */
  end(error?: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#isClosing && error === undefined) {
      waiting?.resolve();
      return;
    }
    const reason = error ?? exception('InvalidStateError', 'The channel has been closed.');
    waiting?.reject(reason);
    this.#controller?.error(reason);
  }

  #until(isOver: () => boolean): Promise<void> | undefined {
    if (isOver()) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { isOver, resolve, reject };
    });
  }
}
