// Makes messages of I-DATA chunks again, many of a stream and of many streams at once, and puts them in order (RFC 8260 §2.2, https://www.rfc-editor.org/rfc/rfc8260#section-2.2).
import { packetSlab, serialDistance32 } from '@kaon/wire';
import { DATA_FLAG } from '../chunks/data.ts';
import type { IDataHeader } from '../chunks/i-data.ts';
import type { SkippedMessage } from '../chunks/i-forward-tsn.ts';
import type { SctpCounters } from '../counters.ts';
import type { MessageSink, ReassemblyFault } from './reassembly.ts';

/** Smaller fragments get memory of their own, so that they don't keep a whole block of the slab alive. */
const SLAB_THRESHOLD = 512;

/**
 * Twice the chunks that a receiver holds at least; see {@link Receiver}. Messages of a stream that are further
 * apart cannot be under way at the same time.
 */
const MAX_MESSAGES_AHEAD = 0x2_0000;

/** A message of which not all has arrived, or whose turn has not come. */
interface Assembly {
  ppid: number;
  /** In order from the first on: nearly all fragments come so. */
  readonly inOrder: Uint8Array[];
  /** By fragment sequence number, what came too soon; undefined as long as nothing has. */
  early: Map<number, Uint8Array> | undefined;
  /** The sequence number of the last fragment; -1 while unknown. */
  lastFsn: number;
  bytes: number;
  chunks: number;
}

/** Messages of one stream, ordered ones and unordered ones by their identifiers. */
interface InboundStream {
  nextMid: number;
  readonly ordered: Map<number, Assembly>;
  readonly unordered: Map<number, Assembly>;
  /**
   * Unordered messages up to this one are not waited for; those that are held lie within
   * {@link MAX_MESSAGES_AHEAD} behind it. Undefined as long as none was held or given up.
   */
  skippedUnordered: number | undefined;
}

/** Reassembles and orders. TSNs are handed in once each: duplicates are found before. */
export class InterleavedReassembly {
  readonly #sink: MessageSink;
  readonly #counters: SctpCounters;
  readonly #maxMessageBytes: number;
  readonly #streams = new Map<number, InboundStream>();
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

  /** How many fragments they are in; each costs memory of its own, however small. */
  get bufferedChunks(): number {
    return this.#bufferedChunks;
  }

