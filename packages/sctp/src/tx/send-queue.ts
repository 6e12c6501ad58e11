// Messages not yet sent, by stream, and the order in which they go out (RFC 9260 §6.1, https://www.rfc-editor.org/rfc/rfc9260#section-6.1).
import { Queue } from '@kaon/wire';
import type { SctpCounters } from '../counters.ts';
import {
  createOutgoingStream,
  type OutgoingMessage,
  type OutgoingStream,
} from './outgoing-message.ts';
import {
  createStreamScheduler,
  type StreamScheduler,
  type StreamSchedulerName,
} from './stream-scheduler.ts';

/** DCEP's "normal" (RFC 8831 §6.4). */
const DEFAULT_PRIORITY = 256;

/** Holds messages until the windows let them go. */
export class SendQueue {
  readonly #counters: SctpCounters;
  readonly #streams = new Map<number, OutgoingStream>();
  /** Kept apart from streams, which come and go. */
  readonly #priorities = new Map<number, number>();
  readonly #scheduler: StreamScheduler;
  /** Fragments of messages take turns (RFC 8260); set once the peer is known. */
  isInterleaving = false;
  /**
   * Messages begun and not sent to the end have so many bytes in all at most, unless it is one. A receiver
   * holds what it has of them: if more were begun than it has room for, none could ever be completed.
   */
  maxOpenBytes: number = Number.POSITIVE_INFINITY;
  #openBytes = 0;
  /** No message is begun: those that were are sent to the end. */
  #isSuspended = false;
  /** Streams whose next message has to wait until others are sent. */
  readonly #held = new Queue<OutgoingStream>();
  /** Bytes of messages that were begun since the first of those has to wait. */
  #begunBefore = 0;
  /** Bytes of user data in one fragment at most; what a turn is where fragments take them. */
  fragmentBytes = 1024;
  /**
   * The message being sent: without interleaving its fragments must have consecutive TSNs (RFC 9260 §6.9),
   * with it this is whose turn it is.
   */
  #current: OutgoingMessage | undefined;
  readonly #fallen: OutgoingStream[] = [];
  #bufferedBytes = 0;
  #messageCount = 0;

  constructor(counters: SctpCounters, scheduler: StreamSchedulerName) {
    this.#counters = counters;
    this.#scheduler = createStreamScheduler(scheduler);
  }

  /** Bytes accepted and not yet sent for the first time. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Messages not yet sent to the end. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /** The streams that anything was sent on since they were last reset. */
  get streamIds(): readonly number[] {
    return [...this.#streams.keys()];
  }

  /** The stream, if anything was ever sent on it since it was last reset. */
  find(streamId: number): OutgoingStream | undefined {
    return this.#streams.get(streamId);
  }

  /** The stream; it is made if need be. */
  stream(streamId: number): OutgoingStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = createOutgoingStream(streamId, this.#priorities.get(streamId) ?? DEFAULT_PRIORITY);
      this.#streams.set(streamId, stream);
    }
    return stream;
  }

