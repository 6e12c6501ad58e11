// Retransmission packets: made of sent ones and turned back, in place (RFC 4588 §4, https://www.rfc-editor.org/rfc/rfc4588#section-4).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         RTP Header                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            OSN                |                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
// |                  Original RTP Packet Payload                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, writeUint16 } from '@kaon/wire';
import {
  type HeaderExtensionCursor,
  MAX_ONE_BYTE_ID,
} from '../header-extensions/header-extension-cursor.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';

/** Bytes of the original sequence number, by which a retransmission packet is longer than the original. */
export const RTX_HEADER_LENGTH = 2;

const PADDING_BIT = 0x20;

/**
 * Turns `packet` into a retransmission packet of another stream: its header moves two bytes forward in the
 * memory, which must be free, and its padding, if it has any, is cut off (§4).
 *
 * @param sequenceNumber The next one of the retransmission stream.
 * @throws RangeError if there are no two bytes in front of the packet.
 */
export function encapsulateRtx(
  packet: RtpPacket,
  ssrc: number,
  payloadType: number,
  sequenceNumber: number,
): void {
  const { bytes, start, payloadStart, payloadEnd } = packet;
  const front = start - RTX_HEADER_LENGTH;
  if (front < 0) {
    throw new RangeError(
      `packet begins at ${start} of its memory; expected 2 bytes in front of it`,
    );
  }
  const originalSequenceNumber = packet.sequenceNumber;
  for (let i = start; i < payloadStart; i++) bytes[i - RTX_HEADER_LENGTH] = bytes[i] as number;
  writeUint16(bytes, payloadStart - RTX_HEADER_LENGTH, originalSequenceNumber);
  bytes[front] = (bytes[front] as number) & ~PADDING_BIT;
  packet.parse(bytes, front, payloadEnd);
  packet.ssrc = ssrc;
  packet.payloadType = payloadType;
  packet.sequenceNumber = sequenceNumber;
}

/**
 * Turns the retransmission packet `packet` back into the original of the stream `ssrc`: its header moves
 * two bytes back, over the original sequence number.
 *
 * @returns false, and nothing is changed, if its payload is too short to be a retransmission: what probes
 * the path for bandwidth looks so.
 */
export function restoreRtx(packet: RtpPacket, ssrc: number, payloadType: number): boolean {
  const { bytes, start, end, payloadStart } = packet;
  if (packet.payloadLength < RTX_HEADER_LENGTH) return false;
  const sequenceNumber = readUint16(bytes, payloadStart);
  for (let i = payloadStart - 1; i >= start; i--) bytes[i + RTX_HEADER_LENGTH] = bytes[i] as number;
  packet.parse(bytes, start + RTX_HEADER_LENGTH, end);
  packet.ssrc = ssrc;
  packet.payloadType = payloadType;
  packet.sequenceNumber = sequenceNumber;
  return true;
}

/**
 * Gives the element `from` of a packet's header extension the identifier `to`, in place: a RtpStreamId
 * becomes a RepairedRtpStreamId, which says the same of a retransmission (RFC 8852 §3), or the reverse.
 *
 * @returns false if there is no such element or `to` does not fit the form of the extension.
 */
export function renameHeaderExtension(
  packet: RtpPacket,
  cursor: HeaderExtensionCursor,
  from: number,
  to: number,
): boolean {
  if (!cursor.find(packet, from)) return false;
  const { bytes, headerStart } = cursor;
  if (cursor.isTwoByte) bytes[headerStart] = to;
  else if (to > MAX_ONE_BYTE_ID) return false;
  else bytes[headerStart] = (to << 4) | ((bytes[headerStart] as number) & 0x0f);
  return true;
}
