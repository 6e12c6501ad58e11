// Video layers allocation, version 0: which layers a sender produces, at what rates and sizes (https://webrtc.googlesource.com/src/+/refs/heads/main/docs/native-code/rtp-hdrext/video-layers-allocation00).
//
//                           +-+-+-+-+-+-+-+-+
//                           |RID| NS| sl_bm |
//                           +-+-+-+-+-+-+-+-+
// Spatial layer bitmask     |sl0_bm |sl1_bm |
//   up to 2 bytes           |---------------|
//   when sl_bm == 0         |sl2_bm |sl3_bm |
//                           +-+-+-+-+-+-+-+-+
// Number of temporal layers |#tl|#tl|#tl|#tl|
// per spatial layer         |   |   |   |   |
//                           +-+-+-+-+-+-+-+-+
// Target bitrate in kbps    |               |
// per temporal layer        :      ...      :
// leb128 encoded            |               |
//                           +-+-+-+-+-+-+-+-+
// Resolution and framerate  |    width-1    |
// 5 bytes per spatial layer +---------------+
// (optional)                |   height-1    |
//                           +---------------+
//                           | max framerate |
//                           +-+-+-+-+-+-+-+-+
import { ByteReader, writeUint16 } from '@kaon/wire';

const MAX_STREAMS = 4;
const MAX_SPATIAL_LAYERS = 4;
const MAX_TEMPORAL_LAYERS = 4;
// A rate of five 7-bit groups is 35 bits; what no 32 bits hold is no rate in kbit/s.
const MAX_LEB128_BYTES = 5;

/** Size and rate of one spatial layer. */
export interface LayerResolution {
  /** 1 to 65536. */
  readonly width: number;
  /** 1 to 65536. */
  readonly height: number;
  /** Frames a second, 0 to 255. */
  readonly maxFramerate: number;
}

/** One active spatial layer. */
export interface AllocatedLayer {
  /** Which RTP stream carries it: 0 to 3. */
  readonly rtpStreamIndex: number;
  /** 0 to 3. */
  readonly spatialId: number;
  /** For each of one to four temporal layers, lowest first: the rate of it and all below it, in kbit/s. */
  readonly targetBitratesKbps: readonly number[];
  /** Present in all layers of an allocation or in none. */
  readonly resolution?: LayerResolution;
}

/** The layers that are sent now. */
export interface VideoLayersAllocation {
  /** RID: which of the streams carries this packet. */
  readonly rtpStreamIndex: number;
  /** NS + 1: how many streams there are, 1 to 4. */
  readonly rtpStreamCount: number;
  /** In order of stream, then of spatial layer; empty if nothing is sent. */
  readonly layers: readonly AllocatedLayer[];
}

/** The allocation; undefined if the element is malformed. */
export function decodeVideoLayersAllocation(
  bytes: Uint8Array,
  start: number,
  end: number,
): VideoLayersAllocation | undefined {
  const reader = new ByteReader(bytes, start, end);
  const first = reader.uint8();
  if (reader.failed) return undefined;
  if (first === 0 && reader.remaining === 0) {
    return { rtpStreamIndex: 0, rtpStreamCount: 1, layers: [] };
  }
  const rtpStreamIndex = first >> 6;
  const rtpStreamCount = ((first >> 4) & 3) + 1;
  if (rtpStreamIndex >= rtpStreamCount) return undefined;
  const positions = readPositions(reader, first & 0x0f, rtpStreamCount);
  if (positions.length === 0) return undefined;
  const temporalCounts: number[] = [];
  for (let i = 0, byte = 0; i < positions.length; i++) {
    if (i % 4 === 0) byte = reader.uint8();
    temporalCounts.push(((byte >> (6 - 2 * (i % 4))) & 3) + 1);
  }
  const bitrates = temporalCounts.map((count) =>
    Array.from({ length: count }, () => readLeb128(reader)),
  );
  const hasResolutions = !reader.failed && reader.remaining > 0;
  const layers = positions.map((position, i): AllocatedLayer => {
    const layer = { ...position, targetBitratesKbps: bitrates[i] as number[] };
    return hasResolutions ? { ...layer, resolution: readResolution(reader) } : layer;
  });
  if (reader.failed || reader.remaining > 0) return undefined;
  return { rtpStreamIndex, rtpStreamCount, layers };
}

/**
 * Writes `allocation` at `offset`; returns the offset behind it. With sizes it may need 255 bytes and the
 * two-byte form.
 *
 * @throws RangeError if streams or layers are more than the format can say, or not in order, or only some
 * layers have a resolution.
 */
