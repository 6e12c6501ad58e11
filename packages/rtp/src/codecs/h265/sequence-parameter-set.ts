// The size of the pictures, from an H.265 sequence parameter set (ITU-T H.265 §7.3.2.2, https://www.itu.int/rec/T-REC-H.265).
import { BitReader } from '../bit-reader.ts';
import { unescapeRbsp } from '../rbsp.ts';
import type { Resolution } from '../resolution.ts';
import { H265_HEADER_LENGTH } from './nal-unit-type.ts';

/** Reads the NAL unit `bytes[start..end)`, header included; undefined if it is malformed. */
export function h265Resolution(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Resolution | undefined {
  const reader = new BitReader(unescapeRbsp(bytes, start + H265_HEADER_LENGTH, end));
  reader.skip(4);
  const maxSubLayersMinus1 = reader.bits(3);
  reader.skip(1);
  skipProfileTierLevel(reader, maxSubLayersMinus1);
  reader.ue();
  const chromaFormat = reader.ue();
  const separatePlanes = chromaFormat === 3 && reader.flag();
  let width = reader.ue();
  let height = reader.ue();
  if (reader.flag()) {
    // §7.4.3.2.1: the conformance window counts chroma samples.
    const hasChroma = !separatePlanes;
    const unitX = hasChroma && (chromaFormat === 1 || chromaFormat === 2) ? 2 : 1;
    const unitY = hasChroma && chromaFormat === 1 ? 2 : 1;
    width -= unitX * (reader.ue() + reader.ue());
    height -= unitY * (reader.ue() + reader.ue());
  }
  return reader.failed || width <= 0 || height <= 0 ? undefined : { width, height };
}

/** §7.3.3, with profilePresentFlag 1. */
function skipProfileTierLevel(reader: BitReader, maxSubLayersMinus1: number): void {
  reader.skip(88 + 8);
  let subLayerBits = 0;
  for (let i = 0; i < maxSubLayersMinus1; i++) {
    if (reader.flag()) subLayerBits += 88;
    if (reader.flag()) subLayerBits += 8;
  }
  if (maxSubLayersMinus1 > 0) reader.skip(2 * (8 - maxSubLayersMinus1));
  reader.skip(subLayerBits);
}
