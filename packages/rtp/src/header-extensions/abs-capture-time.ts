// Absolute capture time (https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/abs-capture-time).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           absolute capture timestamp (UQ32.32), seconds       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           absolute capture timestamp, fraction                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        estimated capture clock offset (Q32.32), seconds       |  optional
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        estimated capture clock offset, fraction               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import type { NtpTime } from '../timing/ntp-time.ts';

/** When the first frame in a packet was captured, as an NTP time of the capturer's clock. */
export interface AbsCaptureTime {
  readonly captureTime: NtpTime;
  /**
   * How far the capturer's clock is believed to be ahead of the sender's: `seconds` is signed, `fraction`
   * is added to it. Absent where the two are one machine or the element is short.
   */
  readonly captureClockOffset?: { readonly seconds: number; readonly fraction: number };
}

/** Bytes that {@link encodeAbsCaptureTime} writes: 8 or 16. */
export function absCaptureTimeLength(time: AbsCaptureTime): number {
  return time.captureClockOffset === undefined ? 8 : 16;
}

/** The capture time; undefined if the element has another length. */
export function decodeAbsCaptureTime(
  bytes: Uint8Array,
  start: number,
  end: number,
): AbsCaptureTime | undefined {
  const length = end - start;
  if (length !== 8 && length !== 16) return undefined;
  const captureTime = {
    seconds: readUint32(bytes, start),
    fraction: readUint32(bytes, start + 4),
  };
  if (length === 8) return { captureTime };
  return {
    captureTime,
    captureClockOffset: {
      seconds: readUint32(bytes, start + 8) | 0,
      fraction: readUint32(bytes, start + 12),
    },
  };
}

/** Writes a capture time at `offset`; returns the offset behind it. */
export function encodeAbsCaptureTime(
  time: AbsCaptureTime,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeUint32(out, offset, time.captureTime.seconds);
  at = writeUint32(out, at, time.captureTime.fraction);
  if (time.captureClockOffset === undefined) return at;
  at = writeUint32(out, at, time.captureClockOffset.seconds);
  return writeUint32(out, at, time.captureClockOffset.fraction);
}
