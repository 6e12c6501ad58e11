// The payload of generic forward error correction, ULPFEC (RFC 5109 §7, https://www.rfc-editor.org/rfc/rfc5109#section-7).
//
// FEC header (§7.3):
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |E|L|P|X|  CC   |M| PT recovery |            SN base            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          TS recovery                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        length recovery        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// then for each level (§7.4), and behind it its bytes:
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       Protection Length       |             mask              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              mask cont. (present only when L = 1)             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import {
  readUint16,
  readUint32,
  serialAdd16,
  serialDistance16,
  writeUint16,
  writeUint32,
} from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { type FecEquation, FIXED_HEADER_LENGTH, ParityAccumulator } from './fec-equation.ts';

const FEC_HEADER_LENGTH = 10;
const SHORT_MASK_BITS = 16;
const LONG_MASK_BITS = 48;
/** Levels are told by what is left of a payload; more than this is no sensible use of it. */
const MAX_LEVELS = 8;

/**
 * The equations of a payload, level 0 first; their `parity` is a view of it.
 *
 * @param ssrc of the stream protected, which is that of the FEC packet itself where it comes in RED.
 * @returns undefined if a length lies, a mask is empty, or the extension flag is set.
 */
export function decodeUlpFec(payload: Uint8Array, ssrc: number): FecEquation[] | undefined {
  if (payload.length < FEC_HEADER_LENGTH) return undefined;
  const first = payload[0] as number;
  // §7.3: E is 0; what would follow if it were 1 is not defined.
  if ((first & 0x80) !== 0) return undefined;
  const maskBits = (first & 0x40) !== 0 ? LONG_MASK_BITS : SHORT_MASK_BITS;
  const levelHeaderLength = 2 + maskBits / 8;
  const base = readUint16(payload, 2);
  const header = {
    flags: first & 0x3f,
    markerAndType: payload[1] as number,
    timestamp: readUint32(payload, 4),
    length: readUint16(payload, 8),
  };
  const equations: FecEquation[] = [];
  let at = FEC_HEADER_LENGTH;
  let stringStart = 0;
  while (at < payload.length && equations.length < MAX_LEVELS) {
    const start = at + levelHeaderLength;
    const end = start + (start <= payload.length ? readUint16(payload, at) : 0);
    if (end > payload.length || start > payload.length) return undefined;
    const sequenceNumbers = readMask(payload, at + 2, maskBits, base);
    if (sequenceNumbers.length === 0) return undefined;
    equations.push({
      ssrcs: sequenceNumbers.map(() => ssrc),
      sequenceNumbers,
      header: equations.length === 0 ? header : undefined,
      stringStart,
      parity: payload.subarray(start, end),
    });
    stringStart += end - start;
    at = end;
  }
  return equations.length === 0 ? undefined : equations;
}

/** §7.4: bit i, from the left, stands for SN base + i. */
function readMask(bytes: Uint8Array, at: number, bits: number, base: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < bits; i++) {
    const byte = bytes[at + (i >> 3)] as number;
    if ((byte & (0x80 >> (i & 7))) !== 0) numbers.push(serialAdd16(base, i));
  }
  return numbers;
}

/** One level to send. */
export interface UlpFecLevel {
  /** The packets that it protects. */
  readonly packets: readonly RtpPacket[];
  /** How many bytes of each it protects, behind those of the levels below; all that are left by default. */
  readonly protectionLength?: number;
}

/**
 * Writes the payload of a FEC packet that protects `levels` at `offset`; returns the offset behind it.
 *
 * Header extensions that change on the way of a packet to the network have to be zeros, as the receiver
 * sets them so too.
 *
 * @throws RangeError if there are no packets, they span more than 48 numbers, or `out` has no room.
 */
export function writeUlpFec(
  levels: readonly UlpFecLevel[],
  out: Uint8Array,
  offset: number,
): number {
  const all = levels.flatMap(({ packets }) => packets.map((each) => each.sequenceNumber));
  const first = all[0];
  if (first === undefined || levels.some(({ packets }) => packets.length === 0)) {
    throw new RangeError('levels: each has to protect at least one packet');
  }
  const base = all.reduce((least, each) => (serialDistance16(each, least) < 0 ? each : least));
  const span = Math.max(...all.map((each) => serialDistance16(each, base) + 1));
  if (span > LONG_MASK_BITS) {
    throw new RangeError(
      `levels: packets span ${span} numbers; expected at most ${LONG_MASK_BITS}`,
    );
  }
  const maskBits = span > SHORT_MASK_BITS ? LONG_MASK_BITS : SHORT_MASK_BITS;
  const longest = Math.max(...levels.flatMap(({ packets }) => packets.map((each) => each.length)));
  const accumulator = new ParityAccumulator(longest);
  let at = offset + FEC_HEADER_LENGTH;
  let stringStart = 0;
  for (const [index, { packets, protectionLength }] of levels.entries()) {
    const longestString = Math.max(...packets.map((each) => each.length)) - FIXED_HEADER_LENGTH;
    const length = Math.min(protectionLength ?? longestString, longestString - stringStart);
    const end = at + 2 + maskBits / 8 + Math.max(0, length);
    if (end > out.length) {
      throw new RangeError(`out: the payload ends at ${end}, the memory at ${out.length}.`);
    }
    accumulator.clear();
    for (const packet of packets) accumulator.addPacket(packet, stringStart, stringStart + length);
    if (index === 0) {
      const { flags, markerAndType, timestamp, length: lengths } = accumulator.header;
      out[offset] = flags | (maskBits === LONG_MASK_BITS ? 0x40 : 0);
      out[offset + 1] = markerAndType;
      writeUint16(out, offset + 2, base);
      writeUint32(out, offset + 4, timestamp);
      writeUint16(out, offset + 8, lengths);
    }
    at = writeUint16(out, at, end - at - 2 - maskBits / 8);
    out.fill(0, at, at + maskBits / 8);
    for (const packet of packets)
      setMaskBit(out, at, serialDistance16(packet.sequenceNumber, base));
    at += maskBits / 8;
    const from = FIXED_HEADER_LENGTH + stringStart;
    out.set(accumulator.bytes.subarray(from, from + end - at), at);
    stringStart += end - at;
    at = end;
  }
  return at;
}

/** Sets bit `i`, from the left. */
function setMaskBit(out: Uint8Array, at: number, i: number): void {
  out[at + (i >> 3)] = (out[at + (i >> 3)] as number) | (0x80 >> (i & 7));
}
