import { encodeUtf8, formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCompoundPacket,
  encodeCompoundPacket,
  encodeRtcpPacket,
  isValidCompoundPacket,
  type RtcpPacket,
  rtcpPacketLength,
} from './compound-packet.ts';
import { cnameOf } from './source-description.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

const REPORT_BLOCK = {
  ssrc: 0xaabbccdd,
  fractionLost: 0x40,
  cumulativeLost: -2,
  extendedHighestSequenceNumber: 0x0001_0203,
  jitter: 0x55,
  lastSenderReport: 0xb705_2000,
  delaySinceLastSenderReport: 0x0005_4000,
};
const PARTIES = { senderSsrc: 1, mediaSsrc: 2 };

// Laid out by hand from the diagrams of the sections named.
const EXAMPLES: readonly { name: string; hex: string; packet: RtcpPacket }[] = [
  {
    name: 'SR with one report block (RFC 3550 §6.4.1)',
    hex: `81c8000c 00000007 b44db705 20000000 00000100 00000002 00000030
          aabbccdd 40fffffe 00010203 00000055 b7052000 00054000`,
    packet: {
      type: 'sender-report',
      ssrc: 7,
      ntpTime: { seconds: 0xb44d_b705, fraction: 0x2000_0000 },
      rtpTimestamp: 256,
      packetCount: 2,
      octetCount: 48,
      reportBlocks: [REPORT_BLOCK],
    },
  },
  {
    name: 'an empty RR (RFC 3550 §6.4.2)',
    hex: '80c90001 00000007',
    packet: { type: 'receiver-report', ssrc: 7, reportBlocks: [] },
  },
  {
    name: 'SDES with a CNAME and a full word of zeros behind it (RFC 3550 §6.5)',
    hex: '82ca0006 00000007 0102 6162 00000000 00000008 0f03 616263 000000',
    packet: {
      type: 'source-description',
      chunks: [
        { ssrc: 7, items: [{ type: 1, value: encodeUtf8('ab') }] },
        { ssrc: 8, items: [{ type: 15, value: encodeUtf8('abc') }] },
      ],
    },
  },
  {
    name: 'BYE with a reason (RFC 3550 §6.6)',
    hex: '82cb0004 00000007 00000008 04 6c656674 000000',
    packet: { type: 'goodbye', ssrcs: [7, 8], reason: 'left' },
  },
  {
    name: 'BYE without one',
    hex: '81cb0001 00000007',
    packet: { type: 'goodbye', ssrcs: [7] },
  },
  {
    name: 'APP (RFC 3550 §6.7)',
    hex: '85cc0003 00000007 6b616f6e 01020304',
    packet: {
      type: 'application-defined',
      subtype: 5,
      ssrc: 7,
      name: 'kaon',
      data: hex('01020304'),
    },
  },
  {
    name: 'NACK across the end of the sequence numbers (RFC 4585 §6.2.1)',
    hex: '81cd0004 00000001 00000002 fffe8005 00200000',
    packet: {
      type: 'generic-nack',
      ...PARTIES,
      sequenceNumbers: [0xfffe, 0xffff, 1, 14, 32],
    },
  },
  {
    name: 'TMMBR (RFC 5104 §4.2.1)',
    hex: '83cd0004 00000001 00000000 00000009 0a000028',
    packet: {
      type: 'tmmbr',
      senderSsrc: 1,
      mediaSsrc: 0,
      limits: [{ ssrc: 9, maxBitrateBps: 65536 * 4, overheadBytes: 40 }],
    },
  },
  {
    name: 'an empty TMMBN (RFC 5104 §4.2.2)',
    hex: '84cd0002 00000001 00000000',
    packet: { type: 'tmmbn', senderSsrc: 1, mediaSsrc: 0, limits: [] },
  },
  {
    name: 'PLI (RFC 4585 §6.3.1)',
    hex: '81ce0002 00000001 00000002',
    packet: { type: 'picture-loss-indication', ...PARTIES },
  },
  {
    name: 'SLI (RFC 4585 §6.3.2)',
    hex: '82ce0003 00000001 00000002 fff80045',
    packet: {
      type: 'slice-loss-indication',
      ...PARTIES,
      slices: [{ first: 0x1fff, number: 1, pictureId: 5 }],
    },
  },
  {
    name: 'RPSI of 20 bits (RFC 4585 §6.3.3)',
    hex: '83ce0004 00000001 00000002 1c60 abcdef 000000',
    packet: {
      type: 'reference-picture-selection',
      ...PARTIES,
      payloadType: 96,
      bitString: hex('abcdef'),
      unusedBits: 4,
    },
  },
  {
    name: 'FIR (RFC 5104 §4.3.1)',
    hex: '84ce0004 00000001 00000000 00000009 05000000',
    packet: {
      type: 'full-intra-request',
      senderSsrc: 1,
      mediaSsrc: 0,
      entries: [{ ssrc: 9, sequenceNumber: 5 }],
    },
  },
  {
    name: 'TSTR (RFC 5104 §4.3.2)',
    hex: '85ce0004 00000001 00000000 00000009 0500001f',
    packet: {
      type: 'tstr',
      senderSsrc: 1,
      mediaSsrc: 0,
      entries: [{ ssrc: 9, sequenceNumber: 5, index: 31 }],
    },
  },
  {
    name: 'TSTN (RFC 5104 §4.3.3)',
    hex: '86ce0004 00000001 00000000 00000009 05000001',
    packet: {
      type: 'tstn',
      senderSsrc: 1,
      mediaSsrc: 0,
      entries: [{ ssrc: 9, sequenceNumber: 5, index: 1 }],
    },
  },
  {
    name: 'REMB (draft-alvestrand-rmcat-remb-03 §2.2)',
    hex: '8fce0005 00000001 00000000 52454d42 010a03e8 00000009',
    packet: {
      type: 'remb',
      senderSsrc: 1,
      mediaSsrc: 0,
      // Mantissa 0x203e8, exponent 2.
      bitrateBps: 0x203e8 * 4,
      ssrcs: [9],
    },
  },
  {
    name: 'AFB that is something else (RFC 4585 §6.4)',
    hex: '8fce0003 00000001 00000002 52454d43',
    packet: { type: 'application-layer-feedback', ...PARTIES, data: hex('52454d43') },
  },
  {
    name: 'CCFB of two streams (RFC 8888 §3.1)',
    hex: '8bcd0008 00000001 00000009 ffff0003 80050000 fffe0000 0000000a 00010000 b7052000',
    packet: {
      type: 'congestion-control-feedback',
      senderSsrc: 1,
      streams: [
        {
          ssrc: 9,
          beginSequenceNumber: 0xffff,
          metrics: [
            { ecn: 0, arrivalTimeOffset: 5 },
            undefined,
            { ecn: 3, arrivalTimeOffset: 8190 },
          ],
        },
        { ssrc: 10, beginSequenceNumber: 1, metrics: [] },
      ],
      reportTimestamp: 0xb705_2000,
    },
  },
  {
    name: 'XR with RRTR and DLRR (RFC 3611 §4.4, §4.5)',
    hex: '80cf0008 00000001 04000002 b44db705 20000000 05000003 00000009 b7052000 00054000',
    packet: {
      type: 'extended-report',
      ssrc: 1,
      blocks: [
        {
          type: 'receiver-reference-time',
          ntpTime: { seconds: 0xb44d_b705, fraction: 0x2000_0000 },
        },
        {
          type: 'dlrr',
          reports: [
            {
              ssrc: 9,
              lastReceiverReport: 0xb705_2000,
              delaySinceLastReceiverReport: 0x0005_4000,
            },
          ],
        },
      ],
    },
  },
  {
    name: 'XR with run lengths and receipt times (RFC 3611 §4.1 to §4.3)',
    hex: `80cf000d 00000001 01020003 00000009 000a0014 40050000
          02000003 00000009 000a0014 8001c000 03010003 00000009 000a000c 00000077`,
    packet: {
      type: 'extended-report',
      ssrc: 1,
      blocks: [
        {
          type: 'loss-run-length',
          thinning: 2,
          ssrc: 9,
          beginSequenceNumber: 10,
          endSequenceNumber: 20,
          chunks: [0x4005],
        },
        {
          type: 'duplicate-run-length',
          thinning: 0,
          ssrc: 9,
          beginSequenceNumber: 10,
          endSequenceNumber: 20,
          chunks: [0x8001, 0xc000],
        },
        {
          type: 'receipt-times',
          thinning: 1,
          ssrc: 9,
          beginSequenceNumber: 10,
          endSequenceNumber: 12,
          receiptTimes: [0x77],
        },
      ],
    },
  },
  {
    name: 'XR with statistics and a block that is not known (RFC 3611 §4.6)',
    hex: `80cf000d 00000001 06e80009 00000009 000a0014 00000001 00000002 00000003 00000004
          00000005 00000006 0708090a ff010001 01020304`,
    packet: {
      type: 'extended-report',
      ssrc: 1,
      blocks: [
        {
          type: 'statistics-summary',
          hasLoss: true,
          hasDuplicates: true,
          hasJitter: true,
          ttlOrHopLimit: 1,
          ssrc: 9,
          beginSequenceNumber: 10,
          endSequenceNumber: 20,
          lostPackets: 1,
          duplicatePackets: 2,
          minJitter: 3,
          maxJitter: 4,
          meanJitter: 5,
          devJitter: 6,
          minTtl: 7,
          maxTtl: 8,
          meanTtl: 9,
          devTtl: 10,
        },
        { type: 'unknown', blockType: 255, typeSpecific: 1, contents: hex('01020304') },
      ],
    },
  },
  {
    name: 'XR with VoIP metrics (RFC 3611 §4.7)',
    hex: `80cf000a 00000001 07000008 00000009 01020304 00050006 00070008 f6ec0b10
          5d7f2a29 e0000028 005000c8`,
    packet: {
      type: 'extended-report',
      ssrc: 1,
      blocks: [
        {
          type: 'voip-metrics',
          ssrc: 9,
          lossRate: 1,
          discardRate: 2,
          burstDensity: 3,
          gapDensity: 4,
          burstDurationMs: 5,
          gapDurationMs: 6,
          roundTripDelayMs: 7,
          endSystemDelayMs: 8,
          signalLevel: -10,
          noiseLevel: -20,
          residualEchoReturnLoss: 11,
          gmin: 16,
          rFactor: 93,
          externalRFactor: 127,
          mosLq: 42,
          mosCq: 41,
          rxConfig: 0xe0,
          jitterBufferNominalMs: 40,
          jitterBufferMaximumMs: 80,
          jitterBufferAbsoluteMaximumMs: 200,
        },
      ],
    },
  },
  {
    name: 'a packet type that is not known',
    hex: '83d10001 01020304',
    packet: { type: 'unknown', packetType: 209, count: 3, body: hex('01020304') },
  },
  {
    name: 'a feedback format that is not known',
    hex: '88cd0002 00000001 00000002',
    packet: { type: 'unknown', packetType: 205, count: 8, body: hex('0000000100000002') },
  },
];

