// What every program is given: one packet, one frame, and how much of it.

/** Bytes of an RTP payload that fills a datagram, and of 20 ms of Opus. */
export const VIDEO_PAYLOAD_BYTES = 1172;
export const AUDIO_PAYLOAD_BYTES = 132;
/** A VP8 frame, and how many bytes of it go into a packet at most. */
const FRAME_BYTES = 11_000;
export const MAX_PAYLOAD_BYTES = 1100;
/** To how many receivers a packet is forwarded. */
export const RECEIVERS = 10;
/** Local identifiers of the header extensions in each packet: audio level and transport-wide number. */
export const LEVEL_ID = 1;
export const TRANSPORT_ID = 3;

/** A frame as an encoder might have made it: a key frame's first bytes (RFC 6386 §9.1), then anything. */
export function frame(): Uint8Array {
  const bytes = Uint8Array.from({ length: FRAME_BYTES }, (_, i) => (i * 31 + (i >> 7)) & 0xff);
  bytes.set([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
  return bytes;
}

/** A packet: version 2 with extension, payload type 96, both header extensions of one word together. */
export function packet(payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(12 + 4 + 8 + payloadBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x90, 96]);
  view.setUint16(2, 1000);
  view.setUint32(4, 123_456_789);
  view.setUint32(8, 0xcafe_babe);
  view.setUint16(12, 0xbede);
  view.setUint16(14, 2);
  bytes.set([(LEVEL_ID << 4) | 0, 0x85, (TRANSPORT_ID << 4) | 1, 0x12, 0x34], 16);
  for (let i = 24; i < bytes.length; i++) bytes[i] = (i * 17) & 0xff;
  return bytes;
}
