// FIR: a decoder refresh point is needed (RFC 5104 §4.3.1, https://www.rfc-editor.org/rfc/rfc5104#section-4.3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              SSRC                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Seq nr.       |    Reserved                                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

const ENTRY_LENGTH = 8;

/** A request to one source. */
export interface FullIntraRequestEntry {
  readonly ssrc: number;
  /** Counts the requests to this source, not their repetitions: 8 bits. */
  readonly sequenceNumber: number;
}

/** Requests for key frames; the media SSRC of the header is 0. */
export interface FullIntraRequest extends FeedbackParties {
  readonly type: 'full-intra-request';
  readonly entries: readonly FullIntraRequestEntry[];
}

/** Decodes the FIR in `bytes[start..end)`. */
export function decodeFullIntraRequest(
  bytes: Uint8Array,
  start: number,
  end: number,
): FullIntraRequest | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - fci < ENTRY_LENGTH || (end - fci) % ENTRY_LENGTH !== 0) return undefined;
  const entries: FullIntraRequestEntry[] = [];
  for (let at = fci; at < end; at += ENTRY_LENGTH) {
    entries.push({ ssrc: readUint32(bytes, at), sequenceNumber: bytes[at + 4] as number });
  }
  return {
    type: 'full-intra-request',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    entries,
  };
}

/** Bytes that {@link encodeFullIntraRequest} writes. */
export function fullIntraRequestLength(packet: FullIntraRequest): number {
  return FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH * packet.entries.length;
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodeFullIntraRequest(
  packet: FullIntraRequest,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeFeedbackHeader(
    packet,
    PAYLOAD_FEEDBACK_FORMAT.fullIntraRequest,
    RTCP_PACKET_TYPE.payloadFeedback,
    fullIntraRequestLength(packet),
    out,
    offset,
  );
  for (const { ssrc, sequenceNumber } of packet.entries) {
    at = writeUint32(out, at, ssrc);
    at = writeUint32(out, at, sequenceNumber << 24);
  }
  return at;
}
