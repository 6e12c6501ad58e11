import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  absCaptureTimeLength,
  decodeAbsCaptureTime,
  encodeAbsCaptureTime,
} from './abs-capture-time.ts';
import {
  absSendTimeDistanceMs,
  absSendTimeFromMs,
  decodeAbsSendTime,
  encodeAbsSendTime,
} from './abs-send-time.ts';
import {
  decodeAudioLevel,
  decodeCsrcAudioLevels,
  encodeAudioLevel,
  encodeCsrcAudioLevels,
} from './audio-level.ts';
import { colorSpaceLength, decodeColorSpace, encodeColorSpace } from './color-space.ts';
import { decodePlayoutDelay, encodePlayoutDelay } from './playout-delay.ts';
import { decodeMid, decodeRtpStreamId, encodeSdesItem } from './sdes-item.ts';
import {
  decodeTransportFeedbackRequest,
  decodeTransportSequenceNumber,
  encodeTransportFeedbackRequest,
  encodeTransportSequenceNumber,
} from './transport-sequence-number.ts';
import {
  type AllocatedLayer,
  decodeVideoLayersAllocation,
  encodeVideoLayersAllocation,
  type VideoLayersAllocation,
  videoLayersAllocationLength,
} from './video-layers-allocation.ts';
import { decodeVideoOrientation, encodeVideoOrientation } from './video-orientation.ts';

type Decode<T> = (bytes: Uint8Array, start: number, end: number) => T | undefined;
type Encode<T> = (value: T, out: Uint8Array, offset: number) => number;

function encoded<T>(encode: Encode<T>, value: T, offset = 0): Uint8Array {
  const out = new Uint8Array(512);
  return out.slice(offset, encode(value, out, offset));
}

/** One codec: an example, and the law that what was written is read. */
function codec<T>(
  name: string,
  decode: Decode<T>,
  encode: Encode<T>,
  values: fc.Arbitrary<T>,
  examples: readonly [hex: string, value: T][],
  malformed: readonly string[],
): void {
  describe(name, () => {
    test.each(examples)('%s', (hex, value) => {
      const bytes = parseHex(hex) as Uint8Array;
      expect(decode(bytes, 0, bytes.length)).toEqual(value);
      expect(formatHex(encoded(encode, value))).toBe(formatHex(bytes));
    });

    test('does not decode what is malformed', () => {
      for (const hex of malformed) {
        const bytes = parseHex(hex) as Uint8Array;
        expect(decode(bytes, 0, bytes.length)).toBeUndefined();
      }
    });

    test('gives back what was encoded', () => {
      fc.assert(
        fc.property(values, fc.nat(20), (value, offset) => {
          const out = new Uint8Array(600).fill(0xff);
          expect(decode(out, offset, encode(value, out, offset))).toEqual(value);
        }),
      );
    });

    test('never throws on any bytes', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          decode(bytes, 0, bytes.length);
        }),
      );
    });
  });
}

const uint8 = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const uint32 = fc.nat(0xffff_ffff);

