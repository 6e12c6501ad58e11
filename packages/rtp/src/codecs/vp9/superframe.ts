// Joins the layer frames of one picture for a decoder (VP9 Bitstream Specification, Annex B, https://www.webmproject.org/vp9/).

/** Annex B: frames_in_superframe_minus_1 has three bits. */
const MAX_FRAMES = 8;

/**
 * One superframe of all layer frames of a picture, in order from the lowest spatial layer, with its
 * index at the end; a single frame is given back as it is.
 *
 * @throws RangeError unless there are 1 to 8 frames.
 */
export function joinVp9LayerFrames(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (first === undefined || frames.length > MAX_FRAMES) {
    throw new RangeError(`frames has ${frames.length} entries; expected 1 to ${MAX_FRAMES}`);
  }
  if (frames.length === 1) return first;
  let total = 0;
  let largest = 0;
  for (const { length } of frames) {
    total += length;
    largest = Math.max(largest, length);
  }
  const sizeBytes = largest < 0x100 ? 1 : largest < 0x1_0000 ? 2 : largest < 0x100_0000 ? 3 : 4;
  const out = new Uint8Array(total + 2 + sizeBytes * frames.length);
  const marker = 0xc0 | ((sizeBytes - 1) << 3) | (frames.length - 1);
  let at = 0;
  for (const frame of frames) {
    out.set(frame, at);
    at += frame.length;
  }
  out[at++] = marker;
  for (const { length } of frames) {
    for (let i = 0; i < sizeBytes; i++) out[at++] = Math.floor(length / 256 ** i);
  }
  out[at] = marker;
  return out;
}
