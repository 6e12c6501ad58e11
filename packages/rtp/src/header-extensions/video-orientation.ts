// Coordination of video orientation (3GPP TS 26.114 §7.4.5, https://www.3gpp.org/dynareport/26114.htm).
//
//  0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+
// |0|0|0|0|C|F|R R|
// +-+-+-+-+-+-+-+-+

/** Bytes of the element. */
export const VIDEO_ORIENTATION_LENGTH = 1;

/** How a picture is to be turned before it is shown. */
export interface VideoOrientation {
  /** C: whether the back-facing camera took it, or it is not known which did. */
  readonly isBackCamera: boolean;
  /** F: whether it is mirrored horizontally. */
  readonly isFlipped: boolean;
  /** R1, R0: degrees clockwise that the receiver turns it by. */
  readonly rotation: 0 | 90 | 180 | 270;
}

const ROTATIONS = [0, 90, 180, 270] as const;

/** The orientation; undefined if the element has another length. */
export function decodeVideoOrientation(
  bytes: Uint8Array,
  start: number,
  end: number,
): VideoOrientation | undefined {
  if (end - start !== VIDEO_ORIENTATION_LENGTH) return undefined;
  const byte = bytes[start] as number;
  return {
    isBackCamera: (byte & 0x08) !== 0,
    isFlipped: (byte & 0x04) !== 0,
    rotation: ROTATIONS[byte & 0x03] as VideoOrientation['rotation'],
  };
}

/** Writes an orientation at `offset`; returns the offset behind it. */
export function encodeVideoOrientation(
  orientation: VideoOrientation,
  out: Uint8Array,
  offset: number,
): number {
  out[offset] =
    (orientation.isBackCamera ? 0x08 : 0) |
    (orientation.isFlipped ? 0x04 : 0) |
    (orientation.rotation / 90);
  return offset + 1;
}
