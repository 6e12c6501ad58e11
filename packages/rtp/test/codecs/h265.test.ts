import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { H265Depacketizer, H265Packetizer, isH265KeyFrame } from '../../src/index.ts';
import { accessUnit, nalUnits } from './access-unit.ts';
import { describePayloadFormat } from './payload-format-laws.ts';
import { payloadsOf, receive, streamOf } from './payload-stream.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

// VPS, SPS, PPS, SEI, IDR, CRA, TRAIL_R in temporal layers 0 and 1, and in layer 33.
const HEADERS = [0x4001, 0x4201, 0x4401, 0x4e01, 0x2601, 0x2a01, 0x0201, 0x0202, 0x0309].map(
  (header) => [header >> 8, header & 0xff],
);

for (const format of ['annexb', 'length-prefixed'] as const) {
  describePayloadFormat({
    name: `H.265, ${format}`,
    leastPayloadBytes: 16,
    frames: nalUnits(HEADERS).map((units) => ({ data: accessUnit(units, format) })),
    packetizer: (maxPayloadBytes) => new H265Packetizer({ maxPayloadBytes, format }),
    depacketizer: (maxFrameBytes) =>
      new H265Depacketizer(maxFrameBytes === undefined ? { format } : { format, maxFrameBytes }),
    received: ({ data }) => data,
  });
}

// Main profile, 416 by 240, as x265 writes it.
const SPS = hex(
  '42010101600000030090000003000003003ca00d080f165959a4932bc05a020000030002000003000a10',
);
const PPS = hex('4401c172b46240');
const IDR = hex('2601af0102030405');
const TRAIL = hex('0202d00102');

function payloads(units: Uint8Array[], options = {}): string[] {
  const packetizer = new H265Packetizer(options);
  return payloadsOf(packetizer, { data: accessUnit(units) }).map((p) => formatHex(p.payload));
}

describe('H.265 payloads, byte by byte (RFC 7798)', () => {
  test('a single NAL unit is its own payload (§4.4.1)', () => {
    expect(payloads([TRAIL])).toEqual(['0202d00102']);
  });

  test('small NAL units share an aggregation packet with the lowest LayerId and TID (§4.4.2)', () => {
    expect(payloads([hex('4e0105'), hex('0a0a8001')])).toEqual(['600100034e010500040a0a8001']);
  });

  test('a large NAL unit becomes fragmentation units with S, neither, and E (§4.4.3)', () => {
    const unit = hex('2601 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e');
    expect(payloads([unit], { maxPayloadBytes: 16 })).toEqual([
      '6201930102030405060708090a',
      '6201130b0c0d0e0f1011121314',
      '62015315161718191a1b1c1d1e',
    ]);
  });

  test('decoding order numbers stand behind the header, in the first fragment, and as DOND', () => {
    const packetizer = new H265Packetizer({
      maxPayloadBytes: 17,
      decodingOrderNumbers: true,
      firstDecodingOrderNumber: 0xfffe,
    });
    const units = [hex('4e0105'), TRAIL, hex(`2601${'01'.repeat(16)}`), TRAIL];
    const sent = payloadsOf(packetizer, { data: accessUnit(units) });
    expect(sent.map((p) => formatHex(p.payload))).toEqual([
      '6001fffe00034e01050000050202d00102',
      `6201930000${'01'.repeat(7)}`,
      `620153${'01'.repeat(9)}`,
      '02020001d00102',
    ]);
  });

  test('a NAL unit without a whole header is refused', () => {
    expect(() => new H265Packetizer().start({ data: hex('00000001 26') })).toThrow(/of 1 byte/);
  });
});

