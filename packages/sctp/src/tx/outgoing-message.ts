// A message on its way out, and the stream it goes out on (RFC 9260 §6.1, https://www.rfc-editor.org/rfc/rfc9260#section-6.1).
import { Queue } from '@kaon/wire';

/** A message that was accepted for sending. */
export interface OutgoingMessage {
  readonly stream: OutgoingStream;
  /** The order in which messages were accepted. */
  readonly order: number;
  readonly ppid: number;
  readonly data: Uint8Array;
  readonly isUnordered: boolean;
  /** How often a fragment may be sent again (RFC 7496 §4.2, limited retransmissions); Infinity if reliable. */
  readonly maxRetransmits: number;
  /** When it is given up (RFC 3758 §4, timed reliability); Infinity if reliable. */
  readonly expiresAt: number;
  /** Given with the first fragment; -1 before, and for ever if unordered. */
  ssn: number;
  /** The Message Identifier where messages are interleaved (RFC 8260 §2.1), given with the first fragment. */
  mid: number;
  /** The Fragment Sequence Number of the next fragment. */
  nextFsn: number;
  /** The TSNs of the first and the last fragment so far; they mean nothing before there is one. */
  firstTsn: number;
  lastTsn: number;
  /** Bytes handed to the outstanding data so far. */
  offset: number;
  isAbandoned: boolean;
}

/** Where a reset of an outgoing stream stands (RFC 6525 §5.1.2); no message is accepted meanwhile. */
export type ResetProgress = 'none' | 'requested' | 'sent';

/** One outgoing stream. */
export interface OutgoingStream {
  readonly id: number;
  readonly queue: Queue<OutgoingMessage>;
  nextSsn: number;
  nextMid: number;
  nextUnorderedMid: number;
  /** From 1 to 65535: the weight of its share, or its rank (RFC 8260 §3.4, §3.6). */
  priority: number;
  /** What {@link StreamScheduler} keeps of it. */
  virtualTime: number;
  /** Bytes accepted and not yet sent for the first time. */
  bufferedBytes: number;
  /** Chunks sent and not yet acknowledged cumulatively. */
  outstandingChunks: number;
  /** Whether the scheduler has it. */
  isScheduled: boolean;
  /** Whether `bufferedBytes` fell since this was last told. */
  hasFallen: boolean;
  resetProgress: ResetProgress;
}

/** A stream on which nothing was sent yet. */
export function createOutgoingStream(id: number, priority: number): OutgoingStream {
  return {
    id,
    queue: new Queue<OutgoingMessage>(),
    nextSsn: 0,
    nextMid: 0,
    nextUnorderedMid: 0,
    priority,
    virtualTime: 0,
    bufferedBytes: 0,
    outstandingChunks: 0,
    isScheduled: false,
    hasFallen: false,
    resetProgress: 'none',
  };
}

/** A message of which nothing was sent yet; ordered and reliable if nothing else is said. */
export function createOutgoingMessage(
  stream: OutgoingStream,
  order: number,
  ppid: number,
  data: Uint8Array,
  isUnordered = false,
  maxRetransmits: number = Number.POSITIVE_INFINITY,
  expiresAt: number = Number.POSITIVE_INFINITY,
): OutgoingMessage {
  return {
    stream,
    order,
    ppid,
    data,
    isUnordered,
    maxRetransmits,
    expiresAt,
    ssn: -1,
    mid: 0,
    nextFsn: 0,
    firstTsn: 0,
    lastTsn: 0,
    offset: 0,
    isAbandoned: false,
  };
}

/** Gives a message its place in its stream: with the first fragment, so that what is given up before leaves no gap. */
export function numberMessage(message: OutgoingMessage): void {
  const { isUnordered, stream } = message;
  if (isUnordered) {
    message.mid = stream.nextUnorderedMid;
    stream.nextUnorderedMid = (stream.nextUnorderedMid + 1) >>> 0;
    return;
  }
  message.ssn = stream.nextSsn;
  stream.nextSsn = (stream.nextSsn + 1) & 0xffff;
  message.mid = stream.nextMid;
  stream.nextMid = (stream.nextMid + 1) >>> 0;
}
