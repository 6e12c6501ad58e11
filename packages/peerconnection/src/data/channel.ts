// What a data channel is and does, apart from its W3C face.
// https://www.w3.org/TR/webrtc/#peer-to-peer-data-api

import { DATA_CHANNEL_PPID } from '@kaon/sctp';
import { encodeUtf8 } from '@kaon/wire';
import { exception } from '../errors.ts';
import { RTCError, type RTCErrorDetailType, RTCErrorEvent } from '../rtc-error.ts';
import { toDomString } from '../web-idl.ts';
import { ChannelMessageEvent } from './message-event.ts';
import { MessageSink, type SendableMessage } from './message-sink.ts';
import { type ChannelMessage, MessageStream } from './message-stream.ts';
import { type EncodedMessage, Outbox, type WaitingMessage } from './outbox.ts';
import type { RTCPriorityType } from './priority.ts';

/** How binary messages are handed over. */
export type BinaryType = 'arraybuffer' | 'blob';
export type RTCDataChannelState = 'connecting' | 'open' | 'closing' | 'closed';

/** What a channel is created with; both sides know it. */
export interface ChannelParameters {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxPacketLifeTime: number | null;
  readonly maxRetransmits: number | null;
  readonly negotiated: boolean;
  readonly priority: RTCPriorityType;
}

/** What a channel needs of its connection. */
export interface ChannelHost {
  /** The largest message that may be sent. */
  readonly maxMessageSize: number;
  /** How many bytes may wait on one channel. */
  readonly maxBufferSize: number;
  /**
   * Gives a message to SCTP, which owns it from then on.
   *
   * @throws DOMException `OperationError` if SCTP refuses it.
   */
  transmit(channel: Channel, ppid: number, data: Uint8Array): void;
  /** Bytes that SCTP has not sent yet. */
  pendingBytes(channel: Channel): number;
  /** What waits to be read on the channel's stream grows, or shrinks if negative. */
  changeUnread(delta: number): void;
  /** Gives up what SCTP has of the channel's and could not deliver yet. */
  discard(channel: Channel): void;
  /** Begins or goes on with the closing procedure: what was to be sent has been given to SCTP. */
  close(channel: Channel): void;
  queueTask(task: () => void): void;
}

// SCTP cannot carry empty messages; a byte stands for nothing (RFC 8831 §6.6).
const PLACEHOLDER_BYTES = 1;

/** One channel: the slots of an `RTCDataChannel` and their algorithms. */
export class Channel {
  readonly parameters: ChannelParameters;
  /** Whether the peer opened it. */
  readonly isRemote: boolean;
  /** Tells it apart from all others of the connection, whatever their streams. */
  readonly number: number;
  /** The stream of both directions; null until it is known. */
  id: number | null;
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType: BinaryType = 'arraybuffer';
  /** RFC 8832 §6: until the peer has shown that it knows the channel, all goes in order. */
  isAwaitingAcknowledgement = false;
  hasSentOpen = false;
  /** Which directions of the stream have been reset (RFC 8831 §6.7). */
  isOutgoingReset = false;
  isIncomingReset = false;
  hasAskedForReset = false;
  /** Whether `writable` can still be written to when the peer has closed its side. */
  allowHalfOpen = false;
  messagesSent = 0;
  bytesSent = 0;
  messagesReceived = 0;
  bytesReceived = 0;
  /** Where events are fired; set once, by whoever makes the W3C object. */
  target: EventTarget | undefined = undefined;
  readonly #host: ChannelHost;
  #outbox: Outbox | undefined = undefined;
  #messages: MessageStream | undefined = undefined;
  #sink: MessageSink | undefined = undefined;
  /** The writer has closed the channel; `readable` goes on until the peer has closed its side. */
  #readsOn = false;
  /** The peer has closed its side, and the writer goes on. */
  #writesOn = false;

  constructor(
    host: ChannelHost,
    parameters: ChannelParameters,
    id: number | null,
    isRemote: boolean,
    number: number,
  ) {
    this.#host = host;
    this.parameters = parameters;
    this.id = id;
    this.isRemote = isRemote;
    this.number = number;
  }

  /** From the first call on, messages go there and no longer to `message` events. */
  get readable(): ReadableStream<ChannelMessage> {
    if (this.#messages === undefined) {
      this.#messages = new MessageStream((delta) => this.#host.changeUnread(delta));
      if (this.readyState === 'closed') this.#messages.end();
    }
    return this.#messages.readable;
  }

  get writable(): WritableStream<SendableMessage> {
    if (this.#sink === undefined) {
      this.#sink = new MessageSink(this);
      if (this.readyState === 'closed') this.#sink.end();
    }
    return this.#sink.writable;
  }

  /** Whether a blob is still being read, so that not all was given to SCTP. */
  get hasWaiting(): boolean {
    return this.#outbox !== undefined;
  }