  /** Takes the user data `packet[from..to)`, of which it keeps a copy. */
  add(
    header: IDataHeader,
    packet: Uint8Array,
    from: number,
    to: number,
  ): ReassemblyFault | undefined {
    const { flags, mid, streamId } = header;
    const stream = this.#stream(streamId);
    const isUnordered = (flags & DATA_FLAG.unordered) !== 0;
    const whole = DATA_FLAG.beginning | DATA_FLAG.end;
    const isNext = isUnordered || mid === stream.nextMid;
    const assemblies = isUnordered ? stream.unordered : stream.ordered;
    if ((flags & whole) === whole && isNext && !assemblies.has(mid)) {
      if (to - from > this.#maxMessageBytes) return 'message-too-large';
      this.#sink.deliver(streamId, header.ppid, copyOf(packet, from, to));
      if (!isUnordered) this.#passOn(streamId, stream);
      return undefined;
    }
    // No more messages can be under way than chunks; only a peer that makes them up is further ahead.
    if (!isUnordered && serialDistance32(mid, stream.nextMid) > MAX_MESSAGES_AHEAD) {
      return 'inconsistent-fragments';
    }
    // A fragment of what was given up, late or beyond the TSN given up so far: nothing would ever complete it.
    const isStale = isUnordered
      ? !this.#mayHoldUnordered(stream, mid)
      : serialDistance32(mid, stream.nextMid) < 0;
    if (isStale) {
      this.#counters.droppedStaleMessages++;
      return undefined;
    }
    let assembly = assemblies.get(mid);
    if (assembly === undefined) {
      assembly = { ppid: 0, inOrder: [], early: undefined, lastFsn: -1, bytes: 0, chunks: 0 };
      assemblies.set(mid, assembly);
    }
    if (!this.#addFragment(assembly, header, packet, from, to)) return 'inconsistent-fragments';
    if (assembly.bytes > this.#maxMessageBytes) return 'message-too-large';
    if (!isWhole(assembly)) return undefined;
    if (isUnordered) this.#deliver(streamId, assemblies, mid, assembly);
    else if (isNext) this.#deliverInOrder(streamId, stream);
    return undefined;
  }

  /** Drops what I-FORWARD-TSN gives up, and delivers what waited for it (RFC 8260 §2.3.1). */
  forward(skippedMessages: readonly SkippedMessage[]): void {
    for (const { streamId, isUnordered, mid } of skippedMessages) {
      const stream = this.#stream(streamId);
      if (isUnordered) {
        if (!wasSkipped(stream, mid)) this.#skipUnordered(stream, mid);
        continue;
      }
      const { nextMid, ordered } = stream;
      if (serialDistance32(mid, nextMid) < 0) continue;
      for (const each of dueUpTo(ordered, nextMid, mid)) {
        const assembly = ordered.get(each) as Assembly;
        // What is whole and only waited is delivered, as with FORWARD TSN (RFC 3758 §3.6).
        if (isWhole(assembly)) this.#deliver(streamId, ordered, each, assembly);
        else this.#drop(ordered, each, assembly);
      }
      stream.nextMid = (mid + 1) >>> 0;
      this.#deliverInOrder(streamId, stream);
    }
  }

  /**
   * Starts the given streams anew, or all if none is given (RFC 6525 §5.2.2, RFC 8260 §2.3.2). What still
   * waits on them can never be completed and is dropped.
   *
   * @returns the streams: those given, or all known ones.
   */
  reset(streamIds: readonly number[]): readonly number[] {
    const ids = streamIds.length > 0 ? streamIds : [...this.#streams.keys()];
    for (const id of ids) {
      const stream = this.#streams.get(id);
      if (stream === undefined) continue;
      for (const assemblies of [stream.ordered, stream.unordered]) {
        for (const [mid, assembly] of assemblies) this.#drop(assemblies, mid, assembly);
      }
      this.#streams.delete(id);
    }
    return ids;
  }

  /** The same for all streams, after what is whole has been delivered (RFC 6525 §5.2.4 G4, G5). */
  restart(): void {
    for (const [streamId, { ordered }] of this.#streams) {
      for (const mid of [...ordered.keys()].sort((a, b) => serialDistance32(a, b))) {
        const assembly = ordered.get(mid) as Assembly;
        if (isWhole(assembly)) this.#deliver(streamId, ordered, mid, assembly);
      }
    }
    this.reset([]);
  }

  /** Whether an unordered message is waited for. One far ahead makes those far behind it stale. */
  #mayHoldUnordered(stream: InboundStream, mid: number): boolean {
    if (wasSkipped(stream, mid)) return false;
    const { skippedUnordered } = stream;
    const ahead =
      skippedUnordered === undefined ? Number.NaN : serialDistance32(mid, skippedUnordered);
    if (!(ahead > 0 && ahead <= MAX_MESSAGES_AHEAD)) {
      this.#skipUnordered(stream, (mid - MAX_MESSAGES_AHEAD) >>> 0);
    }
    return true;
  }

  /** Drops unordered messages up to `last`. What is found here costs no more than what came since. */
  #skipUnordered(stream: InboundStream, last: number): void {
    const { skippedUnordered = last, unordered } = stream;
    stream.skippedUnordered = last;
    if (unordered.size === 0) return;
    const count = serialDistance32(last, skippedUnordered);
    const isNear = count > 0 && count <= MAX_MESSAGES_AHEAD;
    const due = isNear
      ? dueUpTo(unordered, (skippedUnordered + 1) >>> 0, last)
      : [...unordered.keys()];
    for (const mid of due) this.#drop(unordered, mid, unordered.get(mid) as Assembly);
  }

  /** Whether the fragment goes with those that are there. */
  #addFragment(
    assembly: Assembly,
    { flags, fsn, ppid }: IDataHeader,
    packet: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const isBeginning = (flags & DATA_FLAG.beginning) !== 0;
    const { early, inOrder, lastFsn } = assembly;
    // Fragment 0 and no other begins a message, the last ends it, and each comes once.
    if (isBeginning !== (fsn === 0)) return false;
    if (fsn < inOrder.length || early?.has(fsn)) return false;
    if (lastFsn !== -1 && fsn > lastFsn) return false;
    if ((flags & DATA_FLAG.end) !== 0) {
      if (lastFsn !== -1) return false;
      for (const each of early?.keys() ?? []) if (each > fsn) return false;
      assembly.lastFsn = fsn;
    }
    const view = packet.subarray(from, to);
    const fragment = to - from < SLAB_THRESHOLD ? new Uint8Array(view) : packetSlab.copy(view);
    if (isBeginning) assembly.ppid = ppid;
    assembly.bytes += fragment.length;
    assembly.chunks++;
    this.#bufferedBytes += fragment.length;
    this.#bufferedChunks++;
    if (fsn !== inOrder.length) {
      assembly.early ??= new Map();
      assembly.early.set(fsn, fragment);
      return true;
    }
    inOrder.push(fragment);
    if (early === undefined) return true;
    for (let next = early.get(inOrder.length); next; next = early.get(inOrder.length)) {
      early.delete(inOrder.length);
      inOrder.push(next);
    }
    return true;
  }

  /** Delivers all whole messages whose turn it is. */
  #deliverInOrder(streamId: number, stream: InboundStream): void {
    const { ordered } = stream;
    for (let next = ordered.get(stream.nextMid); next; next = ordered.get(stream.nextMid)) {
      if (!isWhole(next)) return;
      this.#deliver(streamId, ordered, stream.nextMid, next);
      stream.nextMid = (stream.nextMid + 1) >>> 0;
    }
  }

