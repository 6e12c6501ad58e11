// The receiving half of an association: takes DATA, decides when to acknowledge, keeps the window (RFC 9260 §6.2, https://www.rfc-editor.org/rfc/rfc9260#section-6.2).
import { readUint16, readUint32, serialDistance32, Timer } from '@kaon/wire';
import { DATA_FLAG, DATA_HEADER_LENGTH } from '../chunks/data.ts';
import type { ForwardTsnChunk } from '../chunks/forward-tsn.ts';
import { I_DATA_HEADER_LENGTH } from '../chunks/i-data.ts';
import type { IForwardTsnChunk } from '../chunks/i-forward-tsn.ts';
import { SACK_ENTRY_LENGTH, SACK_HEADER_LENGTH, type SackChunk } from '../chunks/sack.ts';
import type { SctpCounters } from '../counters.ts';
import type { SctpSettings } from '../options.ts';
import type { StreamCounts } from '../stream-counts.ts';
import { type DeferredChunk, DeferredChunks } from './deferred-chunks.ts';
import { InterleavedReassembly } from './interleaved-reassembly.ts';
import { type MessageSink, Reassembly, type ReassemblyFault } from './reassembly.ts';
import { TsnTracker } from './tsn-tracker.ts';

/** What came of a DATA or I-DATA chunk; the faults are the peer's. */
export type DataOutcome = 'taken' | 'dropped' | 'invalid-stream' | 'no-user-data' | ReassemblyFault;

/**
 * The window is announced anew, unasked, when it has grown by this share of the whole since the peer was
 * last told: a peer that waits for room learns of it, and one that doesn't is not bothered.
 */
const WINDOW_UPDATE_SHARE = 1 / 4;

/**
 * As many chunks may be held, or one for every so many bytes of the window if that is more. TSNs beyond a
 * gap are never more; only a peer that skips sequence numbers, or cuts messages to crumbs, has to be held
 * to it.
 */
const MIN_CHUNK_LIMIT = 0x1_0000;
const WINDOW_BYTES_PER_CHUNK = 256;
/** Further than that nothing is known of TSNs, because nothing beyond can be acknowledged. */
const MAX_TSNS_AHEAD = 0xffff;
/** As many TSNs may be given up at once, which is more than any sender has under way. */
const MAX_FORWARD = 0x4000_0000;
/** What the TSN takes in a FORWARD TSN, and each stream that it passes over (RFC 3758 §3.2). */
const FORWARD_TSN_BYTES = 4;

/** The receiving half. */
export class Receiver {
  readonly #counters: SctpCounters;
  readonly #settings: SctpSettings;
  #tracker: TsnTracker;
  /** Which of the two was negotiated; the other kind of chunk ends the association (RFC 8260 §2.2.1). */
  readonly #reassembly:
    | { readonly isInterleaved: false; readonly of: Reassembly }
    | { readonly isInterleaved: true; readonly of: InterleavedReassembly };
  readonly #sackTimer: Timer;
  /** One object for all chunks of either kind, filled anew for each. */
  readonly #header = { flags: 0, tsn: 0, streamId: 0, ssn: 0, mid: 0, fsn: 0, ppid: 0 };
  readonly #streams: StreamCounts;
  readonly #chunkLimit: number;
  /** Bytes that the layers above hold: events not yet polled, and what it says it holds. */
  #heldBytes = 0;
  /** What arrives while it is open whether it is numbered the old way or anew. */
  #deferred: DeferredChunks | undefined;
  #sackNow = false;
  #packetHadData = false;
  #lastAdvertisedWindow: number;

