// The size of the pictures, from an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1.1, https://www.itu.int/rec/T-REC-H.264).
import { BitReader } from '../bit-reader.ts';
import { unescapeRbsp } from '../rbsp.ts';
import type { Resolution } from '../resolution.ts';

/** Profiles whose parameter sets tell the chroma format. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);

/** Reads the NAL unit `bytes[start..end)`, header included; undefined if it is malformed. */
export function h264Resolution(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Resolution | undefined {
  const reader = new BitReader(unescapeRbsp(bytes, start + 1, end));
  const profile = reader.bits(8);
  reader.skip(16);
  reader.ue();
  let chromaFormat = 1;
  if (HIGH_PROFILES.has(profile)) {
    chromaFormat = reader.ue();
    const separatePlanes = chromaFormat === 3 && reader.flag();
    if (separatePlanes) chromaFormat = 0;
    reader.ue();
    reader.ue();
    reader.skip(1);
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 || separatePlanes ? 12 : 8);
  }
  reader.ue();
  skipPictureOrderCount(reader);
  reader.ue();
  reader.skip(1);
  const widthInMbs = reader.ue() + 1;
  const heightInMapUnits = reader.ue() + 1;
  const frameMbsOnly = reader.bits(1);
  if (frameMbsOnly === 0) reader.skip(1);
  reader.skip(1);
  const fieldFactor = 2 - frameMbsOnly;
  let width = 16 * widthInMbs;
  let height = 16 * heightInMapUnits * fieldFactor;
  if (reader.flag()) {
    // §7.4.2.1.1: offsets count chroma samples, and rows of fields by two.
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
    const unitY = (chromaFormat === 1 ? 2 : 1) * fieldFactor;
    width -= unitX * (reader.ue() + reader.ue());
    height -= unitY * (reader.ue() + reader.ue());
  }
  return reader.failed || width <= 0 || height <= 0 ? undefined : { width, height };
}

function skipPictureOrderCount(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) {
    reader.ue();
  } else if (type === 1) {
    reader.skip(1);
    reader.ue();
    reader.ue();
    // num_ref_frames_in_pic_order_cnt_cycle is at most 255; each takes a bit at least.
    for (let left = reader.ue(); left > 0 && !reader.failed; left--) reader.ue();
  }
}

function skipScalingLists(reader: BitReader, count: number): void {
  for (let i = 0; i < count; i++) {
    if (!reader.flag()) continue;
    let next = 8;
    // §7.3.2.1.1.1: once the next scale is 0, the rest of the list repeats the last one.
    for (let j = 0; j < (i < 6 ? 16 : 64) && next !== 0; j++) {
      next = (next + reader.se() + 256) % 256;
    }
  }
}
