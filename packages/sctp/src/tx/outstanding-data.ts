// DATA chunks that were sent and are not yet acknowledged cumulatively (RFC 9260 §6.2.1 and §7.2.4, https://www.rfc-editor.org/rfc/rfc9260#section-6.2.1).
import { serialAdd32, serialDistance32 } from '@kaon/wire';
import type { GapAckBlock } from '../chunks/sack.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { Rack } from './rack.ts';
import { SendOrder } from './send-order.ts';

/**
 * So many SACKs in a row must leave out what was reported before. One that does may be older than the last:
 * SACKs have no number, and networks reorder them.
 */
const RENEGING_SACKS = 3;
/**
 * So many chunks are unacknowledged at most. Stream sequence numbers have 16 bits: of messages that are further apart
 * than half of those, a receiver cannot tell which is first (RFC 9260 §6.5), and drops some for old.
 */
const MAX_CHUNKS = 0x7fff;
const INITIAL_CAPACITY = 16;

/**
 * `in-flight` until something is known; `acked` in a gap ack block; `lost` and to be sent again;
 * `abandoned` and to be passed over with FORWARD TSN (RFC 3758).
 */
export type ChunkState = 'in-flight' | 'acked' | 'lost' | 'abandoned';

/** A sent chunk. Records stay in the ring and are filled anew, so that sending allocates nothing. */
export interface OutstandingChunk {
  tsn: number;
  message: OutgoingMessage | undefined;
  state: ChunkState;
  /** The user data is `message.data[from..to)`. */
  from: number;
  to: number;
  flags: number;
  /** The Fragment Sequence Number, where messages are interleaved. */
  fsn: number;
  transmissions: number;
  /** When it was sent last, and the order in which: chunks of one packet have the same time. */
  sentAt: number;
  sendIndex: number;
  /** Its neighbours in {@link SendOrder} while it is in flight. */
  earlier: OutstandingChunk | undefined;
  later: OutstandingChunk | undefined;
  /** What {@link DeliveryRate} knew when it was sent. */
  delivered: number;
  deliveredAt: number;
  firstSentAt: number;
  flightAtSend: number;
  lostAtSend: number;
  isAppLimited: boolean;
}

/** Is told of every chunk that is newly acknowledged. */
export interface AckObserver {
  /** @param isBelowHighest whether a chunk with a higher TSN was acknowledged before. */
  onAcked(chunk: OutstandingChunk, bytes: number, isBelowHighest: boolean): void;
}

/** What a SACK changed. */
export interface AckOutcome {
  /** Newly acknowledged, in bytes with header and padding. */
  ackedBytes: number;
  isCumulative: boolean;
}

/** Decides whether a lost chunk is sent again; if not, it is abandoned with its message. */
export type RetransmissionPolicy = (chunk: OutstandingChunk) => boolean;

/** A ring of sent chunks, indexed by TSN. */
export class OutstandingData {
  readonly #headerLength: number;
  #ring: OutstandingChunk[] = [];
  #cumulativeTsnAck: number;
  #nextTsn: number;
  #flightBytes = 0;
  #flightPayloadBytes = 0;
  #lostCount = 0;
  #lostBytes = 0;
  /** No chunk before this TSN is lost. */
  #firstLostTsn: number;
  /** The chunks in flight. */
  readonly #order: SendOrder<OutstandingChunk> = new SendOrder();
  #gapAckedCount = 0;
  /** Gap ack blocks that have been worked off, as offsets from a TSN: only what is new in a SACK costs. */
  #knownBlocks: readonly GapAckBlock[] = [];
  #knownFromTsn = 0;
  /** The highest TSN acknowledged so far. */
  #highestAckedTsn: number;
  #nextSendIndex = 0;
  #foundLostCount = 0;
  #renegingSacks = 0;
  readonly #outcome: AckOutcome = { ackedBytes: 0, isCumulative: false };

