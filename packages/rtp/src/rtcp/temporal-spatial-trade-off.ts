// TSTR and TSTN: more frames or better ones (RFC 5104 §4.3.2, §4.3.3, https://www.rfc-editor.org/rfc/rfc5104#section-4.3.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              SSRC                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Seq nr.      |  Reserved                           | Index   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

const ENTRY_LENGTH = 8;

/** A trade-off of one source. */
export interface TradeOff {
  readonly ssrc: number;
  /** Counts the requests: 8 bits. */
  readonly sequenceNumber: number;
  /** 0 is the best picture, 31 the highest frame rate. */
  readonly index: number;
}

/** A request for a trade-off, or the notification of the one chosen. */
export interface TemporalSpatialTradeOff extends FeedbackParties {
  readonly type: 'tstr' | 'tstn';
  readonly entries: readonly TradeOff[];
}

/** Decodes the TSTR or TSTN in `bytes[start..end)`. */
export function decodeTemporalSpatialTradeOff(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: TemporalSpatialTradeOff['type'],
): TemporalSpatialTradeOff | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - fci < ENTRY_LENGTH || (end - fci) % ENTRY_LENGTH !== 0) return undefined;
  const entries: TradeOff[] = [];
  for (let at = fci; at < end; at += ENTRY_LENGTH) {
    entries.push({
      ssrc: readUint32(bytes, at),
      sequenceNumber: bytes[at + 4] as number,
      index: (bytes[at + 7] as number) & 0x1f,
    });
  }
  return {
    type,
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    entries,
  };
}

/** Bytes that {@link encodeTemporalSpatialTradeOff} writes. */
export function temporalSpatialTradeOffLength(packet: TemporalSpatialTradeOff): number {
  return FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH * packet.entries.length;
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodeTemporalSpatialTradeOff(
  packet: TemporalSpatialTradeOff,
  out: Uint8Array,
  offset: number,
): number {
  const { temporalSpatialTradeOffRequest, temporalSpatialTradeOffNotification } =
    PAYLOAD_FEEDBACK_FORMAT;
  let at = writeFeedbackHeader(
    packet,
    packet.type === 'tstr' ? temporalSpatialTradeOffRequest : temporalSpatialTradeOffNotification,
    RTCP_PACKET_TYPE.payloadFeedback,
    temporalSpatialTradeOffLength(packet),
    out,
    offset,
  );
  for (const { ssrc, sequenceNumber, index } of packet.entries) {
    at = writeUint32(out, at, ssrc);
    at = writeUint32(out, at, (sequenceNumber << 24) | (index & 0x1f));
  }
  return at;
}
