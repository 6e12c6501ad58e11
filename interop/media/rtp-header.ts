// The fixed RTP header, and the RTCP packet that ends a stream (RFC 3550 §5.1 and §6.6, https://www.rfc-editor.org/rfc/rfc3550#section-5.1).
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';

export const RTP_HEADER_LENGTH = 12;

/** The fields that these checks look at. */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** Reads a packet; undefined if it is RTCP (RFC 5761 §4). */
export function readRtp(datagram: Uint8Array): RtpPacket | undefined {
  const second = datagram[1]!;
  if (second >= 192 && second <= 223) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: second >= 0x80,
    sequenceNumber: readUint16(datagram, 2),
    timestamp: readUint32(datagram, 4),
    payload: datagram.subarray(RTP_HEADER_LENGTH + 4 * (datagram[0]! & 0x0f)),
  };
}

/** Writes the header of `packet` at the start of `out`. */
export function writeRtpHeader(out: Uint8Array, packet: Omit<RtpPacket, 'payload'>): void {
  out[0] = 0x80;
  out[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  writeUint16(out, 2, packet.sequenceNumber & 0xffff);
  writeUint32(out, 4, packet.timestamp >>> 0);
  writeUint32(out, 8, SSRC);
}

const SSRC = 0x4b_61_6f_6e;
const RECEIVER_REPORT = 201;
const BYE = 203;

/** Whether `datagram` is or ends with a BYE. */
export function isBye(datagram: Uint8Array): boolean {
  for (let at = 0; at + 4 <= datagram.length; at += 4 + 4 * readUint16(datagram, at + 2)) {
    if (datagram[at + 1] === BYE) return true;
  }
  return false;
}

/** An empty receiver report and a BYE. */
export function byePacket(): Uint8Array {
  const out = new Uint8Array(16);
  for (const [at, type] of [
    [0, RECEIVER_REPORT],
    [8, BYE],
  ] as const) {
    out[at] = type === BYE ? 0x81 : 0x80;
    out[at + 1] = type;
    writeUint16(out, at + 2, 1);
    writeUint32(out, at + 4, SSRC);
  }
  return out;
}
