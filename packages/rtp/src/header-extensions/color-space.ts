// Colour space, with or without HDR metadata (https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/color-space).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   primaries   |   transfer    |    matrix     |range+chr.sit. |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         luminance_max         |         luminance_min         |  24 bytes of HDR metadata
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       primary_r.x and .y, primary_g.x and .y, primary_b.x ... |
// |                  and .y, white.x and .y                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    max_content_light_level    | max_frame_average_light_level |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, writeUint16 } from '@kaon/wire';

/** A chromaticity coordinate pair in units of 1/50000. */
export interface Chromaticity {
  readonly x: number;
  readonly y: number;
}

/** Mastering metadata of SMPTE ST 2086 and light levels of CTA-861.3, as 16-bit numbers of the wire. */
export interface HdrMetadata {
  /** In cd/m². */
  readonly luminanceMax: number;
  /** In 1/10000 cd/m². */
  readonly luminanceMin: number;
  readonly primaryR: Chromaticity;
  readonly primaryG: Chromaticity;
  readonly primaryB: Chromaticity;
  readonly white: Chromaticity;
  /** In cd/m². */
  readonly maxContentLightLevel: number;
  /** In cd/m². */
  readonly maxFrameAverageLightLevel: number;
}

/** How the samples of a picture are to be understood: code points of ITU-T H.273, and siting. */
export interface ColorSpace {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  /** 0 invalid, 1 limited, 2 full, 3 derived. */
  readonly range: number;
  /** 0 unspecified, 1 collocated, 2 half a sample off. */
  readonly chromaSitingHorizontal: number;
  /** As for the horizontal one. */
  readonly chromaSitingVertical: number;
  readonly hdrMetadata?: HdrMetadata;
}

const SHORT_LENGTH = 4;
const LONG_LENGTH = 28;

/** Bytes that {@link encodeColorSpace} writes: 4 or 28. */
export function colorSpaceLength(colorSpace: ColorSpace): number {
  return colorSpace.hdrMetadata === undefined ? SHORT_LENGTH : LONG_LENGTH;
}

/** The colour space; undefined if the element has another length. */
export function decodeColorSpace(
  bytes: Uint8Array,
  start: number,
  end: number,
): ColorSpace | undefined {
  const length = end - start;
  if (length !== SHORT_LENGTH && length !== LONG_LENGTH) return undefined;
  const siting = bytes[start + 3] as number;
  const colorSpace: ColorSpace = {
    primaries: bytes[start] as number,
    transfer: bytes[start + 1] as number,
    matrix: bytes[start + 2] as number,
    range: (siting >> 4) & 3,
    chromaSitingHorizontal: (siting >> 2) & 3,
    chromaSitingVertical: siting & 3,
  };
  if (length === SHORT_LENGTH) return colorSpace;
  return {
    ...colorSpace,
    hdrMetadata: {
      luminanceMax: readUint16(bytes, start + 4),
      luminanceMin: readUint16(bytes, start + 6),
      primaryR: decodeChromaticity(bytes, start + 8),
      primaryG: decodeChromaticity(bytes, start + 12),
      primaryB: decodeChromaticity(bytes, start + 16),
      white: decodeChromaticity(bytes, start + 20),
      maxContentLightLevel: readUint16(bytes, start + 24),
      maxFrameAverageLightLevel: readUint16(bytes, start + 26),
    },
  };
}

/** Writes a colour space at `offset`; returns the offset behind it. */
export function encodeColorSpace(colorSpace: ColorSpace, out: Uint8Array, offset: number): number {
  out[offset] = colorSpace.primaries;
  out[offset + 1] = colorSpace.transfer;
  out[offset + 2] = colorSpace.matrix;
  out[offset + 3] =
    ((colorSpace.range & 3) << 4) |
    ((colorSpace.chromaSitingHorizontal & 3) << 2) |
    (colorSpace.chromaSitingVertical & 3);
  const hdr = colorSpace.hdrMetadata;
  if (hdr === undefined) return offset + SHORT_LENGTH;
  let at = writeUint16(out, offset + 4, hdr.luminanceMax);
  at = writeUint16(out, at, hdr.luminanceMin);
  for (const { x, y } of [hdr.primaryR, hdr.primaryG, hdr.primaryB, hdr.white]) {
    at = writeUint16(out, at, x);
    at = writeUint16(out, at, y);
  }
  at = writeUint16(out, at, hdr.maxContentLightLevel);
  return writeUint16(out, at, hdr.maxFrameAverageLightLevel);
}

function decodeChromaticity(bytes: Uint8Array, offset: number): Chromaticity {
  return { x: readUint16(bytes, offset), y: readUint16(bytes, offset + 2) };
}
