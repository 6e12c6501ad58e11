import { parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { h264Resolution } from './sequence-parameter-set.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

/** An Exp-Golomb number in binary digits. */
function ue(value: number): string {
  const digits = (value + 1).toString(2);
  return '0'.repeat(digits.length - 1) + digits;
}

function fromBits(bits: string): Uint8Array {
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => parseInt(byte.padEnd(8, '0'), 2));
}

describe('H.264 sequence parameter sets', () => {
  // Written by x264 for pictures of these sizes and formats.
  test.each([
    ['baseline', '6742c00bd901419f9f0110000003001000000300a0f142a480', 320, 180],
    ['high', '67640028acd940780227a9b0110000030001000003000a0f183196', 1918, 1078],
    ['high 4:2:2', '677a0016b6cd940a02fea2f0110000030001000003000a0f162d96', 638, 358],
    ['high 4:4:4', '67f4000c919b282a33c7c5e022000003000200000300141e28532c', 322, 182],
    ['interlaced', '67640015acd941433f26022000000300200000030143e28532c0', 320, 180],
    ['monochrome', '6764000cf365054678f8bc05b2000003000200000300141e28532c', 322, 182],
  ])('of %s tell the size after cropping', (_, sps, width, height) => {
    expect(h264Resolution(hex(sps))).toEqual({ width, height });
  });

  test('scaling lists and picture order counts of type 1 are passed over', () => {
    const scalingLists = `1${ue(15)}${ue(0).repeat(15)}1${ue(16)}0${'0'.repeat(5)}`;
    const bits = [
      '01100100', // profile_idc 100
      '00000000', // constraint flags
      '00011110', // level_idc 30
      ue(0) + ue(1) + ue(0) + ue(0), // id, 4:2:0, 8 bits each
      '0', // qpprime_y_zero_transform_bypass_flag
      // A list of 16 deltas; a list whose first scale is 0 (delta -8), which ends it; six that are absent.
      `1${scalingLists}`,
      ue(0), // log2_max_frame_num_minus4
      `${ue(1)}0${ue(0)}${ue(0)}${ue(2)}${ue(4)}${ue(5)}`, // picture order count, two reference frames
      `${ue(1)}0`, // reference frames, gaps
      ue(19) + ue(11), // 20 by 12 macroblocks
      '11', // frames only, direct 8x8
      '0', // no cropping
      '01', // more to come
    ];
    expect(h264Resolution(Uint8Array.of(0x67, ...fromBits(bits.join(''))))).toEqual({
      width: 320,
      height: 192,
    });
  });

  test('no bytes make the parser throw, and none cut short tell a size', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600, size: 'max' }),
        (bytes) => void h264Resolution(bytes),
      ),
    );
    const sps = hex('6742c00bd901419f9f');
    expect(h264Resolution(sps.subarray(0, 6))).toBeUndefined();
  });
});
