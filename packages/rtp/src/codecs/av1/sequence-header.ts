// What metadata needs of AV1's sequence and frame headers (AV1 Bitstream Specification §5.5 and §5.9, https://aomediacodec.github.io/av1-spec/#sequence-header-obu-syntax).
import { BitReader } from '../bit-reader.ts';
import type { Resolution } from '../resolution.ts';

const KEY_FRAME = 0;

/** Fields of a sequence header. */
export interface Av1SequenceHeader {
  /** max_frame_width_minus_1 + 1 and the same of the height. */
  readonly resolution: Resolution;
  /** Frame headers are cut down to those of a still picture, which is a key frame. */
  readonly reducedStillPicture: boolean;
}

/** Reads the payload `bytes[start..end)` of a sequence header OBU; undefined if it is malformed. */
export function decodeAv1SequenceHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
): Av1SequenceHeader | undefined {
  const reader = new BitReader(bytes, start, end);
  reader.skip(3 + 1);
  const reducedStillPicture = reader.flag();
  if (reducedStillPicture) reader.skip(5);
  else skipOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  return reader.failed ? undefined : { resolution: { width, height }, reducedStillPicture };
}

/** Whether the payload `bytes[start..end)` of a frame or frame header OBU opens a key frame. */
export function isAv1KeyFrameHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  reducedStillPicture: boolean,
): boolean {
  if (reducedStillPicture) return true;
  const reader = new BitReader(bytes, start, end);
  const showExistingFrame = reader.flag();
  return !showExistingFrame && reader.bits(2) === KEY_FRAME && !reader.failed;
}

function skipOperatingPoints(reader: BitReader): void {
  let bufferDelayBits = 0;
  const hasTimingInfo = reader.flag();
  if (hasTimingInfo) {
    reader.skip(64);
    if (reader.flag()) reader.ue();
    if (reader.flag()) {
      bufferDelayBits = reader.bits(5) + 1;
      reader.skip(32 + 5 + 5);
    }
  }
  const hasInitialDisplayDelay = reader.flag();
  const count = reader.bits(5) + 1;
  for (let i = 0; i < count; i++) {
    reader.skip(12);
    // seq_tier is told only for levels above 7.
    if (reader.bits(5) > 7) reader.skip(1);
    if (bufferDelayBits > 0 && reader.flag()) reader.skip(2 * bufferDelayBits + 1);
    if (hasInitialDisplayDelay && reader.flag()) reader.skip(4);
  }
}
