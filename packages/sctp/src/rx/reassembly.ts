// Makes messages of DATA chunks again and puts them in order (RFC 9260 §6.5, §6.6 and §6.9, https://www.rfc-editor.org/rfc/rfc9260#section-6.9).
import { packetSlab, serialDistance16, serialDistance32 } from '@kaon/wire';
import { DATA_FLAG, type DataHeader } from '../chunks/data.ts';
import type { SkippedStream } from '../chunks/forward-tsn.ts';
import type { SctpCounters } from '../counters.ts';

/** Takes messages that are whole and whose turn has come. */
export interface MessageSink {
  deliver(streamId: number, ppid: number, data: Uint8Array<ArrayBuffer>): void;
}

/** What is wrong with a peer whose chunk could not be taken; the association ends then. */
export type ReassemblyFault = 'message-too-large' | 'inconsistent-fragments';

/** Fragments in a row, and what follows them: two runs become one without a copy, in whatever order. */
interface Segment {
  readonly fragments: Uint8Array[];
  next: Segment | undefined;
}

/** Fragments with consecutive TSNs of one message. */
interface FragmentRun {
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly isUnordered: boolean;
  firstTsn: number;
  lastTsn: number;
  hasBeginning: boolean;
  hasEnd: boolean;
  bytes: number;
  chunks: number;
  head: Segment;
  tail: Segment;
}

/** A message that waits for earlier ones of its stream. */
interface WaitingMessage {
  readonly ppid: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

interface InboundStream {
  nextSsn: number;
  /** By stream sequence number; undefined as long as nothing had to wait. */
  waiting: Map<number, WaitingMessage> | undefined;
}

/** Smaller fragments get memory of their own, so that they don't keep a whole block of the slab alive. */
const SLAB_THRESHOLD = 512;

/**
 * Reassembles and orders what has arrived. TSNs are handed in once each: duplicates are found before.
 *
 * A message in one chunk is copied once, to its own memory. Fragments are copied to packet memory and
 * joined when the last is there. Fragments of one message have consecutive TSNs, so a run of them is found
 * by the TSN before or behind it, whatever the stream.
 */
export class Reassembly {
  readonly #sink: MessageSink;
  readonly #counters: SctpCounters;
  readonly #maxMessageBytes: number;
  readonly #streams = new Map<number, InboundStream>();
  readonly #runsByFirst = new Map<number, FragmentRun>();
  readonly #runsByLast = new Map<number, FragmentRun>();
  #bufferedBytes = 0;
  #bufferedChunks = 0;

