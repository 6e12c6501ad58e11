// The template dependency structure: what the frames of a scalable stream have in common (RTP Payload Format For AV1 §A.8, https://aomediacodec.github.io/av1-rtp-spec/#a8-dependency-descriptor-format).
import type { BitReader } from '../../codecs/bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

/** What a frame is to a decode target (table A.1). */
export const DECODE_TARGET_INDICATION = {
  /** Not part of it. */
  notPresent: 0,
  /** Part of it, and no later frame of it needs this one. */
  discardable: 1,
  /** Part of it, and all later frames of it can be decoded from here on. */
  switch: 2,
  /** Part of it, and needed by later frames. */
  required: 3,
} as const;

/** Frames of one layer that depend on others in one way. */
export interface FrameDependencyTemplate {
  readonly spatialId: number;
  readonly temporalId: number;
  /** One of {@link DECODE_TARGET_INDICATION} for each decode target. */
  readonly decodeTargetIndications: readonly number[];
  /** How many frames back each of the frames lies that this one refers to: 1 to 16. */
  readonly frameDiffs: readonly number[];
  /** How many frames back the last frame of each chain lies: 0 to 15. */
  readonly chainDiffs: readonly number[];
}

/** Largest width and height of the frames of a spatial layer: 1 to 65536. */
export interface RenderResolution {
  readonly width: number;
  readonly height: number;
}

/** Everything that descriptors without a structure of their own refer to. */
export interface FrameDependencyStructure {
  /** Template identifier of the first template: 0 to 63. */
  readonly templateIdOffset: number;
  /** 1 to 32. */
  readonly decodeTargetCount: number;
  /** 1 to 64, ordered by spatial, then by temporal layer. */
  readonly templates: readonly FrameDependencyTemplate[];
  /** 0 to `decodeTargetCount`. */
  readonly chainCount: number;
  /** For each decode target the chain that protects it; empty without chains. */
  readonly decodeTargetProtectedBy: readonly number[];
  /** For each spatial layer, or empty. */
  readonly resolutions: readonly RenderResolution[];
}

/** Template identifiers have six bits, so there are no more templates. */
const MAX_TEMPLATES = 64;
const SAME_LAYER = 0;
const NEXT_TEMPORAL_LAYER = 1;
const NEXT_SPATIAL_LAYER = 2;
const NO_MORE_TEMPLATES = 3;

/** template_dependency_structure(); undefined if it is malformed. */
export function readFrameDependencyStructure(
  reader: BitReader,
): FrameDependencyStructure | undefined {
  const templateIdOffset = reader.bits(6);
  const decodeTargetCount = reader.bits(5) + 1;
  const layers = readLayers(reader);
  if (layers === undefined) return undefined;
  const indications = layers.map(() =>
    Array.from({ length: decodeTargetCount }, () => reader.bits(2)),
  );
  const frameDiffs = layers.map(() => readTemplateFrameDiffs(reader));
  const chainCount = readNonSymmetric(reader, decodeTargetCount + 1);
  const decodeTargetProtectedBy =
    chainCount === 0
      ? []
      : Array.from({ length: decodeTargetCount }, () => readNonSymmetric(reader, chainCount));
  const chainDiffs = layers.map(() => Array.from({ length: chainCount }, () => reader.bits(4)));
  const spatialLayers = (layers.at(-1) as { spatialId: number }).spatialId + 1;
  const resolutions = reader.flag()
    ? Array.from({ length: spatialLayers }, () => ({
        width: reader.bits(16) + 1,
        height: reader.bits(16) + 1,
      }))
    : [];
  if (reader.failed) return undefined;
  const templates = layers.map((layer, i) => ({
    ...layer,
    decodeTargetIndications: indications[i] as number[],
    frameDiffs: frameDiffs[i] as number[],
    chainDiffs: chainDiffs[i] as number[],
  }));
  return {
    templateIdOffset,
    decodeTargetCount,
    templates,
    chainCount,
    decodeTargetProtectedBy,
    resolutions,
  };
}

/** Writes template_dependency_structure(). */
export function writeFrameDependencyStructure(
  structure: FrameDependencyStructure,
  writer: BitWriter,
): void {
  const { templates, decodeTargetCount, chainCount, resolutions } = structure;
  writer.bits(6, structure.templateIdOffset);
  writer.bits(5, decodeTargetCount - 1);
  for (let i = 1; i < templates.length; i++) {
    writer.bits(2, nextLayerIdc(templates[i - 1], templates[i]));
  }
  writer.bits(2, NO_MORE_TEMPLATES);
  for (const template of templates) {
    for (const indication of template.decodeTargetIndications) writer.bits(2, indication);
  }
  for (const template of templates) {
    for (const diff of template.frameDiffs) writer.bits(5, 0x10 | (diff - 1));
    writer.flag(false);
  }
  writer.nonSymmetric(decodeTargetCount + 1, chainCount);
  if (chainCount > 0) {
    for (const chain of structure.decodeTargetProtectedBy) writer.nonSymmetric(chainCount, chain);
    for (const template of templates) {
      for (const diff of template.chainDiffs) writer.bits(4, diff);
    }
  }
  writer.flag(resolutions.length > 0);
  for (const { width, height } of resolutions) {
    writer.bits(16, width - 1);
    writer.bits(16, height - 1);
  }
}