export function encodeVideoLayersAllocation(
  allocation: VideoLayersAllocation,
  out: Uint8Array,
  offset: number,
): number {
  checkAllocation(allocation);
  const { layers, rtpStreamCount } = allocation;
  if (layers.length === 0) {
    out[offset] = 0;
    return offset + 1;
  }
  const masks = [0, 0, 0, 0];
  for (const { rtpStreamIndex, spatialId } of layers) {
    masks[rtpStreamIndex] = (masks[rtpStreamIndex] as number) | (1 << spatialId);
  }
  const shared = masks.slice(1, rtpStreamCount).every((mask) => mask === masks[0]) ? masks[0] : 0;
  let at = offset;
  out[at++] = (allocation.rtpStreamIndex << 6) | ((rtpStreamCount - 1) << 4) | (shared as number);
  if (shared === 0) {
    for (let i = 0; i < rtpStreamCount; i += 2) {
      out[at++] = ((masks[i] as number) << 4) | (masks[i + 1] as number);
    }
  }
  for (let i = 0; i < layers.length; i += 4) {
    let byte = 0;
    for (let j = 0; j < 4; j++) {
      const count = layers[i + j]?.targetBitratesKbps.length ?? 1;
      byte |= (count - 1) << (6 - 2 * j);
    }
    out[at++] = byte;
  }
  for (const layer of layers) {
    for (const rate of layer.targetBitratesKbps) at = writeLeb128(out, at, rate);
  }
  for (const { resolution } of layers) {
    if (resolution === undefined) continue;
    at = writeUint16(out, at, resolution.width - 1);
    at = writeUint16(out, at, resolution.height - 1);
    out[at++] = resolution.maxFramerate;
  }
  return at;
}

/** Bytes that {@link encodeVideoLayersAllocation} writes. */
export function videoLayersAllocationLength(allocation: VideoLayersAllocation): number {
  const { layers, rtpStreamCount } = allocation;
  // The longest there is: 3 bytes of masks, 4 of counts, 64 rates of 5 bytes, 16 sizes of 5 bytes.
  const longest = new Uint8Array(3 + 4 + 5 * 64 + 5 * 16);
  return layers.length === 0 && rtpStreamCount > 0
    ? 1
    : encodeVideoLayersAllocation(allocation, longest, 0);
}

function readPositions(
  reader: ByteReader,
  sharedMask: number,
  streamCount: number,
): { rtpStreamIndex: number; spatialId: number }[] {
  const positions: { rtpStreamIndex: number; spatialId: number }[] = [];
  for (let stream = 0, byte = 0; stream < streamCount; stream++) {
    if (sharedMask === 0 && stream % 2 === 0) byte = reader.uint8();
    const own = stream % 2 === 0 ? byte >> 4 : byte & 0x0f;
    const mask = sharedMask === 0 ? own : sharedMask;
    for (let spatialId = 0; spatialId < MAX_SPATIAL_LAYERS; spatialId++) {
      if ((mask & (1 << spatialId)) !== 0) positions.push({ rtpStreamIndex: stream, spatialId });
    }
  }
  return positions;
}

function readResolution(reader: ByteReader): LayerResolution {
  return {
    width: reader.uint16() + 1,
    height: reader.uint16() + 1,
    maxFramerate: reader.uint8(),
  };
}

function readLeb128(reader: ByteReader): number {
  let value = 0;
  for (let i = 0; i < MAX_LEB128_BYTES; i++) {
    const byte = reader.uint8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return value;
  }
  reader.fail();
  return 0;
}

function writeLeb128(out: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= 0x80) {
    out[at++] = 0x80 | (rest % 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out[at++] = rest;
  return at;
}

function checkAllocation(allocation: VideoLayersAllocation): void {
  const { rtpStreamCount, rtpStreamIndex, layers } = allocation;
  if (!(rtpStreamCount >= 1 && rtpStreamCount <= MAX_STREAMS)) {
    throw new RangeError(`rtpStreamCount: 1 to 4, not ${rtpStreamCount}.`);
  }
  if (!(rtpStreamIndex >= 0 && rtpStreamIndex < rtpStreamCount)) {
    throw new RangeError(`rtpStreamIndex: below ${rtpStreamCount}, not ${rtpStreamIndex}.`);
  }
  let last = -1;
  for (const layer of layers) {
    const position = layer.rtpStreamIndex * MAX_SPATIAL_LAYERS + layer.spatialId;
    if (
      !(layer.rtpStreamIndex < rtpStreamCount && layer.spatialId < MAX_SPATIAL_LAYERS) ||
      position <= last
    ) {
      throw new RangeError('layers: in order of stream and spatial layer, each of them once.');
    }
    last = position;
    const { length } = layer.targetBitratesKbps;
    if (!(length >= 1 && length <= MAX_TEMPORAL_LAYERS)) {
      throw new RangeError(`targetBitratesKbps: 1 to 4 temporal layers, not ${length}.`);
    }
    if (!layer.targetBitratesKbps.every((rate) => rate >= 0 && rate <= 0xffff_ffff)) {
      throw new RangeError('targetBitratesKbps: rates of 32 bits.');
    }
    if ((layer.resolution === undefined) !== (layers[0]?.resolution === undefined)) {
      throw new RangeError('resolution: present in all layers or in none.');
    }
  }
}
