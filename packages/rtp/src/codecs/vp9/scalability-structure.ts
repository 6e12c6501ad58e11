// The scalability structure of VP9: layers, their sizes and the pattern of references (RFC 9628 §4.2.1, https://www.rfc-editor.org/rfc/rfc9628#section-4.2.1).
//
//      +-+-+-+-+-+-+-+-+
// V:   | N_S |Y|G|-|-|-|
//      +-+-+-+-+-+-+-+-+              -\
// Y:   |     WIDTH     | (OPTIONAL)    .
//      +               +               .
//      |               | (OPTIONAL)    .
//      +-+-+-+-+-+-+-+-+               . - N_S + 1 times
//      |     HEIGHT    | (OPTIONAL)    .
//      +               +               .
//      |               | (OPTIONAL)    .
//      +-+-+-+-+-+-+-+-+              -/
// G:   |      N_G      | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+                            -\
// N_G: | TID |U| R |-|-| (OPTIONAL)                 .
//      +-+-+-+-+-+-+-+-+              -\            . - N_G times
//      |    P_DIFF     | (OPTIONAL)    . - R times  .
//      +-+-+-+-+-+-+-+-+              -/            -/
import { type ByteReader, writeUint16 } from '@kaon/wire';
import { checkField } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';

/** One picture of a picture group. */
export interface Vp9PictureGroupEntry {
  /** TID of the picture. */
  readonly temporalId: number;
  /** U: a receiver may move up to this temporal layer here. */
  readonly switchingUpPoint: boolean;
  /** P_DIFF: how many pictures back each reference lies; at most three. */
  readonly referenceDiffs: readonly number[];
}

/** What a key frame says of the layers that follow it. */
export interface Vp9ScalabilityStructure {
  /** N_S + 1: 1 to 8. */
  readonly spatialLayerCount: number;
  /** Sizes by spatial layer, if they are told. */
  readonly resolutions: readonly Resolution[] | undefined;
  /** The pattern that pictures repeat, for the non-flexible mode, if it is told. */
  readonly pictureGroup: readonly Vp9PictureGroupEntry[] | undefined;
}

/** Reads the structure; the reader has failed if it is cut off. */
export function decodeVp9ScalabilityStructure(reader: ByteReader): Vp9ScalabilityStructure {
  const first = reader.uint8();
  const spatialLayerCount = (first >> 5) + 1;
  let resolutions: Resolution[] | undefined;
  if ((first & 0x10) !== 0) {
    resolutions = [];
    for (let i = 0; i < spatialLayerCount; i++) {
      resolutions.push({ width: reader.uint16(), height: reader.uint16() });
    }
  }
  let pictureGroup: Vp9PictureGroupEntry[] | undefined;
  if ((first & 0x08) !== 0) {
    pictureGroup = [];
    const count = reader.uint8();
    for (let i = 0; i < count && !reader.failed; i++) pictureGroup.push(decodeEntry(reader));
  }
  return { spatialLayerCount, resolutions, pictureGroup };
}

/** Passes over the structure without building it. */
export function skipVp9ScalabilityStructure(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  let at = start + 1;
  if ((first & 0x10) !== 0) at += 4 * ((first >> 5) + 1);
  if ((first & 0x08) === 0) return at;
  const count = bytes[at++] ?? 0;
  for (let i = 0; i < count && at < bytes.length; i++) at += 1 + (((bytes[at] as number) >> 2) & 3);
  return at;
}

/** The bytes of `structure`. @throws RangeError if it does not fit its fields. */
export function encodeVp9ScalabilityStructure(structure: Vp9ScalabilityStructure): Uint8Array {
  const { resolutions, pictureGroup } = structure;
  const layers = checkField('spatialLayerCount - 1', structure.spatialLayerCount - 1, 7) + 1;
  if (resolutions !== undefined && resolutions.length !== layers) {
    throw new RangeError(`resolutions has ${resolutions.length} entries; expected ${layers}`);
  }
  if (pictureGroup !== undefined) checkField('pictureGroup.length', pictureGroup.length, 255);
  let length = 1 + 4 * (resolutions?.length ?? 0) + (pictureGroup === undefined ? 0 : 1);
  for (const entry of pictureGroup ?? []) length += 1 + checkEntry(entry);
  const out = new Uint8Array(length);
  out[0] =
    ((layers - 1) << 5) |
    (resolutions === undefined ? 0 : 0x10) |
    (pictureGroup === undefined ? 0 : 0x08);
  let at = 1;
  for (const { width, height } of resolutions ?? []) {
    at = writeUint16(out, at, checkField('width', width, 0xffff));
    at = writeUint16(out, at, checkField('height', height, 0xffff));
  }
  if (pictureGroup === undefined) return out;
  out[at++] = pictureGroup.length;
  for (const { temporalId, switchingUpPoint, referenceDiffs } of pictureGroup) {
    out[at++] = (temporalId << 5) | (switchingUpPoint ? 0x10 : 0) | (referenceDiffs.length << 2);
    for (const diff of referenceDiffs) out[at++] = diff;
  }
  return out;
}

function decodeEntry(reader: ByteReader): Vp9PictureGroupEntry {
  const first = reader.uint8();
  const referenceDiffs: number[] = [];
  for (let i = (first >> 2) & 3; i > 0; i--) referenceDiffs.push(reader.uint8());
  return { temporalId: first >> 5, switchingUpPoint: (first & 0x10) !== 0, referenceDiffs };
}

/** Checks the fields of `entry`; returns how many references it has. */
function checkEntry(entry: Vp9PictureGroupEntry): number {
  checkField('temporalId', entry.temporalId, 7);
  for (const diff of entry.referenceDiffs) checkField('referenceDiffs[]', diff, 255);
  return checkField('referenceDiffs.length', entry.referenceDiffs.length, 3);
}
