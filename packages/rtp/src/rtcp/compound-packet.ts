// RTCP datagrams: compound packets and those of reduced size (RFC 3550 §6.1, §A.2, RFC 5506 §3, https://www.rfc-editor.org/rfc/rfc3550#section-6.1).
import { readUint16 } from '@kaon/wire';
import {
  type ApplicationDefined,
  applicationDefinedLength,
  decodeApplicationDefined,
  encodeApplicationDefined,
} from './application-defined.ts';
import {
  type ApplicationLayerFeedback,
  applicationLayerFeedbackLength,
  decodeApplicationLayerFeedback,
  encodeApplicationLayerFeedback,
  encodeReceiverEstimatedMaxBitrate,
  type ReceiverEstimatedMaxBitrate,
  receiverEstimatedMaxBitrateLength,
} from './application-layer-feedback.ts';
import {
  type CongestionControlFeedback,
  congestionControlFeedbackLength,
  decodeCongestionControlFeedback,
  encodeCongestionControlFeedback,
} from './congestion-control-feedback.ts';
import {
  decodeExtendedReport,
  type ExtendedReport,
  encodeExtendedReport,
  extendedReportLength,
} from './extended-report.ts';
import {
  decodeFullIntraRequest,
  encodeFullIntraRequest,
  type FullIntraRequest,
  fullIntraRequestLength,
} from './full-intra-request.ts';
import {
  decodeGenericNack,
  encodeGenericNack,
  type GenericNack,
  genericNackLength,
} from './generic-nack.ts';
import { decodeGoodbye, encodeGoodbye, type Goodbye, goodbyeLength } from './goodbye.ts';
import {
  decodeMaxMediaBitrate,
  encodeMaxMediaBitrate,
  type MaxMediaBitrate,
  maxMediaBitrateLength,
} from './max-media-bitrate.ts';
import {
  decodePictureLossIndication,
  encodePictureLossIndication,
  PICTURE_LOSS_INDICATION_LENGTH,
  type PictureLossIndication,
} from './picture-loss-indication.ts';
import {
  decodeReceiverReport,
  encodeReceiverReport,
  type ReceiverReport,
  receiverReportLength,
} from './receiver-report.ts';
import {
  decodeReferencePictureSelection,
  encodeReferencePictureSelection,
  type ReferencePictureSelection,
  referencePictureSelectionLength,
} from './reference-picture-selection.ts';
import {
  PAYLOAD_FEEDBACK_FORMAT,
  RTCP_HEADER_LENGTH,
  RTCP_PACKET_TYPE,
  TRANSPORT_FEEDBACK_FORMAT,
} from './rtcp-header.ts';
import {
  decodeSenderReport,
  encodeSenderReport,
  type SenderReport,
  senderReportLength,
} from './sender-report.ts';
import {
  decodeSliceLossIndication,
  encodeSliceLossIndication,
  type SliceLossIndication,
  sliceLossIndicationLength,
} from './slice-loss-indication.ts';
import {
  decodeSourceDescription,
  encodeSourceDescription,
  type SourceDescription,
  sourceDescriptionLength,
} from './source-description.ts';
import {
  decodeTemporalSpatialTradeOff,
  encodeTemporalSpatialTradeOff,
  type TemporalSpatialTradeOff,
  temporalSpatialTradeOffLength,
} from './temporal-spatial-trade-off.ts';
import {
  decodeTransportFeedback,
  encodeTransportFeedback,
  type TransportFeedback,
  transportFeedbackLength,
} from './transport-feedback.ts';
import {
  decodeUnknownPacket,
  encodeUnknownPacket,
  type UnknownRtcpPacket,
  unknownPacketLength,
} from './unknown-packet.ts';

/** Any RTCP packet; `type` tells which. */
export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  | ApplicationDefined
  | GenericNack
  | MaxMediaBitrate
  | TransportFeedback
  | CongestionControlFeedback
  | PictureLossIndication
  | SliceLossIndication
  | ReferencePictureSelection
  | FullIntraRequest
  | TemporalSpatialTradeOff
  | ReceiverEstimatedMaxBitrate
  | ApplicationLayerFeedback
  | ExtendedReport
  | UnknownRtcpPacket;

/** What was in a datagram. */
export interface CompoundPacket {
  /** In the order of the wire. What they hold of bytes are views of the datagram. */
  readonly packets: readonly RtcpPacket[];
  /** How many packets had a known type and were malformed inside; they were passed over. */
  readonly malformed: number;
}

/** How strictly a datagram is judged. */
export interface CompoundPacketRules {
  /**
   * Whether feedback may come without a report and a name in front (RFC 5506 §3.4.2, `a=rtcp-rsize`); true
   * by default. If false the first packet must be an SR or RR (RFC 3550 §A.2).
   */
  readonly reducedSize?: boolean;
}

const ANY: CompoundPacketRules = {};

/**
 * Whether the datagram in `bytes[start..end)` is a chain of RTCP packets whose versions, lengths and
 * padding are as RFC 3550 §A.2 wants them.
 */
