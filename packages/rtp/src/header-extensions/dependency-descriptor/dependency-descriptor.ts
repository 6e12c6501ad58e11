// The dependency descriptor: which frames a frame needs, and which receivers need it (RTP Payload Format For AV1 §A.8, https://aomediacodec.github.io/av1-rtp-spec/#a8-dependency-descriptor-format).
//
//  0                   1                   2
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |S|E|template id|         frame number          |T|A|D|F|C| ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// S, E: first, last packet of the frame. Behind the third byte, if there is more:
// T: a template structure; A: active decode targets; D, F, C: indications, frame and chain differences
// of this frame in place of the template's.
import { BitReader } from '../../codecs/bit-reader.ts';
import { SequenceUnwrapper } from '../../timing/unwrapper.ts';
import { BitWriter } from './bit-writer.ts';
import {
  checkFrameDependencyStructure,
  type FrameDependencyStructure,
  type FrameDependencyTemplate,
  type RenderResolution,
  readFrameDependencyStructure,
  writeFrameDependencyStructure,
} from './frame-dependency-structure.ts';

/** Bytes of a descriptor that only names a template. */
const MANDATORY_LENGTH = 3;
/** The longest element that the two-byte form carries. */
const MAX_LENGTH = 255;
const MAX_FRAME_DIFF = 4096;

/** What a packet says about its frame, all that the template said for it included. */
export interface DependencyDescriptor {
  /** Whether the packet is the first of its frame. */
  readonly startOfFrame: boolean;
  /** Whether it is the last. */
  readonly endOfFrame: boolean;
  /** Which template the frame follows: 6 bits. */
  readonly templateId: number;
  /** In decode order: 16 bits. */
  readonly frameNumber: number;
  readonly spatialId: number;
  readonly temporalId: number;
  /** `DECODE_TARGET_INDICATION` for each decode target. */
  readonly decodeTargetIndications: readonly number[];
  /** How many frames back each frame lies that this one refers to: 1 to 4096. */
  readonly frameDiffs: readonly number[];
  /** How many frames back the last frame of each chain lies: 0 to 255. */
  readonly chainDiffs: readonly number[];
  /** Largest size of the frame's spatial layer, where the structure has it. */
  readonly resolution?: RenderResolution;
  /** The structure that came in this packet: a new coded video sequence begins. */
  readonly structure?: FrameDependencyStructure;
  /** Bit i is 1 if decode target i can be decoded; where the packet says so. */
  readonly activeDecodeTargets?: number;
}

/** Reads the descriptors of one stream, with the template structure that came last. */
export class DependencyDescriptorReader {
  #structure: FrameDependencyStructure | undefined;
  // Extended, because one structure may be in force for more frames than there are numbers.
  readonly #frameNumbers = new SequenceUnwrapper();
  #structureFrame = -1;
  #activeDecodeTargets = 0;

  /** The structure in force; undefined before the first. */
  get structure(): FrameDependencyStructure | undefined {
    return this.#structure;
  }

  /** Bit i is 1 if decode target i can be decoded, by the newest packet that said so. */
  get activeDecodeTargets(): number {
    return this.#activeDecodeTargets;
  }

  /**
   * The descriptor in `bytes[start..end)`.
   *
   * @returns undefined if it is malformed or needs a structure that has not come. A packet that comes late
   * never replaces the structure of a later frame.
   */
  read(bytes: Uint8Array, start: number, end: number): DependencyDescriptor | undefined {
    if (end - start < MANDATORY_LENGTH) return undefined;
    const reader = new BitReader(bytes, start, end);
    const startOfFrame = reader.flag();
    const endOfFrame = reader.flag();
    const templateId = reader.bits(6);
    const frameNumber = reader.bits(16);
    const isExtended = end - start > MANDATORY_LENGTH;
    const flags = isExtended ? reader.bits(5) : 0;
    const own = (flags & 0x10) !== 0 ? readFrameDependencyStructure(reader) : undefined;
    if ((flags & 0x10) !== 0 && own === undefined) return undefined;
    const structure = own ?? this.#structure;
    if (structure === undefined) return undefined;
    const template = templateOf(structure, templateId);
    if (template === undefined) return undefined;
    const activeDecodeTargets =
      (flags & 0x08) !== 0 ? reader.bits(structure.decodeTargetCount) : undefined;
    const descriptor: DependencyDescriptor = {
      startOfFrame,
      endOfFrame,
      templateId,
      frameNumber,
      spatialId: template.spatialId,
      temporalId: template.temporalId,
      decodeTargetIndications:
        (flags & 0x04) !== 0
          ? readBits(reader, structure.decodeTargetCount, 2)
          : template.decodeTargetIndications,
      frameDiffs: (flags & 0x02) !== 0 ? readFrameDiffs(reader) : template.frameDiffs,
      chainDiffs:
        (flags & 0x01) !== 0 ? readBits(reader, structure.chainCount, 8) : template.chainDiffs,
      ...optional('resolution', structure.resolutions[template.spatialId]),
      ...optional('structure', own),
      ...optional('activeDecodeTargets', activeDecodeTargets),
    };
    if (reader.failed) return undefined;
    this.#remember(descriptor);
    return descriptor;
  }

