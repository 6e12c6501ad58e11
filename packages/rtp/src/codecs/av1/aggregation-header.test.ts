import { parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { av1Layer, isAv1KeyFrame } from './aggregation-header.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

describe('AV1 payloads at a glance (AV1 RTP §4.4)', () => {
  test.each([
    ['N is set', '18 3000', true, undefined],
    ['a sequence header comes first, W 1', '10 0800', true, undefined],
    ['a sequence header comes first, W 0', '00 02 0800', true, undefined],
    ['a frame comes first', '10 3000', false, undefined],
    ['a frame of layer (2, 1) comes first', '10 3448', false, { temporalId: 2, spatialId: 1 }],
    [
      'the same behind a length of two bytes',
      '00 8200 3448',
      false,
      { temporalId: 2, spatialId: 1 },
    ],
    ['it continues an OBU', '90 0800', false, undefined],
    ['there is no OBU', '10', false, undefined],
    ['the length does not end', '00 ffff', false, undefined],
    ['there is nothing', '', false, undefined],
  ])('where %s', (_, payload, key, layer) => {
    expect(isAv1KeyFrame(hex(payload))).toBe(key);
    expect(av1Layer(hex(payload))).toEqual(layer);
  });

  test('no bytes make the readers throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30, size: 'max' }), (payload) => {
        isAv1KeyFrame(payload);
        av1Layer(payload);
      }),
    );
  });
});
