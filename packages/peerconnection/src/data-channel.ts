// RTCDataChannel.
// https://www.w3.org/TR/webrtc/#rtcdatachannel

import type { BinaryType, Channel, RTCDataChannelState } from './data/channel.ts';
import type { RTCPriorityType } from './data/priority.ts';
import {
  type EventHandler,
  eventHandler,
  type ReadEventHandler,
  setEventHandler,
  TypedEventTarget,
} from './event-target.ts';
import type { RTCErrorEvent } from './rtc-error.ts';
import { defineInterface, enforceRange, requireArguments } from './web-idl.ts';

export interface RTCDataChannelInit {
  /** false lets messages arrive in any order; true by default. */
  ordered?: boolean;
  /** Milliseconds during which a message is sent again; not with {@link maxRetransmits}. */
  maxPacketLifeTime?: number;
  /** How often a message is sent again. */
  maxRetransmits?: number;
  protocol?: string;
  /** Its share of what can be sent, beside other channels; `low` by default (webrtc-priority §4). */
  priority?: RTCPriorityType;
  /** Whether both sides create the channel themselves, with the same {@link id}. */
  negotiated?: boolean;
  /** 0 to 65534, with {@link negotiated}. */
  id?: number;
}

export interface RTCDataChannelEventMap {
  open: Event;
  message: MessageEvent;
  bufferedamountlow: Event;
  error: RTCErrorEvent;
  closing: Event;
  close: Event;
}

const MAX_UNSIGNED_LONG = 0xffff_ffff;

/** A channel for messages, made by `createDataChannel` or by the peer. */
export class RTCDataChannel extends TypedEventTarget<RTCDataChannelEventMap> {
  readonly #channel: Channel;

  /** Not for applications. */
  constructor(channel: Channel) {
    super();
    if (channel === undefined) throw new TypeError('Illegal constructor.');
    this.#channel = channel;
    channel.target = this;
  }

  get label(): string {
    return this.#channel.parameters.label;
  }

  get ordered(): boolean {
    return this.#channel.parameters.ordered;
  }

  get maxPacketLifeTime(): number | null {
    return this.#channel.parameters.maxPacketLifeTime;
  }

  get maxRetransmits(): number | null {
    return this.#channel.parameters.maxRetransmits;
  }

  get protocol(): string {
    return this.#channel.parameters.protocol;
  }

  get priority(): RTCPriorityType {
    return this.#channel.parameters.priority;
  }

  get negotiated(): boolean {
    return this.#channel.parameters.negotiated;
  }

  /** The SCTP stream; null until the DTLS roles are known. */
  get id(): number | null {
    return this.#channel.id;
  }

  get readyState(): RTCDataChannelState {
    return this.#channel.readyState;
  }

  /** Bytes given to {@link send} that have not left yet. */
  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  get bufferedAmountLowThreshold(): number {
    return this.#channel.bufferedAmountLowThreshold;
  }

  /** @throws TypeError if it is no integer from 0 to 2^32 - 1. */
  set bufferedAmountLowThreshold(value: number) {
    const threshold = enforceRange(value, MAX_UNSIGNED_LONG, 'bufferedAmountLowThreshold');
    this.#channel.bufferedAmountLowThreshold = threshold;
  }

  /** How binary messages are handed over; `arraybuffer` by default. */
  get binaryType(): BinaryType {
    return this.#channel.binaryType;
  }

  set binaryType(value: BinaryType) {
    // An unknown value of an enumeration is ignored when it is set.
    if (value === 'blob' || value === 'arraybuffer') this.#channel.binaryType = value;
  }