  #remember({ frameNumber, structure, activeDecodeTargets }: DependencyDescriptor): void {
    const frame = this.#frameNumbers.unwrap(frameNumber);
    if (frame < this.#structureFrame) return;
    if (structure !== undefined) {
      this.#structure = structure;
      this.#structureFrame = frame;
      this.#activeDecodeTargets = 2 ** structure.decodeTargetCount - 1;
    }
    if (activeDecodeTargets !== undefined) this.#activeDecodeTargets = activeDecodeTargets;
  }
}

/**
 * Writes `descriptor` at `offset`; returns the offset behind it. What its template in `structure` says
 * already is left out; `spatialId`, `temporalId` and `resolution` come from the template and are not
 * written.
 *
 * @param structure The structure in force: `descriptor.structure` if it has one.
 * @throws RangeError if the template is not in the structure, or the format cannot say what there is, or
 * it takes more than 255 bytes.
 */
export function encodeDependencyDescriptor(
  descriptor: DependencyDescriptor,
  structure: FrameDependencyStructure,
  out: Uint8Array,
  offset: number,
): number {
  const template = templateOf(structure, descriptor.templateId);
  if (template === undefined) {
    throw new RangeError(`templateId: the structure has no template ${descriptor.templateId}.`);
  }
  const { decodeTargetIndications, frameDiffs, chainDiffs, activeDecodeTargets } = descriptor;
  const own = descriptor.structure;
  if (own !== undefined) checkFrameDependencyStructure(own);
  checkFrame(descriptor, structure);
  const customIndications = !equal(decodeTargetIndications, template.decodeTargetIndications);
  const customFrameDiffs = !equal(frameDiffs, template.frameDiffs);
  const customChainDiffs = !equal(chainDiffs, template.chainDiffs);
  const writer = new BitWriter(out, offset);
  writer.flag(descriptor.startOfFrame);
  writer.flag(descriptor.endOfFrame);
  writer.bits(6, descriptor.templateId);
  writer.bits(16, descriptor.frameNumber);
  const isExtended =
    own !== undefined ||
    activeDecodeTargets !== undefined ||
    customIndications ||
    customFrameDiffs ||
    customChainDiffs;
  if (isExtended) {
    writer.flag(own !== undefined);
    writer.flag(activeDecodeTargets !== undefined);
    writer.flag(customIndications);
    writer.flag(customFrameDiffs);
    writer.flag(customChainDiffs);
    if (own !== undefined) writeFrameDependencyStructure(own, writer);
    if (activeDecodeTargets !== undefined) {
      writer.bits(structure.decodeTargetCount, activeDecodeTargets);
    }
    if (customIndications) for (const each of decodeTargetIndications) writer.bits(2, each);
    if (customFrameDiffs) writeFrameDiffs(frameDiffs, writer);
    if (customChainDiffs) for (const diff of chainDiffs) writer.bits(8, diff);
  }
  const length = writer.offset - offset;
  if (length > MAX_LENGTH || writer.offset > out.length) {
    throw new RangeError(`out: the descriptor takes ${length} bytes.`);
  }
  return writer.offset;
}

function templateOf(
  structure: FrameDependencyStructure,
  templateId: number,
): FrameDependencyTemplate | undefined {
  return structure.templates[(templateId + 64 - structure.templateIdOffset) % 64];
}

function readBits(reader: BitReader, count: number, bits: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(reader.bits(bits));
  return values;
}

// frame_fdiffs(); a reader that has failed reads 0 and so ends it.
function readFrameDiffs(reader: BitReader): number[] {
  const diffs: number[] = [];
  for (let size = reader.bits(2); size !== 0; size = reader.bits(2)) {
    diffs.push(reader.bits(4 * size) + 1);
  }
  return diffs;
}

function writeFrameDiffs(diffs: readonly number[], writer: BitWriter): void {
  for (const diff of diffs) {
    const size = diff <= 16 ? 1 : diff <= 256 ? 2 : 3;
    writer.bits(2, size);
    writer.bits(4 * size, diff - 1);
  }
  writer.bits(2, 0);
}

function checkFrame(descriptor: DependencyDescriptor, structure: FrameDependencyStructure): void {
  if (descriptor.decodeTargetIndications.length !== structure.decodeTargetCount) {
    throw new RangeError('decodeTargetIndications: one for each decode target.');
  }
  if (descriptor.chainDiffs.length !== structure.chainCount) {
    throw new RangeError('chainDiffs: one for each chain.');
  }
  for (const diff of descriptor.frameDiffs) {
    if (!(diff >= 1 && diff <= MAX_FRAME_DIFF)) {
      throw new RangeError(`frameDiffs: 1 to ${MAX_FRAME_DIFF}, not ${diff}.`);
    }
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
