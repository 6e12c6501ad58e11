// Senders and receivers of each payload format, with frames made up of random bytes that its parsers take for real.
import type { SeededRandom } from '@kaon/simnet';
import { concatBytes } from '@kaon/wire';
import {
  type AssembledFrame,
  Av1Depacketizer,
  Av1Packetizer,
  type Depacketizer,
  type FrameContinuity,
  H264Depacketizer,
  H264Packetizer,
  H265Depacketizer,
  H265Packetizer,
  isAv1KeyFrame,
  isH264KeyFrame,
  isH265KeyFrame,
  isVp8KeyFrame,
  isVp9KeyFrame,
  OpusDepacketizer,
  OpusPacketizer,
  type Packetizer,
  Vp8Continuity,
  Vp8Depacketizer,
  Vp8Packetizer,
  Vp9Continuity,
  Vp9Depacketizer,
  Vp9Packetizer,
} from '../../src/index.ts';
import { accessUnit } from '../codecs/access-unit.ts';

export interface MediaFormat {
  readonly name: string;
  readonly kind: 'audio' | 'video';
  readonly clockRate: number;
  readonly ticksPerFrame: number;
  packetizer(random: SeededRandom): Packetizer<{ data: Uint8Array }>;
  depacketizer(): Depacketizer<AssembledFrame>;
  isKeyFrame(payload: Uint8Array): boolean;
  /** Where its numbers tell whether a frame is missing. */
  readonly continuity?: () => FrameContinuity<AssembledFrame>;
  /** A frame, as it is sent and as it comes out. */
  frame(random: SeededRandom, key: boolean): Uint8Array;
}

function randomBytes(random: SeededRandom, length: number): Uint8Array {
  return random.fill(new Uint8Array(length));
}

/** A header and random bytes; key frames are larger. */
function body(random: SeededRandom, key: boolean, header: readonly number[]): Uint8Array {
  const length = key ? 1000 + random.below(4000) : 1 + random.below(1800);
  return Uint8Array.of(...header, ...randomBytes(random, length));
}

/** A NAL unit without start code inside or zero at its end, of which the first bit says "first slice". */
function nalUnit(random: SeededRandom, header: readonly number[], length: number): Uint8Array {
  const rest = randomBytes(random, length).map((byte, i) => byte | (i === 0 ? 0x84 : 0x04));
  return Uint8Array.of(...header, ...rest);
}

/** A picture of one to three slices, of which only the first says so. */
function slices(random: SeededRandom, header: readonly number[], key: boolean): Uint8Array[] {
  return Array.from({ length: 1 + random.below(3) }, (_, i) => {
    const slice = nalUnit(random, header, 1 + random.below(key ? 2000 : 900));
    if (i > 0) slice[header.length] = (slice[header.length] as number) & 0x7f;
    return slice;
  });
}

/** An OBU with a size field of two bytes. */
function obu(type: number, payload: Uint8Array): Uint8Array {
  const length = payload.length;
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
  return Uint8Array.of((type << 3) | 2, ...size, ...payload);
}

const VIDEO = { kind: 'video', clockRate: 90_000, ticksPerFrame: 3000 } as const;
const maxPayloadBytes = (random: SeededRandom): number => 200 + random.below(900);

// Profile 0, key frame, 320 by 180.
const VP9_KEY = [0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x30, 0x00];
// Written by libaom for a picture of 320 by 180.
const AV1_SEQUENCE_HEADER = Uint8Array.of(0, 0, 0, 4, 0x3c, 0xfe, 0xcc, 0xda, 0xf9, 0, 0x40);

export const MEDIA_FORMATS: readonly MediaFormat[] = [
  {
    name: 'VP8',
    ...VIDEO,
    packetizer: (random) => new Vp8Packetizer({ maxPayloadBytes: maxPayloadBytes(random) }),
    depacketizer: () => new Vp8Depacketizer(),
    isKeyFrame: isVp8KeyFrame,
    continuity: () => new Vp8Continuity() as FrameContinuity<AssembledFrame>,
    frame: (random, key) =>
      key
        ? body(random, true, [0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01])
        : body(random, false, [0x11]),
  },
  {
    name: 'VP9',
    ...VIDEO,
    packetizer: (random) => new Vp9Packetizer({ maxPayloadBytes: maxPayloadBytes(random) }),
    depacketizer: () => new Vp9Depacketizer(),
    isKeyFrame: isVp9KeyFrame,
    continuity: () => new Vp9Continuity() as FrameContinuity<AssembledFrame>,
    frame: (random, key) => body(random, key, key ? VP9_KEY : [0x86, 0x00]),
  },
  {
    name: 'H.264',
    ...VIDEO,
    packetizer: (random) => new H264Packetizer({ maxPayloadBytes: maxPayloadBytes(random) }),
    depacketizer: () => new H264Depacketizer(),
    isKeyFrame: isH264KeyFrame,
    frame: (random, key) =>
      accessUnit([
        ...(key ? [nalUnit(random, [0x67], 20), nalUnit(random, [0x68], 5)] : []),
        ...slices(random, [key ? 0x65 : 0x41], key),
      ]),
  },
  {
    name: 'H.265',
    ...VIDEO,
    packetizer: (random) => new H265Packetizer({ maxPayloadBytes: maxPayloadBytes(random) }),
    depacketizer: () => new H265Depacketizer(),
    isKeyFrame: isH265KeyFrame,
    frame: (random, key) =>
      accessUnit([
        ...(key ? [0x40, 0x42, 0x44].map((type) => nalUnit(random, [type, 1], 20)) : []),
        ...slices(random, [key ? 0x26 : 0x02, 1], key),
      ]),
  },
  {
    name: 'AV1',
    ...VIDEO,
    packetizer: (random) => new Av1Packetizer({ maxPayloadBytes: maxPayloadBytes(random) }),
    depacketizer: () => new Av1Depacketizer(),
    isKeyFrame: isAv1KeyFrame,
    frame: (random, key) =>
      key
        ? concatBytes(obu(1, AV1_SEQUENCE_HEADER), obu(6, body(random, true, [0x10])))
        : obu(6, body(random, false, [0x30])),
  },
  {
    name: 'Opus',
    kind: 'audio',
    clockRate: 48_000,
    ticksPerFrame: 960,
    packetizer: () => new OpusPacketizer(),
    depacketizer: () => new OpusDepacketizer(),
    isKeyFrame: () => true,
    // One CELT frame of 20 ms.
    frame: (random) => Uint8Array.of(0x98, ...randomBytes(random, 10 + random.below(150))),
  },
];
