import { parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { h265Resolution } from './sequence-parameter-set.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

describe('H.265 sequence parameter sets', () => {
  // Written by x265 for pictures of these sizes and formats.
  test.each([
    ['main', '42010101600000030090000003000003003ca00d080f165959a4932bc05a0200', 416, 240],
    ['main 4:2:2', '4201010408000003009d0800000300003cb00a480b9c9796566924caf016', 322, 182],
    ['main 4:4:4 10', '4201010408000003009c0800000300003c90014901739edb2cacd24995e0', 322, 182],
    ['two sub-layers', '4201020160000003009000000300000300780000a003c08010e755965662', 1918, 1078],
  ])('of %s tell the size after cropping', (_, sps, width, height) => {
    expect(h265Resolution(hex(sps))).toEqual({ width, height });
  });

  test('no bytes make the parser throw, and none cut short tell a size', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600, size: 'max' }),
        (bytes) => void h265Resolution(bytes),
      ),
    );
    expect(h265Resolution(hex('42010101600000030090000003000003003ca00d'))).toBeUndefined();
  });
});
