// A data channel as a Node.js stream. https://nodejs.org/api/stream.html#class-streamduplex

import { Duplex } from 'node:stream';
import type { RTCDataChannel } from '../data-channel.ts';

/** How {@link channelToDuplex} maps messages. */
export interface ChannelDuplexOptions {
  /**
   * true keeps messages: each chunk is one, text comes and goes as strings and bytes as `Uint8Array`. false, the
   * default, makes a stream of bytes: what is written is cut to messages of {@link messageBytes} at most, and what
   * comes is bytes whatever the messages were.
   */
  readonly objectMode?: boolean;
  /** The largest message that bytes are cut to; 65536 by default, which every peer takes. */
  readonly messageBytes?: number;
  /**
   * As that of `net.Socket`. false, the default: when the peer has ended its side and all of it was read, ours is
   * ended too. true: it can be written to until `end()` is called.
   */
  readonly allowHalfOpen?: boolean;
}

const DEFAULT_MESSAGE_BYTES = 65_536;

/**
 * A channel as a `Duplex`, with back pressure both ways: `pipeline`, `for await`, `finished`.
 *
 * It behaves as a `net.Socket` does. `end()` sends what was written and tells the peer that this was all;
 * `finish` comes when the peer has got it. What the peer sends is read until it ends its side, which a browser
 * and a `Duplex` without {@link ChannelDuplexOptions.allowHalfOpen} do at once: then `end` is emitted. If the
 * peer ends its side while something waits to be sent, that is an error, because most peers drop it; so is
 * writing afterwards. `destroy()` closes the channel and gives up what has not
 * arrived. A connection that is closed or fails destroys the stream with an `OperationError`; one whose path
 * is lost does not, because an ICE restart can bring it back.
 *
 * The stream takes the channel's messages, so that `onmessage` is no longer called.
 *
 * ```ts
 * await pipeline(createReadStream('film.mkv'), channelToDuplex(channel));
 * ```
 *
 * @throws TypeError if the channel's streams are in use already.
 * @throws RangeError if `messageBytes` is no positive integer.
 */
export function channelToDuplex(
  channel: RTCDataChannel,
  options: ChannelDuplexOptions = {},
): Duplex {
  return new ChannelDuplex(channel, options);
}

class ChannelDuplex extends Duplex {
  readonly #isObjectMode: boolean;
  readonly #messageBytes: number;
  readonly #reader: ReadableStreamDefaultReader<string | Uint8Array<ArrayBuffer>>;
  readonly #writer: ReturnType<RTCDataChannel['writable']['getWriter']>;

  constructor(channel: RTCDataChannel, options: ChannelDuplexOptions) {
    const { objectMode = false, messageBytes = DEFAULT_MESSAGE_BYTES } = options;
    const { allowHalfOpen = false } = options;
    if (!(Number.isInteger(messageBytes) && messageBytes > 0)) {
      throw new RangeError(`messageBytes is ${messageBytes}, expected a positive integer.`);
    }
    super({ objectMode, allowHalfOpen, decodeStrings: !objectMode });
    channel.allowHalfOpen = allowHalfOpen;
    this.#isObjectMode = objectMode;
    this.#messageBytes = messageBytes;
    this.#reader = channel.readable.getReader();
    this.#writer = channel.writable.getWriter();
    // Whoever uses the stream hears of errors by its own events.
    this.#writer.closed.catch(() => undefined);
    this.#reader.closed.catch(() => undefined);
  }

  override _read(): void {
    this.#reader.read().then(
      ({ done, value }) => {
        if (done) this.push(null);
        else if (this.#isObjectMode) this.push(value);
        else this.push(typeof value === 'string' ? Buffer.from(value) : value);
      },
      (error: unknown) => this.destroy(toError(error)),
    );
  }

  override _write(
    chunk: string | Uint8Array<ArrayBuffer>,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(chunk).then(
      () => callback(),
      (error: unknown) => callback(toError(error)),
    );
  }

  override _final(callback: (error?: Error | null) => void): void {
    // A stream that has failed tells `closed` why, and `close` only that it did.
    const closed = this.#writer.close().catch(() => this.#writer.closed);
    closed.then(
      () => callback(),
      // The peer closed the channel in order, and nothing that was written is lost by it.
      (error: unknown) => callback(isClosedInOrder(error) ? undefined : toError(error)),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const reason = error ?? undefined;
    Promise.allSettled([this.#reader.cancel(reason), this.#writer.abort(reason)]).then(() =>
      callback(error),
    );
  }

  async #send(chunk: string | Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#isObjectMode || typeof chunk === 'string') {
      await this.#writer.write(chunk);
      return;
    }
    for (let at = 0; at < chunk.length; at += this.#messageBytes) {
      await this.#writer.write(chunk.subarray(at, at + this.#messageBytes));
    }
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function isClosedInOrder(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'InvalidStateError';
}
