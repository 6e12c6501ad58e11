// Our end of a stream that is protected with keys from SDP (RFC 4568 §6.1).
import { randomBytes } from 'node:crypto';
import {
  SRTP_PROFILES,
  type SrtpProfileName,
  SrtpReceiver,
  SrtpSender,
  srtpDropReason,
} from '@kaon/srtp';
import type { Protection } from '../media/protection.ts';

/** Fresh keys for one stream, and both halves over them. */
export function kaonProtection(suite: string, profile: SrtpProfileName): Protection {
  const { keyLength, saltLength } = SRTP_PROFILES[profile];
  const key = randomBytes(keyLength);
  const salt = randomBytes(saltLength);
  const sender = new SrtpSender({ profile, keys: { key, salt } });
  const receiver = new SrtpReceiver({ profile, keys: { key, salt } });
  return {
    suite,
    inlineKey: Buffer.concat([key, salt]).toString('base64'),
    protect: (packet) => {
      const kind = kindOf(packet);
      const room = kind === 'Rtp' ? sender.rtpOverhead : sender.rtcpOverhead;
      const out = new Uint8Array(packet.length + room);
      out.set(packet);
      return out.subarray(0, sender[`protect${kind}`](out, 0, packet.length));
    },
    unprotect: (packet) => {
      const out = packet.slice();
      const end = receiver[`unprotect${kindOf(packet)}`](out, 0, out.length);
      if (end < 0) throw new Error(`a packet was dropped: ${srtpDropReason(end)}`);
      return out.subarray(0, end);
    },
  };
}

/** RFC 5761 §4. */
function kindOf(packet: Uint8Array): 'Rtp' | 'Rtcp' {
  const second = packet[1]!;
  return second >= 192 && second <= 223 ? 'Rtcp' : 'Rtp';
}
