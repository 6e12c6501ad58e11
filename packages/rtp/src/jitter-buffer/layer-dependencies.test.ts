// Encoders that choose references freely, as far as the words of the payload formats let them: whatever is lost, no
// frame is judged usable of which a reference is not there.
import { SeededRandom } from '@kaon/simnet';
import { expect, test } from 'vitest';
import type { Vp8Frame } from '../codecs/vp8/depacketizer.ts';
import type { Vp9Frame } from '../codecs/vp9/depacketizer.ts';
import { Vp8Continuity } from './vp8-continuity.ts';
import { Vp9Continuity } from './vp9-continuity.ts';

const SEEDS = 80;
const PICTURES = 120;
const PATTERNS = [[0], [0, 1], [0, 2, 1, 2], [0, 3, 2, 3, 1, 3, 2, 3]] as const;
const LOSSES = [0.02, 0.1, 0.3] as const;

/** A frame, and the numbers of those that it refers to. */
interface Encoded {
  readonly n: number;
  readonly picture: number;
  readonly spatialId: number;
  readonly temporalId: number;
  readonly key: boolean;
  readonly tl0PicIdx: number;
  readonly references: readonly number[];
  readonly interLayerPredicted: boolean;
  /** Number of the last frame of the base layer, itself included. */
  readonly base: number;
  /** Y or U. */
  mayMoveUp: boolean;
}

interface Judged {
  /** Frames judged usable. */
  usable: number;
  /** Those that could be decoded with what was judged usable before. */
  decodable: number;
}

/** Loses some frames, shows the others to `isUsable`, and checks what it says. */
function judge(
  frames: readonly Encoded[],
  random: SeededRandom,
  isUsable: (frame: Encoded, afterLoss: boolean) => boolean,
): Judged {
  const loss = 1000 * (LOSSES[random.below(LOSSES.length)] as number);
  const there = new Set<number>();
  const judged = { usable: 0, decodable: 0 };
  let afterLoss = false;
  for (const frame of frames) {
    if (frame.picture > 0 && random.below(1000) < loss) {
      afterLoss = true;
      continue;
    }
    const isDecodable = frame.references.every((each) => there.has(each));
    if (isDecodable) judged.decodable++;
    if (isUsable(frame, afterLoss)) {
      expect(isDecodable).toBe(true);
      there.add(frame.n);
      judged.usable++;
    }
    afterLoss = false;
  }
  return judged;
}

function pick<T>(random: SeededRandom, values: readonly T[]): T {
  return values[random.below(values.length)] as T;
}

/** VP8: three buffers, of which the first holds the last frame of the base layer (RFC 7741 §4.2). */
function vp8Frames(random: SeededRandom): Encoded[] {
  const pattern = pick(random, PATTERNS);
  const isRegular = random.below(2) === 0;
  const frames: Encoded[] = [];
  let buffers = [0, 0, 0];
  let tl0PicIdx = random.below(256);
  let base = 0;
  for (let n = 0; n < PICTURES; n++) {
    const key = n === 0 || random.below(50) === 0;
    const layer = isRegular ? (pattern[n % pattern.length] as number) : pick(random, pattern);
    const temporalId = key ? 0 : layer;
    const known = buffers.filter((each) => (frames[each]?.temporalId ?? 0) <= temporalId);
    const chosen = known.filter(() => random.below(2) === 0);
    const references = key ? [] : chosen.length > 0 ? chosen : [base];
    if (temporalId === 0) {
      tl0PicIdx = (tl0PicIdx + 1) & 0xff;
      base = n;
    }
    const rest = { spatialId: 0, interLayerPredicted: false, mayMoveUp: false };
    frames.push({ n, picture: n, temporalId, key, tl0PicIdx, references, base, ...rest });
    if (key) buffers = [n, n, n];
    else if (temporalId === 0) buffers[0] = n;
    else if (random.below(2) === 0) buffers[1 + random.below(2)] = n;
  }
  for (const frame of frames) {
    const needsBaseOnly = frame.references.every((each) => each === frame.base);
    // "... if any frame following the current frame depends on a non-base-layer frame older than the base-layer frame ..."
    const reachesBack = frames
      .slice(frame.n + 1)
      .flatMap(({ references }) => references)
      .some((each) => each < frame.base && (frames[each]?.temporalId ?? 0) > 0);
    frame.mayMoveUp = frame.temporalId > 0 && needsBaseOnly && !reachesBack && random.below(4) > 0;
  }
  return frames;
}

