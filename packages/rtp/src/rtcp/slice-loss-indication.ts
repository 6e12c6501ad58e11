// SLI: macroblocks that were lost (RFC 4585 §6.3.2, https://www.rfc-editor.org/rfc/rfc4585#section-6.3.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            First        |        Number           | PictureID |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

/** A run of macroblocks of one picture. */
export interface LostSlice {
  /** Address of the first: 13 bits. */
  readonly first: number;
  /** How many: 13 bits. */
  readonly number: number;
  /** The low six bits of the picture's identifier. */
  readonly pictureId: number;
}

/** Slices of one source that were lost. */
export interface SliceLossIndication extends FeedbackParties {
  readonly type: 'slice-loss-indication';
  readonly slices: readonly LostSlice[];
}

/** Decodes the SLI in `bytes[start..end)`. */
export function decodeSliceLossIndication(
  bytes: Uint8Array,
  start: number,
  end: number,
): SliceLossIndication | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - fci < 4 || (end - fci) % 4 !== 0) return undefined;
  const slices: LostSlice[] = [];
  for (let at = fci; at < end; at += 4) {
    const word = readUint32(bytes, at);
    slices.push({ first: word >>> 19, number: (word >>> 6) & 0x1fff, pictureId: word & 0x3f });
  }
  return {
    type: 'slice-loss-indication',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    slices,
  };
}

/** Bytes that {@link encodeSliceLossIndication} writes. */
export function sliceLossIndicationLength(packet: SliceLossIndication): number {
  return FEEDBACK_HEADER_LENGTH + 4 * packet.slices.length;
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodeSliceLossIndication(
  packet: SliceLossIndication,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeFeedbackHeader(
    packet,
    PAYLOAD_FEEDBACK_FORMAT.sliceLossIndication,
    RTCP_PACKET_TYPE.payloadFeedback,
    sliceLossIndicationLength(packet),
    out,
    offset,
  );
  for (const { first, number, pictureId } of packet.slices) {
    at = writeUint32(out, at, (first << 19) | ((number & 0x1fff) << 6) | (pictureId & 0x3f));
  }
  return at;
}