describe('RTCP packets', () => {
  test.each(EXAMPLES)('$name', ({ hex: text, packet }) => {
    const bytes = hex(text);
    expect(decodeCompoundPacket(bytes)).toEqual({ packets: [packet], malformed: 0 });
    expect(rtcpPacketLength(packet)).toBe(bytes.length);
    expect(formatHex(encodeCompoundPacket([packet]))).toBe(formatHex(bytes));
  });

  test('any of them stand behind each other in a compound packet', () => {
    const packets = EXAMPLES.map(({ packet }) => packet);
    fc.assert(
      fc.property(fc.shuffledSubarray(packets, { minLength: 1 }), (chosen) => {
        expect(decodeCompoundPacket(encodeCompoundPacket(chosen))).toEqual({
          packets: chosen,
          malformed: 0,
        });
      }),
    );
  });

  test('any of them cut short is malformed, with the rest of the datagram unharmed', () => {
    const tail = EXAMPLES[1] as (typeof EXAMPLES)[number];
    for (const { name, hex: text } of EXAMPLES) {
      const bytes = hex(text);
      for (let words = 1; words < bytes.length / 4; words++) {
        const cut = bytes.slice(0, 4 * words);
        cut[2] = 0;
        cut[3] = words - 1;
        const datagram = Uint8Array.of(...cut, ...hex(tail.hex));
        const decoded = decodeCompoundPacket(datagram);
        expect(decoded?.packets.at(-1), name).toEqual(tail.packet);
        expect((decoded?.packets.length ?? 0) + (decoded?.malformed ?? 0), name).toBe(2);
      }
    }
  });

  test('never throws on any bytes, nor on any damage to good ones', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeCompoundPacket(bytes);
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...EXAMPLES),
        fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
        (example, damage) => {
          const bytes = hex(example.hex);
          for (const [at, value] of damage) bytes[4 + (at % (bytes.length - 4))] = value;
          decodeCompoundPacket(bytes);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a NACK gives back any numbers in the order they were asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 60 }), (sequenceNumbers) => {
        const nack: RtcpPacket = { type: 'generic-nack', ...PARTIES, sequenceNumbers };
        expect(decodeCompoundPacket(encodeCompoundPacket([nack]))?.packets).toEqual([nack]);
      }),
    );
  });

  test('bitrates are rounded down to what the mantissa holds, and then stay', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (bitrateBps) => {
        const round = (rate: number, type: 'remb' | 'tmmbr'): number => {
          const packet: RtcpPacket =
            type === 'remb'
              ? { type, ...PARTIES, bitrateBps: rate, ssrcs: [] }
              : { type, ...PARTIES, limits: [{ ssrc: 1, maxBitrateBps: rate, overheadBytes: 0 }] };
          const [decoded] = decodeCompoundPacket(encodeCompoundPacket([packet]))!.packets;
          if (decoded?.type === 'remb') return decoded.bitrateBps;
          return decoded?.type === 'tmmbr' ? decoded.limits[0]!.maxBitrateBps : Number.NaN;
        };
        for (const type of ['remb', 'tmmbr'] as const) {
          const rounded = round(bitrateBps, type);
          expect(rounded).toBeLessThanOrEqual(bitrateBps);
          expect(rounded).toBeGreaterThan(bitrateBps * (1 - 2 ** -16) - 1);
          expect(round(rounded, type)).toBe(rounded);
        }
      }),
    );
  });

  test('the canonical name of a source', () => {
    const [packet] = decodeCompoundPacket(hex(EXAMPLES[2]!.hex))!.packets;
    if (packet?.type !== 'source-description') throw new Error('another packet came');
    expect(cnameOf(packet, 7)).toBe('ab');
    expect(cnameOf(packet, 8)).toBeUndefined();
  });
});