describe('H.265 metadata', () => {
  test('key frames, temporal layers and sizes; parameter sets from SDP are put in', () => {
    const parameterSets = [SPS, PPS];
    const frames = [[IDR], [TRAIL], [SPS, PPS, hex('2a01af01')]];
    const received = receive(
      new H265Depacketizer({ parameterSets }),
      streamOf(
        new H265Packetizer(),
        frames.map((units) => ({ data: accessUnit(units) })),
      ),
    );
    expect(
      received.map(({ key, temporalId, resolution }) => [key, temporalId, resolution]),
    ).toEqual([
      [true, 0, { width: 416, height: 240 }],
      [false, 1, undefined],
      [true, 0, { width: 416, height: 240 }],
    ]);
    expect(received[0]?.data).toEqual(accessUnit([SPS, PPS, IDR]));
  });

  test('what a PACI packet carries is taken out of it (RFC 7798 §4.4.4)', () => {
    const depacketizer = new H265Depacketizer();
    // cType 1 (TRAIL_R), PHSsize 3.
    depacketizer.handlePayload(hex('6402 0230 aabbcc d00102'), 1, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('000000010202d00102');
    // An IRAP slice in a PACI is a key frame all the same.
    expect(isH265KeyFrame(hex('6401 2600 af0102'))).toBe(true);
  });
});

describe('H.265 key frames in payloads', () => {
  test.each([
    ['a VPS', '40010c01', true, false],
    ['an SPS', '42010101', true, false],
    ['a PPS', '4401c172', false, false],
    ['the first slice segment of an IDR picture', '2601af01', true, false],
    ['a later one', '26012f01', false, false],
    ['the same behind a DONL', '2601 2f01 af01', true, true],
    ['a slice of another picture', '0201d001', false, false],
    ['an aggregation packet with an SPS', '6001 0003 4e0105 0003 420101', true, false],
    ['the same with decoding order numbers', '6001 0007 0003 4e0105 00 0003 420101', true, true],
    ['an aggregation packet without', '6001 0003 4e0105 0003 0201d0', false, false],
    ['the first fragment of an IDR slice', '620193 af', true, false],
    ['the same with a DONL', '620193 0001 af', true, true],
    ['another fragment of it', '620113 af', false, false],
    ['nothing', '', false, false],
  ])('%s', (_, payload, expected, hasDon) => {
    expect(isH265KeyFrame(hex(payload), hasDon)).toBe(expected);
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, hasDon) => {
        expect(typeof isH265KeyFrame(bytes, hasDon)).toBe('boolean');
      }),
    );
  });
});

describe('H.265 payloads that are damaged', () => {
  test.each([
    ['an aggregation packet that counts beyond its end', ['6001 0004 4e01']],
    ['an aggregation packet with a NAL unit of one byte', ['6001 0001 4e']],
    ['an aggregation packet inside another', ['6001 0003 600100']],
    ['a fragment without a byte of the NAL unit', ['620193']],
    ['fragments of different types', ['620193 af01', '620141 02']],
    ['a NAL unit that begins before the last has ended', ['620193 af01', '0201d0']],
    ['a NAL unit that never ends', ['620193 af01']],
    ['a header alone', ['0201']],
    ['a PACI packet that is cut off', ['6402 0230 aabb']],
    ['a PACI packet in a PACI packet', ['6402 6400 aabb']],
  ])('%s spoils its frame only', (_, texts) => {
    const depacketizer = new H265Depacketizer();
    for (const [i, text] of texts.entries()) {
      depacketizer.handlePayload(hex(text), 1, i === texts.length - 1);
    }
    expect(depacketizer.pollFrame()).toBeUndefined();
    depacketizer.handlePayload(hex('0201d0'), 2, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('000000010201d0');
    expect(depacketizer.counters).toEqual({
      framesAssembled: 1,
      framesDropped: 1,
      framesTooLarge: 0,
      payloadsMalformed: 1,
    });
  });

  test('a fragment with S and E, as cameras send it, is the whole NAL unit', () => {
    const depacketizer = new H265Depacketizer();
    depacketizer.handlePayload(hex('6201d3 af01'), 1, false);
    depacketizer.handlePayload(hex('620193 2f'), 1, false);
    depacketizer.handlePayload(hex('620153 02'), 1, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('000000012601af010000000126012f02');
    expect(depacketizer.counters.payloadsMalformed).toBe(0);
  });

  test('undefined types are passed over', () => {
    const depacketizer = new H265Depacketizer();
    depacketizer.handlePayload(hex('7e01d0'), 1, false);
    depacketizer.handlePayload(hex('0201d0'), 1, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('000000010201d0');
    expect(depacketizer.counters.payloadsMalformed).toBe(1);
  });
});
