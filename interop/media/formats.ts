// The formats that are checked: how ffmpeg encodes each, and which of our classes carry it.
import {
  type AssembledFrame,
  Av1Depacketizer,
  Av1Packetizer,
  type Depacketizer,
  G711Depacketizer,
  G711Packetizer,
  G722Depacketizer,
  G722Packetizer,
  H264Depacketizer,
  H264Packetizer,
  H265Depacketizer,
  H265Packetizer,
  OpusDepacketizer,
  OpusPacketizer,
  type Packetizer,
  Vp8Depacketizer,
  Vp8Packetizer,
  Vp9Depacketizer,
  Vp9Packetizer,
} from '@kaon/rtp';
import {
  h264Kind,
  h265Kind,
  splitAccessUnits,
  splitEvenly,
  splitIvf,
  splitOgg,
  splitTemporalUnits,
} from './elementary-stream.ts';

/** A frame that any packetizer here takes. */
interface EncodedFrame {
  readonly data: Uint8Array;
}

export interface MediaFormat {
  readonly name: string;
  readonly kind: 'video' | 'audio';
  /** An encoder of ffmpeg. */
  readonly encoder: string;
  readonly encoderArguments: readonly string[];
  /** The container that ffmpeg writes the frames to, which is also the file's ending. */
  readonly container: string;
  readonly split: (file: Uint8Array) => Uint8Array[];
  /** What a frame is when it has been received. */
  readonly received?: (frame: Uint8Array) => Uint8Array;
  readonly payloadType: number;
  /** The rest of `a=rtpmap`. */
  readonly rtpmap: string;
  readonly fmtp?: string;
  /** Units of the RTP timestamp between frames. */
  readonly frameTicks: number;
  /** Options of ffmpeg's RTP muxer; undefined if it has none for this format. */
  readonly muxer?: string;
  readonly packetizer: () => Packetizer<EncodedFrame>;
  readonly depacketizer: () => Depacketizer<AssembledFrame>;
  /** tshark's dissector of the payload; undefined if it has none. */
  readonly dissector?: string;
}

const video = { kind: 'video', payloadType: 96, frameTicks: 3600 } as const;

const vp8: MediaFormat = {
  ...video,
  name: 'VP8',
  encoder: 'libvpx',
  encoderArguments: ['-deadline', 'realtime', '-auto-alt-ref', '0', '-b:v', '800k'],
  container: 'ivf',
  split: splitIvf,
  rtpmap: 'VP8/90000',
  muxer: '',
  packetizer: () => new Vp8Packetizer(),
  depacketizer: () => new Vp8Depacketizer(),
  dissector: 'vp8',
};

const vp9: MediaFormat = {
  ...video,
  name: 'VP9',
  encoder: 'libvpx-vp9',
  encoderArguments: [
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-lag-in-frames',
    '0',
    '-b:v',
    '800k',
  ],
  container: 'ivf',
  split: splitIvf,
  rtpmap: 'VP9/90000',
  muxer: 'strict=experimental',
  packetizer: () => new Vp9Packetizer(),
  depacketizer: () => new Vp9Depacketizer(),
};

const h264: MediaFormat = {
  ...video,
  name: 'H.264, packetization mode 1',
  encoder: 'libx264',
  encoderArguments: ['-preset', 'veryfast', '-tune', 'zerolatency', '-g', '20', '-b:v', '800k'],
  container: 'h264',
  split: (file) => splitAccessUnits(file, h264Kind),
  rtpmap: 'H264/90000',
  fmtp: 'packetization-mode=1',
  muxer: '',
  packetizer: () => new H264Packetizer(),
  depacketizer: () => new H264Depacketizer(),
  dissector: 'h264',
};

const h265: MediaFormat = {
  ...video,
  name: 'H.265',
  encoder: 'libx265',
  encoderArguments: [
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '20',
    '-b:v',
    '800k',
    '-x265-params',
    'log-level=none:repeat-headers=1',
  ],
  container: 'hevc',
  split: (file) => splitAccessUnits(file, h265Kind),
  rtpmap: 'H265/90000',
  muxer: '',
  packetizer: () => new H265Packetizer(),
  depacketizer: () => new H265Depacketizer(),
  dissector: 'h265',
};

