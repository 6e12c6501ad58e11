// AFB, and REMB in it: the bitrate that the receiver believes the path carries (RFC 4585 §6.4, draft-alvestrand-rmcat-remb-03 §2.2, https://datatracker.ietf.org/doc/html/draft-alvestrand-rmcat-remb-03#section-2.2).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Unique identifier 'R' 'E' 'M' 'B'                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Num SSRC     | BR Exp    |  BR Mantissa                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   SSRC feedback                                             ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint24, readUint32, writeUint24, writeUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { bitrateExponent } from './max-media-bitrate.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

const REMB_IDENTIFIER = 0x52454d42;
const REMB_FIXED_LENGTH = FEEDBACK_HEADER_LENGTH + 8;
const MANTISSA_BITS = 18;

/** Receiver estimated maximum bitrate. */
export interface ReceiverEstimatedMaxBitrate extends FeedbackParties {
  readonly type: 'remb';
  /** Bits a second for all `ssrcs` together, as 18 bits times a power of two: rounded down when written. */
  readonly bitrateBps: number;
  readonly ssrcs: readonly number[];
}

/** Feedback that only the application understands. */
export interface ApplicationLayerFeedback extends FeedbackParties {
  readonly type: 'application-layer-feedback';
  /** A multiple of four bytes; a view of the packet. */
  readonly data: Uint8Array;
}

/** Decodes the AFB in `bytes[start..end)`. */
export function decodeApplicationLayerFeedback(
  bytes: Uint8Array,
  start: number,
  end: number,
): ReceiverEstimatedMaxBitrate | ApplicationLayerFeedback | undefined {
  if (end - start < FEEDBACK_HEADER_LENGTH) return undefined;
  const senderSsrc = readUint32(bytes, start + 4);
  const mediaSsrc = readUint32(bytes, start + 8);
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - start < REMB_FIXED_LENGTH || readUint32(bytes, fci) !== REMB_IDENTIFIER) {
    const data = bytes.subarray(fci, end);
    return { type: 'application-layer-feedback', senderSsrc, mediaSsrc, data };
  }
  const count = bytes[fci + 4] as number;
  if (end - start !== REMB_FIXED_LENGTH + 4 * count) return undefined;
  const word = readUint24(bytes, fci + 5);
  const ssrcs: number[] = [];
  for (let i = 0; i < count; i++) ssrcs.push(readUint32(bytes, start + REMB_FIXED_LENGTH + 4 * i));
  return {
    type: 'remb',
    senderSsrc,
    mediaSsrc,
    bitrateBps: (word & 0x3_ffff) * 2 ** (word >>> MANTISSA_BITS),
    ssrcs,
  };
}

/** Bytes that {@link encodeReceiverEstimatedMaxBitrate} writes. */
export function receiverEstimatedMaxBitrateLength(packet: ReceiverEstimatedMaxBitrate): number {
  return REMB_FIXED_LENGTH + 4 * packet.ssrcs.length;
}

/**
 * Writes `packet` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if there are more than 255 sources.
 */
export function encodeReceiverEstimatedMaxBitrate(
  packet: ReceiverEstimatedMaxBitrate,
  out: Uint8Array,
  offset: number,
): number {
  const { bitrateBps, ssrcs } = packet;
  if (ssrcs.length > 255) throw new RangeError(`ssrcs: at most 255, not ${ssrcs.length}.`);
  let at = writeAfbHeader(packet, receiverEstimatedMaxBitrateLength(packet), out, offset);
  const exponent = bitrateExponent(bitrateBps, MANTISSA_BITS);
  at = writeUint32(out, at, REMB_IDENTIFIER);
  out[at++] = ssrcs.length;
  at = writeUint24(out, at, (exponent << MANTISSA_BITS) | Math.floor(bitrateBps / 2 ** exponent));
  for (const ssrc of ssrcs) at = writeUint32(out, at, ssrc);
  return at;
}

/** Bytes that {@link encodeApplicationLayerFeedback} writes. */
export function applicationLayerFeedbackLength(packet: ApplicationLayerFeedback): number {
  return FEEDBACK_HEADER_LENGTH + packet.data.length;
}

/**
 * Writes `packet` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if the data is no multiple of four bytes.
 */
export function encodeApplicationLayerFeedback(
  packet: ApplicationLayerFeedback,
  out: Uint8Array,
  offset: number,
): number {
  const { data } = packet;
  if (data.length % 4 !== 0) {
    throw new RangeError(`data: a multiple of four bytes, not ${data.length}.`);
  }
  const at = writeAfbHeader(packet, applicationLayerFeedbackLength(packet), out, offset);
  out.set(data, at);
  return at + data.length;
}

function writeAfbHeader(
  parties: FeedbackParties,
  length: number,
  out: Uint8Array,
  offset: number,
): number {
  return writeFeedbackHeader(
    parties,
    PAYLOAD_FEEDBACK_FORMAT.applicationLayerFeedback,
    RTCP_PACKET_TYPE.payloadFeedback,
    length,
    out,
    offset,
  );
}
