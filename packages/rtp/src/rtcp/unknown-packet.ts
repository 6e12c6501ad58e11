// An RTCP packet of a type or format that is not known: kept as it came (RFC 3550 §6.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.1).
import { RTCP_HEADER_LENGTH, writeRtcpHeader } from './rtcp-header.ts';

/** A packet that says nothing to us. */
export interface UnknownRtcpPacket {
  readonly type: 'unknown';
  readonly packetType: number;
  /** The five bits beside the version: a count, subtype or format. */
  readonly count: number;
  /** What follows the header, a multiple of four bytes; a view of the packet. */
  readonly body: Uint8Array;
}

/** Keeps the packet in `bytes[start..end)`. */
export function decodeUnknownPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): UnknownRtcpPacket {
  return {
    type: 'unknown',
    packetType: bytes[start + 1] as number,
    count,
    body: bytes.subarray(start + RTCP_HEADER_LENGTH, end),
  };
}

/** Bytes that {@link encodeUnknownPacket} writes. */
export function unknownPacketLength(packet: UnknownRtcpPacket): number {
  return RTCP_HEADER_LENGTH + packet.body.length;
}

/**
 * Writes `packet` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if the body is no multiple of four bytes.
 */
export function encodeUnknownPacket(
  packet: UnknownRtcpPacket,
  out: Uint8Array,
  offset: number,
): number {
  const { body, count, packetType } = packet;
  if (body.length % 4 !== 0) {
    throw new RangeError(`body: a multiple of four bytes, not ${body.length}.`);
  }
  const at = writeRtcpHeader(out, offset, count, packetType, RTCP_HEADER_LENGTH + body.length);
  out.set(body, at);
  return at + body.length;
}
