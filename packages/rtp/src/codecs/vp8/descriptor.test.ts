import { formatHex, parseHex } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import {
  decodeVp8Descriptor,
  isVp8FrameStart,
  isVp8KeyFrame,
  isVp8LayerSync,
  vp8PictureId,
  vp8TemporalId,
  vp8Tl0PicIdx,
  writeVp8PictureId,
  writeVp8Tl0PicIdx,
} from './descriptor.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

// The layouts of RFC 7741 §4.6.
const EXAMPLES = [
  {
    name: 'a key frame in one packet (§4.6.1)',
    payload: '90 80 17 10 02',
    descriptor: { length: 3, startOfPartition: true, pictureId: 0x17 },
    key: true,
  },
  {
    name: 'the second fragment of the first partition (§4.6.3)',
    payload: '80 80 17 ff',
    descriptor: { length: 3, startOfPartition: false, pictureId: 0x17 },
    key: false,
  },
  {
    name: 'a VP8 interframe with long PictureID (§4.6.5)',
    payload: 'b0 80 93 45 11',
    descriptor: { length: 4, startOfPartition: true, nonReference: true, pictureId: 0x1345 },
    key: false,
  },
  {
    name: 'the start of the second partition',
    payload: '11 ff',
    descriptor: { length: 1, startOfPartition: true, partitionIndex: 1 },
    key: false,
  },
  {
    name: 'every field',
    payload: '90 f0 80 01 2a b3 10',
    descriptor: {
      length: 6,
      startOfPartition: true,
      pictureId: 1,
      tl0PicIdx: 0x2a,
      temporalId: 2,
      layerSync: true,
      keyIndex: 0x13,
    },
    key: true,
  },
  {
    name: 'KEYIDX without TID, whose bits mean nothing then',
    payload: '90 10 f3 10',
    descriptor: { length: 3, startOfPartition: true, keyIndex: 0x13 },
    key: true,
  },
];

describe('VP8 payload descriptor (RFC 7741 §4.2)', () => {
  test.each(EXAMPLES)('reads $name', ({ payload, descriptor, key }) => {
    const bytes = hex(payload);
    expect(decodeVp8Descriptor(bytes)).toEqual({
      nonReference: false,
      partitionIndex: 0,
      pictureId: undefined,
      tl0PicIdx: undefined,
      temporalId: undefined,
      layerSync: false,
      keyIndex: undefined,
      ...descriptor,
    });
    expect(isVp8KeyFrame(bytes)).toBe(key);
    expect(vp8TemporalId(bytes)).toBe(descriptor.temporalId);
    expect(vp8PictureId(bytes)).toBe(descriptor.pictureId);
    expect(vp8Tl0PicIdx(bytes)).toBe(descriptor.tl0PicIdx);
    expect(isVp8LayerSync(bytes)).toBe(descriptor.layerSync ?? false);
  });

  test('every prefix without a VP8 byte is refused by all readers and left alone by all writers', () => {
    const whole = hex('90 f0 80 01 2a b3 10');
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.slice(0, length);
      expect(decodeVp8Descriptor(bytes)).toBeUndefined();
      expect(isVp8KeyFrame(bytes)).toBe(false);
      expect(vp8TemporalId(bytes)).toBeUndefined();
      expect(vp8PictureId(bytes)).toBeUndefined();
      expect(vp8Tl0PicIdx(bytes)).toBeUndefined();
      expect(isVp8LayerSync(bytes)).toBe(false);
      expect(writeVp8PictureId(bytes, 1)).toBe(false);
      expect(writeVp8Tl0PicIdx(bytes, 1)).toBe(false);
      expect(bytes).toEqual(whole.slice(0, length));
    }
  });

  test.each([
    ['15 bits', '90 f0 80 01 2a b3 10', '90 f0 ff fe 07 b3 10'],
    ['7 bits', '90 f0 01 2a b3 10', '90 f0 7e 07 b3 10'],
  ])('rewrites PictureID of %s and TL0PICIDX in place', (_, before, after) => {
    const bytes = hex(before);
    expect(writeVp8PictureId(bytes, 0x7ffe)).toBe(true);
    expect(writeVp8Tl0PicIdx(bytes, 0x107)).toBe(true);
    expect(formatHex(bytes)).toBe(formatHex(hex(after)));
  });

  test('rewrites nothing that is not there', () => {
    const bytes = hex('90 20 b3 10');
    expect(writeVp8PictureId(bytes, 0)).toBe(false);
    expect(writeVp8Tl0PicIdx(bytes, 0)).toBe(false);
    expect(formatHex(bytes)).toBe('9020b310');
    expect(writeVp8PictureId(hex('10 10'), 0)).toBe(false);
  });

  test('a frame starts where partition 0 starts', () => {
    expect(isVp8FrameStart(hex('10 00'))).toBe(true);
    expect(isVp8FrameStart(hex('11 00'))).toBe(false);
    expect(isVp8FrameStart(hex('00 00'))).toBe(false);
  });
});
