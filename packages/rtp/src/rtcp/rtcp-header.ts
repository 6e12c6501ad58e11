// The header that every RTCP packet begins with (RFC 3550 §6.4.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|  count  |  packet type  |            length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// length: in 32-bit words, minus one. count: of what follows, or a subtype, or a feedback format.
import { writeUint16 } from '@kaon/wire';

/** Bytes of the header. */
export const RTCP_HEADER_LENGTH = 4;

/** Packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2). */
export const RTCP_PACKET_TYPE = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  applicationDefined: 204,
  transportFeedback: 205,
  payloadFeedback: 206,
  extendedReport: 207,
} as const;

/** Formats of transport layer feedback (RFC 4585 §6.2, RFC 5104 §4.2, RFC 8888 §3.1). */
export const TRANSPORT_FEEDBACK_FORMAT = {
  genericNack: 1,
  tmmbr: 3,
  tmmbn: 4,
  congestionControl: 11,
  transportWide: 15,
} as const;

/** Formats of payload-specific feedback (RFC 4585 §6.3, RFC 5104 §4.3). */
export const PAYLOAD_FEEDBACK_FORMAT = {
  pictureLossIndication: 1,
  sliceLossIndication: 2,
  referencePictureSelectionIndication: 3,
  fullIntraRequest: 4,
  temporalSpatialTradeOffRequest: 5,
  temporalSpatialTradeOffNotification: 6,
  applicationLayerFeedback: 15,
} as const;

/** Writes a header without padding for a packet of `length` bytes, a multiple of four; returns the offset behind it. */
export function writeRtcpHeader(
  out: Uint8Array,
  offset: number,
  count: number,
  packetType: number,
  length: number,
): number {
  out[offset] = 0x80 | (count & 0x1f);
  out[offset + 1] = packetType;
  return writeUint16(out, offset + 2, (length >> 2) - 1);
}
