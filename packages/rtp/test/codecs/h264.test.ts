import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { H264Depacketizer, H264Packetizer, isH264KeyFrame } from '../../src/index.ts';
import { accessUnit, type NalUnitFormat, nalUnits } from './access-unit.ts';
import { describePayloadFormat } from './payload-format-laws.ts';
import { payloadsOf, receive, streamOf } from './payload-stream.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

const HEADERS = [0x67, 0x68, 0x06, 0x65, 0x41, 0x01].map((header) => [header]);

for (const format of ['annexb', 'length-prefixed'] as const) {
  for (const packetizationMode of [0, 1] as const) {
    describePayloadFormat({
      name: `H.264 in packetization mode ${packetizationMode}, ${format}`,
      leastPayloadBytes: packetizationMode === 0 ? 310 : 8,
      frames: nalUnits(HEADERS).map((units) => ({ data: accessUnit(units, format) })),
      packetizer: (maxPayloadBytes) =>
        new H264Packetizer({ maxPayloadBytes, packetizationMode, format }),
      depacketizer: (maxFrameBytes) =>
        new H264Depacketizer(maxFrameBytes === undefined ? { format } : { format, maxFrameBytes }),
      received: ({ data }) => data,
    });
  }
}

const SPS = hex('6742c00bd901419f9f0110000003001000000300a0f142a480');
const PPS = hex('68ce3c80');
const IDR = hex('658884 0102030405');
const SLICE = hex('419a0102');

function payloads(units: Uint8Array[], options = {}): string[] {
  const packetizer = new H264Packetizer(options);
  return payloadsOf(packetizer, { data: accessUnit(units) }).map((p) => formatHex(p.payload));
}

describe('H.264 payloads, byte by byte (RFC 6184)', () => {
  test('a single NAL unit is its own payload (§5.6)', () => {
    expect(payloads([SLICE])).toEqual(['419a0102']);
  });

  test('small NAL units share a STAP-A, with the highest NRI (§5.7.1, figure 7)', () => {
    expect(payloads([hex('0109'), PPS, SLICE])).toEqual(['7800020109000468ce3c800004419a0102']);
  });

  test('a large NAL unit becomes FU-As with S, neither, and E (§5.8, figures 14 and 15)', () => {
    expect(payloads([hex('650102030405060708090a0b0c0d0e0f')], { maxPayloadBytes: 8 })).toEqual([
      '7c850102030405',
      '7c05060708090a',
      '7c450b0c0d0e0f',
    ]);
  });

  test('a NAL unit too large for packetization mode 0 is refused (§6.2)', () => {
    const packetizer = new H264Packetizer({ packetizationMode: 0, maxPayloadBytes: 8 });
    const data = accessUnit([SLICE, hex('650102030405060708')]);
    expect(() => packetizer.start({ data })).toThrow(/NAL unit of 9 bytes/);
    expect(packetizer.writePayload(new Uint8Array(8), 0)).toBe(0);
  });

  test.each([
    ['00000002', 'length-prefixed', /cut off at offset 0/],
    ['000000', 'length-prefixed', /cut off/],
    ['0102030405', 'annexb', /holds no NAL unit/],
    ['000001', 'annexb', /holds no NAL unit/],
  ])('refuses %s as %s', (data, format, message) => {
    const packetizer = new H264Packetizer({ format: format as NalUnitFormat });
    expect(() => packetizer.start({ data: hex(data) })).toThrow(message);
  });

  test('start codes of three and four bytes and zeros behind a NAL unit are all understood', () => {
    const packetizer = new H264Packetizer({ packetizationMode: 0 });
    const data = hex('00000001 0109 0000 00000001 68ce 000001 41 000001 65 0000');
    const sent = payloadsOf(packetizer, { data }).map((p) => formatHex(p.payload));
    expect(sent).toEqual(['0109', '68ce', '41', '65']);
  });
});

describe('H.264 parameter sets', () => {
  const parameterSets = [SPS, PPS];
  test('go before an IDR picture that has none, behind its delimiter', () => {
    const delimiter = hex('0910');
    const text = payloads([delimiter, IDR], { parameterSets, packetizationMode: 0 });
    expect(text).toEqual([delimiter, SPS, PPS, IDR].map(formatHex));
    expect(payloads([SPS, PPS, IDR], { parameterSets, packetizationMode: 0 })).toHaveLength(3);
    expect(payloads([SLICE], { parameterSets, packetizationMode: 0 })).toHaveLength(1);
  });

  test.each([1100, 8])(
    'are put in by the receiver where they came by SDP, %i-byte payloads',
    (n) => {
      const packetizer = new H264Packetizer({ maxPayloadBytes: n });
      const frames = [{ data: accessUnit([IDR]) }, { data: accessUnit([SLICE]) }];
      const received = receive(
        new H264Depacketizer({ parameterSets }),
        streamOf(packetizer, frames),
      );
      expect(received.map(({ data }) => data)).toEqual([
        accessUnit([SPS, PPS, IDR]),
        accessUnit([SLICE]),
      ]);
      expect(received.map(({ key }) => key)).toEqual([true, false]);
      expect(received.map(({ resolution }) => resolution)).toEqual([
        { width: 320, height: 180 },
        undefined,
      ]);
    },
  );
});

