// Bytes for tests: from hexadecimal text, from a seed, and as RTP and RTCP packets.

import { parseHex, type RandomSource, writeUint16, writeUint32 } from '@kaon/wire';

/** The bytes of hexadecimal text that is known to be right. */
export function hex(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new TypeError(`Not hexadecimal: ${text}`);
  return bytes;
}

/** An endless stream of bytes from a seed (xorshift32). */
export function seededRandom(seed: number): RandomSource {
  let state = (seed * 2654435761) | 1;
  const uint32 = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = uint32() >>> 11;
      return out;
    },
    uint32,
  };
}

/** That many bytes from a seed. */
export function bytes(length: number, seed = 1): Uint8Array {
  return seededRandom(seed).fill(new Uint8Array(length));
}

/** What {@link rtpPacket} makes of it. */
export interface RtpFields {
  readonly ssrc?: number;
  readonly sequenceNumber?: number;
  readonly csrcs?: readonly number[];
  /** "Defined by profile" and the content, a multiple of four bytes. */
  readonly extension?: readonly [number, Uint8Array];
  readonly payload?: Uint8Array;
}

/** An RTP packet by RFC 3550 §5.1. */
export function rtpPacket(fields: RtpFields = {}): Uint8Array {
  const { ssrc = 0xcafebabe, sequenceNumber = 1, csrcs = [], extension } = fields;
  const { payload = bytes(20) } = fields;
  const extensionLength = extension === undefined ? 0 : 4 + extension[1].length;
  const out = new Uint8Array(12 + 4 * csrcs.length + extensionLength + payload.length);
  out[0] = 0x80 | (extension === undefined ? 0 : 0x10) | csrcs.length;
  out[1] = 96;
  writeUint16(out, 2, sequenceNumber);
  writeUint32(out, 4, 0x1234_5678);
  writeUint32(out, 8, ssrc);
  let at = 12;
  for (const csrc of csrcs) at = writeUint32(out, at, csrc);
  if (extension !== undefined) {
    writeUint16(out, at, extension[0]);
    writeUint16(out, at + 2, extension[1].length / 4);
    out.set(extension[1], at + 4);
    at += extensionLength;
  }
  out.set(payload, at);
  return out;
}

/** An RTCP packet of that length: a receiver report's header and any content. */
export function rtcpPacket(ssrc = 0xcafebabe, length = 28): Uint8Array {
  const out = bytes(length, length);
  out[0] = 0x80;
  out[1] = 201;
  writeUint16(out, 2, length / 4 - 1);
  writeUint32(out, 4, ssrc);
  return out;
}

/** A copy of `packet` with `room` free bytes behind it. */
export function withRoom(packet: Uint8Array, room: number): Uint8Array {
  const out = new Uint8Array(packet.length + room);
  out.set(packet);
  return out;
}
