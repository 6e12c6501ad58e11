import { concatBytes, encodeUtf8, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DataChannelOpen,
  decodeDataChannelOpen,
  encodeDataChannelAck,
  encodeDataChannelOpen,
  isDataChannelAck,
} from './dcep.ts';

const HEADER = '03 00 0100 00000000 0004 0000';

describe('DCEP (RFC 8832 §5)', () => {
  test.each<[string, string, Partial<DataChannelOpen>]>([
    ['reliable', '00 0100 00000000', { isUnordered: false }],
    ['reliable and unordered', '80 0100 00000000', { isUnordered: true }],
    ['limited in retransmissions', '01 0100 00000003', { isUnordered: false, maxRetransmits: 3 }],
    ['so and unordered', '81 0100 00000000', { isUnordered: true, maxRetransmits: 0 }],
    ['limited in time', '02 0100 000001f4', { isUnordered: false, maxPacketLifeTimeMs: 500 }],
    ['so and unordered', '82 0100 000001f4', { isUnordered: true, maxPacketLifeTimeMs: 500 }],
  ])('DATA_CHANNEL_OPEN for a channel that is %s', (_, hex, expected) => {
    const bytes = concatBytes(
      parseHex(`03 ${hex} 0005 0002`)!,
      encodeUtf8('käon'),
      encodeUtf8('p1'),
    );
    const open = {
      type: 'data-channel-open',
      priority: 256,
      label: 'käon',
      protocol: 'p1',
      ...expected,
    };
    expect(decodeDataChannelOpen(bytes)).toEqual(open);
    expect(encodeDataChannelOpen(open as DataChannelOpen)).toEqual(bytes);
  });

  test.each([
    ['cut short', `${HEADER} 616263`],
    ['of another message type', '02 00 0100 00000000 0000 0000'],
    ['of an unknown channel type', '03 03 0100 00000000 0000 0000'],
    ['with a label that is not UTF-8', `${HEADER} fffefdfc`],
  ])('refuses one %s', (_, hex) => {
    expect(decodeDataChannelOpen(parseHex(hex)!)).toBeUndefined();
  });

  test('refuses labels that are too long', () => {
    const label = 'a'.repeat(65_536);
    const open = {
      type: 'data-channel-open' as const,
      isUnordered: false,
      priority: 256,
      label,
      protocol: '',
    };
    expect(() => encodeDataChannelOpen(open)).toThrow(RangeError);
  });

  test('knows DATA_CHANNEL_ACK', () => {
    expect(isDataChannelAck(encodeDataChannelAck())).toBe(true);
    expect(isDataChannelAck(Uint8Array.of(3))).toBe(false);
    expect(isDataChannelAck(new Uint8Array(0))).toBe(false);
  });

  test('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        decodeDataChannelOpen(bytes);
      }),
    );
  });
});