  /**
   * Nothing was sent; `initialTsn` will be the first.
   *
   * @param headerLength bytes of a chunk before its user data: those of DATA or of I-DATA.
   */
  constructor(initialTsn: number, headerLength: number) {
    this.#headerLength = headerLength;
    this.#nextTsn = initialTsn;
    this.#firstLostTsn = initialTsn;
    this.#cumulativeTsnAck = serialAdd32(initialTsn, -1);
    this.#highestAckedTsn = this.#cumulativeTsnAck;
  }

  /** The last TSN that the peer acknowledged cumulatively. */
  get cumulativeTsnAck(): number {
    return this.#cumulativeTsnAck;
  }

  /** The TSN of the next new chunk. */
  get nextTsn(): number {
    return this.#nextTsn;
  }

  /** Whether everything sent has been acknowledged cumulatively. */
  get isEmpty(): boolean {
    return serialAdd32(this.#cumulativeTsnAck, 1) === this.#nextTsn;
  }

  /** Chunks not yet acknowledged cumulatively. */
  get chunkCount(): number {
    return serialDistance32(this.#nextTsn, this.#cumulativeTsnAck) - 1;
  }

  /** Whether no new chunk may be sent before others are acknowledged. */
  get isFull(): boolean {
    return this.chunkCount >= MAX_CHUNKS;
  }

  /** Bytes in flight, with chunk headers and padding: neither acknowledged nor lost. */
  get flightBytes(): number {
    return this.#flightBytes;
  }

  /** Bytes of user data in flight. */
  get flightPayloadBytes(): number {
    return this.#flightPayloadBytes;
  }

  /** Chunks that wait to be sent again. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** Bytes that they take. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /** Chunks acknowledged in gap ack blocks. */
  get gapAckedCount(): number {
    return this.#gapAckedCount;
  }

  /** Chunks that {@link detectLoss} has found, in all. */
  get foundLostCount(): number {
    return this.#foundLostCount;
  }

  /** The order that the next chunk sent gets. */
  get nextSendIndex(): number {
    return this.#nextSendIndex;
  }

  /** Bytes that a chunk takes in a packet, with header and padding. */
  chunkLength({ from, to }: OutstandingChunk): number {
    return (this.#headerLength + to - from + 3) & ~3;
  }

  /** The record of a TSN that is outstanding. */
  chunk(tsn: number): OutstandingChunk {
    return this.#ring[tsn & (this.#ring.length - 1)] as OutstandingChunk;
  }

  /** Takes note of a chunk sent for the first time (or, `abandoned`, never sent); returns its TSN. */
  add(
    message: OutgoingMessage,
    from: number,
    to: number,
    flags: number,
    state: 'in-flight' | 'abandoned',
    now: number,
  ): number {
    if (this.chunkCount === this.#ring.length) this.#grow();
    const tsn = this.#nextTsn;
    const chunk = this.chunk(tsn);
    chunk.tsn = tsn;
    chunk.message = message;
    chunk.from = from;
    chunk.to = to;
    chunk.flags = flags;
    chunk.fsn = message.nextFsn++;
    if (chunk.fsn === 0) message.firstTsn = tsn;
    message.lastTsn = tsn;
    chunk.transmissions = 1;
    chunk.sentAt = now;
    chunk.sendIndex = this.#nextSendIndex++;
    chunk.state = state;
    if (state === 'in-flight') {
      this.#enterFlight(chunk);
      this.#order.append(chunk);
    }
    message.stream.outstandingChunks++;
    this.#nextTsn = serialAdd32(tsn, 1);
    return tsn;
  }

  /** The first lost TSN; undefined if there is none. */
  firstLost(): number | undefined {
    if (this.#lostCount === 0) return undefined;
    if (serialDistance32(this.#firstLostTsn, this.#cumulativeTsnAck) <= 0) {
      this.#firstLostTsn = serialAdd32(this.#cumulativeTsnAck, 1);
    }
    while (this.chunk(this.#firstLostTsn).state !== 'lost') {
      this.#firstLostTsn = serialAdd32(this.#firstLostTsn, 1);
    }
    return this.#firstLostTsn;
  }

  /** Takes note that a lost chunk was sent again. */
  resend(tsn: number, now: number): void {
    const chunk = this.chunk(tsn);
    this.#leaveState(chunk);
    chunk.state = 'in-flight';
    chunk.transmissions++;
    // Deviation: RFC 9260 §7.2.4 lets a chunk be fast retransmitted once and leaves the second loss to
    // T3-rtx. RFC 8985 finds a lost retransmission like any other chunk, by what was sent after it.
    chunk.sentAt = now;
    chunk.sendIndex = this.#nextSendIndex++;
    this.#enterFlight(chunk);
    this.#order.append(chunk);
  }

  /** Whether everything in a SACK was sent, and its blocks make sense. */
  isPlausible(cumulativeTsnAck: number, blocks: readonly GapAckBlock[]): boolean {
    const limit = serialDistance32(this.#nextTsn, cumulativeTsnAck);
    if (limit <= 0) return false;
    for (const { start, end } of blocks) {
      if (start === 0 || start > end || end >= limit) return false;
    }
    return true;
  }

  /** Acts on a SACK that is plausible and not older than the last. The result is valid until the next call. */
  acknowledge(
    cumulativeTsnAck: number,
    blocks: readonly GapAckBlock[],
    observer: AckObserver,
  ): AckOutcome {
    const outcome = this.#outcome;
    outcome.ackedBytes = 0;
    outcome.isCumulative = cumulativeTsnAck !== this.#cumulativeTsnAck;
    while (this.#cumulativeTsnAck !== cumulativeTsnAck) {
      const tsn = serialAdd32(this.#cumulativeTsnAck, 1);
      const chunk = this.chunk(tsn);
      if (chunk.state === 'in-flight' || chunk.state === 'lost') this.#acked(tsn, chunk, observer);
      this.#leaveState(chunk);
      (chunk.message as OutgoingMessage).stream.outstandingChunks--;
      chunk.message = undefined;
      this.#cumulativeTsnAck = tsn;
    }
    const sorted = inOrder(blocks);
    this.#acknowledgeBlocks(sorted, observer);
    this.#checkReneging(sorted);
    if (serialDistance32(this.#highestAckedTsn, this.#cumulativeTsnAck) < 0) {
      this.#highestAckedTsn = this.#cumulativeTsnAck;
    }
    return outcome;
  }

  /**
   * Finds chunks lost that were sent before one that has arrived, and long enough ago (RFC 8985 §6.2 step 5).
   *
   * @returns milliseconds until the next of them may be; 0 if there is none.
   */
  detectLoss(rack: Rack, windowMs: number, now: number, policy: RetransmissionPolicy): number {
    // What is lost leaves the list, be it alone or with all of a message that is given up.
    for (let chunk = this.#order.first; chunk !== undefined; chunk = this.#order.first) {
      if (!rack.isOlder(chunk)) break;
      const remaining = rack.remaining(chunk, windowMs, now);
      // Sent later, so not lost sooner: so is everything behind it.
      if (remaining > 0) return remaining;
      this.#foundLostCount++;
      this.#lose(chunk, policy);
    }
    return 0;
  }

  /** The last chunk in flight, for a probe (RFC 8985 §7.3); undefined if there is none. */
  lastInFlight(): number | undefined {
    let tsn = serialAdd32(this.#nextTsn, -1);
    for (; tsn !== this.#cumulativeTsnAck; tsn = serialAdd32(tsn, -1)) {
      if (this.chunk(tsn).state === 'in-flight') return tsn;
    }
    return undefined;
  }

  /** Marks one chunk in flight lost, so that it is sent again. */
  lose(tsn: number, policy: RetransmissionPolicy): void {
    const chunk = this.chunk(tsn);
    if (chunk.state === 'in-flight') this.#lose(chunk, policy);
  }

  /** Marks everything in flight lost (RFC 9260 §6.3.3 E3), and what gap ack blocks said is believed no longer. */
  loseAll(policy: RetransmissionPolicy): void {
    this.#takeBackGapAcks(0);
    for (let chunk = this.#order.first; chunk !== undefined; chunk = this.#order.first) {
      this.#lose(chunk, policy);
    }
  }

  /** Gives up all chunks of `message`: from its first on, between which others may lie (RFC 8260). */
  abandonMessage(message: OutgoingMessage): void {
    const first = serialAdd32(this.#cumulativeTsnAck, 1);
    let tsn = serialDistance32(message.firstTsn, first) > 0 ? message.firstTsn : first;
    for (; serialDistance32(tsn, message.lastTsn) <= 0; tsn = serialAdd32(tsn, 1)) {
      const chunk = this.chunk(tsn);
      if (chunk.message !== message) continue;
      this.#leaveState(chunk);
      chunk.state = 'abandoned';
    }
  }

  /** Goes on with `nextTsn`; nothing is outstanding (RFC 6525 §5.2.4). */
  restart(nextTsn: number): void {
    this.#nextTsn = nextTsn;
    this.#firstLostTsn = nextTsn;
    this.#cumulativeTsnAck = serialAdd32(nextTsn, -1);
    this.#highestAckedTsn = this.#cumulativeTsnAck;
    this.#knownBlocks = [];
    this.#knownFromTsn = this.#cumulativeTsnAck;
    this.#renegingSacks = 0;
  }

  /** Forgets all chunks; TSNs go on. */
  clear(): void {
    while (!this.isEmpty) {
      this.#cumulativeTsnAck = serialAdd32(this.#cumulativeTsnAck, 1);
      const chunk = this.chunk(this.#cumulativeTsnAck);
      this.#leaveState(chunk);
      chunk.message = undefined;
    }
  }

  #acknowledgeBlocks(blocks: readonly GapAckBlock[], observer: AckObserver): void {
    const known = this.#knownBlocks;
    const shift = serialDistance32(this.#cumulativeTsnAck, this.#knownFromTsn);
    let offset = 0;
    let at = 0;
    for (const { start, end } of blocks) {
      // Blocks that overlap must not make the work more than there are chunks.
      offset = Math.max(offset, start);
      while (offset <= end) {
        while (at < known.length && (known[at] as GapAckBlock).end - shift < offset) at++;
        const next = known[at];
        if (next !== undefined && next.start - shift <= offset) {
          offset = next.end - shift + 1;
          continue;
        }
        const stop = next === undefined ? end : Math.min(end, next.start - shift - 1);
        for (; offset <= stop; offset++) this.#acknowledgeGap(offset, observer);
      }
    }
  }

  #acknowledgeGap(offset: number, observer: AckObserver): void {
    const tsn = serialAdd32(this.#cumulativeTsnAck, offset);
    const chunk = this.chunk(tsn);
    if (chunk.state === 'acked' || chunk.state === 'abandoned') return;
    this.#acked(tsn, chunk, observer);
    this.#leaveState(chunk);
    chunk.state = 'acked';
    this.#gapAckedCount++;
  }

  #acked(tsn: number, chunk: OutstandingChunk, observer: AckObserver): void {
    const bytes = this.chunkLength(chunk);
    this.#outcome.ackedBytes += bytes;
    const isBelowHighest = serialDistance32(tsn, this.#highestAckedTsn) < 0;
    if (!isBelowHighest) this.#highestAckedTsn = tsn;
    observer.onAcked(chunk, bytes, isBelowHighest);
  }

  /** RFC 9260 §6.2.1 D iv: what was acknowledged in a gap ack block and no longer is, is in flight again. */
  #checkReneging(blocks: readonly GapAckBlock[]): void {
    let reported = 0;
    let last = 0;
    for (const { start, end } of blocks) {
      if (end <= last) continue;
      reported += end - Math.max(start - 1, last);
      last = end;
    }
    if (reported >= this.#gapAckedCount) {
      this.#renegingSacks = 0;
      this.#knownBlocks = blocks;
      this.#knownFromTsn = this.#cumulativeTsnAck;
      return;
    }
    this.#renegingSacks++;
    if (this.#renegingSacks < RENEGING_SACKS) return;
    this.#renegingSacks = 0;
    let next = 1;
    for (const { start, end } of blocks) {
      this.#takeBack(next, start - 1);
      next = Math.max(next, end + 1);
    }
    this.#takeBackGapAcks(next - 1);
  }

  /** Everything beyond `offset` that was acknowledged in gap ack blocks is in flight again. */
  #takeBackGapAcks(offset: number): void {
    this.#takeBack(offset + 1, this.chunkCount);
  }

  #takeBack(from: number, to: number): void {
    this.#knownBlocks = [];
    const back: OutstandingChunk[] = [];
    for (let offset = from; offset <= to; offset++) {
      const chunk = this.chunk(serialAdd32(this.#cumulativeTsnAck, offset));
      if (chunk.state !== 'acked') continue;
      this.#leaveState(chunk);
      chunk.state = 'in-flight';
      this.#enterFlight(chunk);
      back.push(chunk);
    }
    this.#order.restore(back);
  }

  #enterFlight(chunk: OutstandingChunk): void {
    this.#flightBytes += this.chunkLength(chunk);
    this.#flightPayloadBytes += chunk.to - chunk.from;
  }

  #lose(chunk: OutstandingChunk, policy: RetransmissionPolicy): void {
    if (!policy(chunk)) {
      this.abandonMessage(chunk.message as OutgoingMessage);
      return;
    }
    this.#leaveState(chunk);
    chunk.state = 'lost';
    this.#lostCount++;
    this.#lostBytes += this.chunkLength(chunk);
    if (serialDistance32(chunk.tsn, this.#firstLostTsn) < 0) this.#firstLostTsn = chunk.tsn;
  }

  /** Takes the chunk out of the sums it is in; the caller gives it its new state. */
  #leaveState(chunk: OutstandingChunk): void {
    if (chunk.state === 'in-flight') {
      this.#order.remove(chunk);
      this.#flightBytes -= this.chunkLength(chunk);
      this.#flightPayloadBytes -= chunk.to - chunk.from;
    } else if (chunk.state === 'lost') {
      this.#lostCount--;
      this.#lostBytes -= this.chunkLength(chunk);
    } else if (chunk.state === 'acked') {
      this.#gapAckedCount--;
    }
  }

  #grow(): void {
    const old = this.#ring;
    const capacity = Math.max(INITIAL_CAPACITY, 2 * old.length);
    const ring: OutstandingChunk[] = [];
    for (let i = 0; i < capacity; i++) ring.push(emptyChunk());
    for (let offset = 1; offset <= this.chunkCount; offset++) {
      const tsn = serialAdd32(this.#cumulativeTsnAck, offset);
      ring[tsn & (capacity - 1)] = old[tsn & (old.length - 1)] as OutstandingChunk;
    }
    this.#ring = ring;
  }
}

function emptyChunk(): OutstandingChunk {
  return {
    tsn: 0,
    message: undefined,
    state: 'abandoned',
    from: 0,
    to: 0,
    flags: 0,
    fsn: 0,
    transmissions: 0,
    sentAt: 0,
    sendIndex: 0,
    earlier: undefined,
    later: undefined,
    delivered: 0,
    deliveredAt: 0,
    firstSentAt: 0,
    flightAtSend: 0,
    lostAtSend: 0,
    isAppLimited: false,
  };
}

/** The blocks in ascending order; nearly all peers send them so. */
function inOrder(blocks: readonly GapAckBlock[]): readonly GapAckBlock[] {
  for (let i = 1; i < blocks.length; i++) {
    if ((blocks[i] as GapAckBlock).start < (blocks[i - 1] as GapAckBlock).start) {
      return blocks.toSorted((a, b) => a.start - b.start);
    }
  }
  return blocks;
}
