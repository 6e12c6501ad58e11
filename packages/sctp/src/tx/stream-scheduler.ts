// Which stream may send next: the schedulers (RFC 8260 §3, https://www.rfc-editor.org/rfc/rfc8260#section-3).
import { Queue } from '@kaon/wire';
import type { OutgoingStream } from './outgoing-message.ts';
import { StreamHeap } from './stream-heap.ts';

/** An order among streams that have messages. */
export interface StreamScheduler {
  /**
   * `stream` has something to send, and is not among those added.
   *
   * @param bytes of user data that it will send when its turn comes: a message, or a fragment where
   * messages are interleaved.
   */
  add(stream: OutgoingStream, bytes: number): void;
  /** Takes the stream whose turn it is; it is added again afterwards if it has more. */
  next(): OutgoingStream | undefined;
  /** Forgets all streams. */
  clear(): void;
}

/** The names of the schedulers. */
export const STREAM_SCHEDULER_NAMES = [
  'fcfs',
  'round-robin',
  'priority',
  'fair',
  'weighted-fair',
] as const;

/**
 * `fcfs`: messages in the order of `send` (RFC 8260 §3.1). `round-robin`: each stream in turn (§3.2; with
 * interleaving fragment by fragment, which is §3.3). `priority`: the stream with the highest priority, and
 * others only while it has nothing (§3.4). `fair`: as many bytes for each (§3.5). `weighted-fair`: bytes in
 * proportion to priorities (§3.6).
 */
export type StreamSchedulerName = (typeof STREAM_SCHEDULER_NAMES)[number];

/** The scheduler of that name. */
export function createStreamScheduler(name: StreamSchedulerName): StreamScheduler {
  switch (name) {
    case 'fcfs':
      return new FirstComeScheduler();
    case 'round-robin':
      return new RoundRobinScheduler();
    case 'priority':
      return new PriorityScheduler();
    case 'fair':
      return new FairScheduler(false);
    case 'weighted-fair':
      return new FairScheduler(true);
  }
}

/** The stream whose first message was accepted first. */
class FirstComeScheduler implements StreamScheduler {
  readonly #streams = new StreamHeap();

  add(stream: OutgoingStream): void {
    this.#streams.push(stream, stream.queue.peek()?.order ?? 0);
  }

  next(): OutgoingStream | undefined {
    return this.#streams.pop();
  }

  clear(): void {
    this.#streams.clear();
  }
}

/** Each stream sends once, then the next stream. */
class RoundRobinScheduler implements StreamScheduler {
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

/** The highest priority first; streams of one priority take turns. */
class PriorityScheduler implements StreamScheduler {
  readonly #streams = new StreamHeap();

  add(stream: OutgoingStream): void {
    this.#streams.push(stream, -stream.priority);
  }

  next(): OutgoingStream | undefined {
    return this.#streams.pop();
  }

  clear(): void {
    this.#streams.clear();
  }
}

/**
 * Fair queueing: each stream has a virtual time at which it will have sent what it sends next, if all
 * sent at once, each at its share; the earliest is next.
 */
class FairScheduler implements StreamScheduler {
  readonly #streams = new StreamHeap();
  readonly #isWeighted: boolean;
  /** That of the stream that sent last. */
  #virtualTime = 0;

  constructor(isWeighted: boolean) {
    this.#isWeighted = isWeighted;
  }

  add(stream: OutgoingStream, bytes: number): void {
    const weight = this.#isWeighted ? stream.priority : 1;
    // A stream that had nothing to send does not get what it left to others.
    stream.virtualTime = Math.max(stream.virtualTime, this.#virtualTime) + bytes / weight;
    this.#streams.push(stream, stream.virtualTime);
  }

  next(): OutgoingStream | undefined {
    const stream = this.#streams.pop();
    if (stream !== undefined) this.#virtualTime = stream.virtualTime;
    return stream;
  }

  clear(): void {
    this.#streams.clear();
  }
}
