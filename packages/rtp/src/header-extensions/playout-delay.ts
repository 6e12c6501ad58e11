// Playout delay (https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/playout-delay).
//
//  0                   1                   2
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       MIN delay       |       MAX delay       |   in units of 10 ms
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint24, writeUint24 } from '@kaon/wire';

/** Bytes of the element. */
export const PLAYOUT_DELAY_LENGTH = 3;

const GRANULARITY_MS = 10;
const MAX_UNITS = 0xfff;

/** Between which bounds the receiver shall hold frames back; 0 and 0 mean as soon as possible. */
export interface PlayoutDelay {
  /** 0 to 40950. */
  readonly minMs: number;
  /** 0 to 40950, not below `minMs`. */
  readonly maxMs: number;
}

/** The bounds; undefined if the element has another length or the least exceeds the most. */
export function decodePlayoutDelay(
  bytes: Uint8Array,
  start: number,
  end: number,
): PlayoutDelay | undefined {
  if (end - start !== PLAYOUT_DELAY_LENGTH) return undefined;
  const word = readUint24(bytes, start);
  const min = word >> 12;
  const max = word & MAX_UNITS;
  if (min > max) return undefined;
  return { minMs: min * GRANULARITY_MS, maxMs: max * GRANULARITY_MS };
}

/** Writes the bounds at `offset`, rounded to 10 ms; returns the offset behind them. */
export function encodePlayoutDelay(delay: PlayoutDelay, out: Uint8Array, offset: number): number {
  const min = Math.min(Math.round(delay.minMs / GRANULARITY_MS), MAX_UNITS);
  const max = Math.min(Math.round(delay.maxMs / GRANULARITY_MS), MAX_UNITS);
  return writeUint24(out, offset, (min << 12) | max);
}
