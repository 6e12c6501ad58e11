import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitWriter } from './bit-writer.ts';
import {
  type DependencyDescriptor,
  DependencyDescriptorReader,
  encodeDependencyDescriptor,
} from './dependency-descriptor.ts';
import {
  DECODE_TARGET_INDICATION,
  type FrameDependencyStructure,
  type FrameDependencyTemplate,
} from './frame-dependency-structure.ts';

const { notPresent, discardable, switch: switchTo, required } = DECODE_TARGET_INDICATION;

// One spatial and two temporal layers (L1T2), one chain.
const L1T2: FrameDependencyStructure = {
  templateIdOffset: 62,
  decodeTargetCount: 2,
  templates: [
    {
      spatialId: 0,
      temporalId: 0,
      decodeTargetIndications: [switchTo, switchTo],
      frameDiffs: [],
      chainDiffs: [0],
    },
    {
      spatialId: 0,
      temporalId: 0,
      decodeTargetIndications: [switchTo, switchTo],
      frameDiffs: [2],
      chainDiffs: [2],
    },
    {
      spatialId: 0,
      temporalId: 1,
      decodeTargetIndications: [notPresent, discardable],
      frameDiffs: [1],
      chainDiffs: [1],
    },
  ],
  chainCount: 1,
  decodeTargetProtectedBy: [0, 0],
  resolutions: [{ width: 640, height: 360 }],
};

function frame(
  structure: FrameDependencyStructure,
  index: number,
  frameNumber: number,
  changes: Partial<DependencyDescriptor> = {},
): DependencyDescriptor {
  const template = structure.templates[index] as FrameDependencyTemplate;
  const resolution = structure.resolutions[template.spatialId];
  return {
    startOfFrame: true,
    endOfFrame: true,
    templateId: (structure.templateIdOffset + index) % 64,
    frameNumber,
    ...template,
    ...(resolution === undefined ? {} : { resolution }),
    ...changes,
  };
}

function encode(descriptor: DependencyDescriptor, structure: FrameDependencyStructure): Uint8Array {
  const out = new Uint8Array(300).fill(0xff);
  return out.slice(3, encodeDependencyDescriptor(descriptor, structure, out, 3));
}

function read(
  reader: DependencyDescriptorReader,
  bytes: Uint8Array,
): DependencyDescriptor | undefined {
  return reader.read(bytes, 0, bytes.length);
}

