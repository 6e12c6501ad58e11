import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeVp9Descriptor,
  isVp9KeyFrame,
  isVp9SwitchingUpPoint,
  vp9DescriptorLength,
  vp9PictureId,
  vp9SpatialId,
  vp9TemporalId,
  vp9Tl0PicIdx,
  writeVp9PictureId,
  writeVp9Tl0PicIdx,
} from './descriptor.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

const PLAIN = {
  interPicturePredicted: false,
  flexibleMode: false,
  startOfFrame: false,
  endOfFrame: false,
  notReferenceForUpperLayers: false,
  pictureId: undefined,
  temporalId: undefined,
  switchingUpPoint: false,
  spatialId: undefined,
  interLayerPredicted: false,
  tl0PicIdx: undefined,
  referenceDiffs: [],
  scalabilityStructure: undefined,
};

// Laid out by hand after the figures of RFC 9628 §4.2 and §4.2.1.
const EXAMPLES = [
  {
    name: 'the smallest, of a frame in one packet',
    payload: '0c 82',
    key: true,
    descriptor: { length: 1, startOfFrame: true, endOfFrame: true },
  },
  {
    name: 'a picture ID of 7 bits',
    payload: 'c8 11 82',
    key: false,
    descriptor: { length: 2, interPicturePredicted: true, startOfFrame: true, pictureId: 0x11 },
  },
  {
    name: 'layers in non-flexible mode',
    payload: 'e5 ff fe 55 2a 82',
    key: false,
    descriptor: {
      length: 5,
      interPicturePredicted: true,
      endOfFrame: true,
      notReferenceForUpperLayers: true,
      pictureId: 0x7ffe,
      temporalId: 2,
      switchingUpPoint: true,
      spatialId: 2,
      interLayerPredicted: true,
      tl0PicIdx: 0x2a,
    },
  },
  {
    name: 'flexible mode with three references',
    payload: 'f8 01 20 03 05 08 82',
    key: false,
    descriptor: {
      length: 6,
      interPicturePredicted: true,
      flexibleMode: true,
      startOfFrame: true,
      pictureId: 1,
      temporalId: 1,
      spatialId: 0,
      referenceDiffs: [1, 2, 4],
    },
  },
  {
    name: 'a key frame with a scalability structure of two layers and a picture group of two',
    payload: 'aa 01 00 07 38 0140 00b4 0280 0168 02 00 34 01 82',
    key: true,
    descriptor: {
      length: 17,
      startOfFrame: true,
      pictureId: 1,
      temporalId: 0,
      spatialId: 0,
      tl0PicIdx: 7,
      scalabilityStructure: {
        spatialLayerCount: 2,
        resolutions: [
          { width: 320, height: 180 },
          { width: 640, height: 360 },
        ],
        pictureGroup: [
          { temporalId: 0, switchingUpPoint: false, referenceDiffs: [] },
          { temporalId: 1, switchingUpPoint: true, referenceDiffs: [1] },
        ],
      },
    },
  },
  {
    name: 'the upper spatial layer of a key picture, which is no place to start',
    payload: 'ac 01 03 07 82',
    key: false,
    descriptor: {
      length: 4,
      startOfFrame: true,
      endOfFrame: true,
      pictureId: 1,
      temporalId: 0,
      spatialId: 1,
      interLayerPredicted: true,
      tl0PicIdx: 7,
    },
  },
];

describe('VP9 payload descriptor (RFC 9628 §4.2)', () => {
  test.each(EXAMPLES)('reads $name', ({ payload, descriptor, key }) => {
    const bytes = hex(payload);
    expect(decodeVp9Descriptor(bytes)).toEqual({ ...PLAIN, ...descriptor });
    expect(isVp9KeyFrame(bytes)).toBe(key);
    expect(vp9TemporalId(bytes)).toBe(
      'temporalId' in descriptor ? descriptor.temporalId : undefined,
    );
    expect(vp9SpatialId(bytes)).toBe('spatialId' in descriptor ? descriptor.spatialId : undefined);
    expect(isVp9SwitchingUpPoint(bytes)).toBe('switchingUpPoint' in descriptor);
    expect(vp9PictureId(bytes)).toBe('pictureId' in descriptor ? descriptor.pictureId : undefined);
    expect(vp9Tl0PicIdx(bytes)).toBe('tl0PicIdx' in descriptor ? descriptor.tl0PicIdx : undefined);
  });

  test.each(EXAMPLES)('refuses every prefix of $name without a VP9 byte', ({ payload }) => {
    const whole = hex(payload);
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.slice(0, length);
      expect(decodeVp9Descriptor(bytes)).toBeUndefined();
      expect(isVp9KeyFrame(bytes)).toBe(false);
      expect(vp9TemporalId(bytes)).toBeUndefined();
      expect(vp9SpatialId(bytes)).toBeUndefined();
      expect(vp9PictureId(bytes)).toBeUndefined();
      expect(vp9Tl0PicIdx(bytes)).toBeUndefined();
      expect(writeVp9PictureId(bytes, 1)).toBe(false);
      expect(writeVp9Tl0PicIdx(bytes, 1)).toBe(false);
    }
  });

  test('more than three references are refused', () => {
    expect(decodeVp9Descriptor(hex('f8 01 20 03 05 07 08 82'))).toBeUndefined();
  });

  test('the length that is skipped is the length that is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (payload) => {
        const length = vp9DescriptorLength(payload);
        expect(decodeVp9Descriptor(payload)?.length ?? 0).toBe(length);
        expect(length === 0 || length < payload.length).toBe(true);
      }),
    );
  });

  test('rewrites picture ID and TL0PICIDX in place, and nothing that is not there', () => {
    const long = hex('e5 ff fe 55 2a 82');
    expect(writeVp9PictureId(long, 0x8102)).toBe(true);
    expect(writeVp9Tl0PicIdx(long, 0x1ff)).toBe(true);
    expect(formatHex(long)).toBe('e5810255ff82');
    const short = hex('c8 11 82');
    expect(writeVp9PictureId(short, 0x83)).toBe(true);
    expect(writeVp9Tl0PicIdx(short, 1)).toBe(false);
    expect(formatHex(short)).toBe('c80382');
    const flexible = hex('f8 01 20 03 05 08 82');
    expect(writeVp9Tl0PicIdx(flexible, 1)).toBe(false);
    expect(writeVp9PictureId(hex('0c 82'), 1)).toBe(false);
  });
});
