// Protects and unprotects RTP packets with Kaon; `batch` as an argument computes tags four at a time.
import {
  SRTP_PROFILES,
  SrtpBatch,
  SrtpDrop,
  type SrtpProfileName,
  SrtpReceiver,
  SrtpSender,
} from '@kaon/srtp';
import { answerRequests, type Packets, type Workload } from './packet-loop.ts';

const PROFILES: Readonly<Record<string, SrtpProfileName>> = {
  'aes-cm-128-80': 'SRTP_AES128_CM_HMAC_SHA1_80',
  'aes-gcm-128': 'SRTP_AEAD_AES_128_GCM',
  'aes-gcm-256': 'SRTP_AEAD_AES_256_GCM',
};
const isBatch = process.argv[2] === 'batch';

function create(name: string, { memory, length }: Packets): Workload | undefined {
  const profile = PROFILES[name];
  // Only tags of HMAC-SHA1 are put off.
  if (profile === undefined || (isBatch && SRTP_PROFILES[profile].cipher !== 'aes-cm')) return;
  const { keyLength, saltLength } = SRTP_PROFILES[profile];
  const keys = { key: new Uint8Array(keyLength).fill(7), salt: new Uint8Array(saltLength) };
  const sender = new SrtpSender({ profile, keys });
  const receiver = new SrtpReceiver({ profile, keys });
  const ends = new Int32Array(memory.length);
  if (isBatch) {
    const batch = new SrtpBatch();
    const { rtpOverhead } = sender;
    const packets = memory.map((each) => each.subarray(0, length + rtpOverhead));
    return {
      protect: (i) => {
        sender.protectRtp(memory[i] as Uint8Array, 0, length, batch);
      },
      finish: () => batch.finish(),
      unprotect: () => undefined,
      finishUnprotect: () => {
        receiver.unprotectRtpBatch(packets, ends);
        if (ends.some((end) => end !== length)) throw new Error(`${ends}`);
      },
    };
  }
  return {
    protect: (i) => {
      ends[i] = sender.protectRtp(memory[i] as Uint8Array, 0, length);
    },
    unprotect: (i) => {
      const result = receiver.unprotectRtp(memory[i] as Uint8Array, 0, ends[i] as number);
      if (result !== length) throw new Error(`${result} of ${Object.keys(SrtpDrop)}`);
    },
  };
}

await answerRequests('@kaon/srtp', create);