  constructor(
    initialTsn: number,
    streams: StreamCounts,
    isInterleaved: boolean,
    sink: MessageSink,
    settings: SctpSettings,
    counters: SctpCounters,
  ) {
    this.#counters = counters;
    this.#settings = settings;
    this.#streams = streams;
    this.#chunkLimit = Math.max(
      MIN_CHUNK_LIMIT,
      settings.receiveWindowBytes / WINDOW_BYTES_PER_CHUNK,
    );
    this.#tracker = new TsnTracker(initialTsn);
    const { maxMessageBytes } = settings;
    this.#reassembly = isInterleaved
      ? { isInterleaved, of: new InterleavedReassembly(sink, counters, maxMessageBytes) }
      : { isInterleaved, of: new Reassembly(sink, counters, maxMessageBytes) };
    this.#sackTimer = new Timer({ durationMs: settings.sackDelayMs, maxExpirations: 1 });
    this.#lastAdvertisedWindow = settings.receiveWindowBytes;
  }

  /** The last TSN before the first gap. */
  get cumulativeTsn(): number {
    return this.#tracker.cumulativeTsn;
  }

  /** When a delayed SACK is due. */
  get deadline(): number {
    return this.#sackTimer.deadline;
  }

  /** Whether a SACK is to be sent at once. */
  get isSackDue(): boolean {
    return this.#sackNow;
  }

  /** Whether a SACK may go along with other chunks (RFC 9260 §6.1): one is waiting. */
  get isSackPending(): boolean {
    return this.#sackNow || this.#sackTimer.isRunning;
  }

  /** Bytes of user data that there is room for. */
  get window(): number {
    return Math.max(0, this.#settings.receiveWindowBytes - this.bufferedBytes);
  }

  /** Bytes of user data that are held here and in the layers above. */
  get bufferedBytes(): number {
    return this.#reassembly.of.bufferedBytes + (this.#deferred?.bytes ?? 0) + this.#heldBytes;
  }

  /** Whether messages come as I-DATA. */
  get isInterleaved(): boolean {
    return this.#reassembly.isInterleaved;
  }

  /** Whether a chunk with this TSN would be new. */
  expects(tsn: number): boolean {
    const kind = this.#tracker.classify(tsn);
    return kind === 'next' || kind === 'ahead';
  }

  /** Takes the DATA chunk, or the I-DATA chunk if that was negotiated, in `packet[start..end)`. */
  handleData(packet: Uint8Array, start: number, end: number): DataOutcome {
    const header = this.#header;
    header.tsn = readUint32(packet, start + 4);
    const headerLength = this.isInterleaved ? I_DATA_HEADER_LENGTH : DATA_HEADER_LENGTH;
    const length = end - start - headerLength;
    // RFC 9260 §6.2: the sender of an empty DATA chunk is aborted.
    if (length <= 0) return 'no-user-data';
    this.#packetHadData = true;
    this.#counters.dataChunksReceived++;
    const kind = this.#tracker.classify(header.tsn);
    if (kind === 'duplicate') {
      this.#counters.droppedDuplicateData++;
      this.#tracker.addDuplicate(header.tsn);
      this.#sackNow = true;
      return 'dropped';
    }
    if (kind === 'too-far' || !this.#hasRoom(header.tsn, length)) {
      this.#counters.droppedBeyondWindow++;
      this.#sackNow = true;
      return 'dropped';
    }
    header.flags = (packet[start + 1] as number) & 0x0f;
    header.streamId = readUint16(packet, start + 8);
    this.#tracker.add(header.tsn);
    if ((header.flags & DATA_FLAG.immediate) !== 0) this.#sackNow = true;
    // RFC 9260 §6.5: acknowledged, reported, and not delivered.
    if (header.streamId >= this.#streams.inbound) {
      this.#counters.droppedInvalidStream++;
      return 'invalid-stream';
    }
    if (this.#deferred !== undefined) {
      const data = new Uint8Array(packet.subarray(start, end));
      this.#deferred.push({ tsn: header.tsn, data, payloadBytes: length });
      return 'taken';
    }
    return this.#reassemble(packet, start, end) ?? 'taken';
  }

  /** Takes a FORWARD TSN (RFC 3758 §3.6). */
  handleForwardTsn(chunk: ForwardTsnChunk): void {
    this.#handleForward(chunk, chunk.skippedStreams);
  }

  /** Takes an I-FORWARD-TSN (RFC 8260 §2.3.1). */
  handleIForwardTsn(chunk: IForwardTsnChunk): void {
    this.#handleForward(chunk, chunk.skippedMessages);
  }

  /** All chunks of a packet have been handed in; decides about the SACK (RFC 9260 §6.2). */
  handlePacketEnd(now: number): void {
    if (!this.#packetHadData) return;
    this.#packetHadData = false;
    // At once: the second packet since the last SACK, and any packet while there are gaps or duplicates.
    if (this.#sackTimer.isRunning || this.#tracker.hasGaps || this.#tracker.hasDuplicates) {
      this.#sackNow = true;
    }
    if (!this.#sackNow) this.#sackTimer.start(now);
  }

  /** The delayed SACK may be due. */
  handleTimeout(now: number): void {
    if (this.#sackTimer.expire(now)) this.#sackNow = true;
  }

  /** Asks for a SACK with the next packet, for whatever reason. */
  requestSack(): void {
    this.#sackNow = true;
  }

  /** The SACK to send now, in at most `maxLength` bytes; it counts as sent. */
  takeSack(maxLength: number): SackChunk {
    const entries = Math.max(0, Math.floor((maxLength - SACK_HEADER_LENGTH) / SACK_ENTRY_LENGTH));
    const gapAckBlocks = this.#tracker.hasGaps ? this.#tracker.gapAckBlocks(entries) : [];
    const duplicateTsns = this.#tracker.takeDuplicates().slice(0, entries - gapAckBlocks.length);
    this.#sackNow = false;
    this.#sackTimer.stop();
    this.#counters.sacksSent++;
    this.#lastAdvertisedWindow = this.window;
    return {
      type: 'sack',
      cumulativeTsnAck: this.#tracker.cumulativeTsn,
      aRwnd: this.#lastAdvertisedWindow,
      gapAckBlocks,
      duplicateTsns,
    };
  }

  /** The layers above hold `delta` bytes more, or less if negative. */
  changeHeld(delta: number): void {
    this.#heldBytes += delta;
    if (delta >= 0) return;
    const grown = this.window - this.#lastAdvertisedWindow;
    if (
      this.#lastAdvertisedWindow < this.#settings.receiveWindowBytes / 2 &&
      grown >= this.#settings.receiveWindowBytes * WINDOW_UPDATE_SHARE
    ) {
      this.#sackNow = true;
    }
  }

  /** Starts inbound streams anew; see {@link Reassembly.reset}. */
  resetStreams(streamIds: readonly number[]): readonly number[] {
    return this.#reassembly.of.reset(streamIds);
  }

  /** Whether chunks are held back until {@link endDeferral}. */
  get isDeferring(): boolean {
    return this.#deferred !== undefined;
  }

  /**
   * The peer may number its streams anew at any time from now on, and only its answer to a request will say
   * from which TSN on. Until then chunks are acknowledged and held.
   */
  beginDeferral(): void {
    this.#deferred ??= new DeferredChunks();
  }

  /**
   * Hands on what was held.
   *
   * @param restarted if the peer has numbered anew: the TSN with which that begins, and what is called between
   * the old and the new.
   */
  endDeferral(restarted?: {
    readonly firstNewTsn: number;
    readonly onRestart: () => void;
  }): ReassemblyFault | undefined {
    const [old, young] = this.#deferred?.split(restarted?.firstNewTsn) ?? [[], []];
    this.#deferred = undefined;
    const fault = this.#takeDeferred(old);
    if (fault !== undefined || restarted === undefined) return fault;
    this.restart(restarted.firstNewTsn);
    restarted.onRestart();
    return this.#takeDeferred(young);
  }

  /**
   * The peer's TSNs go on with `nextTsn` and all its streams start anew (RFC 6525 §5.2.4 G4, G5): what is whole
   * is delivered, and the rest dropped.
   */
  restart(nextTsn: number): void {
    const ahead = serialDistance32(nextTsn, this.#tracker.cumulativeTsn) - 1;
    // Where TSNs go on without a jump, some of the new ones may have arrived already.
    if (Math.abs(ahead) > MAX_TSNS_AHEAD) this.#tracker = new TsnTracker(nextTsn);
    else this.#tracker.forward((nextTsn - 1) >>> 0);
    this.#reassembly.of.restart();
  }

  #takeDeferred(chunks: readonly DeferredChunk[]): ReassemblyFault | undefined {
    for (const chunk of chunks) {
      if ('forward' in chunk) {
        this.#passOver(chunk.forward, chunk.cumulativeTsn);
        continue;
      }
      const { data, tsn } = chunk;
      const header = this.#header;
      header.tsn = tsn;
      header.flags = (data[1] as number) & 0x0f;
      header.streamId = readUint16(data, 8);
      const fault = this.#reassemble(data, 0, data.length);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #handleForward(
    chunk: ForwardTsnChunk | IForwardTsnChunk,
    skipped: readonly { readonly streamId: number }[],
  ): void {
    // An answer is due even to one that says nothing new: the last SACK may be lost.
    this.#sackNow = true;
    const tsn = chunk.newCumulativeTsn;
    // One that was late by an SSN/TSN reset looks as if it were half of all TSNs ahead.
    const { cumulativeTsn } = this.#tracker;
    const isTooFar = serialDistance32(tsn, cumulativeTsn) > MAX_FORWARD;
    if (isTooFar || skipped.some(({ streamId }) => streamId >= this.#streams.inbound)) {
      this.#counters.droppedInvalidControl++;
      return;
    }
    const deferred = this.#deferred;
    // Held as data is, it counts as data does. Dropped, it comes again, as long as its TSNs are not acknowledged.
    const payloadBytes = FORWARD_TSN_BYTES * (1 + skipped.length);
    if (deferred !== undefined && !this.#hasRoom(tsn, payloadBytes)) {
      this.#counters.droppedBeyondWindow++;
      return;
    }
    if (!this.#tracker.forward(tsn)) return;
    if (deferred === undefined) this.#passOver(chunk, cumulativeTsn);
    else deferred.push({ tsn, forward: chunk, payloadBytes, cumulativeTsn });
  }

  /** @param cumulativeTsn what it was before. */
  #passOver(chunk: ForwardTsnChunk | IForwardTsnChunk, cumulativeTsn: number): void {
    const reassembly = this.#reassembly;
    if (chunk.type === 'forward-tsn') {
      if (reassembly.isInterleaved) return;
      reassembly.of.forward(cumulativeTsn, chunk.newCumulativeTsn, chunk.skippedStreams);
    } else if (reassembly.isInterleaved) {
      reassembly.of.forward(chunk.skippedMessages);
    }
  }

  /** Hands the user data on; the header's common part has been read. */
  #reassemble(packet: Uint8Array, start: number, end: number): ReassemblyFault | undefined {
    const header = this.#header;
    const reassembly = this.#reassembly;
    if (reassembly.isInterleaved) {
      const isBeginning = (header.flags & DATA_FLAG.beginning) !== 0;
      const last = readUint32(packet, start + 16);
      header.mid = readUint32(packet, start + 12);
      header.fsn = isBeginning ? 0 : last;
      header.ppid = isBeginning ? last : 0;
      return reassembly.of.add(header, packet, start + I_DATA_HEADER_LENGTH, end);
    }
    header.ssn = readUint16(packet, start + 10);
    header.ppid = readUint32(packet, start + 12);
    return reassembly.of.add(header, packet, start + DATA_HEADER_LENGTH, end);
  }

  /**
   * Beyond the window only what could empty a full buffer is taken, or else it would wait for that for ever: what
   * fills a gap (RFC 9260 §6.2); what is held back, which the peer has to send to the end before it answers; and,
   * where nothing but beginnings of messages fills it, what comes next of them (RFC 8260). The window stays
   * closed, so that this is what probes it.
   */
  #hasRoom(tsn: number, length: number): boolean {
    if (this.#hasRoomFor(length)) return true;
    const ahead = serialDistance32(tsn, this.#tracker.highestTsn);
    const isWanted =
      ahead < 0 || this.isDeferring || (ahead === 1 && this.isInterleaved && this.#heldBytes === 0);
    return (
      isWanted &&
      this.#bufferedChunks < 2 * this.#chunkLimit &&
      this.bufferedBytes + length <= 2 * this.#settings.receiveWindowBytes
    );
  }

  #hasRoomFor(length: number): boolean {
    return length <= this.window && this.#bufferedChunks < this.#chunkLimit;
  }

  get #bufferedChunks(): number {
    return this.#reassembly.of.bufferedChunks + (this.#deferred?.count ?? 0);
  }
}
