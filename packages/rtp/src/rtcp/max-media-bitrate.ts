// TMMBR and TMMBN: temporary limits of a source's bitrate (RFC 5104 §4.2.1, §4.2.2, https://www.rfc-editor.org/rfc/rfc5104#section-4.2.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              SSRC                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | MxTBR Exp |  MxTBR Mantissa                 |Measured Overhead|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { RTCP_PACKET_TYPE, TRANSPORT_FEEDBACK_FORMAT } from './rtcp-header.ts';

const ENTRY_LENGTH = 8;
const MANTISSA_BITS = 17;

/** A limit on one source. */
export interface MediaBitrateLimit {
  readonly ssrc: number;
  /** Bits a second, as 17 bits times a power of two: rounded down when written. */
  readonly maxBitrateBps: number;
  /** Bytes of headers a packet that the limit includes: 9 bits. */
  readonly overheadBytes: number;
}

/** A request for limits, or the notification of those in force. */
export interface MaxMediaBitrate extends FeedbackParties {
  readonly type: 'tmmbr' | 'tmmbn';
  /** A notification may be empty: no limit is in force. */
  readonly limits: readonly MediaBitrateLimit[];
}

/** Decodes the TMMBR or TMMBN in `bytes[start..end)`. */
export function decodeMaxMediaBitrate(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: MaxMediaBitrate['type'],
): MaxMediaBitrate | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end < fci || (end - fci) % ENTRY_LENGTH !== 0) return undefined;
  if (end === fci && type === 'tmmbr') return undefined;
  const limits: MediaBitrateLimit[] = [];
  for (let at = fci; at < end; at += ENTRY_LENGTH) {
    const word = readUint32(bytes, at + 4);
    limits.push({
      ssrc: readUint32(bytes, at),
      maxBitrateBps: ((word >>> 9) & 0x1_ffff) * 2 ** (word >>> 26),
      overheadBytes: word & 0x1ff,
    });
  }
  return {
    type,
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    limits,
  };
}

/** Bytes that {@link encodeMaxMediaBitrate} writes. */
export function maxMediaBitrateLength(packet: MaxMediaBitrate): number {
  return FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH * packet.limits.length;
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodeMaxMediaBitrate(
  packet: MaxMediaBitrate,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeFeedbackHeader(
    packet,
    TRANSPORT_FEEDBACK_FORMAT[packet.type],
    RTCP_PACKET_TYPE.transportFeedback,
    maxMediaBitrateLength(packet),
    out,
    offset,
  );
  for (const limit of packet.limits) {
    const exponent = bitrateExponent(limit.maxBitrateBps, MANTISSA_BITS);
    const mantissa = Math.floor(limit.maxBitrateBps / 2 ** exponent);
    at = writeUint32(out, at, limit.ssrc);
    at = writeUint32(out, at, (exponent << 26) | (mantissa << 9) | (limit.overheadBytes & 0x1ff));
  }
  return at;
}

/** The smallest power of two over which `bitrateBps` fits `mantissaBits`, at most 63. */
export function bitrateExponent(bitrateBps: number, mantissaBits: number): number {
  let exponent = 0;
  while (exponent < 63 && bitrateBps >= 2 ** (mantissaBits + exponent)) exponent++;
  return exponent;
}
