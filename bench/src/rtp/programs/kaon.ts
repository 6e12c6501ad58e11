// Kaon's RTP and SRTP, as a program to be measured.
import {
  decodeTransportSequenceNumber,
  encodeAudioLevel,
  encodeTransportSequenceNumber,
  HeaderExtensionCursor,
  HeaderExtensionWriter,
  RtpPacket,
  StreamRewriter,
  Vp8Depacketizer,
  Vp8Packetizer,
  writeRtpHeader,
} from '@kaon/rtp';
import { SRTP_PROFILES, SrtpBatch, type SrtpProfileName, SrtpSender } from '@kaon/srtp';
import {
  AUDIO_PAYLOAD_BYTES,
  frame,
  LEVEL_ID,
  MAX_PAYLOAD_BYTES,
  packet,
  RECEIVERS,
  TRANSPORT_ID,
  VIDEO_PAYLOAD_BYTES,
} from '../workload.ts';
import { type Once, runMeasurement } from './measuring.ts';

const HEADER_BYTES = 12;

// What is read is summed up here, so that no reading can be left out; in 32 bits, which V8 keeps unboxed.
let sink = 0;

function use(value: number): void {
  sink = (sink + value) | 0;
}

function parsing(): Once {
  const bytes = packet(VIDEO_PAYLOAD_BYTES);
  const view = new RtpPacket();
  const cursor = new HeaderExtensionCursor();
  return () => {
    if (!view.parse(bytes)) throw new Error('not a packet');
    use(view.sequenceNumber + view.timestamp + view.ssrc + view.payloadLength);
    cursor.rewind(view);
    while (cursor.next()) {
      if (cursor.id === TRANSPORT_ID) {
        use(decodeTransportSequenceNumber(bytes, cursor.start, cursor.end) ?? 0);
      } else if (cursor.id === LEVEL_ID) {
        use(bytes[cursor.start] as number);
      }
    }
    return 1;
  };
}

function serialising(): Once {
  const payload = new Uint8Array(VIDEO_PAYLOAD_BYTES).fill(7);
  const out = new Uint8Array(1500);
  const writer = new HeaderExtensionWriter();
  const level = { level: 5, voiceActivity: true };
  const header = { payloadType: 96, sequenceNumber: 0, timestamp: 123_456_789, ssrc: 0xcafe_babe };
  return () => {
    header.sequenceNumber = (header.sequenceNumber + 1) & 0xffff;
    writer.begin(out, 0, writeRtpHeader(header, out, 0));
    encodeAudioLevel(level, out, writer.add(LEVEL_ID, 1));
    encodeTransportSequenceNumber(header.sequenceNumber, out, writer.add(TRANSPORT_ID, 2));
    const at = writer.finish();
    out.set(payload, at);
    use(at);
    return 1;
  };
}

function packetising(): Once {
  const data = frame();
  const out = new Uint8Array(1500);
  const packetizer = new Vp8Packetizer({ maxPayloadBytes: MAX_PAYLOAD_BYTES });
  const header = { marker: false, payloadType: 96, sequenceNumber: 0, timestamp: 1, ssrc: 2 };
  return () => {
    let packets = 0;
    packetizer.start({ data });
    for (;;) {
      const end = packetizer.writePayload(out, HEADER_BYTES);
      if (end === HEADER_BYTES) return packets;
      header.sequenceNumber = (header.sequenceNumber + 1) & 0xffff;
      header.marker = packetizer.marker;
      writeRtpHeader(header, out, 0);
      use(end);
      packets++;
    }
  };
}

function depacketising(): Once {
  const packetizer = new Vp8Packetizer({ maxPayloadBytes: MAX_PAYLOAD_BYTES });
  const packets: { bytes: Uint8Array; marker: boolean }[] = [];
  packetizer.start({ data: frame() });
  for (;;) {
    const bytes = new Uint8Array(1500);
    const end = packetizer.writePayload(bytes, HEADER_BYTES);
    if (end === HEADER_BYTES) break;
    const header = { payloadType: 96, sequenceNumber: packets.length, timestamp: 1, ssrc: 2 };
    writeRtpHeader({ ...header, marker: packetizer.marker }, bytes, 0);
    packets.push({ bytes: bytes.subarray(0, end), marker: packetizer.marker });
  }
  const depacketizer = new Vp8Depacketizer();
  const view = new RtpPacket();
  let timestamp = 0;
  return () => {
    timestamp = (timestamp + 3000) >>> 0;
    for (const { bytes } of packets) {
      if (!view.parse(bytes)) throw new Error('not a packet');
      depacketizer.handlePayload(view.payload, timestamp, view.marker);
    }
    const assembled = depacketizer.pollFrame();
    if (assembled === undefined) throw new Error('no frame');
    use(assembled.data.length);
    return packets.length;
  };
}

interface Receiver {
  readonly rewriter: StreamRewriter;
  readonly sender: SrtpSender | undefined;
  readonly out: Uint8Array;
}

/**
 * The core of a forwarding unit: a decrypted packet in, one rewritten and, with a profile, encrypted for each
 * receiver out.
 */
function forwarding(payloadBytes: number, profile?: SrtpProfileName): Once {
  const random = { fill: (out: Uint8Array) => out.fill(4), uint32: () => 4 };
  const receivers: Receiver[] = Array.from({ length: RECEIVERS }, (_, i) => {
    const rewriter = new StreamRewriter({
      ssrc: 0x1000 + i,
      clockRate: 90_000,
      random,
      payloadTypes: new Map([[96, 100]]),
    });
    rewriter.switchTo(0xcafe_babe);
    const out = new Uint8Array(2048);
    if (profile === undefined) return { rewriter, sender: undefined, out };
    const { keyLength, saltLength } = SRTP_PROFILES[profile];
    const key = new Uint8Array(keyLength).fill(i);
    const salt = new Uint8Array(saltLength).fill(i);
    return { rewriter, sender: new SrtpSender({ profile, keys: { key, salt } }), out };
  });
  const incoming = packet(payloadBytes);
  const source = new RtpPacket();
  const copy = new RtpPacket();
  const batch = new SrtpBatch();
  let now = 0;
  let sequenceNumber = 1000;
  return () => {
    now++;
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    incoming[2] = sequenceNumber >> 8;
    incoming[3] = sequenceNumber;
    if (!source.parse(incoming)) throw new Error('not a packet');
    for (let i = 0; i < receivers.length; i++) {
      const { rewriter, sender, out } = receivers[i] as Receiver;
      source.copyTo(out, 0, copy);
      if (!rewriter.rewrite(copy, now)) throw new Error('not forwarded');
      use(sender === undefined ? copy.end : sender.protectRtp(out, 0, copy.end, batch));
    }
    batch.finish();
    return receivers.length;
  };
}

const CM = 'SRTP_AES128_CM_HMAC_SHA1_80';
const GCM = 'SRTP_AEAD_AES_128_GCM';

runMeasurement({
  parse: parsing,
  serialise: serialising,
  packetise: packetising,
  depacketise: depacketising,
  rewrite: () => forwarding(VIDEO_PAYLOAD_BYTES),
  'forward-video': () => forwarding(VIDEO_PAYLOAD_BYTES, CM),
  'forward-audio': () => forwarding(AUDIO_PAYLOAD_BYTES, CM),
  'forward-video-gcm': () => forwarding(VIDEO_PAYLOAD_BYTES, GCM),
  'forward-audio-gcm': () => forwarding(AUDIO_PAYLOAD_BYTES, GCM),
});
process.exitCode = sink === 0 ? 1 : 0;
