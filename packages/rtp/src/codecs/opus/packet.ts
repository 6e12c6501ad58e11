// What an Opus packet tells of itself (RFC 6716 §3, https://www.rfc-editor.org/rfc/rfc6716#section-3).
//
//  0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+
// | config  |s| c |
// +-+-+-+-+-+-+-+-+

/** RFC 7587 §4.1: the RTP clock runs at 48,000 Hz, whatever the encoder's rate. */
export const OPUS_CLOCK_RATE = 48000;

/** The table of §3.1. */
export interface OpusPacket {
  readonly mode: 'silk' | 'hybrid' | 'celt';
  /** Audio bandwidth in Hz: 4,000 to 20,000. */
  readonly bandwidthHz: number;
  readonly channels: 1 | 2;
  readonly frameCount: number;
  /** Of all frames, in units of the 48,000 Hz clock: 120 to 5,760. */
  readonly durationTicks: number;
}

const SILK_BANDWIDTHS = [4000, 6000, 8000] as const;
const CELT_BANDWIDTHS = [4000, 8000, 12000, 20000] as const;
const SILK_TICKS = [480, 960, 1920, 2880] as const;
const CELT_TICKS = [120, 240, 480, 960] as const;
/** §3.4 R5: 120 ms. */
const MAX_TICKS = 5760;
/** §3.4 R2. */
const MAX_FRAME_BYTES = 1275;

/** Reads `packet`; undefined unless it keeps all rules of §3.4. */
export function decodeOpusPacket(packet: Uint8Array): OpusPacket | undefined {
  const frameCount = countFrames(packet);
  if (frameCount === 0) return undefined;
  const toc = packet[0] as number;
  const config = toc >> 3;
  const ticks = frameTicks(config) * frameCount;
  if (ticks > MAX_TICKS) return undefined;
  return {
    mode: config < 12 ? 'silk' : config < 16 ? 'hybrid' : 'celt',
    bandwidthHz: bandwidthHz(config),
    channels: (toc & 0x04) !== 0 ? 2 : 1,
    frameCount,
    durationTicks: ticks,
  };
}

function frameTicks(config: number): number {
  if (config < 12) return SILK_TICKS[config & 3] as number;
  if (config < 16) return SILK_TICKS[config & 1] as number;
  return CELT_TICKS[config & 3] as number;
}

function bandwidthHz(config: number): number {
  if (config < 12) return SILK_BANDWIDTHS[config >> 2] as number;
  if (config < 16) return config < 14 ? 12000 : 20000;
  return CELT_BANDWIDTHS[(config - 16) >> 2] as number;
}

/** How many frames `packet` holds; 0 if it breaks a rule of §3.4. */
function countFrames(packet: Uint8Array): number {
  const size = packet.length - 1;
  if (size < 0) return 0;
  switch ((packet[0] as number) & 3) {
    case 0:
      return size <= MAX_FRAME_BYTES ? 1 : 0;
    case 1:
      // R3: two frames of equal size.
      return size % 2 === 0 && size <= 2 * MAX_FRAME_BYTES ? 2 : 0;
    case 2: {
      const first = frameLength(packet, 1, packet.length);
      const second = size - first.bytes - first.length;
      return first.bytes > 0 && second >= 0 && second <= MAX_FRAME_BYTES ? 2 : 0;
    }
    default:
      return countSignalledFrames(packet);
  }
}

/** §3.2.5: code 3, any number of frames. */
function countSignalledFrames(packet: Uint8Array): number {
  const flags = packet[1] ?? 0;
  const count = flags & 0x3f;
  if (count === 0) return 0;
  let at = 2;
  let end = packet.length;
  if ((flags & 0x40) !== 0) {
    let byte = 255;
    while (byte === 255) {
      if (at >= end) return 0;
      byte = packet[at++] as number;
      // 255 stands for 254 bytes, and that the length goes on.
      end -= byte === 255 ? 254 : byte;
    }
  }
  if (end < at) return 0;
  if ((flags & 0x80) === 0) {
    // R6: constant bitrate, all frames of equal size.
    const each = (end - at) / count;
    return Number.isInteger(each) && each <= MAX_FRAME_BYTES ? count : 0;
  }
  // R7: the lengths of all frames but the last.
  let total = 0;
  for (let i = 1; i < count; i++) {
    const { bytes, length } = frameLength(packet, at, end);
    if (bytes === 0) return 0;
    at += bytes;
    total += length;
  }
  const last = end - at - total;
  return last >= 0 && last <= MAX_FRAME_BYTES ? count : 0;
}

/** §3.2.1: a frame length of one or two bytes; `bytes` is 0 if it is cut off. */
function frameLength(
  packet: Uint8Array,
  at: number,
  end: number,
): { bytes: number; length: number } {
  const first = packet[at] ?? 0;
  if (at >= end || (first >= 252 && at + 1 >= end)) return { bytes: 0, length: 0 };
  if (first < 252) return { bytes: 1, length: first };
  return { bytes: 2, length: 4 * (packet[at + 1] as number) + first };
}