  /** Sets the priority of a stream, for what it sends from its next turn on. */
  setPriority(streamId: number, priority: number): void {
    if (priority === DEFAULT_PRIORITY) this.#priorities.delete(streamId);
    else this.#priorities.set(streamId, priority);
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) stream.priority = priority;
  }

  /** Accepts a message. */
  push(message: OutgoingMessage): void {
    const { stream } = message;
    stream.queue.push(message);
    stream.bufferedBytes += message.data.length;
    this.#bufferedBytes += message.data.length;
    this.#messageCount++;
    this.#schedule(stream);
  }

  /** The message whose next fragment is sent next; those whose lifetime is over are dropped on the way. */
  current(now: number): OutgoingMessage | undefined {
    while (true) {
      if (this.#current === undefined) {
        const stream = this.#takeOverdue() ?? this.#scheduler.next();
        if (stream === undefined) return undefined;
        const message = stream.queue.peek();
        if (message !== undefined && !this.#mayOpen(message)) {
          this.#held.push(stream);
          continue;
        }
        stream.isScheduled = false;
        if (message === undefined) continue;
        this.#current = message;
      }
      if (this.#current.offset > 0 || this.#current.expiresAt > now) return this.#current;
      // RFC 3758 §3.5 A: it was never sent, so the peer need not know.
      this.#counters.messagesAbandoned++;
      this.drop(this.#current);
    }
  }

  /** `length` more bytes of the current message have been sent. */
  take(message: OutgoingMessage, length: number): void {
    if (message.offset === 0) {
      this.#openBytes += message.data.length;
      if (this.#held.length > 0) this.#begunBefore += message.data.length;
    }
    message.offset += length;
    this.#shrink(message.stream, length);
    if (message.offset === message.data.length) this.#leave(message);
    else if (this.isInterleaving) this.#endTurn(message.stream);
  }

  /** Gives up what is left of a message that is the first of its stream. */
  drop(message: OutgoingMessage): void {
    message.isAbandoned = true;
    if (message.offset === 0) this.#openBytes += message.data.length;
    this.#shrink(message.stream, message.data.length - message.offset);
    message.offset = message.data.length;
    this.#leave(message);
  }

  /** Gives up all messages of a stream of which nothing was sent, but those that `isKept` says. */
  dropUnsent(stream: OutgoingStream, isKept: (message: OutgoingMessage) => boolean): void {
    const kept: OutgoingMessage[] = [];
    for (let first = stream.queue.peek(); first !== undefined; first = stream.queue.peek()) {
      if (first.offset === 0 && !isKept(first)) {
        this.#counters.messagesAbandoned++;
        this.drop(first);
      } else {
        stream.queue.shift();
        kept.push(first);
      }
    }
    for (const message of kept) stream.queue.push(message);
    this.#schedule(stream);
  }

  /** Whether a message was begun and not yet sent to the end. */
  get hasBegun(): boolean {
    return this.#openBytes > 0;
  }

  /** Begins no message until {@link resume}. */
  suspend(): void {
    this.#isSuspended = true;
    const current = this.#current;
    if (current === undefined || current.offset > 0) return;
    this.#current = undefined;
    current.stream.isScheduled = true;
    this.#held.push(current.stream);
  }

  /** Begins messages again. */
  resume(): void {
    this.#isSuspended = false;
    this.#releaseHeld();
  }

  /** Messages of all streams are numbered from 0 again; none is begun (RFC 6525 §5.2.4 G5). */
  restartNumbers(): void {
    for (const stream of this.#streams.values()) {
      stream.nextSsn = 0;
      stream.nextMid = 0;
      stream.nextUnorderedMid = 0;
    }
  }

  /** Lets a stream without messages send again after its reset; it starts anew if the reset succeeded. */
  release(stream: OutgoingStream, hasSucceeded: boolean): void {
    stream.resetProgress = 'none';
    if (hasSucceeded) this.#streams.delete(stream.id);
  }

  /** The next stream whose buffered amount fell since this was last asked. */
  takeFallen(): OutgoingStream | undefined {
    const stream = this.#fallen.pop();
    if (stream !== undefined) stream.hasFallen = false;
    return stream;
  }

  /** Forgets all messages and streams, for an association that ends or starts anew. */
  clear(): void {
    for (const stream of this.#streams.values()) {
      if (stream.bufferedBytes > 0) this.#shrink(stream, stream.bufferedBytes);
    }
    this.#streams.clear();
    this.#scheduler.clear();
    this.#current = undefined;
    this.#held.clear();
    this.#begunBefore = 0;
    this.#openBytes = 0;
    this.#isSuspended = false;
    this.#messageCount = 0;
  }

  #schedule(stream: OutgoingStream): void {
    if (stream.isScheduled || this.#current?.stream === stream) return;
    const message = stream.queue.peek();
    if (message === undefined) return;
    stream.isScheduled = true;
    const rest = message.data.length - message.offset;
    this.#scheduler.add(stream, this.isInterleaving ? Math.min(rest, this.fragmentBytes) : rest);
  }

  #mayOpen(message: OutgoingMessage): boolean {
    if (message.offset > 0) return true;
    if (this.#isSuspended) return false;
    if (this.#openBytes === 0) return true;
    return !this.#isOverdue && this.#openBytes + message.data.length <= this.maxOpenBytes;
  }

  /** Whether the first that waits is next. What fits may be begun before a larger one, but not for ever. */
  get #isOverdue(): boolean {
    return this.#held.length > 0 && this.#begunBefore >= this.maxOpenBytes;
  }

  /** The first that waits, if it is next and there is room for it. */
  #takeOverdue(): OutgoingStream | undefined {
    while (this.#isOverdue && !this.#isSuspended) {
      const stream = this.#held.peek() as OutgoingStream;
      const message = stream.queue.peek();
      const bytes = this.#openBytes + (message?.data.length ?? 0);
      if (message !== undefined && this.#openBytes > 0 && bytes > this.maxOpenBytes) break;
      this.#held.shift();
      if (message !== undefined) {
        this.#begunBefore = 0;
        return stream;
      }
      // What it had was given up; the next is as overdue.
      stream.isScheduled = false;
    }
    return undefined;
  }

  #releaseHeld(): void {
    if (this.#isSuspended || this.#isOverdue) return;
    let bytes = this.#openBytes;
    for (let stream = this.#held.peek(); stream !== undefined; stream = this.#held.peek()) {
      const length = stream.queue.peek()?.data.length ?? 0;
      if (bytes > 0 && bytes + length > this.maxOpenBytes) return;
      bytes += length;
      this.#begunBefore = 0;
      this.#held.shift();
      stream.isScheduled = false;
      this.#schedule(stream);
    }
  }

  /** The stream has more to send, but others may be before it. */
  #endTurn(stream: OutgoingStream): void {
    if (this.#current?.stream === stream) this.#current = undefined;
    this.#schedule(stream);
  }

  #shrink(stream: OutgoingStream, length: number): void {
    stream.bufferedBytes -= length;
    this.#bufferedBytes -= length;
    if (!stream.hasFallen) {
      stream.hasFallen = true;
      this.#fallen.push(stream);
    }
  }

  #leave(message: OutgoingMessage): void {
    const { stream } = message;
    stream.queue.shift();
    this.#messageCount--;
    this.#openBytes -= message.data.length;
    this.#releaseHeld();
    if (this.#current === message) this.#current = undefined;
    if (stream.queue.length > 0) this.#schedule(stream);
  }
}