codec(
  'MID (RFC 9143 §15)',
  decodeMid,
  encodeSdesItem,
  fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`{|}~-]{1,255}$/),
  [
    ['30', '0'],
    ['766964656f', 'video'],
  ],
  ['', '61 20', '61 00', 'c3a4'],
);

codec(
  'RtpStreamId (RFC 8852 §3)',
  decodeRtpStreamId,
  encodeSdesItem,
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,255}$/),
  [['6869', 'hi']],
  ['', '612e', '0061'],
);

codec(
  'abs-send-time',
  decodeAbsSendTime,
  encodeAbsSendTime,
  fc.nat(0xff_ffff),
  [['abcdef', 0xabcdef]],
  ['abcd', 'abcdef01', ''],
);

test('abs-send-time counts 2^-18 s and wraps after 64 s', () => {
  expect(absSendTimeFromMs(1000)).toBe(1 << 18);
  expect(absSendTimeFromMs(64_000)).toBe(0);
  expect(absSendTimeDistanceMs(absSendTimeFromMs(64_010), absSendTimeFromMs(63_990))).toBeCloseTo(
    20,
    1,
  );
  expect(absSendTimeDistanceMs(absSendTimeFromMs(63_990), absSendTimeFromMs(64_010))).toBeCloseTo(
    -20,
    1,
  );
});

codec(
  'transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2)',
  decodeTransportSequenceNumber,
  encodeTransportSequenceNumber,
  uint16,
  [['fffe', 0xfffe]],
  ['', 'ff', 'fffe00', 'fffe000000'],
);

codec(
  'transport-wide-cc-02 with a request for feedback',
  decodeTransportFeedbackRequest,
  (request, out, offset) => encodeTransportFeedbackRequest(0x1234, request, out, offset),
  fc.record({
    includeTimestamps: fc.boolean(),
    sequenceCount: fc.integer({ min: 1, max: 0x7fff }),
  }),
  [['1234 8005', { includeTimestamps: true, sequenceCount: 5 }]],
  ['1234', '1234 8000', '1234 800500'],
);

codec(
  'ssrc-audio-level (RFC 6464 §3)',
  decodeAudioLevel,
  encodeAudioLevel,
  fc.record({ voiceActivity: fc.boolean(), level: fc.nat(127) }),
  [
    ['80', { voiceActivity: true, level: 0 }],
    ['7f', { voiceActivity: false, level: 127 }],
  ],
  [''],
);

codec<readonly number[]>(
  'csrc-audio-level (RFC 6465 §3)',
  decodeCsrcAudioLevels,
  encodeCsrcAudioLevels,
  fc.array(fc.nat(127), { maxLength: 15 }),
  [['01007f', [1, 0, 127]]],
  [],
);

codec(
  'video orientation (3GPP TS 26.114 §7.4.5)',
  decodeVideoOrientation,
  encodeVideoOrientation,
  fc.record({
    isBackCamera: fc.boolean(),
    isFlipped: fc.boolean(),
    rotation: fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const),
  }),
  [
    ['01', { isBackCamera: false, isFlipped: false, rotation: 90 }],
    ['0f', { isBackCamera: true, isFlipped: true, rotation: 270 }],
  ],
  ['', '0000'],
);

codec(
  'playout delay',
  decodePlayoutDelay,
  encodePlayoutDelay,
  fc
    .tuple(fc.nat(4095), fc.nat(4095))
    .map(([a, b]) => ({ minMs: 10 * Math.min(a, b), maxMs: 10 * Math.max(a, b) })),
  [
    ['000000', { minMs: 0, maxMs: 0 }],
    ['00affe', { minMs: 100, maxMs: 40_940 }],
  ],
  ['', '0000', '001000'],
);

codec(
  'abs-capture-time',
  decodeAbsCaptureTime,
  encodeAbsCaptureTime,
  fc.record(
    {
      captureTime: fc.record({ seconds: uint32, fraction: uint32 }),
      captureClockOffset: fc.record({ seconds: fc.integer(), fraction: uint32 }),
    },
    { requiredKeys: ['captureTime'] },
  ),
  [
    ['ee00000080000000', { captureTime: { seconds: 0xee000000, fraction: 0x80000000 } }],
    [
      'ee00000080000000 ffffffff c0000000',
      {
        captureTime: { seconds: 0xee000000, fraction: 0x80000000 },
        captureClockOffset: { seconds: -1, fraction: 0xc0000000 },
      },
    ],
  ],
  ['', 'ee000000800000', 'ee00000080000000ff'],
);

const chromaticity = fc.record({ x: uint16, y: uint16 });
codec(
  'color-space',
  decodeColorSpace,
  encodeColorSpace,
  fc.record(
    {
      primaries: uint8,
      transfer: uint8,
      matrix: uint8,
      range: fc.nat(3),
      chromaSitingHorizontal: fc.nat(3),
      chromaSitingVertical: fc.nat(3),
      hdrMetadata: fc.record({
        luminanceMax: uint16,
        luminanceMin: uint16,
        primaryR: chromaticity,
        primaryG: chromaticity,
        primaryB: chromaticity,
        white: chromaticity,
        maxContentLightLevel: uint16,
        maxFrameAverageLightLevel: uint16,
      }),
    },
    {
      requiredKeys: [
        'primaries',
        'transfer',
        'matrix',
        'range',
        'chromaSitingHorizontal',
        'chromaSitingVertical',
      ],
    },
  ),
  [
    [
      '0901 0919',
      {
        primaries: 9,
        transfer: 1,
        matrix: 9,
        range: 1,
        chromaSitingHorizontal: 2,
        chromaSitingVertical: 1,
      },
    ],
  ],
  ['', '090109', '0901091900'],
);

const resolutions = fc.record({
  width: fc.integer({ min: 1, max: 0x1_0000 }),
  height: fc.integer({ min: 1, max: 0x1_0000 }),
  maxFramerate: uint8,
});
const allocations: fc.Arbitrary<VideoLayersAllocation> = fc
  .record({
    rtpStreamCount: fc.integer({ min: 1, max: 4 }),
    masks: fc.array(fc.nat(15), { minLength: 4, maxLength: 4 }),
    rates: fc.array(fc.array(uint32, { minLength: 1, maxLength: 4 }), {
      minLength: 16,
      maxLength: 16,
    }),
    sizes: fc.option(fc.array(resolutions, { minLength: 16, maxLength: 16 })),
    index: fc.nat(3),
  })
  .map(({ rtpStreamCount, masks, rates, sizes, index }) => {
    const layers: AllocatedLayer[] = [];
    for (let stream = 0; stream < rtpStreamCount; stream++) {
      for (let spatialId = 0; spatialId < 4; spatialId++) {
        if (((masks[stream] as number) & (1 << spatialId)) === 0) continue;
        const at = 4 * stream + spatialId;
        const targetBitratesKbps = rates[at] as number[];
        const layer = { rtpStreamIndex: stream, spatialId, targetBitratesKbps };
        layers.push(sizes === null ? layer : { ...layer, resolution: sizes[at]! });
      }
    }
    if (layers.length === 0) return { rtpStreamIndex: 0, rtpStreamCount: 1, layers };
    return { rtpStreamIndex: index % rtpStreamCount, rtpStreamCount, layers };
  });

codec(
  'video-layers-allocation00',
  decodeVideoLayersAllocation,
  encodeVideoLayersAllocation,
  allocations,
  [
    ['00', { rtpStreamIndex: 0, rtpStreamCount: 1, layers: [] }],
    [
      // One stream, one spatial and two temporal layers, 100 and 200 kbit/s.
      '01 40 64 c801',
      {
        rtpStreamIndex: 0,
        rtpStreamCount: 1,
        layers: [{ rtpStreamIndex: 0, spatialId: 0, targetBitratesKbps: [100, 200] }],
      },
    ],
    [
      // Three streams of simulcast of which the last is off, with sizes: own bitmasks.
      '60 1100 00 32 64 013f00b31e 027f01671e',
      {
        rtpStreamIndex: 1,
        rtpStreamCount: 3,
        layers: [
          {
            rtpStreamIndex: 0,
            spatialId: 0,
            targetBitratesKbps: [50],
            resolution: { width: 320, height: 180, maxFramerate: 30 },
          },
          {
            rtpStreamIndex: 1,
            spatialId: 0,
            targetBitratesKbps: [100],
            resolution: { width: 640, height: 360, maxFramerate: 30 },
          },
        ],
      },
    ],
  ],
  // The last one: of the second stream where there is one.
  ['', '01', '01 40 64', '01 00 ffffffffffff', '01 00 64 0000', '6000 00 00', '41 00 64'],
);

test('lengths are what is written', () => {
  fc.assert(
    fc.property(allocations, (allocation) => {
      const { length } = encoded(encodeVideoLayersAllocation, allocation);
      expect(videoLayersAllocationLength(allocation)).toBe(length);
    }),
  );
  expect(absCaptureTimeLength({ captureTime: { seconds: 0, fraction: 0 } })).toBe(8);
  const space = {
    primaries: 0,
    transfer: 0,
    matrix: 0,
    range: 0,
    chromaSitingHorizontal: 0,
    chromaSitingVertical: 0,
  };
  expect(colorSpaceLength(space)).toBe(4);
});

test("an allocation that the format cannot say is the caller's fault", () => {
  const layer = { rtpStreamIndex: 0, spatialId: 0, targetBitratesKbps: [1] };
  const allocation = { rtpStreamIndex: 0, rtpStreamCount: 1, layers: [layer] };
  const out = new Uint8Array(500);
  for (const [faulty, words] of [
    [{ ...allocation, rtpStreamCount: 5 }, /rtpStreamCount/],
    [{ ...allocation, rtpStreamIndex: 1 }, /rtpStreamIndex/],
    [{ ...allocation, layers: [layer, layer] }, /in order/],
    [{ ...allocation, layers: [{ ...layer, targetBitratesKbps: [] }] }, /temporal/],
    [{ ...allocation, layers: [{ ...layer, targetBitratesKbps: [2 ** 40] }] }, /32 bits/],
  ] as const) {
    expect(() => encodeVideoLayersAllocation(faulty, out, 0)).toThrow(words);
  }
  expect(() => encodeSdesItem('ä', out, 0)).toThrow(/ASCII/);
  expect(() => encodeSdesItem('', out, 0)).toThrow(/1 to 255/);
});
