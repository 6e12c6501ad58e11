// The VP8 payload descriptor (RFC 7741 §4.2, https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
//
//       0 1 2 3 4 5 6 7
//      +-+-+-+-+-+-+-+-+
//      |X|R|N|S|R| PID | (REQUIRED)
//      +-+-+-+-+-+-+-+-+
// X:   |I|L|T|K| RSV   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
// I:   |M| PictureID   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
//      |   PictureID   | (if M)
//      +-+-+-+-+-+-+-+-+
// L:   |   TL0PICIDX   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
// T/K: |TID|Y| KEYIDX  | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
import { readUint16, writeUint16 } from '@kaon/wire';

/** What stands before the VP8 bytes in a payload. */
export interface Vp8Descriptor {
  /** Bytes of the descriptor; the VP8 bytes follow. */
  readonly length: number;
  /** N: no other frame refers to this one. */
  readonly nonReference: boolean;
  /** S: the payload starts a partition. */
  readonly startOfPartition: boolean;
  /** PID: the partition that the first byte belongs to. */
  readonly partitionIndex: number;
  /** PictureID, of 7 or 15 bits. */
  readonly pictureId: number | undefined;
  /** TL0PICIDX: a running number of the frames of temporal layer 0. */
  readonly tl0PicIdx: number | undefined;
  /** TID: the temporal layer. */
  readonly temporalId: number | undefined;
  /** Y: the frame refers only to frames of temporal layer 0. */
  readonly layerSync: boolean;
  /** KEYIDX: a running number of key frames. */
  readonly keyIndex: number | undefined;
}

/** Bytes of the descriptor that `payload` opens with; 0 if no VP8 byte follows it. */
export function vp8DescriptorLength(payload: Uint8Array): number {
  let at = 1;
  if (((payload[0] ?? 0) & 0x80) !== 0) {
    const extension = payload[1] ?? 0;
    at = 2;
    if ((extension & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extension & 0x40) !== 0) at += 1;
    if ((extension & 0x30) !== 0) at += 1;
  }
  return at < payload.length ? at : 0;
}

/** Decodes the descriptor of `payload`; undefined if no VP8 byte follows it. */
export function decodeVp8Descriptor(payload: Uint8Array): Vp8Descriptor | undefined {
  const length = vp8DescriptorLength(payload);
  if (length === 0) return undefined;
  const first = payload[0] as number;
  const extension = (first & 0x80) !== 0 ? (payload[1] as number) : 0;
  let at = 2;
  let pictureId: number | undefined;
  if ((extension & 0x80) !== 0) {
    const isLong = ((payload[at] as number) & 0x80) !== 0;
    pictureId = isLong ? readUint16(payload, at) & 0x7fff : (payload[at] as number);
    at += isLong ? 2 : 1;
  }
  const tl0PicIdx = (extension & 0x40) !== 0 ? payload[at++] : undefined;
  const layers = (extension & 0x30) !== 0 ? (payload[at] as number) : 0;
  const hasTemporalId = (extension & 0x20) !== 0;
  return {
    length,
    nonReference: (first & 0x20) !== 0,
    startOfPartition: (first & 0x10) !== 0,
    partitionIndex: first & 0x07,
    pictureId,
    tl0PicIdx,
    temporalId: hasTemporalId ? layers >> 6 : undefined,
    layerSync: hasTemporalId && (layers & 0x20) !== 0,
    keyIndex: (extension & 0x10) !== 0 ? layers & 0x1f : undefined,
  };
}

/** Whether `payload` begins a frame: the start of partition 0 (RFC 7741 §4.2). */
export function isVp8FrameStart(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & 0x17) === 0x10;
}

/** Whether `payload` begins a key frame: P of the frame's first byte is 0 (RFC 7741 §4.3). */
export function isVp8KeyFrame(payload: Uint8Array): boolean {
  const length = vp8DescriptorLength(payload);
  return length > 0 && isVp8FrameStart(payload) && ((payload[length] as number) & 0x01) === 0;
}

/** PictureID, of 7 or 15 bits; undefined if `payload` has none. */
export function vp8PictureId(payload: Uint8Array): number | undefined {
  if (vp8DescriptorLength(payload) === 0) return undefined;
  if (((payload[0] as number) & 0x80) === 0 || ((payload[1] as number) & 0x80) === 0) {
    return undefined;
  }
  const first = payload[2] as number;
  return (first & 0x80) !== 0 ? readUint16(payload, 2) & 0x7fff : first;
}

/** TL0PICIDX; undefined if `payload` has none. */
export function vp8Tl0PicIdx(payload: Uint8Array): number | undefined {
  if (vp8DescriptorLength(payload) === 0) return undefined;
  if (((payload[0] as number) & 0x80) === 0 || ((payload[1] as number) & 0x40) === 0) {
    return undefined;
  }
  return payload[tl0PicIdxOffset(payload)];
}

/** The temporal layer of `payload`; undefined if it does not say. */
export function vp8TemporalId(payload: Uint8Array): number | undefined {
  const at = layersOffset(payload);
  return at > 0 && ((payload[1] as number) & 0x20) !== 0 ? (payload[at] as number) >> 6 : undefined;
}

/** Whether a receiver may move up to the temporal layer of `payload` with it: Y (RFC 7741 §4.2). */
export function isVp8LayerSync(payload: Uint8Array): boolean {
  const at = layersOffset(payload);
  return at > 0 && ((payload[1] as number) & 0x20) !== 0 && ((payload[at] as number) & 0x20) !== 0;
}

/**
 * Overwrites PictureID in place, in as many bits (7 or 15) as it has; higher bits are cut off.
 *
 * @returns false, and nothing is changed, if `payload` has none.
 */
export function writeVp8PictureId(payload: Uint8Array, pictureId: number): boolean {
  if (vp8DescriptorLength(payload) === 0) return false;
  if (((payload[0] as number) & 0x80) === 0 || ((payload[1] as number) & 0x80) === 0) return false;
  if (((payload[2] as number) & 0x80) !== 0) writeUint16(payload, 2, 0x8000 | (pictureId & 0x7fff));
  else payload[2] = pictureId & 0x7f;
  return true;
}

/**
 * Overwrites TL0PICIDX in place with the low 8 bits of `tl0PicIdx`.
 *
 * @returns false, and nothing is changed, if `payload` has none.
 */
export function writeVp8Tl0PicIdx(payload: Uint8Array, tl0PicIdx: number): boolean {
  if (vp8DescriptorLength(payload) === 0) return false;
  if (((payload[0] as number) & 0x80) === 0 || ((payload[1] as number) & 0x40) === 0) return false;
  payload[tl0PicIdxOffset(payload)] = tl0PicIdx & 0xff;
  return true;
}

/** Offset of TL0PICIDX in a payload with extension, or of what follows in its place. */
function tl0PicIdxOffset(payload: Uint8Array): number {
  if (((payload[1] as number) & 0x80) === 0) return 2;
  return ((payload[2] as number) & 0x80) !== 0 ? 4 : 3;
}

/** Offset of the byte with TID, Y and KEYIDX; 0 if there is none. */
function layersOffset(payload: Uint8Array): number {
  if (vp8DescriptorLength(payload) === 0 || ((payload[0] as number) & 0x80) === 0) return 0;
  if (((payload[1] as number) & 0x30) === 0) return 0;
  return tl0PicIdxOffset(payload) + (((payload[1] as number) & 0x40) !== 0 ? 1 : 0);
}