describe('dependency descriptor (RTP Payload Format For AV1 §A.8)', () => {
  test('follows a stream through its templates', () => {
    const reader = new DependencyDescriptorReader();
    const key = frame(L1T2, 0, 100, { structure: L1T2 });
    expect(read(reader, encode(key, L1T2))).toEqual(key);
    expect(reader.activeDecodeTargets).toBe(0b11);
    // A frame that is like its template takes three bytes; template 2 has identifier (62 + 2) % 64 = 0.
    const delta = frame(L1T2, 2, 101);
    expect(formatHex(encode(delta, L1T2))).toBe('c00065');
    expect(read(reader, parseHex('c00065') as Uint8Array)).toEqual(delta);
    const custom = frame(L1T2, 1, 102, {
      frameDiffs: [2, 17, 300],
      chainDiffs: [200],
      decodeTargetIndications: [required, switchTo],
      activeDecodeTargets: 0b01,
    });
    expect(read(reader, encode(custom, L1T2))).toEqual(custom);
    expect(reader.activeDecodeTargets).toBe(0b01);
  });

  test('ns(5) codes are those of the table in §A.8.2', () => {
    const codes = [0, 1, 2, 3, 4].map((value) => {
      const out = new Uint8Array(1);
      const writer = new BitWriter(out, 0);
      writer.nonSymmetric(5, value);
      return (out[0] as number)
        .toString(2)
        .padStart(8, '0')
        .slice(0, value < 3 ? 2 : 3);
    });
    expect(codes).toEqual(['00', '01', '10', '110', '111']);
  });

  test('reads nothing before the first structure, and nothing with an unknown template', () => {
    const reader = new DependencyDescriptorReader();
    expect(read(reader, encode(frame(L1T2, 1, 1), L1T2))).toBeUndefined();
    read(reader, encode(frame(L1T2, 0, 2, { structure: L1T2 }), L1T2));
    expect(reader.read(parseHex('ca0003') as Uint8Array, 0, 3)).toBeUndefined();
    expect(reader.read(parseHex('c000') as Uint8Array, 0, 2)).toBeUndefined();
  });

  test('a structure that comes late does not replace a newer one', () => {
    const reader = new DependencyDescriptorReader();
    const older = { ...L1T2, templateIdOffset: 10, resolutions: [] };
    const newest = frame(L1T2, 0, 5, { structure: L1T2 });
    const late = frame(older, 0, 0xfff0, { structure: older });
    read(reader, encode(newest, L1T2));
    expect(read(reader, encode(late, older))).toEqual(late);
    expect(reader.structure).toEqual(L1T2);
  });

  test('a new structure counts however long the one before has been in force', () => {
    const reader = new DependencyDescriptorReader();
    read(reader, encode(frame(L1T2, 0, 0, { structure: L1T2 }), L1T2));
    // A call of many minutes without a key frame: more frames than half of the numbers.
    for (let n = 1; n < 40_000; n++) read(reader, encode(frame(L1T2, 1, n), L1T2));
    const next = { ...L1T2, templateIdOffset: 10 };
    read(reader, encode(frame(next, 0, 40_000, { structure: next }), next));
    expect(reader.structure).toEqual(next);
    const late = frame(L1T2, 0, 39_990, { structure: L1T2 });
    expect(read(reader, encode(late, L1T2))).toEqual(late);
    const delta = frame(next, 1, 40_001);
    expect(read(reader, encode(delta, next))).toEqual(delta);
  });

  test('a structure that was overtaken by the frame behind it counts all the same', () => {
    const reader = new DependencyDescriptorReader();
    read(reader, encode(frame(L1T2, 0, 10, { structure: L1T2 }), L1T2));
    read(reader, encode(frame(L1T2, 1, 21), L1T2));
    const next = { ...L1T2, templateIdOffset: 10 };
    read(reader, encode(frame(next, 0, 20, { structure: next }), next));
    expect(reader.structure).toEqual(next);
  });

  const structures: fc.Arbitrary<FrameDependencyStructure> = fc
    .record({
      templateIdOffset: fc.nat(63),
      decodeTargetCount: fc.integer({ min: 1, max: 8 }),
      steps: fc.array(fc.nat(2), { maxLength: 6 }),
      chains: fc.nat(8),
      hasResolutions: fc.boolean(),
      seed: fc.infiniteStream(fc.nat(1000)),
    })
    .map(({ templateIdOffset, decodeTargetCount, steps, chains, hasResolutions, seed }) => {
      const next = (limit: number): number => (seed.next().value as number) % limit;
      const chainCount = chains % (decodeTargetCount + 1);
      let spatialId = 0;
      let temporalId = 0;
      const templates = [0, ...steps].map((step): FrameDependencyTemplate => {
        if (step === 1) temporalId++;
        if (step === 2) {
          spatialId++;
          temporalId = 0;
        }
        return {
          spatialId,
          temporalId,
          decodeTargetIndications: Array.from({ length: decodeTargetCount }, () => next(4)),
          frameDiffs: Array.from({ length: next(4) }, () => 1 + next(16)),
          chainDiffs: Array.from({ length: chainCount }, () => next(16)),
        };
      });
      return {
        templateIdOffset,
        decodeTargetCount,
        templates,
        chainCount,
        decodeTargetProtectedBy:
          chainCount === 0 ? [] : Array.from({ length: decodeTargetCount }, () => next(chainCount)),
        resolutions: hasResolutions
          ? Array.from({ length: spatialId + 1 }, () => ({
              width: 1 + next(900),
              height: 1 + next(900),
            }))
          : [],
      };
    });

  test('gives back what was encoded', () => {
    fc.assert(
      fc.property(structures, fc.nat(), fc.boolean(), fc.gen(), (structure, pick, attached, g) => {
        const reader = new DependencyDescriptorReader();
        const key = frame(structure, 0, 7, { structure });
        expect(read(reader, encode(key, structure))).toEqual(key);
        const { decodeTargetCount, chainCount } = structure;
        const descriptor = frame(structure, pick % structure.templates.length, 8, {
          ...(attached ? { activeDecodeTargets: g(fc.nat, 2 ** decodeTargetCount - 1) } : {}),
          frameDiffs: g(fc.array, fc.integer({ min: 1, max: 4096 }), { maxLength: 4 }),
          chainDiffs: g(fc.array, fc.nat(255), { minLength: chainCount, maxLength: chainCount }),
        });
        expect(read(reader, encode(descriptor, structure))).toEqual(descriptor);
      }),
    );
  });

  test('never throws on any bytes, with or without a structure', () => {
    const reader = new DependencyDescriptorReader();
    read(reader, encode(frame(L1T2, 0, 0, { structure: L1T2 }), L1T2));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => {
        read(reader, bytes);
        read(new DependencyDescriptorReader(), bytes);
      }),
    );
  });

  test("names the caller's faults", () => {
    const good = frame(L1T2, 0, 0);
    expect(() => encode({ ...good, templateId: 40 }, L1T2)).toThrow(/no template 40/);
    expect(() => encode({ ...good, chainDiffs: [] }, L1T2)).toThrow(/chainDiffs/);
    expect(() => encode({ ...good, frameDiffs: [0] }, L1T2)).toThrow(/1 to 4096/);
    expect(() => encode({ ...good, decodeTargetIndications: [] }, L1T2)).toThrow(
      /each decode target/,
    );
    for (const [change, words] of [
      [{ chainCount: 3 }, /chainCount/],
      [{ decodeTargetProtectedBy: [] }, /decodeTargetProtectedBy/],
      [{ resolutions: [...L1T2.resolutions, ...L1T2.resolutions] }, /resolutions/],
      [{ templates: L1T2.templates.toReversed() }, /in order/],
    ] as const) {
      const structure = { ...L1T2, ...change };
      expect(() => encode(frame(L1T2, 0, 0, { structure }), L1T2)).toThrow(words);
    }
  });
});