/** Throws a RangeError if the format cannot say what `structure` holds. */
export function checkFrameDependencyStructure(structure: FrameDependencyStructure): void {
  const { templates, decodeTargetCount, chainCount, decodeTargetProtectedBy } = structure;
  if (!(templates.length >= 1 && templates.length <= MAX_TEMPLATES)) {
    throw new RangeError(`templates: 1 to ${MAX_TEMPLATES}, not ${templates.length}.`);
  }
  if (!(decodeTargetCount >= 1 && decodeTargetCount <= 32)) {
    throw new RangeError(`decodeTargetCount: 1 to 32, not ${decodeTargetCount}.`);
  }
  if (!(chainCount >= 0 && chainCount <= decodeTargetCount)) {
    throw new RangeError(`chainCount: 0 to ${decodeTargetCount}, not ${chainCount}.`);
  }
  if (decodeTargetProtectedBy.length !== (chainCount === 0 ? 0 : decodeTargetCount)) {
    throw new RangeError('decodeTargetProtectedBy: one chain for each decode target.');
  }
  let previous: FrameDependencyTemplate | undefined;
  for (const template of templates) {
    if (template.decodeTargetIndications.length !== decodeTargetCount) {
      throw new RangeError('decodeTargetIndications: one for each decode target.');
    }
    if (template.chainDiffs.length !== chainCount) {
      throw new RangeError('chainDiffs: one for each chain.');
    }
    if (nextLayerIdc(previous, template) === NO_MORE_TEMPLATES) {
      throw new RangeError(
        'templates: from layer 0, 0 on, in order of spatial and temporal layer.',
      );
    }
    previous = template;
  }
  const spatialLayers = (previous as FrameDependencyTemplate).spatialId + 1;
  const { length } = structure.resolutions;
  if (length !== 0 && length !== spatialLayers) {
    throw new RangeError(`resolutions: ${spatialLayers}, one a spatial layer, not ${length}.`);
  }
}

/** ns(n) of §A.8.2. */
function readNonSymmetric(reader: BitReader, n: number): number {
  const width = 32 - Math.clz32(n);
  const shortCodes = 2 ** width - n;
  const value = reader.bits(width - 1);
  return value < shortCodes ? value : 2 * value - shortCodes + reader.bits(1);
}

// template_layers()
function readLayers(reader: BitReader): { spatialId: number; temporalId: number }[] | undefined {
  const layers = [{ spatialId: 0, temporalId: 0 }];
  let spatialId = 0;
  let temporalId = 0;
  for (;;) {
    const idc = reader.bits(2);
    if (reader.failed) return undefined;
    if (idc === NO_MORE_TEMPLATES) return layers;
    if (layers.length === MAX_TEMPLATES) return undefined;
    if (idc === NEXT_TEMPORAL_LAYER) temporalId++;
    if (idc === NEXT_SPATIAL_LAYER) {
      temporalId = 0;
      spatialId++;
    }
    layers.push({ spatialId, temporalId });
  }
}

// template_fdiffs() of one template; a reader that has failed reads 0 and so ends it.
function readTemplateFrameDiffs(reader: BitReader): number[] {
  const diffs: number[] = [];
  while (reader.flag()) diffs.push(reader.bits(4) + 1);
  return diffs;
}

// What leads from one template to the next: NO_MORE_TEMPLATES if nothing does.
function nextLayerIdc(
  from: FrameDependencyTemplate | undefined,
  to: FrameDependencyTemplate | undefined,
): number {
  const spatialStep = (to?.spatialId ?? 0) - (from?.spatialId ?? 0);
  const temporalStep = (to?.temporalId ?? 0) - (from?.temporalId ?? 0);
  if (spatialStep === 0 && temporalStep === 0) return SAME_LAYER;
  if (from === undefined) return NO_MORE_TEMPLATES;
  if (spatialStep === 0 && temporalStep === 1) return NEXT_TEMPORAL_LAYER;
  if (spatialStep === 1 && to?.temporalId === 0) return NEXT_SPATIAL_LAYER;
  return NO_MORE_TEMPLATES;
}
