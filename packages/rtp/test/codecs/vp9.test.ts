import { formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinVp9LayerFrames, Vp9Depacketizer, Vp9Packetizer } from '../../src/index.ts';
import { describePayloadFormat } from './payload-format-laws.ts';
import { receive, streamOf } from './payload-stream.ts';

const structure = {
  spatialLayerCount: 2,
  resolutions: [
    { width: 320, height: 180 },
    { width: 640, height: 360 },
  ],
  pictureGroup: [
    { temporalId: 0, switchingUpPoint: false, referenceDiffs: [1] },
    { temporalId: 1, switchingUpPoint: true, referenceDiffs: [1, 2, 3] },
  ],
};

// Profile 0, key frame, shown; 320 by 180.
const KEY = Uint8Array.of(0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x30, 0x00);
const DELTA = Uint8Array.of(0x86, 0x00);

const frames = fc.record({
  data: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 900, size: 'max' }),
    fc.uint8Array({ maxLength: 300, size: 'max' }).map((rest) => Uint8Array.of(...KEY, ...rest)),
  ),
  temporalId: fc.nat(7),
  spatialId: fc.nat(7),
  switchingUpPoint: fc.boolean(),
  interLayerPredicted: fc.boolean(),
  referenceDiffs: fc.array(fc.integer({ min: 1, max: 127 }), { minLength: 1, maxLength: 3 }),
});

for (const options of [
  {},
  { pictureIdBits: 0 as const },
  { pictureIdBits: 7 as const, layers: true },
  { flexibleMode: true, layers: true },
  { layers: true, scalabilityStructure: structure },
]) {
  describePayloadFormat({
    name: `VP9 with ${JSON.stringify(options)}`,
    leastPayloadBytes: 'scalabilityStructure' in options ? 30 : 10,
    frames,
    endsBy: 'payload',
    packetizer: (maxPayloadBytes) => new Vp9Packetizer({ ...options, maxPayloadBytes }),
    depacketizer: (maxFrameBytes) =>
      new Vp9Depacketizer(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
    received: ({ data }) => data,
  });
}

test('layers, references and running numbers arrive as they were sent (RFC 9628 §4.2)', () => {
  const packetizer = new Vp9Packetizer({
    layers: true,
    firstPictureId: 0x7fff,
    firstTl0PicIdx: 255,
    scalabilityStructure: structure,
  });
  const layerFrames = [
    { data: KEY, endOfPicture: false },
    { data: DELTA, spatialId: 1, interLayerPredicted: true, notReferenceForUpperLayers: true },
    { data: DELTA, temporalId: 1, switchingUpPoint: true, endOfPicture: false },
    { data: DELTA, temporalId: 1, spatialId: 1, interLayerPredicted: true },
    { data: DELTA },
  ];
  // One timestamp for the layer frames of one picture.
  const timestamps = [0, 0, 1, 1, 2];
  const payloads = streamOf(packetizer, layerFrames).map((each) => ({
    ...each,
    timestamp: timestamps[each.frameIndex] as number,
  }));
  const received = receive(new Vp9Depacketizer(), payloads);
  expect(
    received.map(({ descriptor: d, key, endOfPicture, timestamp }) => [
      timestamp,
      key,
      endOfPicture,
      d.interPicturePredicted,
      d.pictureId,
      d.tl0PicIdx,
      d.temporalId,
      d.spatialId,
      d.interLayerPredicted,
      d.scalabilityStructure,
    ]),
  ).toEqual([
    [0, true, false, false, 0x7fff, 255, 0, 0, false, structure],
    [0, false, true, false, 0x7fff, 255, 0, 1, true, undefined],
    [1, false, false, true, 0, 255, 1, 0, false, undefined],
    [1, false, true, true, 0, 255, 1, 1, true, undefined],
    [2, false, true, true, 1, 0, 0, 0, false, undefined],
  ]);
  expect(received[0]?.resolution).toEqual({ width: 320, height: 180 });
  // A layer frame does not wait for the one below.
  const withoutBase = receive(new Vp9Depacketizer(), payloads, new Set([0]));
  expect(withoutBase.map(({ descriptor }) => descriptor.spatialId)).toEqual([1, 0, 1, 0]);
});

test('flexible mode tells references frame by frame and no TL0PICIDX', () => {
  const packetizer = new Vp9Packetizer({ layers: true, flexibleMode: true });
  const [key, delta] = receive(
    new Vp9Depacketizer(),
    streamOf(packetizer, [{ data: KEY }, { data: DELTA, referenceDiffs: [1, 127] }]),
  );
  expect(key?.descriptor.referenceDiffs).toEqual([]);
  expect(delta?.descriptor.referenceDiffs).toEqual([1, 127]);
  expect(delta?.descriptor.tl0PicIdx).toBeUndefined();
});

test('layer frames join into a superframe with its index (VP9 Annex B)', () => {
  const frame = Uint8Array.of(0x82, 1);
  expect(joinVp9LayerFrames([frame])).toBe(frame);
  expect(formatHex(joinVp9LayerFrames([frame, Uint8Array.of(0x86)]))).toBe('820186c10201c1');
  const large = joinVp9LayerFrames([new Uint8Array(300), frame]);
  expect(formatHex(large.subarray(302))).toBe('c92c010200c9');
  expect(() => joinVp9LayerFrames([])).toThrow(/expected 1 to 8/);
});

test.each([
  [{ flexibleMode: true, pictureIdBits: 0 as const }, /pictureIdBits is 0/],
  [{ maxPayloadBytes: 9 }, /maxPayloadBytes is 9/],
  [{ scalabilityStructure: { ...structure, spatialLayerCount: 3 } }, /resolutions has 2/],
])('options that contradict themselves are refused: %j', (options, message) => {
  expect(() => new Vp9Packetizer(options)).toThrow(message);
});
