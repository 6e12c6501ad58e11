// The VP9 payload descriptor (RFC 9628 §4.2, https://www.rfc-editor.org/rfc/rfc9628#section-4.2).
//
//       0 1 2 3 4 5 6 7
//      +-+-+-+-+-+-+-+-+
//      |I|P|L|F|B|E|V|Z| (REQUIRED)
//      +-+-+-+-+-+-+-+-+
// I:   |M| PICTURE ID  | (REQUIRED in flexible mode)
//      +-+-+-+-+-+-+-+-+
// M:   | EXTENDED PID  | (RECOMMENDED)
//      +-+-+-+-+-+-+-+-+
// L:   | TID |U| SID |D| (CONDITIONALLY RECOMMENDED)
//      +-+-+-+-+-+-+-+-+
//      |   TL0PICIDX   | (non-flexible mode only)
//      +-+-+-+-+-+-+-+-+
// P,F: | P_DIFF      |N| (flexible mode only, up to 3 times)
//      +-+-+-+-+-+-+-+-+
// V:   | SS            |
//      | ..            |
//      +-+-+-+-+-+-+-+-+
import { ByteReader, readUint16, writeUint16 } from '@kaon/wire';
import {
  decodeVp9ScalabilityStructure,
  skipVp9ScalabilityStructure,
  type Vp9ScalabilityStructure,
} from './scalability-structure.ts';

/** What stands before the VP9 bytes in a payload. */
export interface Vp9Descriptor {
  /** Bytes of the descriptor; the VP9 bytes follow. */
  readonly length: number;
  /** P: the frame refers to pictures before its own. */
  readonly interPicturePredicted: boolean;
  /** F: references are told frame by frame, not by a picture group. */
  readonly flexibleMode: boolean;
  /** B: the payload starts a layer frame. */
  readonly startOfFrame: boolean;
  /** E: the payload ends a layer frame. */
  readonly endOfFrame: boolean;
  /** Z: no frame of a higher spatial layer refers to this one. */
  readonly notReferenceForUpperLayers: boolean;
  /** Picture ID, of 7 or 15 bits. */
  readonly pictureId: number | undefined;
  /** TID. */
  readonly temporalId: number | undefined;
  /** U: a receiver may move up to this temporal layer here. */
  readonly switchingUpPoint: boolean;
  /** SID. */
  readonly spatialId: number | undefined;
  /** D: the frame refers to the layer frame below it in the same picture. */
  readonly interLayerPredicted: boolean;
  /** TL0PICIDX, in non-flexible mode. */
  readonly tl0PicIdx: number | undefined;
  /** P_DIFF, in flexible mode: how many pictures back each reference lies. */
  readonly referenceDiffs: readonly number[];
  /** SS, with key frames. */
  readonly scalabilityStructure: Vp9ScalabilityStructure | undefined;
}

const I = 0x80;
const P = 0x40;
const L = 0x20;
const F = 0x10;
const B = 0x08;
const E = 0x04;
const V = 0x02;
const Z = 0x01;

/** RFC 9628 §4.2: no more than three references. */
const MAX_REFERENCES = 3;

const NO_REFERENCES: readonly number[] = [];

/** Bytes of the descriptor that `payload` opens with; 0 if no VP9 byte follows it. */
export function vp9DescriptorLength(payload: Uint8Array): number {
  const first = payload[0] ?? 0;
  let at = layersOffset(payload);
  if ((first & L) !== 0) at += (first & F) !== 0 ? 1 : 2;
  if ((first & F) !== 0 && (first & P) !== 0) {
    for (let i = 1; ((payload[at++] ?? 0) & 0x01) !== 0; i++) if (i === MAX_REFERENCES) return 0;
  }
  if ((first & V) !== 0) at = skipVp9ScalabilityStructure(payload, at);
  return at < payload.length ? at : 0;
}

