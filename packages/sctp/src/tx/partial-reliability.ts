// Gives messages up and tells the peer to go on without them: the sender's side of partial reliability (RFC 3758 §3.5, RFC 7496 §4, https://www.rfc-editor.org/rfc/rfc3758#section-3.5).
import { serialAdd32, serialDistance32 } from '@kaon/wire';
import { DATA_FLAG } from '../chunks/data.ts';
import {
  encodeForwardTsn,
  FORWARD_TSN_HEADER_LENGTH,
  type ForwardTsnChunk,
  SKIPPED_STREAM_LENGTH,
} from '../chunks/forward-tsn.ts';
import {
  encodeIForwardTsn,
  type IForwardTsnChunk,
  maxSkippedMessages,
  type SkippedMessage,
} from '../chunks/i-forward-tsn.ts';
import type { SctpCounters } from '../counters.ts';
import type { OutgoingMessage, OutgoingStream } from './outgoing-message.ts';
import type { OutstandingChunk, OutstandingData } from './outstanding-data.ts';
import type { RtoEstimator } from './rto-estimator.ts';
import type { SendQueue } from './send-queue.ts';

/** Knows what was given up, and what of that the peer has not been told. */
export class PartialReliability {
  readonly #outstanding: OutstandingData;
  readonly #queue: SendQueue;
  readonly #rto: RtoEstimator;
  readonly #counters: SctpCounters;
  /** Whether the peer knows FORWARD TSN; if not, everything is reliable. */
  isSupported = false;
  /** The time of the input that is being worked on. */
  now = 0;
  /** Advanced.Peer.Ack.Point (§3.5). */
  #advancedTsn: number;
  #isForwardTsnDue = false;
  #forwardTsnSentAt = Number.NEGATIVE_INFINITY;

  constructor(
    outstanding: OutstandingData,
    queue: SendQueue,
    rto: RtoEstimator,
    counters: SctpCounters,
  ) {
    this.#outstanding = outstanding;
    this.#queue = queue;
    this.#rto = rto;
    this.#counters = counters;
    this.#advancedTsn = outstanding.cumulativeTsnAck;
  }

  /** Whether FORWARD TSN is to be sent. */
  get isForwardTsnDue(): boolean {
    return this.#isForwardTsnDue;
  }

  /** §3.5 A and RFC 7496 §4.2: is a lost chunk sent again? If not, its message is given up. */
  readonly policy = (chunk: OutstandingChunk): boolean => {
    const message = chunk.message as OutgoingMessage;
    if (!this.isSupported) return true;
    if (message.expiresAt > this.now && chunk.transmissions <= message.maxRetransmits) return true;
    this.#giveUp(message);
    return false;
  };

  /** Whether a chunk cannot be sent again to probe for loss: that nothing was heard for a while is no loss yet. */
  isLastTry(tsn: number): boolean {
    if (!this.isSupported) return false;
    const { message, transmissions } = this.#outstanding.chunk(tsn);
    const { expiresAt, maxRetransmits } = message as OutgoingMessage;
    return expiresAt > this.now && transmissions > maxRetransmits;
  }

  /** Gives up `message`, of which something was sent. */
  abandon(message: OutgoingMessage, now: number): void {
    this.now = now;
    this.#giveUp(message);
    this.#outstanding.abandonMessage(message);
    this.advance(now);
  }

  /**
   * Gives up the messages of a stream that were sent and have not arrived, but those that `isKept` says. Does
   * nothing if the peer does not know FORWARD TSN: it would wait for what is missing.
   */
  abandonStream(
    stream: OutgoingStream,
    isKept: (message: OutgoingMessage) => boolean,
    now: number,
  ): void {
    if (!this.isSupported) return;
    const outstanding = this.#outstanding;
    let tsn = serialAdd32(outstanding.cumulativeTsnAck, 1);
    for (; tsn !== outstanding.nextTsn; tsn = serialAdd32(tsn, 1)) {
      const { message, state } = outstanding.chunk(tsn);
      if (message?.stream !== stream || (state !== 'in-flight' && state !== 'lost')) continue;
      if (!isKept(message)) this.abandon(message, now);
    }
    // One that was begun, and all of that has arrived.
    const first = stream.queue.peek();
    if (first !== undefined && first.offset > 0 && !isKept(first)) this.abandon(first, now);
  }

