// Generic NACK: packets that were lost (RFC 4585 §6.2.1, https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            PID                |             BLP               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Bit i of BLP, the least significant being 1, stands for PID + i.
import { readUint16, readUint32, serialAdd16, serialDistance16, writeUint16 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { RTCP_PACKET_TYPE, TRANSPORT_FEEDBACK_FORMAT } from './rtcp-header.ts';

/** A request for packets of one source. */
export interface GenericNack extends FeedbackParties {
  readonly type: 'generic-nack';
  /** 16 bits each, in the order of the wire; ascending packs best. */
  readonly sequenceNumbers: readonly number[];
}

/** Decodes the NACK in `bytes[start..end)`. */
export function decodeGenericNack(
  bytes: Uint8Array,
  start: number,
  end: number,
): GenericNack | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - fci < 4 || (end - fci) % 4 !== 0) return undefined;
  const sequenceNumbers: number[] = [];
  for (let at = fci; at < end; at += 4) {
    const packetId = readUint16(bytes, at);
    sequenceNumbers.push(packetId);
    let mask = readUint16(bytes, at + 2);
    for (let i = 1; mask !== 0; i++, mask >>= 1) {
      if ((mask & 1) !== 0) sequenceNumbers.push(serialAdd16(packetId, i));
    }
  }
  return {
    type: 'generic-nack',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    sequenceNumbers,
  };
}

/** Bytes that {@link encodeGenericNack} writes. */
export function genericNackLength(nack: GenericNack): number {
  const { sequenceNumbers } = nack;
  let pairs = 0;
  for (let i = 0; i < sequenceNumbers.length; pairs++) i = endOfPair(sequenceNumbers, i);
  return FEEDBACK_HEADER_LENGTH + 4 * pairs;
}

/**
 * Writes `nack` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if it asks for nothing.
 */
export function encodeGenericNack(nack: GenericNack, out: Uint8Array, offset: number): number {
  const { sequenceNumbers } = nack;
  if (sequenceNumbers.length === 0) throw new RangeError('sequenceNumbers: at least one.');
  let at = writeFeedbackHeader(
    nack,
    TRANSPORT_FEEDBACK_FORMAT.genericNack,
    RTCP_PACKET_TYPE.transportFeedback,
    genericNackLength(nack),
    out,
    offset,
  );
  for (let i = 0; i < sequenceNumbers.length; ) {
    const packetId = sequenceNumbers[i] as number;
    const end = endOfPair(sequenceNumbers, i);
    let mask = 0;
    for (i++; i < end; i++) {
      mask |= 1 << (serialDistance16(sequenceNumbers[i] as number, packetId) - 1);
    }
    at = writeUint16(out, at, packetId);
    at = writeUint16(out, at, mask);
  }
  return at;
}

// The index behind the last number that fits the bitmask of the one at `start`.
function endOfPair(sequenceNumbers: readonly number[], start: number): number {
  const packetId = sequenceNumbers[start] as number;
  let last = 0;
  let i = start + 1;
  for (; i < sequenceNumbers.length; i++) {
    const distance = serialDistance16(sequenceNumbers[i] as number, packetId);
    // The bits say no order: what does not ascend begins a new pair, so that order survives.
    if (distance <= last || distance > 16) break;
    last = distance;
  }
  return i;
}
