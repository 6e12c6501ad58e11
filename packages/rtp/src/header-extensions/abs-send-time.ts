// Absolute send time (https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-send-time).
//
//  0                   1                   2
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | seconds   |         fraction of a second      |   6.18 bits, wraps after 64 s
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint24, writeUint24 } from '@kaon/wire';

/** Bytes of the element. */
export const ABS_SEND_TIME_LENGTH = 3;

const UNITS_PER_MS = 262.144; // 2^18 units a second

/** The 24 bits, in units of 2^-18 s; undefined if the element has another length. */
export function decodeAbsSendTime(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  return end - start === ABS_SEND_TIME_LENGTH ? readUint24(bytes, start) : undefined;
}

/** Writes 24 bits at `offset`; returns the offset behind them. */
export function encodeAbsSendTime(absSendTime: number, out: Uint8Array, offset: number): number {
  return writeUint24(out, offset, absSendTime);
}

/** The 24 bits for a time in milliseconds, of any clock: only differences mean something. */
export function absSendTimeFromMs(ms: number): number {
  return Math.round(ms * UNITS_PER_MS) % 0x100_0000;
}

/** Milliseconds from `earlier` to `later`, both 24 bits: -32000 to 32000. */
export function absSendTimeDistanceMs(later: number, earlier: number): number {
  return (((later - earlier) << 8) >> 8) / UNITS_PER_MS;
}