  /** Moves Advanced.Peer.Ack.Point over what was abandoned (§3.5 C1 to C5). */
  advance(now: number): void {
    const outstanding = this.#outstanding;
    if (serialDistance32(outstanding.cumulativeTsnAck, this.#advancedTsn) >= 0) {
      this.#advancedTsn = outstanding.cumulativeTsnAck;
      this.#isForwardTsnDue = false;
    }
    if (!this.isSupported) return;
    let hasAdvanced = false;
    let next = serialAdd32(this.#advancedTsn, 1);
    while (next !== outstanding.nextTsn && outstanding.chunk(next).state === 'abandoned') {
      this.#advancedTsn = next;
      hasAdvanced = true;
      next = serialAdd32(next, 1);
    }
    if (this.#advancedTsn === outstanding.cumulativeTsnAck) return;
    // C5. Deviation: RFC 3758 §3.5 sends FORWARD TSN after every SACK that has not caught up; here once a
    // round trip if it says nothing new, because SACKs come by the dozen where there is loss.
    if (hasAdvanced || now - this.#forwardTsnSentAt >= (this.#rto.srttMs ?? this.#rto.rtoMs)) {
      this.#isForwardTsnDue = true;
    }
  }

  /** TSNs go on elsewhere, and nothing is outstanding. */
  restart(): void {
    this.#advancedTsn = this.#outstanding.cumulativeTsnAck;
    this.#isForwardTsnDue = false;
  }

  /** T3-rtx expired: FORWARD TSN may be lost too. */
  handleTimeout(now: number): void {
    this.#forwardTsnSentAt = Number.NEGATIVE_INFINITY;
    this.advance(now);
  }

  /** Writes the FORWARD TSN, or I-FORWARD-TSN, that is due; returns the offset behind it. */
  write(
    isInterleaving: boolean,
    out: Uint8Array,
    offset: number,
    limit: number,
    now: number,
  ): number {
    this.#isForwardTsnDue = false;
    this.#forwardTsnSentAt = now;
    const maxLength = limit - offset;
    return isInterleaving
      ? encodeIForwardTsn(this.#iForwardTsn(maxLength), out, offset)
      : encodeForwardTsn(this.#forwardTsn(maxLength), out, offset);
  }

  #forwardTsn(maxLength: number): ForwardTsnChunk {
    const maxStreams = Math.floor((maxLength - FORWARD_TSN_HEADER_LENGTH) / SKIPPED_STREAM_LENGTH);
    const ssns = new Map<number, number>();
    let newCumulativeTsn = this.#outstanding.cumulativeTsnAck;
    while (newCumulativeTsn !== this.#advancedTsn) {
      const tsn = serialAdd32(newCumulativeTsn, 1);
      const message = this.#outstanding.chunk(tsn).message as OutgoingMessage;
      if (!message.isUnordered) {
        // What does not fit waits until the peer has acknowledged the first part.
        if (ssns.size === maxStreams && !ssns.has(message.stream.id)) break;
        ssns.set(message.stream.id, message.ssn);
      }
      newCumulativeTsn = tsn;
    }
    const skippedStreams = Array.from(ssns, ([streamId, ssn]) => ({ streamId, ssn }));
    return { type: 'forward-tsn', newCumulativeTsn, skippedStreams };
  }

  /** The same where messages are interleaved (RFC 8260 §2.3.1). */
  #iForwardTsn(maxLength: number): IForwardTsnChunk {
    const maxMessages = maxSkippedMessages(maxLength);
    const skipped = new Map<number, SkippedMessage>();
    let newCumulativeTsn = this.#outstanding.cumulativeTsnAck;
    while (newCumulativeTsn !== this.#advancedTsn) {
      const tsn = serialAdd32(newCumulativeTsn, 1);
      const message = this.#outstanding.chunk(tsn).message as OutgoingMessage;
      const { isUnordered, mid } = message;
      const streamId = message.stream.id;
      const key = 2 * streamId + (isUnordered ? 1 : 0);
      // What does not fit waits until the peer has acknowledged the first part.
      if (skipped.size === maxMessages && !skipped.has(key)) break;
      const known = skipped.get(key);
      // A message begun earlier may have its last chunk behind one of a later message.
      if (known === undefined || serialDistance32(mid, known.mid) > 0) {
        skipped.set(key, { streamId, isUnordered, mid });
      }
      newCumulativeTsn = tsn;
    }
    return { type: 'i-forward-tsn', newCumulativeTsn, skippedMessages: [...skipped.values()] };
  }

  /** Drops what was not yet sent of `message`. Its chunks are abandoned by the caller. */
  #giveUp(message: OutgoingMessage): void {
    if (message.isAbandoned) return;
    this.#counters.messagesAbandoned++;
    if (message.offset < message.data.length) {
      // The peer may have all that was sent and wait for the rest: one more TSN stands for that, is never
      // sent, and is passed over with FORWARD TSN.
      this.#outstanding.add(message, 0, 0, DATA_FLAG.end, 'abandoned', this.now);
      this.#queue.drop(message);
    }
    message.isAbandoned = true;
  }
}
