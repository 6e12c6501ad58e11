// The payload of flexible forward error correction as browsers send it, `flexfec-03` (draft-ietf-payload-flexible-fec-scheme-03 §4.2, https://datatracker.ietf.org/doc/html/draft-ietf-payload-flexible-fec-scheme-03#section-4.2).
//
// The final RFC 8627 has another layout: there, CSRCs of the RTP header name the streams.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |R|F|P|X|  CC   |M| PT recovery |        length recovery        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          TS recovery                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   SSRCCount   |                    reserved                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// then for each SSRC:
// |                             SSRC_i                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           SN base_i           |k|          Mask [0-14]        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |k|                   Mask [15-45] (optional)                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |k|                                                             |
// +-+                   Mask [46-108] (optional)                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// k is set where a mask ends.
import {
  readUint16,
  readUint32,
  serialAdd16,
  serialDistance16,
  writeUint16,
  writeUint32,
} from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import {
  type FecEquation,
  FIXED_HEADER_LENGTH,
  MAX_MEMBERS,
  ParityAccumulator,
} from './fec-equation.ts';

const BASE_HEADER_LENGTH = 12;
/** Of SSRC and SN base. */
const STREAM_HEADER_LENGTH = 6;
/** The bits of the three parts of a mask, and how many there are up to each. */
const PART_BITS: readonly number[] = [15, 31, 63];

/**
 * The equation of a payload; its `parity` is a view of it.
 *
 * @returns undefined if it is cut off, its mask has no end or nothing in it, or it is no flexible mask (R
 * or F is set).
 */
export function decodeFlexFec03(payload: Uint8Array): FecEquation | undefined {
  if (payload.length < BASE_HEADER_LENGTH) return undefined;
  const first = payload[0] as number;
  if ((first & 0xc0) !== 0) return undefined;
  const ssrcs: number[] = [];
  const sequenceNumbers: number[] = [];
  let at = BASE_HEADER_LENGTH;
  for (let i = 0; i < (payload[8] as number); i++) {
    if (at + STREAM_HEADER_LENGTH > payload.length) return undefined;
    const ssrc = readUint32(payload, at);
    const base = readUint16(payload, at + 4);
    at = readMask(payload, at + STREAM_HEADER_LENGTH, base, sequenceNumbers);
    if (at === 0 || sequenceNumbers.length > MAX_MEMBERS) return undefined;
    while (ssrcs.length < sequenceNumbers.length) ssrcs.push(ssrc);
  }
  if (sequenceNumbers.length === 0) return undefined;
  return {
    ssrcs,
    sequenceNumbers,
    header: {
      flags: first & 0x3f,
      markerAndType: payload[1] as number,
      timestamp: readUint32(payload, 4),
      length: readUint16(payload, 2),
    },
    stringStart: 0,
    parity: payload.subarray(at),
  };
}

/** Adds the numbers of the mask at `at` to `numbers`; returns the offset behind it, 0 if it is cut off. */
function readMask(payload: Uint8Array, at: number, base: number, numbers: number[]): number {
  let offset = 0;
  let part = at;
  for (const bits of PART_BITS) {
    const end = part + (bits + 1) / 8;
    if (end > payload.length) return 0;
    // Bit 0 of each part is its k.
    for (let i = 1; i <= bits; i++) {
      const byte = payload[part + (i >> 3)] as number;
      if ((byte & (0x80 >> (i & 7))) !== 0) numbers.push(serialAdd16(base, offset + i - 1));
    }
    if (((payload[part] as number) & 0x80) !== 0) return end;
    offset += bits;
    part = end;
  }
  return 0;
}

/**
 * Writes the payload of a repair packet that protects `packets`, of one or more streams, at `offset`;
 * returns the offset behind it.
 *
 * Header extensions that change on the way of a packet to the network have to be zeros, as the receiver
 * sets them so too.
 *
 * @throws RangeError if there are no packets, those of a stream span more than 109 numbers, there are more
 * than 109, or `out` has no room.
 */
export function writeFlexFec03(
  packets: readonly RtpPacket[],
  out: Uint8Array,
  offset: number,
): number {
  if (packets.length === 0 || packets.length > MAX_MEMBERS) {
    throw new RangeError(`packets: ${packets.length} of them; expected 1 to ${MAX_MEMBERS}`);
  }
  const longest = Math.max(...packets.map((each) => each.length));
  const accumulator = new ParityAccumulator(longest);
  accumulator.clear();
  for (const packet of packets) accumulator.addPacket(packet, 0, longest);
  const ssrcs = [...new Set(packets.map(({ ssrc }) => ssrc))];
  const masks = ssrcs.map((ssrc) => maskOf(ssrc, packets));
  const length =
    BASE_HEADER_LENGTH +
    masks.reduce((sum, { bytes }) => sum + STREAM_HEADER_LENGTH + bytes.length, 0) +
    longest -
    FIXED_HEADER_LENGTH;
  if (offset + length > out.length) {
    throw new RangeError(
      `out: the payload ends at ${offset + length}, the memory at ${out.length}.`,
    );
  }
  const { header } = accumulator;
  out[offset] = header.flags;
  out[offset + 1] = header.markerAndType;
  writeUint16(out, offset + 2, header.length);
  writeUint32(out, offset + 4, header.timestamp);
  writeUint32(out, offset + 8, masks.length * 2 ** 24);
  let at = offset + BASE_HEADER_LENGTH;
  for (const { ssrc, base, bytes } of masks) {
    writeUint32(out, at, ssrc);
    writeUint16(out, at + 4, base);
    out.set(bytes, at + STREAM_HEADER_LENGTH);
    at += STREAM_HEADER_LENGTH + bytes.length;
  }
  out.set(accumulator.bytes.subarray(FIXED_HEADER_LENGTH, longest), at);
  return offset + length;
}

interface StreamMask {
  readonly ssrc: number;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** The mask of the packets of the stream `ssrc`. */
function maskOf(ssrc: number, packets: readonly RtpPacket[]): StreamMask {
  const own = packets.filter((packet) => packet.ssrc === ssrc);
  const numbers = own.map(({ sequenceNumber }) => sequenceNumber);
  const base = numbers.reduce((least, each) => (serialDistance16(each, least) < 0 ? each : least));
  const offsets = numbers.map((each) => serialDistance16(each, base));
  const span = Math.max(...offsets) + 1;
  if (span > MAX_MEMBERS) {
    throw new RangeError(`packets: they span ${span} numbers; expected at most ${MAX_MEMBERS}`);
  }
  const bytes = new Uint8Array(span <= 15 ? 2 : span <= 46 ? 6 : 14);
  bytes[bytes.length === 2 ? 0 : bytes.length === 6 ? 2 : 6] = 0x80;
  for (const offset of offsets) {
    // Behind each k bit that comes before it.
    const bit = offset + (offset < 15 ? 1 : offset < 46 ? 2 : 3);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  }
  return { ssrc, base, bytes };
}