/** Decodes the descriptor of `payload`; undefined if it is malformed or no VP9 byte follows it. */
export function decodeVp9Descriptor(payload: Uint8Array): Vp9Descriptor | undefined {
  const length = vp9DescriptorLength(payload);
  if (length === 0) return undefined;
  const reader = new ByteReader(payload);
  const first = reader.uint8();
  let pictureId: number | undefined;
  if ((first & I) !== 0) {
    pictureId = reader.uint8();
    if ((pictureId & 0x80) !== 0) pictureId = ((pictureId & 0x7f) << 8) | reader.uint8();
  }
  const layers = (first & L) !== 0 ? reader.uint8() : undefined;
  const tl0PicIdx = (first & (L | F)) === L ? reader.uint8() : undefined;
  let referenceDiffs = NO_REFERENCES;
  if ((first & F) !== 0 && (first & P) !== 0) {
    const diffs: number[] = [];
    for (let more = 1; more === 1; ) {
      const byte = reader.uint8();
      diffs.push(byte >> 1);
      more = byte & 0x01;
    }
    referenceDiffs = diffs;
  }
  const structure = (first & V) !== 0 ? decodeVp9ScalabilityStructure(reader) : undefined;
  return {
    length,
    interPicturePredicted: (first & P) !== 0,
    flexibleMode: (first & F) !== 0,
    startOfFrame: (first & B) !== 0,
    endOfFrame: (first & E) !== 0,
    notReferenceForUpperLayers: (first & Z) !== 0,
    pictureId,
    temporalId: layers === undefined ? undefined : layers >> 5,
    switchingUpPoint: layers !== undefined && (layers & 0x10) !== 0,
    spatialId: layers === undefined ? undefined : (layers >> 1) & 0x07,
    interLayerPredicted: layers !== undefined && (layers & 0x01) !== 0,
    tl0PicIdx,
    referenceDiffs,
    scalabilityStructure: structure,
  };
}

/** Whether `payload` begins a layer frame: B. */
export function isVp9FrameStart(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & B) !== 0;
}

/** Whether `payload` ends a layer frame: E. */
export function isVp9FrameEnd(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & E) !== 0;
}

/**
 * Whether `payload` begins a picture that refers to no other, by its descriptor alone: B set, P and D
 * not, and the lowest spatial layer.
 */
export function isVp9KeyFrame(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  if ((first & (B | P)) !== B || vp9DescriptorLength(payload) === 0) return false;
  return (first & L) === 0 || ((payload[layersOffset(payload)] as number) & 0x0f) === 0;
}

/** The picture ID, of 7 or 15 bits; undefined if `payload` has none. */
export function vp9PictureId(payload: Uint8Array): number | undefined {
  if (((payload[0] ?? 0) & I) === 0 || vp9DescriptorLength(payload) === 0) return undefined;
  const first = payload[1] as number;
  return (first & 0x80) !== 0 ? readUint16(payload, 1) & 0x7fff : first;
}

/** TL0PICIDX; undefined if `payload` has none. */
export function vp9Tl0PicIdx(payload: Uint8Array): number | undefined {
  if (((payload[0] ?? 0) & (L | F)) !== L || vp9DescriptorLength(payload) === 0) return undefined;
  return payload[layersOffset(payload) + 1];
}

/** The temporal layer of `payload`; undefined if it does not say. */
export function vp9TemporalId(payload: Uint8Array): number | undefined {
  const layers = layersByte(payload);
  return layers < 0 ? undefined : layers >> 5;
}

/** The spatial layer of `payload`; undefined if it does not say. */
export function vp9SpatialId(payload: Uint8Array): number | undefined {
  const layers = layersByte(payload);
  return layers < 0 ? undefined : (layers >> 1) & 0x07;
}

/** Whether a receiver may move up to the temporal layer of `payload` with it: U. */
export function isVp9SwitchingUpPoint(payload: Uint8Array): boolean {
  const layers = layersByte(payload);
  return layers >= 0 && (layers & 0x10) !== 0;
}

/**
 * Overwrites the picture ID in place, in as many bits (7 or 15) as it has; higher bits are cut off.
 *
 * @returns false, and nothing is changed, if `payload` has none.
 */
export function writeVp9PictureId(payload: Uint8Array, pictureId: number): boolean {
  if (((payload[0] ?? 0) & I) === 0 || vp9DescriptorLength(payload) === 0) return false;
  if (((payload[1] as number) & 0x80) !== 0) writeUint16(payload, 1, 0x8000 | (pictureId & 0x7fff));
  else payload[1] = pictureId & 0x7f;
  return true;
}

/**
 * Overwrites TL0PICIDX in place with the low 8 bits of `tl0PicIdx`.
 *
 * @returns false, and nothing is changed, if `payload` has none.
 */
export function writeVp9Tl0PicIdx(payload: Uint8Array, tl0PicIdx: number): boolean {
  if (((payload[0] ?? 0) & (L | F)) !== L || vp9DescriptorLength(payload) === 0) return false;
  payload[layersOffset(payload) + 1] = tl0PicIdx & 0xff;
  return true;
}

/** Offset behind the picture ID, where the layer byte stands if there is one. */
function layersOffset(payload: Uint8Array): number {
  if (((payload[0] ?? 0) & I) === 0) return 1;
  return ((payload[1] ?? 0) & 0x80) !== 0 ? 3 : 2;
}

/** The layer byte; -1 if there is none. */
function layersByte(payload: Uint8Array): number {
  if (((payload[0] ?? 0) & L) === 0 || vp9DescriptorLength(payload) === 0) return -1;
  return payload[layersOffset(payload)] as number;
}
