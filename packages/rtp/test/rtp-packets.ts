// Makes packets for tests of what handles streams.

import type { RtpHeader } from '../src/packet/rtp-header.ts';
import { RtpPacket, writeRtpPacket } from '../src/packet/rtp-packet.ts';

/** A packet in memory of its own, with some room in front of it and behind. */
export function rtpPacket(
  header: Partial<RtpHeader> = {},
  payload: Uint8Array = new Uint8Array(20),
): RtpPacket {
  const bytes = new Uint8Array(80 + payload.length + 32);
  const full = { payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 2, ...header };
  const packet = new RtpPacket();
  packet.parse(bytes, 16, writeRtpPacket(full, payload, bytes.fill(0x80, 16, 17), 16));
  return packet;
}

/** `length` bytes that tell where they come from. */
export function patterned(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff);
}

/** The packet's bytes, as a copy. */
export function bytesOf(packet: RtpPacket): Uint8Array {
  return packet.bytes.slice(packet.start, packet.end);
}