/** ffmpeg 5.1 has no RTP payload format of AV1: our two ends are checked against each other. */
const av1: MediaFormat = {
  ...video,
  name: 'AV1',
  encoder: 'libaom-av1',
  encoderArguments: ['-cpu-used', '8', '-usage', 'realtime', '-g', '20', '-b:v', '800k'],
  container: 'obu',
  split: splitTemporalUnits,
  rtpmap: 'AV1/90000',
  packetizer: () => new Av1Packetizer(),
  depacketizer: () => new Av1Depacketizer({ temporalDelimiters: true }),
};

const opus: MediaFormat = {
  name: 'Opus',
  kind: 'audio',
  encoder: 'libopus',
  encoderArguments: ['-ac', '2', '-b:a', '64k'],
  container: 'ogg',
  split: (file) => splitOgg(file, 2),
  payloadType: 111,
  rtpmap: 'opus/48000/2',
  frameTicks: 960,
  muxer: '',
  packetizer: () => new OpusPacketizer(),
  depacketizer: () => new OpusDepacketizer(),
};

const octets = {
  kind: 'audio',
  split: (file: Uint8Array) => splitEvenly(file, 160),
  frameTicks: 160,
  muxer: '',
} as const;

const pcmu: MediaFormat = {
  ...octets,
  name: 'PCMU',
  encoder: 'pcm_mulaw',
  encoderArguments: ['-ar', '8000', '-ac', '1'],
  container: 'mulaw',
  payloadType: 0,
  rtpmap: 'PCMU/8000',
  packetizer: () => new G711Packetizer(),
  depacketizer: () => new G711Depacketizer(),
};

const pcma: MediaFormat = {
  ...pcmu,
  name: 'PCMA',
  encoder: 'pcm_alaw',
  container: 'alaw',
  payloadType: 8,
  rtpmap: 'PCMA/8000',
};

const g722: MediaFormat = {
  ...octets,
  name: 'G.722',
  encoder: 'g722',
  encoderArguments: ['-ar', '16000', '-ac', '1'],
  container: 'g722',
  payloadType: 9,
  rtpmap: 'G722/8000',
  packetizer: () => new G722Packetizer(),
  depacketizer: () => new G722Depacketizer(),
};

/** Everything that is checked, with variants that exercise another part of a format. */
export const FORMATS: readonly MediaFormat[] = [
  vp8,
  {
    ...vp8,
    name: 'VP8, every field of the descriptor',
    packetizer: () => new Vp8Packetizer({ temporalLayers: true, firstKeyIndex: 7 }),
  },
  vp9,
  {
    ...vp9,
    name: 'VP9, a scalability structure with key frames',
    packetizer: () =>
      // Without layer indices: ffmpeg 5.1 reads those of an old draft of the format.
      new Vp9Packetizer({
        scalabilityStructure: {
          spatialLayerCount: 1,
          resolutions: [{ width: 320, height: 180 }],
          pictureGroup: [{ temporalId: 0, switchingUpPoint: true, referenceDiffs: [1] }],
        },
      }),
  },
  h264,
  {
    ...h264,
    name: 'H.264, packetization mode 0',
    encoderArguments: [...h264.encoderArguments, '-x264-params', 'slice-max-size=900'],
    fmtp: 'packetization-mode=0',
    muxer: 'rtpflags=h264_mode0',
    packetizer: () => new H264Packetizer({ packetizationMode: 0 }),
  },
  {
    ...h264,
    name: 'H.264, four slices a picture in small packets',
    encoderArguments: [...h264.encoderArguments, '-x264-params', 'slices=4'],
    packetizer: () => new H264Packetizer({ maxPayloadBytes: 760 }),
  },
  h265,
  av1,
  {
    ...av1,
    name: 'AV1 in small packets',
    packetizer: () => new Av1Packetizer({ maxPayloadBytes: 150 }),
  },
  opus,
  pcmu,
  pcma,
  g722,
];