describe('H.264 key frames in payloads', () => {
  test.each([
    ['an SPS', '6742', true],
    ['the first slice of an IDR picture', '6588', true],
    ['a later slice of an IDR picture', '6540', false],
    ['a slice of another picture', '419a', false],
    ['a PPS', '68ce', false],
    ['a STAP-A with an SPS', '78 0004 68ce3c80 0002 6742', true],
    ['a STAP-A without', '78 0004 68ce3c80 0002 419a', false],
    ['the first FU-A of an IDR slice', '7c85 88', true],
    ['another FU-A of it', '7c05 88', false],
    ['the first FU-A of another slice', '5c81 9a', false],
    ['the first FU-B of an IDR slice', '7d85 0001 88', true],
    ['a STAP-B with an IDR slice', '79 0001 0002 6588', true],
    ['an MTAP16 with an IDR slice', '7a 0001 0002 00 0000 6588', true],
    ['an MTAP24 with another slice', '7b 0001 0002 00 000000 419a', false],
    ['nothing', '', false],
    ['one byte', '65', false],
  ])('%s: %s', (_, payload, expected) => {
    expect(isH264KeyFrame(hex(payload))).toBe(expected);
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof isH264KeyFrame(bytes) === 'boolean'));
  });
});

describe('H.264 payloads that are damaged', () => {
  test.each([
    ['a STAP-A that counts beyond its end', ['78 0004 68ce']],
    ['a STAP-A with an empty NAL unit', ['78 0002 68ce 0000']],
    ['an empty STAP-A', ['78']],
    ['a STAP-A with a STAP-A inside', ['78 0002 7800']],
    ['an FU-A of an FU-A', ['7c9c 8801']],
    ['an FU-A without a byte of the NAL unit', ['7c85']],
    ['FU-As of different types', ['7c85 8801', '7c41 02']],
    ['a NAL unit that begins before the last has ended', ['7c85 8801', '419a']],
    ['a NAL unit that never ends', ['7c85 8801']],
    ['a packet of the interleaved mode', ['79 0001 0002 6588']],
  ])('%s spoils its frame only', (_, texts) => {
    const depacketizer = new H264Depacketizer();
    for (const [i, text] of texts.entries()) {
      depacketizer.handlePayload(hex(text), 1, i === texts.length - 1);
    }
    expect(depacketizer.pollFrame()).toBeUndefined();
    depacketizer.handlePayload(hex('419a'), 2, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('00000001419a');
    expect(depacketizer.counters).toEqual({
      framesAssembled: 1,
      framesDropped: 1,
      framesTooLarge: 0,
      payloadsMalformed: 1,
    });
  });

  test('an FU-A with S and E, as cameras send it, is the whole NAL unit', () => {
    for (const format of ['annexb', 'length-prefixed'] as const) {
      const depacketizer = new H264Depacketizer({ format });
      depacketizer.handlePayload(hex('7cc5 8801'), 1, false);
      depacketizer.handlePayload(hex('7c85 40'), 1, false);
      depacketizer.handlePayload(hex('7c45 41'), 1, true);
      const [first, second] =
        format === 'annexb' ? ['00000001', '00000001'] : ['00000003', '00000003'];
      expect(formatHex(depacketizer.pollFrame()!.data)).toBe(`${first}658801${second}654041`);
      expect(depacketizer.counters.payloadsMalformed).toBe(0);
    }
  });

  test('undefined types are passed over (RFC 6184 §5.2)', () => {
    const depacketizer = new H264Depacketizer();
    depacketizer.handlePayload(hex('658801'), 1, false);
    depacketizer.handlePayload(hex('1e8801'), 1, false);
    depacketizer.handlePayload(hex('6540'), 1, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('00000001658801000000016540');
    expect(depacketizer.counters.payloadsMalformed).toBe(1);
  });

  test('after a loss, a slice that is not the first tells that its picture is spoilt', () => {
    const depacketizer = new H264Depacketizer();
    depacketizer.handlePayload(hex('6540'), 1, true, 3);
    expect(depacketizer.pollFrame()).toBeUndefined();
    depacketizer.handlePayload(hex('658801'), 2, true, 3);
    expect(depacketizer.pollFrame()?.startUncertain).toBe(true);
    depacketizer.handlePayload(hex('0910'), 3, false, 3);
    depacketizer.handlePayload(hex('658801'), 3, true);
    expect(depacketizer.pollFrame()?.startUncertain).toBe(false);
  });

  test('after a loss, a frame that opens with an SPS is whole, and a slice if parameter sets are known', () => {
    const depacketizer = new H264Depacketizer();
    for (const unit of [SPS, PPS]) depacketizer.handlePayload(unit, 1, false, unit === SPS ? 3 : 0);
    depacketizer.handlePayload(IDR, 1, true);
    expect(depacketizer.pollFrame()?.startUncertain).toBe(false);
    depacketizer.handlePayload(PPS, 2, false, 3);
    depacketizer.handlePayload(IDR, 2, true);
    expect(depacketizer.pollFrame()?.startUncertain).toBe(true);
    const informed = new H264Depacketizer({ parameterSets: [SPS, PPS] });
    informed.handlePayload(IDR, 1, true, 3);
    expect(informed.pollFrame()?.startUncertain).toBe(false);
  });

  test('padding between packets does not hide a loss', () => {
    const depacketizer = new H264Depacketizer();
    depacketizer.handlePayload(hex('658801'), 1, false);
    depacketizer.handlePayload(new Uint8Array(0), 1, false, 1);
    depacketizer.handlePayload(hex('6540'), 1, true);
    expect(depacketizer.pollFrame()).toBeUndefined();
  });
});