  /**
   * Sends a message. Bytes are copied; blobs are read in the order of the calls.
   *
   * @throws DOMException `InvalidStateError` if the channel is not open; `OperationError` if more than
   * the send buffer (16 MiB by default) would wait.
   * @throws TypeError if the message is larger than `pc.sctp.maxMessageSize`, a view of shared memory or a
   * symbol; anything else is sent as the string that it converts to, as Web IDL has it.
   */
  send(data: string): void;
  send(data: Blob): void;
  send(data: ArrayBuffer): void;
  send(data: ArrayBufferView<ArrayBuffer>): void;
  send(data: string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    // biome-ignore lint/complexity/noArguments: there is no other way to count them.
    requireArguments(arguments.length, 1);
    this.#channel.send(data);
  }

  /**
   * Kaon's own: the messages as a stream, with back pressure: what waits to be read is part of the receive
   * window, so that the peer stops sending when it is full. All channels of a connection share that window,
   * so one that is not read holds up the others in the end.
   *
   * From the first use on messages come here and `message` events are no longer fired. Use it in the turn of
   * the event loop in which the channel is got, or messages before that are events. Text comes as strings,
   * bytes as `Uint8Array`. The stream closes when the peer has closed its side, after what had come before;
   * it errors with an `OperationError` if the connection is closed or fails before. Cancelling it drops what
   * comes from then on. When {@link close} is called, what comes afterwards is dropped as well.
   */
  get readable(): ReadableStream<string | Uint8Array<ArrayBuffer>> {
    return this.#channel.readable;
  }

  /**
   * Kaon's own: the channel as a stream to write messages to. Writers wait while more than 1 MiB waits to be
   * sent, until 256 KiB are left, or while the send buffer is too full for the message.
   *
   * Closing it sends what was written and closes our side: it is done when the peer has got all of it and
   * knows that it was all. {@link readable} goes on until the peer has closed its side, which it does at
   * once unless it {@link allowHalfOpen | allows half-open channels}. Aborting it closes our side as well, and
   * gives up what has not arrived; the peer cannot tell that from an end.
   *
   * It errors with the TypeError of {@link send} for a message that cannot be sent, which closes our side too;
   * with an `InvalidStateError` when the channel is closed otherwise; with an `OperationError` when something
   * written was not sent by then, or the connection is closed or fails.
   */
  get writable(): WritableStream<string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>> {
    return this.#channel.writable;
  }

  /**
   * Kaon's own: whether {@link writable}, if it is in use, stays open when the peer closes its side, until it
   * is closed too; false by default. {@link readyState} is `closing` meanwhile, and {@link send} throws.
   */
  get allowHalfOpen(): boolean {
    return this.#channel.allowHalfOpen;
  }

  set allowHalfOpen(value: boolean) {
    this.#channel.allowHalfOpen = Boolean(value);
  }

  /** Closes the channel on both sides when all messages have been sent. */
  close(): void {
    this.#channel.close();
  }

  get onopen(): ReadEventHandler {
    return eventHandler(this, 'open');
  }

  set onopen(handler: EventHandler<Event>) {
    setEventHandler(this, 'open', handler);
  }

  get onmessage(): ReadEventHandler {
    return eventHandler(this, 'message');
  }

  set onmessage(handler: EventHandler<MessageEvent>) {
    setEventHandler(this, 'message', handler);
  }

  get onbufferedamountlow(): ReadEventHandler {
    return eventHandler(this, 'bufferedamountlow');
  }

  set onbufferedamountlow(handler: EventHandler<Event>) {
    setEventHandler(this, 'bufferedamountlow', handler);
  }

  get onerror(): ReadEventHandler {
    return eventHandler(this, 'error');
  }

  set onerror(handler: EventHandler<RTCErrorEvent>) {
    setEventHandler(this, 'error', handler);
  }

  get onclosing(): ReadEventHandler {
    return eventHandler(this, 'closing');
  }

  set onclosing(handler: EventHandler<Event>) {
    setEventHandler(this, 'closing', handler);
  }

  get onclose(): ReadEventHandler {
    return eventHandler(this, 'close');
  }

  set onclose(handler: EventHandler<Event>) {
    setEventHandler(this, 'close', handler);
  }
}

defineInterface(RTCDataChannel, 'RTCDataChannel');
