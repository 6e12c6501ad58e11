import { concatBytes, formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Av1Depacketizer, Av1Packetizer, isAv1KeyFrame } from '../../src/index.ts';
import { describePayloadFormat } from './payload-format-laws.ts';
import { payloadsOf, receive, streamOf } from './payload-stream.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

const SEQUENCE_HEADER = 1;
const DELIMITER = Uint8Array.of(0x12, 0);
const FRAME = 6;

/** An OBU with size field, in the layer (`temporalId`, `spatialId`) if those are given. */
function obu(type: number, payload: Uint8Array, layer?: readonly [number, number]): Uint8Array {
  const header = [(type << 3) | (layer ? 4 : 0) | 2];
  if (layer) header.push((layer[0] << 5) | (layer[1] << 3));
  const size =
    payload.length < 128 ? [payload.length] : [(payload.length & 127) | 128, payload.length >> 7];
  return Uint8Array.of(...header, ...size, ...payload);
}

const units = fc
  .tuple(
    fc.array(
      fc.record({
        type: fc.constantFrom(1, 3, 4, 5, 6, 7, 15),
        payload: fc.uint8Array({ maxLength: 300, size: 'max' }),
        layer: fc.constantFrom(undefined, [0, 0], [0, 1], [2, 1]) as fc.Arbitrary<
          readonly [number, number] | undefined
        >,
      }),
      { minLength: 1, maxLength: 7, size: 'max' },
    ),
    fc.boolean(),
  )
  .map(([obus, delimited]) => {
    // A temporal unit does not open with a tile group.
    const list = obus.map(({ type, payload, layer }, i) =>
      obu(i === 0 && type === 4 ? FRAME : type, payload, layer),
    );
    return { data: concatBytes(...(delimited ? [DELIMITER] : []), ...list), delimited };
  });

