// Protects and unprotects RTP packets with werift's SRTP.
import { RtpHeader, SrtpSession } from 'werift';
import { answerRequests, HEADER_LENGTH, type Packets, type Workload } from './packet-loop.ts';

const PROFILES = {
  'aes-cm-128-80': { profile: 1, keyLength: 16, saltLength: 14 },
  'aes-gcm-128': { profile: 7, keyLength: 16, saltLength: 12 },
} as const;

function create(name: string, packets: Packets): Workload | undefined {
  if (name !== 'aes-cm-128-80' && name !== 'aes-gcm-128') return undefined;
  const { profile, keyLength, saltLength } = PROFILES[name];
  const key = Buffer.alloc(keyLength, 7);
  const salt = Buffer.alloc(saltLength);
  const session = new SrtpSession({
    profile,
    keys: {
      localMasterKey: key,
      localMasterSalt: salt,
      remoteMasterKey: key,
      remoteMasterSalt: salt,
    },
  });
  const header = new RtpHeader({ payloadType: 96, ssrc: 0xcafebabe, payloadOffset: HEADER_LENGTH });
  const payloads = packets.memory.map(({ buffer }) =>
    Buffer.from(buffer, HEADER_LENGTH, packets.length - HEADER_LENGTH),
  );
  const sealed: Buffer[] = [];
  return {
    protect: (i) => {
      header.sequenceNumber = packets.sequenceNumbers[i] as number;
      sealed[i] = session.encrypt(payloads[i] as Buffer, header);
    },
    unprotect: (i) => {
      const { length } = session.decrypt(sealed[i] as Buffer);
      if (length !== packets.length) throw new Error(`${length} bytes`);
    },
  };
}

await answerRequests('werift', create);
