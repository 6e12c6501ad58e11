import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Vp8Depacketizer, Vp8Packetizer } from '../../src/index.ts';
import { describePayloadFormat } from './payload-format-laws.ts';
import { payloadsOf, receive, streamOf } from './payload-stream.ts';

const frames = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 900, size: 'max' }),
  nonReference: fc.boolean(),
  temporalId: fc.nat(3),
  layerSync: fc.boolean(),
});

for (const options of [
  {},
  { pictureIdBits: 0 as const },
  { pictureIdBits: 7 as const, temporalLayers: true, firstKeyIndex: 31 },
  { temporalLayers: true, firstPictureId: 0x7ffe, firstTl0PicIdx: 255 },
]) {
  describePayloadFormat({
    name: `VP8 with ${JSON.stringify(options)}`,
    leastPayloadBytes: 8,
    frames,
    packetizer: (maxPayloadBytes) => new Vp8Packetizer({ ...options, maxPayloadBytes }),
    depacketizer: (maxFrameBytes) =>
      new Vp8Depacketizer(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
    received: ({ data }) => data,
  });
}

test('layers and running numbers arrive as they were sent (RFC 7741 §4.2)', () => {
  const packetizer = new Vp8Packetizer({
    temporalLayers: true,
    firstPictureId: 0x7fff,
    firstTl0PicIdx: 255,
    firstKeyIndex: 31,
  });
  const key = Uint8Array.of(0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x41);
  const delta = Uint8Array.of(0x11, 1);
  const received = receive(
    new Vp8Depacketizer(),
    streamOf(packetizer, [
      { data: key },
      { data: delta, temporalId: 2, nonReference: true, layerSync: true },
      { data: delta, temporalId: 1 },
      { data: key },
    ]),
  );
  expect(
    received.map(({ descriptor: d, key: isKey, resolution }) => [
      isKey,
      d.pictureId,
      d.tl0PicIdx,
      d.temporalId,
      d.keyIndex,
      d.layerSync,
      d.nonReference,
      resolution,
    ]),
  ).toEqual([
    [true, 0x7fff, 255, 0, 31, false, false, { width: 640, height: 480 }],
    [false, 0, 255, 2, 31, true, true, undefined],
    [false, 1, 255, 1, 31, false, false, undefined],
    [true, 2, 0, 0, 0, false, false, { width: 640, height: 480 }],
  ]);
});

test('payloads of one frame are of nearly equal size', () => {
  const packetizer = new Vp8Packetizer({ maxPayloadBytes: 1000 });
  const sizes = payloadsOf(packetizer, { data: new Uint8Array(2001) }).map((p) => p.payload.length);
  expect(sizes).toEqual([671, 671, 671]);
});

test.each([
  [{ data: new Uint8Array(0) }, RangeError, /frame.data has no bytes/],
  [{ data: 'x' as unknown as Uint8Array }, TypeError, /frame.data is string/],
  [{ data: new Uint8Array(1), temporalId: 4 }, RangeError, /frame.temporalId is 4/],
])('a frame that cannot be sent is refused at once: %j', (frame, kind, message) => {
  const start = (): void => new Vp8Packetizer().start(frame);
  expect(start).toThrow(kind);
  expect(start).toThrow(message);
});

test('memory too small for a payload is refused', () => {
  const packetizer = new Vp8Packetizer();
  packetizer.start({ data: new Uint8Array(100) });
  expect(() => packetizer.writePayload(new Uint8Array(50), 12)).toThrow(/out has 38 bytes/);
});
