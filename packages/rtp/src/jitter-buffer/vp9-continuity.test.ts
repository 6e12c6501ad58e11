import { describe, expect, test } from 'vitest';
import { Vp9Depacketizer, type Vp9Frame } from '../codecs/vp9/depacketizer.ts';
import {
  type Vp9OutgoingFrame,
  Vp9Packetizer,
  type Vp9PacketizerOptions,
} from '../codecs/vp9/packetizer.ts';
import { Vp9Continuity } from './vp9-continuity.ts';

// Profile 0, key frame, shown; 320 by 180.
const KEY = Uint8Array.of(0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x30, 0x00);
const DELTA = Uint8Array.of(0x86, 0x00);

/** Layer frames as they come out of a depacketizer; `pictureOf` gives the number of each one's picture. */
function received(
  outgoing: readonly Vp9OutgoingFrame[],
  options: Vp9PacketizerOptions = {},
  pictureOf = (n: number): number => n,
): Vp9Frame[] {
  const packetizer = new Vp9Packetizer({
    layers: true,
    firstPictureId: 0x7ffd,
    firstTl0PicIdx: 253,
    ...options,
  });
  const depacketizer = new Vp9Depacketizer();
  const out = new Uint8Array(1200);
  return outgoing.map((frame, n) => {
    packetizer.start(frame);
    const payload = out.slice(0, packetizer.writePayload(out, 0));
    depacketizer.handlePayload(payload, pictureOf(n) * 3000, packetizer.marker);
    return depacketizer.pollFrame() as Vp9Frame;
  });
}

/** Numbers of the frames that are usable if those in `lost` never come. */
function usable(
  frames: readonly Vp9Frame[],
  lost: readonly number[],
  continuity = new Vp9Continuity(),
): number[] {
  const numbers: number[] = [];
  let afterLoss = false;
  for (const [n, frame] of frames.entries()) {
    if (lost.includes(n)) {
      afterLoss = true;
      continue;
    }
    if (continuity.isUsable(frame, afterLoss)) numbers.push(n);
    afterLoss = false;
  }
  return numbers;
}

const all = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('one layer', () => {
  const frames = all(20).map((n) => ({ data: n === 0 || n === 15 ? KEY : DELTA }));

  test.each([
    ['with TL0PICIDX', {}],
    ['with picture IDs alone', { layers: false }],
    ['with picture IDs of 7 bits', { layers: false, pictureIdBits: 7, firstPictureId: 125 }],
    ['with nothing', { layers: false, pictureIdBits: 0 }],
    ['in flexible mode', { flexibleMode: true }],
  ] as [string, Vp9PacketizerOptions][])(
    '%s, after a loss only a key frame helps',
    (_name, options) => {
      const continuity = new Vp9Continuity();
      expect(continuity.needsKeyFrame).toBe(true);
      expect(usable(received(frames, options), [5], continuity)).toEqual(
        all(20).filter((n) => n < 5 || n >= 15),
      );
      expect(continuity.needsKeyFrame).toBe(false);
      expect(usable(received(frames, options), [0])).toEqual(all(20).filter((n) => n >= 15));
      expect(usable(received(frames, options), [])).toEqual(all(20));
    },
  );

  test('a lost packet that had no frame in it costs nothing', () => {
    const continuity = new Vp9Continuity();
    for (const options of [{}, { layers: false }, { flexibleMode: true }]) {
      for (const [n, frame] of received(frames, options).entries()) {
        expect(continuity.isUsable(frame, n % 3 === 1)).toBe(true);
      }
    }
  });
});

describe('temporal layers', () => {
  // 0 2 1 2 and so on, with U in each fourth frame of the base layer.
  const frames = all(40).map((n): Vp9OutgoingFrame => {
    const temporalId = [0, 2, 1, 2][n % 4] as number;
    const data = n === 0 ? KEY : DELTA;
    const referenceDiffs = [[4], [1], [2], [1]][n % 4] as number[];
    return { data, temporalId, switchingUpPoint: n % 16 === 0, referenceDiffs };
  });

  test('a loss in a higher one costs only the higher ones, until U (§4.2)', () => {
    const continuity = new Vp9Continuity();
    expect(usable(received(frames), [9], continuity)).toEqual(
      all(40).filter((n) => n < 9 || n % 4 === 0 || n >= 16),
    );
    expect(continuity.needsKeyFrame).toBe(false);
  });

  test('a loss in the base layer needs a key frame', () => {
    const continuity = new Vp9Continuity();
    expect(usable(received(frames), [8], continuity)).toEqual(all(40).filter((n) => n < 8));
    expect(continuity.needsKeyFrame).toBe(true);
  });

  test('in flexible mode it costs exactly what refers to it', () => {
    const continuity = new Vp9Continuity();
    const flexible = received(frames, { flexibleMode: true });
    // 10 is referred to by 11 alone, and 9 by nobody.
    expect(usable(flexible, [9, 10], continuity)).toEqual(
      all(40).filter((n) => ![9, 10, 11].includes(n)),
    );
    expect(continuity.needsKeyFrame).toBe(false);
    expect(usable(flexible, [8])).toEqual(all(40).filter((n) => n < 8));
  });

  test('in flexible mode a picture of long ago is not taken for one with the same low bits', () => {
    const far = all(300).map((n): Vp9OutgoingFrame => {
      return { data: n === 0 ? KEY : DELTA, referenceDiffs: [1] };
    });
    const lost = all(300).filter((n) => n >= 20 && n < 20 + 128);
    expect(usable(received(far, { flexibleMode: true }), lost)).toEqual(all(20));
  });
});

describe('spatial layers', () => {
  // Two in each picture; the higher one needs the lower one with key pictures only (K-SVC), or always.
  const frames = (isKSvc: boolean): Vp9OutgoingFrame[] =>
    all(24).map((n) => ({
      data: n === 0 ? KEY : DELTA,
      spatialId: n % 2,
      endOfPicture: n % 2 === 1,
      interLayerPredicted: n % 2 === 1 && (!isKSvc || n === 1),
    }));
  const pictureOf = (n: number): number => n >> 1;

  test('a loss in the higher one leaves the lower one, and needs a key frame', () => {
    const continuity = new Vp9Continuity();
    expect(usable(received(frames(false), {}, pictureOf), [7], continuity)).toEqual(
      all(24).filter((n) => n < 7 || n % 2 === 0),
    );
    expect(continuity.needsKeyFrame).toBe(true);
  });

  test('a loss in the lower one spoils the higher one if that builds upon it', () => {
    expect(usable(received(frames(false), {}, pictureOf), [6])).toEqual(
      all(24).filter((n) => n < 6),
    );
    expect(usable(received(frames(true), {}, pictureOf), [6])).toEqual(
      all(24).filter((n) => n < 6 || n % 2 === 1),
    );
  });
});