  constructor(sink: MessageSink, counters: SctpCounters, maxMessageBytes: number) {
    this.#sink = sink;
    this.#counters = counters;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Bytes of user data that wait for more fragments or for their turn. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** How many fragments and messages they are in; each costs memory of its own, however small. */
  get bufferedChunks(): number {
    return this.#bufferedChunks;
  }

  /** Takes the user data `packet[from..to)`, of which it keeps a copy. */
  add(
    header: DataHeader,
    packet: Uint8Array,
    from: number,
    to: number,
  ): ReassemblyFault | undefined {
    const whole = DATA_FLAG.beginning | DATA_FLAG.end;
    if ((header.flags & whole) === whole) {
      if (to - from > this.#maxMessageBytes) return 'message-too-large';
      const data = new Uint8Array(to - from);
      data.set(packet.subarray(from, to));
      this.#complete(header, (header.flags & DATA_FLAG.unordered) !== 0, data);
      return undefined;
    }
    return this.#addFragment(header, packet, from, to);
  }

  /**
   * Drops what FORWARD TSN gives up, and delivers what waited for it (RFC 3758 §3.6).
   *
   * @param cumulativeTsn what it was before.
   */
  forward(
    cumulativeTsn: number,
    newCumulativeTsn: number,
    skippedStreams: readonly SkippedStream[],
  ): void {
    this.#dropRuns(cumulativeTsn, newCumulativeTsn);
    for (const { streamId, ssn } of skippedStreams) {
      const stream = this.#stream(streamId);
      const skipped = serialDistance16(ssn, stream.nextSsn) + 1;
      if (skipped <= 0) continue;
      this.#deliverUpTo(streamId, stream, skipped);
      stream.nextSsn = (ssn + 1) & 0xffff;
      this.#deliverWaiting(streamId, stream);
    }
  }

  /**
   * Starts the given streams anew, or all if none is given (RFC 6525 §5.2.2). What still waits on them can
   * never be completed and is dropped.
   *
   * @returns the streams: those given, or all known ones.
   */
  reset(streamIds: readonly number[]): readonly number[] {
    const ids = streamIds.length > 0 ? streamIds : [...this.#streams.keys()];
    for (const id of ids) {
      const stream = this.#streams.get(id);
      for (const { data } of stream?.waiting?.values() ?? []) this.#release(data.length, 1);
      this.#streams.delete(id);
    }
    return ids;
  }

  /** The same for all streams, after what is whole has been delivered (RFC 6525 §5.2.4 G4, G5). */
  restart(): void {
    for (const run of [...this.#runsByFirst.values()]) this.#removeRun(run);
    for (const [streamId, stream] of this.#streams) {
      const { waiting } = stream;
      if (waiting === undefined) continue;
      const due = [...waiting.keys()].sort((a, b) => serialDistance16(a, b));
      for (const ssn of due) {
        this.#deliverOne(streamId, ssn, waiting, waiting.get(ssn) as WaitingMessage);
      }
    }
    this.#streams.clear();
  }

  #addFragment(
    header: DataHeader,
    packet: Uint8Array,
    from: number,
    to: number,
  ): ReassemblyFault | undefined {
    const isBeginning = (header.flags & DATA_FLAG.beginning) !== 0;
    const isEnd = (header.flags & DATA_FLAG.end) !== 0;
    const { tsn } = header;
    const before = isBeginning ? undefined : this.#runsByLast.get((tsn - 1) >>> 0);
    const behind = isEnd ? undefined : this.#runsByFirst.get((tsn + 1) >>> 0);
    // A run that ends before, or begins behind, is another message's.
    const left = before?.hasEnd ? undefined : before;
    const right = behind?.hasBeginning ? undefined : behind;
    if ((left && !belongsTo(left, header)) || (right && !belongsTo(right, header))) {
      return 'inconsistent-fragments';
    }

    const view = packet.subarray(from, to);
    const fragment = to - from < SLAB_THRESHOLD ? new Uint8Array(view) : packetSlab.copy(view);
    this.#bufferedBytes += fragment.length;
    this.#bufferedChunks++;
    let run = left;
    if (run !== undefined) {
      this.#runsByLast.delete(run.lastTsn);
      run.tail.fragments.push(fragment);
      run.lastTsn = tsn;
      run.bytes += fragment.length;
      run.chunks++;
      run.hasEnd = isEnd;
    } else if (right !== undefined) {
      this.#runsByFirst.delete(right.firstTsn);
      right.head = { fragments: [fragment], next: right.head };
      right.firstTsn = tsn;
      right.bytes += fragment.length;
      right.chunks++;
      right.hasBeginning = isBeginning;
      this.#runsByFirst.set(tsn, right);
      return this.#check(right);
    } else {
      run = newRun(header, isBeginning, isEnd, fragment);
      this.#runsByFirst.set(tsn, run);
    }
    if (right !== undefined) {
      this.#runsByFirst.delete(right.firstTsn);
      this.#runsByLast.delete(right.lastTsn);
      run.tail.next = right.head;
      run.tail = right.tail;
      run.lastTsn = right.lastTsn;
      run.hasEnd = right.hasEnd;
      run.bytes += right.bytes;
      run.chunks += right.chunks;
    }
    this.#runsByLast.set(run.lastTsn, run);
    return this.#check(run);
  }

  /** Completes `run` if it is whole; finds out if it is too large. */
  #check(run: FragmentRun): ReassemblyFault | undefined {
    if (run.bytes > this.#maxMessageBytes) return 'message-too-large';
    if (!run.hasBeginning || !run.hasEnd) return undefined;
    this.#removeRun(run);
    const data = new Uint8Array(run.bytes);
    let offset = 0;
    for (let each: Segment | undefined = run.head; each !== undefined; each = each.next) {
      for (const fragment of each.fragments) {
        data.set(fragment, offset);
        offset += fragment.length;
      }
    }
    this.#complete(run, run.isUnordered, data);
    return undefined;
  }

  /** A message is whole; `source` says where it belongs. */
  #complete(
    source: { readonly streamId: number; readonly ssn: number; readonly ppid: number },
    isUnordered: boolean,
    data: Uint8Array<ArrayBuffer>,
  ): void {
    const { streamId, ssn, ppid } = source;
    if (isUnordered) {
      this.#sink.deliver(streamId, ppid, data);
      return;
    }
    const stream = this.#stream(streamId);
    if (ssn === stream.nextSsn) {
      stream.nextSsn = (ssn + 1) & 0xffff;
      this.#sink.deliver(streamId, ppid, data);
      if (stream.waiting !== undefined) this.#deliverWaiting(streamId, stream);
      return;
    }
    stream.waiting ??= new Map();
    if (serialDistance16(ssn, stream.nextSsn) < 0 || stream.waiting.has(ssn)) {
      this.#counters.droppedStaleMessages++;
      return;
    }
    stream.waiting.set(ssn, { ppid, data });
    this.#bufferedBytes += data.length;
    this.#bufferedChunks++;
  }

  /** Delivers what waited for the sequence number that has come up. */
  #deliverWaiting(streamId: number, stream: InboundStream): void {
    const { waiting } = stream;
    if (waiting === undefined) return;
    for (let next = waiting.get(stream.nextSsn); next; next = waiting.get(stream.nextSsn)) {
      this.#deliverOne(streamId, stream.nextSsn, waiting, next);
      stream.nextSsn = (stream.nextSsn + 1) & 0xffff;
    }
  }

  /** Delivers, in order, what waits among the next `count` sequence numbers. */
  #deliverUpTo(streamId: number, stream: InboundStream, count: number): void {
    const { waiting } = stream;
    if (waiting === undefined) return;
    const due: number[] = [];
    if (count < waiting.size) {
      for (let i = 0; i < count; i++) {
        const ssn = (stream.nextSsn + i) & 0xffff;
        if (waiting.has(ssn)) due.push(ssn);
      }
    } else {
      for (const ssn of waiting.keys()) {
        if (serialDistance16(ssn, stream.nextSsn) < count) due.push(ssn);
      }
      due.sort((a, b) => serialDistance16(a, b));
    }
    for (const ssn of due) {
      this.#deliverOne(streamId, ssn, waiting, waiting.get(ssn) as WaitingMessage);
    }
  }

  #deliverOne(
    streamId: number,
    ssn: number,
    waiting: Map<number, WaitingMessage>,
    message: WaitingMessage,
  ): void {
    waiting.delete(ssn);
    this.#release(message.data.length, 1);
    this.#sink.deliver(streamId, message.ppid, message.data);
  }

