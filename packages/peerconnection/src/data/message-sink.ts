// A channel as a WritableStream: each chunk is a message, and writers wait while too much does.
// https://streams.spec.whatwg.org/#ws-class

import { exception } from '../errors.ts';
import type { EncodedMessage } from './outbox.ts';

/** What can be written: what `RTCDataChannel.send` takes. */
export type SendableMessage = string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** What the sink needs of its channel. */
export interface SinkChannel {
  readonly readyState: 'connecting' | 'open' | 'closing' | 'closed';
  /** Whether all was sent, and the peer knows that nothing comes after it. */
  readonly isOutgoingReset: boolean;
  readonly bufferedAmount: number;
  /** @throws TypeError if the message is of a type that cannot be sent, or too large. */
  encode(message: unknown): EncodedMessage;
  /** Whether so many bytes more may wait now. */
  hasRoom(byteLength: number): boolean;
  /** @throws DOMException `InvalidStateError` if nothing can be sent. */
  post(message: EncodedMessage): void;
  /** Closes it once all is sent; what the peer has sent still comes. */
  closeWriting(): void;
  /** The same at once, giving up what has not been sent. */
  abortWriting(): void;
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
  readonly #channel: SinkChannel;
  #controller: WritableStreamDefaultController | undefined;
  /** A stream asks for one thing at a time: to begin, to write or to close. */
  #waiting: Waiting | undefined;
  #isClosing = false;

  constructor(channel: SinkChannel) {
    this.#channel = channel;
    this.writable = new WritableStream<SendableMessage>({
      start: (controller) => {
        this.#controller = controller;
        // A stream aborts its sink only after the write that is under way, which may wait for ever.
        controller.signal.addEventListener('abort', () => this.#abort(controller.signal.reason));
        return this.#until(() => channel.readyState !== 'connecting');
      },
      write: (message) => this.#write(message),
      close: () => {
        this.#isClosing = true;
        channel.closeWriting();
        return this.#until(() => channel.isOutgoingReset || channel.readyState === 'closed');
      },
    });
  }

  /** Whether the writer has closed it or given it up. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** The channel's state or what waits on it has changed. */
  update(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !waiting.isOver()) return;
    this.#waiting = undefined;
    waiting.resolve();
  }

  /** The peer closes the channel in order. By the W3C's rule it drops what comes after that. */
  peerClosed(): void {
    const unsent = this.#channel.bufferedAmount;
    if (unsent > 0 || (this.#waiting !== undefined && !this.#isClosing)) {
      const text = `The channel was closed when ${unsent} bytes waited to be sent.`;
      this.fail(exception('OperationError', text));
    } else if (!this.#isClosing) {
      this.fail(exception('InvalidStateError', 'The channel has been closed.'));
    }
  }

  /** The channel is closed in order. */
  end(): void {
    if (!this.#isClosing) {
      this.peerClosed();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  /** Nothing can be sent any more. */
  fail(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
    this.#controller?.error(error);
  }

  #write(message: SendableMessage): Promise<void> | undefined {
    const channel = this.#channel;
    const encoded = this.#try(() => channel.encode(message));
    const { byteLength } = encoded;
    if (channel.hasRoom(byteLength)) return this.#post(encoded);
    return this.#until(() => channel.hasRoom(byteLength))?.then(() => this.#post(encoded));
  }

  #post(message: EncodedMessage): Promise<void> | undefined {
    const channel = this.#channel;
    this.#try(() => channel.post(message));
    if (channel.bufferedAmount <= HIGH_WATER_BYTES) return undefined;
    return this.#until(() => channel.bufferedAmount <= LOW_WATER_BYTES);
  }

  /** A write that fails ends the stream, and nobody could close the channel by it any more. */
  #try<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      this.#isClosing = true;
      this.#channel.closeWriting();
      throw error;
    }
  }

  #abort(reason: unknown): void {
    this.#isClosing = true;
    this.#channel.abortWriting();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(reason);
  }

  #until(isOver: () => boolean): Promise<void> | undefined {
    if (isOver()) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { isOver, resolve, reject };
    });
  }
}