export function isValidCompoundPacket(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  rules: CompoundPacketRules = ANY,
): boolean {
  if (end > bytes.length || end - start < RTCP_HEADER_LENGTH) return false;
  if (rules.reducedSize === false) {
    const packetType = bytes[start + 1] as number;
    if (
      packetType !== RTCP_PACKET_TYPE.senderReport &&
      packetType !== RTCP_PACKET_TYPE.receiverReport
    ) {
      return false;
    }
  }
  for (let at = start; at < end; ) {
    if (end - at < RTCP_HEADER_LENGTH) return false;
    const first = bytes[at] as number;
    if (first >> 6 !== 2) return false;
    const next = at + 4 * (readUint16(bytes, at + 2) + 1);
    if (next > end) return false;
    if ((first & 0x20) !== 0 && !isPaddingValid(bytes, at, next, end)) return false;
    at = next;
  }
  return true;
}

// Deviation: RFC 3550 §6.4.1 allows padding only in the last packet; here transport-wide feedback may
// have it anywhere, because libwebrtc pads that to 32 bits so and puts it in front of other packets.
function isPaddingValid(bytes: Uint8Array, start: number, next: number, end: number): boolean {
  const isTransportWide =
    bytes[start + 1] === RTCP_PACKET_TYPE.transportFeedback &&
    ((bytes[start] as number) & 0x1f) === TRANSPORT_FEEDBACK_FORMAT.transportWide;
  if (next !== end && !isTransportWide) return false;
  const padding = bytes[next - 1] as number;
  if (padding === 0 || padding > next - start - RTCP_HEADER_LENGTH) return false;
  return isTransportWide || padding % 4 === 0;
}

/**
 * Decodes the datagram in `bytes[start..end)`.
 *
 * @returns undefined if {@link isValidCompoundPacket} is false. Never throws.
 */
export function decodeCompoundPacket(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  rules: CompoundPacketRules = ANY,
): CompoundPacket | undefined {
  if (!isValidCompoundPacket(bytes, start, end, rules)) return undefined;
  const packets: RtcpPacket[] = [];
  let malformed = 0;
  for (let at = start; at < end; ) {
    const next = at + 4 * (readUint16(bytes, at + 2) + 1);
    const hasPadding = ((bytes[at] as number) & 0x20) !== 0;
    const packet = decodePacket(bytes, at, hasPadding ? next - (bytes[next - 1] as number) : next);
    if (packet === undefined) malformed++;
    else packets.push(packet);
    at = next;
  }
  return { packets, malformed };
}

function decodePacket(bytes: Uint8Array, start: number, end: number): RtcpPacket | undefined {
  const count = (bytes[start] as number) & 0x1f;
  switch (bytes[start + 1]) {
    case RTCP_PACKET_TYPE.senderReport:
      return decodeSenderReport(bytes, start, end, count);
    case RTCP_PACKET_TYPE.receiverReport:
      return decodeReceiverReport(bytes, start, end, count);
    case RTCP_PACKET_TYPE.sourceDescription:
      return decodeSourceDescription(bytes, start, end, count);
    case RTCP_PACKET_TYPE.goodbye:
      return decodeGoodbye(bytes, start, end, count);
    case RTCP_PACKET_TYPE.applicationDefined:
      return decodeApplicationDefined(bytes, start, end, count);
    case RTCP_PACKET_TYPE.transportFeedback:
      return decodeTransportLayerPacket(bytes, start, end, count);
    case RTCP_PACKET_TYPE.payloadFeedback:
      return decodePayloadSpecificPacket(bytes, start, end, count);
    case RTCP_PACKET_TYPE.extendedReport:
      return decodeExtendedReport(bytes, start, end);
    default:
      return decodeUnknownPacket(bytes, start, end, count);
  }
}

function decodeTransportLayerPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: number,
): RtcpPacket | undefined {
  switch (format) {
    case TRANSPORT_FEEDBACK_FORMAT.genericNack:
      return decodeGenericNack(bytes, start, end);
    case TRANSPORT_FEEDBACK_FORMAT.tmmbr:
      return decodeMaxMediaBitrate(bytes, start, end, 'tmmbr');
    case TRANSPORT_FEEDBACK_FORMAT.tmmbn:
      return decodeMaxMediaBitrate(bytes, start, end, 'tmmbn');
    case TRANSPORT_FEEDBACK_FORMAT.congestionControl:
      return decodeCongestionControlFeedback(bytes, start, end);
    case TRANSPORT_FEEDBACK_FORMAT.transportWide:
      return decodeTransportFeedback(bytes, start, end);
    default:
      return decodeUnknownPacket(bytes, start, end, format);
  }
}

function decodePayloadSpecificPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: number,
): RtcpPacket | undefined {
  switch (format) {
    case PAYLOAD_FEEDBACK_FORMAT.pictureLossIndication:
      return decodePictureLossIndication(bytes, start, end);
    case PAYLOAD_FEEDBACK_FORMAT.sliceLossIndication:
      return decodeSliceLossIndication(bytes, start, end);
    case PAYLOAD_FEEDBACK_FORMAT.referencePictureSelectionIndication:
      return decodeReferencePictureSelection(bytes, start, end);
    case PAYLOAD_FEEDBACK_FORMAT.fullIntraRequest:
      return decodeFullIntraRequest(bytes, start, end);
    case PAYLOAD_FEEDBACK_FORMAT.temporalSpatialTradeOffRequest:
      return decodeTemporalSpatialTradeOff(bytes, start, end, 'tstr');
    case PAYLOAD_FEEDBACK_FORMAT.temporalSpatialTradeOffNotification:
      return decodeTemporalSpatialTradeOff(bytes, start, end, 'tstn');
    case PAYLOAD_FEEDBACK_FORMAT.applicationLayerFeedback:
      return decodeApplicationLayerFeedback(bytes, start, end);
    default:
      return decodeUnknownPacket(bytes, start, end, format);
  }
}

/** Bytes that {@link encodeRtcpPacket} writes. */
export function rtcpPacketLength(packet: RtcpPacket): number {
  switch (packet.type) {
    case 'sender-report':
      return senderReportLength(packet);
    case 'receiver-report':
      return receiverReportLength(packet);
    case 'source-description':
      return sourceDescriptionLength(packet);
    case 'goodbye':
      return goodbyeLength(packet);
    case 'application-defined':
      return applicationDefinedLength(packet);
    case 'generic-nack':
      return genericNackLength(packet);
    case 'tmmbr':
    case 'tmmbn':
      return maxMediaBitrateLength(packet);
    case 'transport-feedback':
      return transportFeedbackLength(packet);
    case 'congestion-control-feedback':
      return congestionControlFeedbackLength(packet);
    case 'picture-loss-indication':
      return PICTURE_LOSS_INDICATION_LENGTH;
    case 'slice-loss-indication':
      return sliceLossIndicationLength(packet);
    case 'reference-picture-selection':
      return referencePictureSelectionLength(packet);
    case 'full-intra-request':
      return fullIntraRequestLength(packet);
    case 'tstr':
    case 'tstn':
      return temporalSpatialTradeOffLength(packet);
    case 'remb':
      return receiverEstimatedMaxBitrateLength(packet);
    case 'application-layer-feedback':
      return applicationLayerFeedbackLength(packet);
    case 'extended-report':
      return extendedReportLength(packet);
    case 'unknown':
      return unknownPacketLength(packet);
  }
}

/**
 * Writes one packet at `offset` of `out`; returns the offset behind it. Packets written one behind the
 * other are a compound packet.
 *
 * @throws RangeError if the format cannot say what `packet` holds, or there is no room.
 */
export function encodeRtcpPacket(packet: RtcpPacket, out: Uint8Array, offset: number): number {
  const end = offset + rtcpPacketLength(packet);
  if (end > out.length) {
    throw new RangeError(`out: the packet ends at ${end}, the memory at ${out.length}.`);
  }
  switch (packet.type) {
    case 'sender-report':
      return encodeSenderReport(packet, out, offset);
    case 'receiver-report':
      return encodeReceiverReport(packet, out, offset);
    case 'source-description':
      return encodeSourceDescription(packet, out, offset);
    case 'goodbye':
      return encodeGoodbye(packet, out, offset);
    case 'application-defined':
      return encodeApplicationDefined(packet, out, offset);
    case 'generic-nack':
      return encodeGenericNack(packet, out, offset);
    case 'tmmbr':
    case 'tmmbn':
      return encodeMaxMediaBitrate(packet, out, offset);
    case 'transport-feedback':
      return encodeTransportFeedback(packet, out, offset);
    case 'congestion-control-feedback':
      return encodeCongestionControlFeedback(packet, out, offset);
    case 'picture-loss-indication':
      return encodePictureLossIndication(packet, out, offset);
    case 'slice-loss-indication':
      return encodeSliceLossIndication(packet, out, offset);
    case 'reference-picture-selection':
      return encodeReferencePictureSelection(packet, out, offset);
    case 'full-intra-request':
      return encodeFullIntraRequest(packet, out, offset);
    case 'tstr':
    case 'tstn':
      return encodeTemporalSpatialTradeOff(packet, out, offset);
    case 'remb':
      return encodeReceiverEstimatedMaxBitrate(packet, out, offset);
    case 'application-layer-feedback':
      return encodeApplicationLayerFeedback(packet, out, offset);
    case 'extended-report':
      return encodeExtendedReport(packet, out, offset);
    case 'unknown':
      return encodeUnknownPacket(packet, out, offset);
  }
}

/**
 * The datagram of `packets`, in new memory.
 *
 * @throws RangeError as {@link encodeRtcpPacket}.
 */
export function encodeCompoundPacket(packets: readonly RtcpPacket[]): Uint8Array {
  let length = 0;
  for (const packet of packets) length += rtcpPacketLength(packet);
  const out = new Uint8Array(length);
  let at = 0;
  for (const packet of packets) at = encodeRtcpPacket(packet, out, at);
  return out;
}
