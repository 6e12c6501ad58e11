// What a VP8 frame's first bytes tell (RFC 6386 §9.1, https://www.rfc-editor.org/rfc/rfc6386#section-9.1).
import type { Resolution } from '../resolution.ts';

/** Whether the frame whose first byte stands at `offset` is a key frame. */
export function isVp8KeyFrameData(frame: Uint8Array): boolean {
  return frame.length > 0 && ((frame[0] as number) & 0x01) === 0;
}

/** Width and height of a key frame; undefined if `frame` is none. */
export function vp8Resolution(frame: Uint8Array): Resolution | undefined {
  if (!isVp8KeyFrameData(frame) || frame.length < 10) return undefined;
  if (frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return undefined;
  // Little-endian, the two high bits of each being a scaling hint.
  const width = ((frame[7] as number) << 8) | (frame[6] as number);
  const height = ((frame[9] as number) << 8) | (frame[8] as number);
  return { width: width & 0x3fff, height: height & 0x3fff };
}