  /** The message whose turn it was has been delivered. */
  #passOn(streamId: number, stream: InboundStream): void {
    stream.nextMid = (stream.nextMid + 1) >>> 0;
    if (stream.ordered.size > 0) this.#deliverInOrder(streamId, stream);
  }

  #deliver(
    streamId: number,
    assemblies: Map<number, Assembly>,
    mid: number,
    assembly: Assembly,
  ): void {
    const data = new Uint8Array(assembly.bytes);
    let at = 0;
    for (const fragment of assembly.inOrder) {
      data.set(fragment, at);
      at += fragment.length;
    }
    this.#drop(assemblies, mid, assembly);
    this.#sink.deliver(streamId, assembly.ppid, data);
  }

  #drop(assemblies: Map<number, Assembly>, mid: number, { bytes, chunks }: Assembly): void {
    assemblies.delete(mid);
    this.#bufferedBytes -= bytes;
    this.#bufferedChunks -= chunks;
  }

  #stream(streamId: number): InboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = {
        nextMid: 0,
        ordered: new Map(),
        unordered: new Map(),
        skippedUnordered: undefined,
      };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }
}

/** Whether an unordered message is among the latest that are not waited for. */
function wasSkipped({ skippedUnordered }: InboundStream, mid: number): boolean {
  if (skippedUnordered === undefined) return false;
  const behind = serialDistance32(skippedUnordered, mid);
  return behind >= 0 && behind < MAX_MESSAGES_AHEAD;
}

/** The messages from `first` to `last` that are there, in order: whichever is less work to find them. */
function dueUpTo(assemblies: Map<number, Assembly>, first: number, last: number): number[] {
  const due: number[] = [];
  if (serialDistance32(last, first) < assemblies.size) {
    for (let mid = first; serialDistance32(mid, last) <= 0; mid = (mid + 1) >>> 0) {
      if (assemblies.has(mid)) due.push(mid);
    }
    return due;
  }
  for (const mid of assemblies.keys()) if (serialDistance32(mid, last) <= 0) due.push(mid);
  return due.sort((a, b) => serialDistance32(a, b));
}

function isWhole({ inOrder, lastFsn }: Assembly): boolean {
  return lastFsn !== -1 && inOrder.length === lastFsn + 1;
}

function copyOf(packet: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(to - from);
  data.set(packet.subarray(from, to));
  return data;
}
