// Transport-wide congestion control feedback: when each packet arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|  FMT=15 |    PT=205     |           length              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     SSRC of packet sender                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      SSRC of media source                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      base sequence number     |      packet status count      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 reference time                | fb pkt. count |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          packet chunk         |         packet chunk        ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  recv delta   |  recv delta   | ...                 | padding |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Run length chunk:          Status vector chunk, 14 symbols of one bit or 7 of two:
//  0                   1      0                   1
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0| S |       run length        |   |1|S|       symbol list         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, readUint24, readUint32, writeUint16, writeUint24 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { RTCP_PACKET_TYPE, TRANSPORT_FEEDBACK_FORMAT } from './rtcp-header.ts';

/** Milliseconds of one unit of {@link TransportFeedback.referenceTime}. */
export const REFERENCE_TIME_UNIT_MS = 64;
/** Milliseconds of one unit of {@link TransportFeedback.deltas}. */
export const DELTA_UNIT_MS = 0.25;

const FIXED_LENGTH = FEEDBACK_HEADER_LENGTH + 8;
const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;
const RESERVED = 3;
const MAX_RUN_LENGTH = 0x1fff;
const MAX_SMALL_DELTA = 0xff;
const MAX_STATUS_COUNT = 0xffff;
// Deviation: a run of arrivals without times takes two bytes, and with 65535 of them a datagram of 1400 bytes
// would make two million numbers; no sender asks about as many packets as these at a time.
const MAX_ARRIVALS_WITHOUT_TIMES = 2048;

/** When the packets of a transport arrived, from one sequence number on. */
export interface TransportFeedback extends FeedbackParties {
  readonly type: 'transport-feedback';
  /** Transport-wide sequence number that `offsets` count from. */
  readonly baseSequenceNumber: number;
  /** About how many packets it speaks; those that are not in `offsets` have not arrived. */
  readonly statusCount: number;
  /** Of the receiver's clock, in units of 64 ms: 24 bits, wraps after 12 days. */
  readonly referenceTime: number;
  /** Counts the feedback packets: 8 bits. */
  readonly feedbackCount: number;
  /** Of each packet that arrived, its distance from the base; ascending. */
  readonly offsets: readonly number[];
  /**
   * For each of `offsets`, how long after the one before it arrived, in units of 250 µs: 16 bits, signed.
   * The first is measured from the reference time. Empty if the feedback was asked for without times
   * (version 02 of the header extension).
   */
  readonly deltas: readonly number[];
}

/**
 * Decodes the feedback in `bytes[start..end)`. Time and memory are in proportion to the bytes, however
 * many packets a run of losses counts.
 */
export function decodeTransportFeedback(
  bytes: Uint8Array,
  start: number,
  end: number,
): TransportFeedback | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const statusCount = readUint16(bytes, start + 14);
  if (statusCount === 0) return undefined;
  const chunksStart = start + FIXED_LENGTH;
  const deltasStart = skipChunks(bytes, chunksStart, end, statusCount);
  if (deltasStart < 0) return undefined;
  const hasDeltas = deltasStart < end;
  const offsets: number[] = [];
  const deltas: number[] = [];
  let at = deltasStart;
  let status = 0;
  for (let chunkAt = chunksStart; chunkAt < deltasStart; chunkAt += 2) {
    const chunk = readUint16(bytes, chunkAt);
    const isVector = (chunk & 0x8000) !== 0;
    const symbolBits = (chunk & 0x4000) === 0 ? 1 : 2;
    const count = Math.min(chunkLength(chunk), statusCount - status);
    if (!isVector && ((chunk >> 13) & 3) === NOT_RECEIVED) {
      status += count;
      continue;
    }
    for (let i = 0; i < count; i++, status++) {
      const symbol = isVector
        ? (chunk >> (14 - symbolBits * (i + 1))) & ((1 << symbolBits) - 1)
        : (chunk >> 13) & 3;
      if (symbol === NOT_RECEIVED) continue;
      if (symbol === RESERVED) return undefined;
      if (!hasDeltas && offsets.length === MAX_ARRIVALS_WITHOUT_TIMES) return undefined;
      offsets.push(status);
      if (!hasDeltas) continue;
      if (end - at < symbol) return undefined;
      deltas.push(
        symbol === SMALL_DELTA ? (bytes[at] as number) : (readUint16(bytes, at) << 16) >> 16,
      );
      at += symbol;
    }
  }
  return {
    type: 'transport-feedback',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    baseSequenceNumber: readUint16(bytes, start + 12),
    statusCount,
    referenceTime: readUint24(bytes, start + 16),
    feedbackCount: bytes[start + 19] as number,
    offsets,
    deltas,
  };
}

/** Bytes that {@link encodeTransportFeedback} writes. */
export function transportFeedbackLength(feedback: TransportFeedback): number {
  return (unpaddedLength(feedback, statusChunks(feedback).length) + 3) & ~3;
}

