// The first fields of a VP9 frame (VP9 Bitstream Specification §6.2, https://www.webmproject.org/vp9/).
import { BitReader } from '../bit-reader.ts';
import type { Resolution } from '../resolution.ts';

const SYNC_CODE = 0x49_83_42;
const CS_RGB = 7;

/** What a frame's uncompressed header tells. */
export interface Vp9FrameHeader {
  /** Whether a decoder can start with this frame. */
  readonly key: boolean;
  /** Size of a key frame. */
  readonly resolution: Resolution | undefined;
}

/** Reads the header of `frame`; undefined if it is none. */
export function decodeVp9FrameHeader(frame: Uint8Array): Vp9FrameHeader | undefined {
  const reader = new BitReader(frame);
  if (reader.bits(2) !== 2) return undefined;
  const profile = reader.bits(1) + 2 * reader.bits(1);
  if (profile === 3) reader.skip(1);
  const showExistingFrame = reader.flag();
  const key = !showExistingFrame && reader.bits(1) === 0;
  if (!key) return reader.failed ? undefined : { key: false, resolution: undefined };
  reader.skip(2);
  if (reader.bits(24) !== SYNC_CODE) return undefined;
  skipColorConfig(reader, profile);
  const width = reader.bits(16) + 1;
  const height = reader.bits(16) + 1;
  return reader.failed ? undefined : { key: true, resolution: { width, height } };
}

function skipColorConfig(reader: BitReader, profile: number): void {
  if (profile >= 2) reader.skip(1);
  const hasSubsampling = profile === 1 || profile === 3;
  if (reader.bits(3) !== CS_RGB) reader.skip(hasSubsampling ? 4 : 1);
  else if (hasSubsampling) reader.skip(1);
}