  /**
   * The algorithm of `send`.
   *
   * @throws DOMException `InvalidStateError` if the channel is not open, `OperationError` if too much
   * waits; TypeError if the message is too large or cannot be sent.
   */
  send(message: unknown): void {
    const sendable = toSendable(message);
    this.#checkOpen(this.readyState === 'open');
    const encoded = this.encode(sendable);
    if (!this.hasRoom(encoded.byteLength)) {
      throw exception(
        'OperationError',
        `${this.bufferedAmount} bytes wait already; at most ${this.#host.maxBufferSize} may.`,
      );
    }
    this.#accept(encoded);
  }

  /** @throws TypeError if the message is too large or of a type that cannot be sent. */
  encode(message: unknown): EncodedMessage {
    if (message instanceof Blob) {
      this.#checkSize(message.size);
      const ppid = message.size === 0 ? DATA_CHANNEL_PPID.binaryEmpty : DATA_CHANNEL_PPID.binary;
      return { ppid, byteLength: message.size, data: message };
    }
    const isText = typeof message === 'string';
    const data = isText ? encodeUtf8(message) : viewBytes(message);
    this.#checkSize(data.length);
    const ppid = isText
      ? data.length === 0
        ? DATA_CHANNEL_PPID.stringEmpty
        : DATA_CHANNEL_PPID.string
      : data.length === 0
        ? DATA_CHANNEL_PPID.binaryEmpty
        : DATA_CHANNEL_PPID.binary;
    return { ppid, byteLength: data.length, data };
  }

  /** Whether so many bytes more may wait now. Any message may where nothing waits. */
  hasRoom(byteLength: number): boolean {
    const { bufferedAmount } = this;
    return bufferedAmount === 0 || bufferedAmount + byteLength <= this.#host.maxBufferSize;
  }

  /** @throws DOMException `InvalidStateError` if nothing can be sent, `OperationError` if SCTP refuses. */
  post(message: EncodedMessage): void {
    this.#checkOpen(this.readyState === 'open' || this.#writesOn);
    this.#accept(message);
  }

  /** The method `close`. */
  close(): void {
    if (this.#writesOn) this.closeWriting();
    this.#readsOn = false;
    if (this.readyState === 'closing' || this.readyState === 'closed') return;
    this.readyState = 'closing';
    this.#host.close(this);
  }

  /**
   * The writer closes the channel. Deviation: what the peer still sends is dropped by the W3C's rule for a
   * channel that is closing; `readable` gets it, because RFC 8831 §6.7 closes each direction by itself.
   */
  closeWriting(): void {
    if (this.readyState === 'closed') return;
    if (this.readyState === 'open') this.#readsOn = this.#messages !== undefined;
    this.readyState = 'closing';
    this.#writesOn = false;
    this.#host.close(this);
  }

  /** The same, giving up what has not been sent. */
  abortWriting(): void {
    if (this.readyState === 'closed') return;
    this.#outbox = undefined;
    this.#host.discard(this);
    this.closeWriting();
  }

  /** The peer began to close it: "unless the procedure was initiated by close()" it is told. */
  beginRemoteClose(): void {
    if (this.readyState === 'closed') return;
    const wasOpen = this.readyState !== 'closing';
    this.readyState = 'closing';
    // Nothing comes after this on the stream.
    this.#messages?.end();
    // Deviation: the W3C closes our side too; with `allowHalfOpen` the writer does, when it is done.
    if (!this.allowHalfOpen) this.#sink?.peerClosed();
    else this.#writesOn = wasOpen && this.#sink?.isClosing === false;
    if (wasOpen) this.#fire(new Event('closing'));
    if (!this.#writesOn) this.#host.close(this);
  }

  /** The peer knows that nothing more comes from here. */
  handleOutgoingReset(): void {
    this.isOutgoingReset = true;
    this.#sink?.update();
  }

  /** "Announce the channel as open." */
  announceOpen(): void {
    this.#host.queueTask(() => {
      if (this.readyState === 'closing' || this.readyState === 'closed') return;
      this.readyState = 'open';
      this.#fire(new Event('open'));
      this.#sink?.update();
    });
  }