  /** Drops the runs that begin up to `last`: whichever is less work to find them. */
  #dropRuns(cumulativeTsn: number, last: number): void {
    if (serialDistance32(last, cumulativeTsn) >= this.#runsByFirst.size) {
      for (const run of this.#runsByFirst.values()) {
        if (serialDistance32(run.firstTsn, last) <= 0) this.#removeRun(run);
      }
      return;
    }
    // What came before without a gap can have one message at its end that is not whole.
    const begun = this.#runsByLast.get(cumulativeTsn);
    if (begun !== undefined) this.#removeRun(begun);
    for (let tsn = cumulativeTsn; tsn !== last; ) {
      tsn = (tsn + 1) >>> 0;
      const run = this.#runsByFirst.get(tsn);
      if (run !== undefined) this.#removeRun(run);
    }
  }

  #removeRun(run: FragmentRun): void {
    this.#runsByFirst.delete(run.firstTsn);
    this.#runsByLast.delete(run.lastTsn);
    this.#release(run.bytes, run.chunks);
  }

  #release(bytes: number, chunks: number): void {
    this.#bufferedBytes -= bytes;
    this.#bufferedChunks -= chunks;
  }

  #stream(streamId: number): InboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = { nextSsn: 0, waiting: undefined };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }
}

function newRun(
  header: DataHeader,
  hasBeginning: boolean,
  hasEnd: boolean,
  fragment: Uint8Array,
): FragmentRun {
  const segment: Segment = { fragments: [fragment], next: undefined };
  return {
    streamId: header.streamId,
    ssn: header.ssn,
    ppid: header.ppid,
    isUnordered: (header.flags & DATA_FLAG.unordered) !== 0,
    firstTsn: header.tsn,
    lastTsn: header.tsn,
    hasBeginning,
    hasEnd,
    bytes: fragment.length,
    chunks: 1,
    head: segment,
    tail: segment,
  };
}

/** Whether a fragment can be of the same message as `run` (RFC 9260 §6.9). */
function belongsTo(run: FragmentRun, header: DataHeader): boolean {
  const isUnordered = (header.flags & DATA_FLAG.unordered) !== 0;
  if (run.streamId !== header.streamId || run.isUnordered !== isUnordered) return false;
  // The sequence number of unordered messages says nothing (RFC 9260 §3.3.1).
  return isUnordered || run.ssn === header.ssn;
}