test('VP8: with TL0PICIDX, TID and Y', () => {
  const all = { usable: 0, decodable: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = new SeededRandom(seed);
    const frames = vp8Frames(random);
    const continuity = new Vp8Continuity();
    const firstPictureId = random.below(0x8000);
    const { usable, decodable } = judge(frames, random, (frame, afterLoss) => {
      const { key, n, temporalId, tl0PicIdx, mayMoveUp } = frame;
      const pictureId = (firstPictureId + n) & 0x7fff;
      const descriptor = { pictureId, tl0PicIdx, temporalId, layerSync: mayMoveUp };
      return continuity.isUsable({ key, descriptor } as Vp8Frame, afterLoss);
    });
    all.usable += usable;
    all.decodable += decodable;
  }
  // Of most of those that can be decoded it can be known.
  expect(all.usable).toBeGreaterThan(0.7 * all.decodable);
});

/** VP9, non-flexible: of each layer the last frame of the base layer, and the last of any up to its own (RFC 9628 §4.2). */
function vp9Frames(random: SeededRandom): Encoded[] {
  const pattern = pick(random, PATTERNS.slice(0, 3));
  const spatialLayers = 1 + random.below(3);
  const frames: Encoded[] = [];
  let tl0PicIdx = random.below(256);
  // By spatial layer and temporal layer: the last frame up to it.
  const last = Array.from({ length: spatialLayers }, () => [0, 0, 0]);
  for (let picture = 0; picture < PICTURES; picture++) {
    const isKey = picture === 0 || random.below(60) === 0;
    const temporalId = isKey ? 0 : (pattern[picture % pattern.length] as number);
    if (temporalId === 0) tl0PicIdx = (tl0PicIdx + 1) & 0xff;
    for (let spatialId = 0; spatialId < spatialLayers; spatialId++) {
      const n = frames.length;
      const own = last[spatialId] as number[];
      const isPredicted = !isKey && (spatialId === 0 || random.below(5) > 0);
      const interLayerPredicted = spatialId > 0 && (!isPredicted || random.below(2) === 0);
      const earlier =
        temporalId > 0 && random.below(2) === 0
          ? [own[temporalId] as number]
          : [own[0] as number, own[temporalId] as number];
      const references = [...(isPredicted ? earlier : []), ...(interLayerPredicted ? [n - 1] : [])];
      const key = isKey && spatialId === 0;
      const rest = { base: own[0] as number, mayMoveUp: false };
      frames.push({
        n,
        picture,
        spatialId,
        temporalId,
        key,
        tl0PicIdx,
        references,
        interLayerPredicted,
        ...rest,
      });
    }
    for (const [spatialId, own] of last.entries()) {
      for (let t = temporalId; t < own.length; t++) {
        own[t] = frames.length - spatialLayers + spatialId;
      }
    }
  }
  for (const frame of frames) {
    // "... subsequent higher temporal layer pictures will not depend on any picture before the current picture with TID higher ..."
    const reachesBack = frames
      .slice(frame.n + 1)
      .filter((each) => each.spatialId === frame.spatialId && each.temporalId > frame.temporalId)
      .flatMap(({ references }) => references)
      .some((each) => each < frame.n && (frames[each]?.temporalId ?? 0) > frame.temporalId);
    frame.mayMoveUp = !reachesBack && random.below(3) > 0;
  }
  return frames;
}

test('VP9 in non-flexible mode: with TL0PICIDX, TID, SID, U and D', () => {
  const all = { usable: 0, decodable: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = new SeededRandom(seed);
    const frames = vp9Frames(random);
    const continuity = new Vp9Continuity();
    const firstPictureId = random.below(0x8000);
    const { usable, decodable } = judge(frames, random, (frame, afterLoss) => {
      const { interLayerPredicted, key, picture, references, spatialId, temporalId } = frame;
      const descriptor = {
        pictureId: (firstPictureId + picture) & 0x7fff,
        flexibleMode: false,
        tl0PicIdx: frame.tl0PicIdx,
        spatialId,
        temporalId,
        interPicturePredicted: references.length > (interLayerPredicted ? 1 : 0),
        interLayerPredicted,
        switchingUpPoint: frame.mayMoveUp,
        referenceDiffs: [] as number[],
      };
      return continuity.isUsable(
        { key, timestamp: 3000 * picture, descriptor } as unknown as Vp9Frame,
        afterLoss,
      );
    });
    all.usable += usable;
    all.decodable += decodable;
  }
  expect(all.usable).toBeGreaterThan(0.5 * all.decodable);
});