describePayloadFormat({
  name: 'AV1',
  leastPayloadBytes: 8,
  frames: units,
  packetizer: (maxPayloadBytes) => new Av1Packetizer({ maxPayloadBytes }),
  depacketizer: (maxFrameBytes) =>
    new Av1Depacketizer(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
  received: ({ data, delimited }) => (delimited ? data.subarray(2) : data),
});

// Written by libaom for a picture of 320 by 180.
const SEQUENCE = hex('000000043cfeccdaf90040');
const KEY = hex('1000aabb');
const DELTA = hex('3000aabb');

function payloads(data: Uint8Array, maxPayloadBytes = 1100): string[] {
  const packetizer = new Av1Packetizer({ maxPayloadBytes });
  return payloadsOf(packetizer, { data }).map(({ payload }) => formatHex(payload));
}

describe('AV1 payloads, byte by byte (AV1 RTP §4.4, §4.5)', () => {
  test('the last of up to three elements has no length, and no OBU a size field', () => {
    expect(payloads(obu(FRAME, hex('aabb')))).toEqual(['1030aabb']);
    const two = concatBytes(DELIMITER, obu(5, hex('01')), obu(FRAME, hex('aabb')));
    expect(payloads(two)).toEqual(['2002280130aabb']);
  });

  test('from four elements on, W is 0 and all have a length', () => {
    const four = concatBytes(...[1, 2, 3, 4].map((n) => obu(5, Uint8Array.of(n))));
    expect(payloads(four)).toEqual(['00022801022802022803022804']);
  });

  test('fragments are told by Z and Y', () => {
    const data = obu(FRAME, hex('0102030405060708090a0b0c0d0e0f10'));
    expect(payloads(data, 8)).toEqual(['5030010203040506', 'd00708090a0b0c0d', '900e0f10']);
  });

  test('OBUs of different layers do not share a packet (§5, the third example)', () => {
    const layers = concatBytes(
      obu(5, hex('00')),
      obu(5, hex('00'), [0, 0]),
      obu(FRAME, hex('aa'), [0, 0]),
      obu(5, hex('01'), [0, 1]),
      obu(FRAME, hex('bb'), [0, 1]),
    );
    expect(payloads(layers)).toEqual(['30022800032c00003400aa', '20032c08013408bb']);
  });

  test('tile lists are left out, and an OBU without size field reaches to the end', () => {
    expect(payloads(concatBytes(obu(8, hex('00')), hex('30aabb')))).toEqual(['1030aabb']);
  });

  test.each([
    ['an OBU that is cut off', '3205aabb', /offset 0 that is cut off/],
    ['a size without end', '32ff', /offset 0 that is cut off/],
    ['a header that is cut off', '34', /offset 0 that is cut off/],
    ['nothing but a delimiter', '1200', /no OBU to send/],
  ])('%s is refused', (_, data, message) => {
    const packetizer = new Av1Packetizer();
    expect(() => packetizer.start({ data: hex(data) })).toThrow(message);
    expect(packetizer.writePayload(new Uint8Array(9), 0)).toBe(0);
  });
});

describe('AV1 metadata', () => {
  test('a coded video sequence begins where a sequence header stands before a key frame', () => {
    const sent = streamOf(new Av1Packetizer(), [
      { data: concatBytes(DELIMITER, obu(SEQUENCE_HEADER, SEQUENCE), obu(FRAME, KEY)) },
      { data: obu(FRAME, DELTA, [1, 0]) },
      { data: obu(FRAME, KEY) },
    ]);
    expect(sent.map(({ payload }) => isAv1KeyFrame(payload))).toEqual([true, false, false]);
    const received = receive(new Av1Depacketizer({ temporalDelimiters: true }), sent);
    expect(received[0]?.data).toEqual(
      concatBytes(DELIMITER, obu(SEQUENCE_HEADER, SEQUENCE), obu(FRAME, KEY)),
    );
    expect(
      received.map((f) => [f.key, f.startsCodedVideoSequence, f.temporalId, f.resolution]),
    ).toEqual([
      [true, true, 0, { width: 320, height: 180 }],
      [false, false, 1, undefined],
      [false, false, 0, undefined],
    ]);
  });

  test('layers that come as frames of their own share a timestamp and one marker', () => {
    const packetizer = new Av1Packetizer();
    const base = payloadsOf(packetizer, { data: obu(FRAME, DELTA, [0, 0]), moreToCome: true }, 9);
    const upper = payloadsOf(packetizer, { data: obu(FRAME, DELTA, [0, 1]) }, 9);
    expect([...base, ...upper].map(({ marker }) => marker)).toEqual([false, true]);
    const [frame] = receive(new Av1Depacketizer(), [...base, ...upper]);
    expect(frame?.data).toEqual(concatBytes(obu(FRAME, DELTA, [0, 0]), obu(FRAME, DELTA, [0, 1])));
    expect(frame?.spatialId).toBe(1);
  });
});

describe('AV1 payloads that are damaged or unusual', () => {
  test.each([
    ['an aggregation header alone', ['10']],
    ['an element of no bytes', ['00 00 02 30aa']],
    ['a length beyond the payload', ['00 05 30aa']],
    ['a length without end', ['00 ffffffffffffffffffff']],
    ['fewer elements than W counts', ['30 02 30aa']],
    ['an OBU with the forbidden bit', ['10 b0aa']],
    ['an OBU whose header is cut off', ['10 34']],
    ['a size field that contradicts the element', ['10 3205aa']],
    ['a fragment that is not continued', ['50 30aa', '10 30bb']],
    ['a fragment without end', ['50 30aa']],
  ])('%s spoils its temporal unit only', (_, texts) => {
    const depacketizer = new Av1Depacketizer();
    for (const [i, text] of texts.entries()) {
      depacketizer.handlePayload(hex(text), 1, i === texts.length - 1);
    }
    expect(depacketizer.pollFrame()).toBeUndefined();
    depacketizer.handlePayload(hex('10 30aa'), 2, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('3201aa');
    expect(depacketizer.counters).toEqual({
      framesAssembled: 1,
      framesDropped: 1,
      framesTooLarge: 0,
      payloadsMalformed: 1,
    });
  });

  test('delimiters and tile lists are ignored, and size fields that are there are kept', () => {
    const depacketizer = new Av1Depacketizer();
    depacketizer.handlePayload(hex('00 01 10 02 40aa 03 3201aa'), 1, true);
    expect(formatHex(depacketizer.pollFrame()!.data)).toBe('3201aa');
    depacketizer.handlePayload(hex('10 10'), 2, true);
    expect(depacketizer.pollFrame()).toBeUndefined();
  });

  test('a continuation whose start never came spoils the unit', () => {
    const depacketizer = new Av1Depacketizer();
    depacketizer.handlePayload(hex('90 aa'), 1, true, 1);
    expect(depacketizer.pollFrame()).toBeUndefined();
    expect(depacketizer.counters.framesDropped).toBe(1);
  });
});
