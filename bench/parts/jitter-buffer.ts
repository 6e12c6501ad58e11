// Microseconds and bytes of memory a packet for what stands between the network and a decoder: order, time, frames, FEC.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  FlexFecReceiver,
  FrameBuffer,
  JitterBuffer,
  OpusDepacketizer,
  RtpPacket,
  Vp8Depacketizer,
  Vp8Packetizer,
  writeFlexFec03,
  writeRtpHeader,
} from '@kaon/rtp';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const ROUNDS = 15;
const PACKETS = 20_000;
/** In a round that measures memory. */
const PACKETS_MEASURED = 1000;
const SSRC = 1;

type Row = Readonly<Record<string, string | number>>;

/** A row for each way that packets go. */
export function measureJitterBuffer(): readonly Row[] {
  return [
    row('jitter buffer, audio, 160 B', throughBuffer('audio', 160)),
    row('jitter buffer, video, 1200 B', throughBuffer('video', 1200)),
    row('Opus frames of 160 B', opusFrames()),
    row('VP8 frames of 10 packets, 1200 B', vp8Frames()),
    row('FlexFEC made for 10 packets, one recovered', flexFec()),
  ];
}

function row(path: string, handle: () => void): Row {
  for (let i = 0; i < 3 * PACKETS; i++) handle();
  // The least of the rounds: what else the machine does only adds.
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < PACKETS; i++) handle();
    leastMs = Math.min(leastMs, performance.now() - start);
  }
  return {
    'on the way to a decoder': path,
    'µs a packet': Number(((1000 * leastMs) / PACKETS).toFixed(2)),
    'packets a second': Math.round(PACKETS / leastMs) * 1000,
    'bytes a packet': Math.round(bytesAPacket(handle)),
  };
}

/** The median of the rounds, which are short enough not to set off a collection. */
function bytesAPacket(handle: () => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    collectGarbage();
    const before = process.memoryUsage();
    for (let i = 0; i < PACKETS_MEASURED; i++) handle();
    const after = process.memoryUsage();
    return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  });
  const median = rounds.sort((a, b) => a - b)[ROUNDS >> 1] as number;
  return Math.max(0, median) / PACKETS_MEASURED;
}

/** A packet in memory of its own. */
function packetOf(bytes: number): RtpPacket {
  const memory = new Uint8Array(bytes);
  writeRtpHeader({ payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: SSRC }, memory, 0);
  const packet = new RtpPacket();
  packet.parse(memory);
  return packet;
}

/** Neighbours change places once in ten packets, and one in fifty is lost. */
function throughBuffer(kind: 'audio' | 'video', bytes: number): () => void {
  const buffer = new JitterBuffer({ kind, clockRate: 48_000, repairWaitMs: 40 });
  const packet = packetOf(bytes);
  let n = 0;
  return () => {
    n++;
    if (n % 50 === 7) return;
    const number = n % 10 === 1 ? n + 1 : n % 10 === 2 ? n - 1 : n;
    packet.sequenceNumber = number & 0xffff;
    packet.timestamp = number * 960;
    buffer.handlePacket(packet, n * 20);
    while (buffer.pollPacket() !== undefined);
  };
}

function opusFrames(): () => void {
  const frames = new FrameBuffer({
    kind: 'audio',
    clockRate: 48_000,
    depacketizer: new OpusDepacketizer(),
  });
  const packet = packetOf(172);
  packet.bytes[12] = 0x98;
  let n = 0;
  return () => {
    n++;
    packet.sequenceNumber = n & 0xffff;
    packet.timestamp = n * 960;
    frames.handlePacket(packet, n * 20);
    while (frames.pollEvent() !== undefined);
  };
}

/** The packets of one frame of VP8, 10 of them. */
function vp8Packets(): RtpPacket[] {
  const packetizer = new Vp8Packetizer({ maxPayloadBytes: 1188, pictureIdBits: 0 });
  const data = new Uint8Array(11_800);
  data.set([0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
  packetizer.start({ data });
  return Array.from({ length: 10 }, () => {
    const packet = packetOf(1200);
    const end = packetizer.writePayload(packet.bytes, 12);
    packet.parse(packet.bytes, 0, end);
    packet.marker = packetizer.marker;
    return packet;
  });
}

function vp8Frames(): () => void {
  const frames = new FrameBuffer({
    kind: 'video',
    clockRate: 90_000,
    depacketizer: new Vp8Depacketizer(),
  });
  const packets = vp8Packets();
  let n = 0;
  return () => {
    const packet = packets[n % 10] as RtpPacket;
    packet.sequenceNumber = n & 0xffff;
    packet.timestamp = Math.floor(n / 10) * 3000;
    frames.handlePacket(packet, 4 * n);
    while (frames.pollEvent() !== undefined);
    n++;
  };
}

/** Ten packets and a repair packet; the fourth of them is lost. */
function flexFec(): () => void {
  const fec = new FlexFecReceiver({ repairSsrc: 2, ssrcs: [SSRC] });
  const packets = vp8Packets();
  const repair = packetOf(1300);
  let n = 0;
  return () => {
    const i = n % 10;
    const packet = packets[i] as RtpPacket;
    packet.sequenceNumber = n & 0xffff;
    if (i !== 3) fec.handlePacket(packet);
    n++;
    if (i !== 9) return;
    const header = { payloadType: 97, sequenceNumber: n & 0xffff, timestamp: 0, ssrc: 2 };
    const at = writeRtpHeader(header, repair.bytes, 0);
    repair.parse(repair.bytes, 0, writeFlexFec03(packets, repair.bytes, at));
    fec.handlePacket(repair);
    if (fec.pollRecovered() === undefined) throw new Error('Nothing came back.');
  };
}
