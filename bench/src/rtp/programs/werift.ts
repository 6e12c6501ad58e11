// werift's RTP and SRTP, as a program to be measured.
import {
  dePacketizeRtpPackets,
  ProtectionProfileAeadAes128Gcm,
  ProtectionProfileAes128CmHmacSha1_80,
  RtpHeader,
  RtpPacket,
  SrtpSession,
  Vp8Packetizer,
} from 'werift';
import {
  AUDIO_PAYLOAD_BYTES,
  frame,
  MAX_PAYLOAD_BYTES,
  packet,
  RECEIVERS,
  TRANSPORT_ID,
  VIDEO_PAYLOAD_BYTES,
} from '../workload.ts';
import { type Once, runMeasurement } from './measuring.ts';

// What is read is summed up here, so that no reading can be left out; in 32 bits, which V8 keeps unboxed.
let sink = 0;

function use(value: number): void {
  sink = (sink + value) | 0;
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function parsing(): Once {
  const bytes = buffer(packet(VIDEO_PAYLOAD_BYTES));
  return () => {
    const { header, payload } = RtpPacket.deSerialize(bytes);
    use(header.sequenceNumber + header.timestamp + header.ssrc + payload.length);
    for (const { id, payload } of header.extensions) {
      use(id === TRANSPORT_ID ? payload.readUInt16BE() : (payload[0] as number));
    }
    return 1;
  };
}

function serialising(): Once {
  const { header, payload } = RtpPacket.deSerialize(buffer(packet(VIDEO_PAYLOAD_BYTES)));
  let sequenceNumber = 0;
  return () => {
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    header.sequenceNumber = sequenceNumber;
    use(new RtpPacket(header, payload).serialize().length);
    return 1;
  };
}

function packetising(): Once {
  const packetizer = new Vp8Packetizer({ maxPayloadSize: MAX_PAYLOAD_BYTES });
  const data = buffer(frame());
  return () => {
    const packets = packetizer.packetize(data, 1);
    for (const each of packets) use(each.serialize().length);
    return packets.length;
  };
}

function depacketising(): Once {
  const packetizer = new Vp8Packetizer({ maxPayloadSize: MAX_PAYLOAD_BYTES });
  const packets = packetizer.packetize(buffer(frame()), 1).map((each) => each.serialize());
  return () => {
    const parsed = packets.map((each) => RtpPacket.deSerialize(each));
    use(dePacketizeRtpPackets('vp8', parsed).data.length);
    return packets.length;
  };
}

function forwarding(payloadBytes: number, profile?: 1 | 7): Once {
  const saltLength = profile === ProtectionProfileAeadAes128Gcm ? 12 : 14;
  const sessions = Array.from({ length: RECEIVERS }, (_, i) => {
    const key = Buffer.alloc(16, i);
    const salt = Buffer.alloc(saltLength, i);
    if (profile === undefined) return undefined;
    return new SrtpSession({
      keys: {
        localMasterKey: key,
        localMasterSalt: salt,
        remoteMasterKey: key,
        remoteMasterSalt: salt,
      },
      profile,
    });
  });
  const incoming = buffer(packet(payloadBytes));
  let sequenceNumber = 1000;
  return () => {
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    incoming.writeUInt16BE(sequenceNumber, 2);
    const { header, payload } = RtpPacket.deSerialize(incoming);
    for (let i = 0; i < sessions.length; i++) {
      const own = new RtpHeader(header);
      own.ssrc = 0x1000 + i;
      own.payloadType = 100;
      own.timestamp = (header.timestamp + 77) >>> 0;
      const bytes = sessions[i]?.encrypt(payload, own) ?? new RtpPacket(own, payload).serialize();
      use(bytes.length);
    }
    return sessions.length;
  };
}

const CM = ProtectionProfileAes128CmHmacSha1_80;
const GCM = ProtectionProfileAeadAes128Gcm;

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