  /**
   * "Announce the channel as closed", in a task that runs already.
   *
   * @param error to be told of; the W3C has none for some ends that are not in order.
   * @param lost what streams end with if the channel was not closed in order.
   */
  announceClosed(error?: RTCError, lost: Error | undefined = error): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.#endStreams(lost);
    if (error !== undefined) this.#fire(new RTCErrorEvent('error', { error }));
    this.#fire(new Event('close'));
  }

  /** Closed without a word, as when the connection is closed. */
  closeSilently(lost: Error): void {
    this.readyState = 'closed';
    this.#endStreams(lost);
  }

  /**
   * A message came; `data` fills an ArrayBuffer of its own.
   *
   * @returns whether an event was fired.
   */
  receive(data: string | ArrayBuffer, byteLength: number): boolean {
    if (this.readyState !== 'open' && !this.#readsOn) return false;
    this.messagesReceived++;
    this.bytesReceived += byteLength;
    if (this.#messages !== undefined) {
      const message = typeof data === 'string' ? data : new Uint8Array(data);
      this.#messages.push(message, byteLength);
      return false;
    }
    const isBlob = typeof data !== 'string' && this.binaryType === 'blob';
    this.#fire(new ChannelMessageEvent('message', isBlob ? new Blob([data]) : data));
    return true;
  }

  /** SCTP has sent some of what waited. */
  updateBufferedAmount(): void {
    const waiting = this.#outbox?.bytes ?? 0;
    const before = this.bufferedAmount;
    // SCTP counts what is ours on the stream too; the amount never grows by that.
    this.bufferedAmount = Math.min(before, this.#host.pendingBytes(this) + waiting);
    const threshold = this.bufferedAmountLowThreshold;
    if (before > threshold && this.bufferedAmount <= threshold) {
      this.#fire(new Event('bufferedamountlow'));
    }
    this.#sink?.update();
  }

  /** Tells of an error that does not close the channel. */
  fail(errorDetail: RTCErrorDetailType, message: string): void {
    const error = new RTCError({ errorDetail }, message);
    this.#fire(new RTCErrorEvent('error', { error }));
  }

  #checkOpen(isOpen: boolean): void {
    if (isOpen) return;
    throw exception('InvalidStateError', `The channel is ${this.readyState}, not open.`);
  }

  #checkSize(byteLength: number): void {
    const { maxMessageSize } = this.#host;
    if (byteLength <= maxMessageSize) return;
    throw new TypeError(
      `The message has ${byteLength} bytes; at most ${maxMessageSize} may be sent.`,
    );
  }

  #endStreams(lost: Error | undefined): void {
    this.#outbox = undefined;
    this.#readsOn = false;
    this.#writesOn = false;
    this.#messages?.end(lost);
    if (lost === undefined) this.#sink?.end();
    else this.#sink?.fail(lost);
  }

  #accept({ ppid, byteLength, data }: EncodedMessage): void {
    if (data instanceof Blob) {
      this.#acceptBlob({ ppid, byteLength, data: undefined }, data);
    } else {
      // Text was encoded into memory of its own; bytes are still the application's.
      const isText = ppid === DATA_CHANNEL_PPID.string || ppid === DATA_CHANNEL_PPID.stringEmpty;
      const message = { ppid, byteLength, data: isText ? data : new Uint8Array(data) };
      if (this.#outbox === undefined) this.#transmit(message);
      else this.#outbox.push(message);
    }
    this.bufferedAmount += byteLength;
    this.messagesSent++;
    this.bytesSent += byteLength;
  }

  #acceptBlob(message: WaitingMessage, blob: Blob): void {
    this.#outbox ??= new Outbox();
    this.#outbox.push(message);
    blob.arrayBuffer().then(
      (buffer) => {
        message.data = new Uint8Array(buffer);
        this.#release();
      },
      () => {
        message.data = new Uint8Array(0);
        if (this.readyState !== 'closed')
          this.fail('data-channel-failure', 'A Blob could not be read.');
        this.#release();
      },
    );
  }

  /** Gives on what no longer waits for a blob. */
  #release(): void {
    const outbox = this.#outbox;
    if (outbox === undefined) return;
    let hasFailed = false;
    for (let next = outbox.shift(); next !== undefined; next = outbox.shift()) {
      // A blob that could not be read is left out, and has been told of.
      if (next.data.length !== next.byteLength) {
        hasFailed = true;
        continue;
      }
      try {
        this.#transmit(next);
      } catch (error) {
        this.fail('data-channel-failure', error instanceof Error ? error.message : String(error));
        hasFailed = true;
      }
    }
    if (outbox.isEmpty) this.#outbox = undefined;
    if (hasFailed) this.updateBufferedAmount();
    if (!outbox.isEmpty) return;
    if (this.readyState === 'closing') this.#host.close(this);
  }

  #transmit({ ppid, data }: WaitingMessage & { readonly data: Uint8Array }): void {
    this.#host.transmit(this, ppid, data.length === 0 ? new Uint8Array(PLACEHOLDER_BYTES) : data);
  }

  #fire(event: Event): void {
    this.target?.dispatchEvent(event);
  }
}

/**
 * An argument of `send`, as Web IDL resolves its overloads: what is no bytes and no Blob is a string.
 *
 * @throws TypeError for a symbol.
 */
function toSendable(message: unknown): unknown {
  const isOverload =
    typeof message === 'string' ||
    ArrayBuffer.isView(message) ||
    message instanceof ArrayBuffer ||
    message instanceof Blob;
  return isOverload ? message : toDomString(message);
}

/** The bytes that an argument of `send` stands for, not copied. */
function viewBytes(message: unknown): Uint8Array {
  if (ArrayBuffer.isView(message) && message.buffer instanceof ArrayBuffer) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  }
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  throw new TypeError('Only strings, Blobs, ArrayBuffers and views of them can be sent.');
}