describe('compound packets (RFC 3550 §A.2, RFC 5506 §3)', () => {
  test.each([
    ['nothing', '', false],
    ['a header cut short', '80c900', false],
    ['another version', '40c90001 00000007', false],
    ['a length beyond the datagram', '80c90002 00000007', false],
    ['half a packet behind a good one', '80c90001 00000007 80c9', false],
    ['padding in front of another packet', 'a0c90002 00000007 00000004 80c90001 00000007', false],
    ['padding in the last packet', '80c90001 00000007 a0c90002 00000007 00000004', true],
    ['padding of nothing', 'a0c90002 00000007 00000000', false],
    ['padding that is no multiple of four', 'a0c90002 00000007 00000003', false],
    [
      'such padding in feedback other than transport-wide',
      'a2cd0003 00000001 00000002 00000003',
      false,
    ],
    ['padding longer than its packet', 'a0c90002 00000007 0000000c', false],
  ])('%s', (_, text, isValid) => {
    expect(isValidCompoundPacket(hex(text))).toBe(isValid);
    expect(decodeCompoundPacket(hex(text)) !== undefined).toBe(isValid);
  });

  test('feedback alone needs reduced size to be agreed on', () => {
    const feedback = hex('81ce0002 00000001 00000002');
    expect(decodeCompoundPacket(feedback)?.packets).toHaveLength(1);
    const strict = { reducedSize: false };
    expect(decodeCompoundPacket(feedback, 0, feedback.length, strict)).toBeUndefined();
    const report = hex('80c90001 00000007 81ce0002 00000001 00000002');
    expect(decodeCompoundPacket(report, 0, report.length, strict)?.packets).toHaveLength(2);
  });

  test("what a format cannot say is the caller's fault", () => {
    const blocks = new Array(32).fill(REPORT_BLOCK);
    const item = { type: 1, value: new Uint8Array(256) };
    const faults: readonly [RtcpPacket, RegExp][] = [
      [{ type: 'receiver-report', ssrc: 1, reportBlocks: blocks }, /31, not 32/],
      [{ type: 'source-description', chunks: [{ ssrc: 1, items: [item] }] }, /255/],
      [{ type: 'goodbye', ssrcs: new Array(32).fill(1) }, /31, not 32/],
      [{ type: 'goodbye', ssrcs: [], reason: 'x'.repeat(256) }, /255 bytes/],
      [
        { type: 'application-defined', subtype: 0, ssrc: 0, name: 'abc', data: hex('') },
        /four characters/,
      ],
      [{ type: 'generic-nack', ...PARTIES, sequenceNumbers: [] }, /at least one/],
      [{ type: 'remb', ...PARTIES, bitrateBps: 1, ssrcs: new Array(256).fill(1) }, /255/],
      [{ type: 'unknown', packetType: 1, count: 0, body: hex('01') }, /multiple of four/],
      [
        {
          type: 'congestion-control-feedback',
          senderSsrc: 1,
          reportTimestamp: 0,
          streams: [{ ssrc: 1, beginSequenceNumber: 0, metrics: new Array(16385).fill(undefined) }],
        },
        /16384/,
      ],
    ];
    for (const [packet, words] of faults) {
      expect(() => encodeCompoundPacket([packet])).toThrow(words);
    }
    const [first] = EXAMPLES;
    expect(() => encodeRtcpPacket(first!.packet, new Uint8Array(51), 0)).toThrow(/ends at 52/);
  });
});
