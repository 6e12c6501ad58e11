// Packets of a stream, for tests.
import { RtpPacket, writeRtpPacket } from '../../src/index.ts';

export interface PacketOfStream {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly ssrc?: number;
  readonly payloadType?: number;
  readonly payload?: Uint8Array;
}

export const SSRC = 0xfeed_beef;

/** The packet as bytes. */
export function packetBytes(packet: PacketOfStream): Uint8Array {
  const payload =
    packet.payload ?? Uint8Array.of(packet.sequenceNumber >> 8, packet.sequenceNumber);
  const bytes = new Uint8Array(12 + payload.length);
  writeRtpPacket(
    {
      marker: packet.marker ?? false,
      payloadType: packet.payloadType ?? 96,
      sequenceNumber: packet.sequenceNumber & 0xffff,
      timestamp: packet.timestamp >>> 0,
      ssrc: packet.ssrc ?? SSRC,
    },
    payload,
    bytes,
    0,
  );
  return bytes;
}

/** The packet as a view. */
export function rtpPacket(packet: PacketOfStream): RtpPacket {
  const view = new RtpPacket();
  view.parse(packetBytes(packet));
  return view;
}