/**
 * Writes `feedback` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if it speaks about no packet or more than 65535, the offsets do not ascend below
 * `statusCount`, or a delta has not 16 bits.
 */
export function encodeTransportFeedback(
  feedback: TransportFeedback,
  out: Uint8Array,
  offset: number,
): number {
  const chunks = statusChunks(feedback);
  const unpadded = unpaddedLength(feedback, chunks.length);
  const length = (unpadded + 3) & ~3;
  let at = writeFeedbackHeader(
    feedback,
    TRANSPORT_FEEDBACK_FORMAT.transportWide,
    RTCP_PACKET_TYPE.transportFeedback,
    length,
    out,
    offset,
  );
  at = writeUint16(out, at, feedback.baseSequenceNumber);
  at = writeUint16(out, at, feedback.statusCount);
  at = writeUint24(out, at, feedback.referenceTime);
  out[at++] = feedback.feedbackCount;
  for (const chunk of chunks) at = writeUint16(out, at, chunk);
  for (const delta of feedback.deltas) {
    if (isSmall(delta)) out[at++] = delta;
    else at = writeUint16(out, at, delta);
  }
  if (length > unpadded) {
    out.fill(0, at, offset + length - 1);
    out[offset + length - 1] = length - unpadded;
    out[offset] = (out[offset] as number) | 0x20;
  }
  return offset + length;
}

// Where the deltas begin; -1 if the chunks end before `statusCount` packets are spoken of.
function skipChunks(bytes: Uint8Array, start: number, end: number, statusCount: number): number {
  let at = start;
  for (let status = 0; status < statusCount; at += 2) {
    if (end - at < 2) return -1;
    const length = chunkLength(readUint16(bytes, at));
    if (length === 0) return -1;
    status += length;
  }
  return at;
}

function chunkLength(chunk: number): number {
  if ((chunk & 0x8000) === 0) return chunk & MAX_RUN_LENGTH;
  return (chunk & 0x4000) === 0 ? 14 : 7;
}

function isSmall(delta: number): boolean {
  return delta >= 0 && delta <= MAX_SMALL_DELTA;
}

function unpaddedLength(feedback: TransportFeedback, chunkCount: number): number {
  let length = FIXED_LENGTH + 2 * chunkCount;
  for (const delta of feedback.deltas) length += isSmall(delta) ? 1 : 2;
  return length;
}

// Takes, again and again, the kind of chunk that covers the most of what is left.
function statusChunks(feedback: TransportFeedback): number[] {
  const symbols = statusSymbols(feedback);
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length; ) {
    const left = symbols.length - at;
    const symbol = symbols[at] as number;
    let run = 1;
    while (run < left && run < MAX_RUN_LENGTH && symbols[at + run] === symbol) run++;
    let ones = 0;
    while (ones < left && ones < 14 && (symbols[at + ones] as number) <= SMALL_DELTA) ones++;
    const vectorOfOnes = ones === 14 || ones === left ? ones : 0;
    const vectorOfTwos = Math.min(7, left);
    if (run >= vectorOfOnes && run >= vectorOfTwos) {
      chunks.push((symbol << 13) | run);
      at += run;
    } else if (vectorOfOnes >= vectorOfTwos) {
      let chunk = 0x8000;
      for (let i = 0; i < vectorOfOnes; i++) chunk |= (symbols[at + i] as number) << (13 - i);
      chunks.push(chunk);
      at += vectorOfOnes;
    } else {
      let chunk = 0xc000;
      for (let i = 0; i < vectorOfTwos; i++) chunk |= (symbols[at + i] as number) << (12 - 2 * i);
      chunks.push(chunk);
      at += vectorOfTwos;
    }
  }
  return chunks;
}

function statusSymbols(feedback: TransportFeedback): Uint8Array {
  const { offsets, deltas, statusCount } = feedback;
  if (!(statusCount >= 1 && statusCount <= MAX_STATUS_COUNT)) {
    throw new RangeError(`statusCount: 1 to ${MAX_STATUS_COUNT}, not ${statusCount}.`);
  }
  if (offsets.length !== deltas.length && deltas.length > 0) {
    throw new RangeError('deltas: one for each of the offsets, or none.');
  }
  const symbols = new Uint8Array(statusCount);
  let last = -1;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i] as number;
    const delta = deltas[i] ?? 0;
    if (!(offset > last && offset < statusCount)) {
      throw new RangeError(`offsets: ascending and below ${statusCount}, not ${offset}.`);
    }
    if (!(delta >= -0x8000 && delta <= 0x7fff)) {
      throw new RangeError(`deltas: 16 bits, signed, not ${delta}.`);
    }
    symbols[offset] = isSmall(delta) ? SMALL_DELTA : LARGE_DELTA;
    last = offset;
  }
  return symbols;
}
