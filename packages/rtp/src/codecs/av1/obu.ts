// Open bitstream units, the pieces of an AV1 stream (AV1 Bitstream Specification §5.3, https://aomediacodec.github.io/av1-spec/#obu-syntax).
//
//  0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+
// |F|  type |X|S|-| (REQUIRED)
// +-+-+-+-+-+-+-+-+
// | TID |SID|-|-|-| (OPTIONAL, if X)
// +-+-+-+-+-+-+-+-+

/** obu_type (§6.2.2). */
export const OBU_TYPE = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  tileGroup: 4,
  metadata: 5,
  frame: 6,
  redundantFrameHeader: 7,
  tileList: 8,
  padding: 15,
} as const;

/** obu_forbidden_bit: always 0. */
export const OBU_FORBIDDEN = 0x80;
/** obu_extension_flag: a second header byte follows, with the layer. */
export const OBU_EXTENSION = 0x04;
/** obu_has_size_field: the size of the rest follows the header. */
export const OBU_HAS_SIZE = 0x02;

/** The type in an OBU's first byte. */
export function obuType(header: number): number {
  return (header >> 3) & 0x0f;
}

/** Bytes of the header that opens with `header`, without the size. */
export function obuHeaderLength(header: number): number {
  return (header & OBU_EXTENSION) !== 0 ? 2 : 1;
}

/** Whether OBUs of this type are not sent and, if received, ignored (AV1 RTP §5). */
export function isObuLeftOut(type: number): boolean {
  return type === OBU_TYPE.temporalDelimiter || type === OBU_TYPE.tileList;
}

/** §4.10.5: leb128() takes at most 8 bytes, and no size is larger than 2^32 - 1. */
const MAX_LEB128_LENGTH = 8;

/** The offset behind the leb128 number at `at`; -1 if it does not end before `end`. */
export function leb128End(bytes: Uint8Array, at: number, end: number): number {
  const last = Math.min(end, at + MAX_LEB128_LENGTH);
  for (let i = at; i < last; i++) if (((bytes[i] as number) & 0x80) === 0) return i + 1;
  return -1;
}

/** The leb128 number in `bytes[at..end)`, whose end {@link leb128End} gave. */
export function leb128Value(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = end - 1; i >= at; i--) value = value * 128 + ((bytes[i] as number) & 0x7f);
  return value;
}

/** Bytes that `value` takes. */
export function leb128Length(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes `value` at `at`; returns the offset behind it. */
export function writeLeb128(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out[next++] = 0x80 | (rest % 128);
  out[next++] = rest;
  return next;
}
