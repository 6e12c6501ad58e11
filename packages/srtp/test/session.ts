// Senders and receivers of one session, for tests.

import {
  SRTP_PROFILES,
  type SrtpMasterKey,
  type SrtpProfileName,
  SrtpReceiver,
  type SrtpReceiverOptions,
  SrtpSender,
  type SrtpSenderOptions,
} from '../src/index.ts';
import { bytes, withRoom } from './bytes.ts';

/** Names of all profiles. */
export const PROFILE_NAMES: readonly SrtpProfileName[] = Object.keys(
  SRTP_PROFILES,
) as SrtpProfileName[];

/** A master key for `profile` from a seed. */
export function masterKey(profile: SrtpProfileName, seed = 1, mki?: Uint8Array): SrtpMasterKey {
  const { keyLength, saltLength } = SRTP_PROFILES[profile];
  const key = bytes(keyLength, seed);
  const salt = bytes(saltLength, seed + 1000);
  return mki === undefined ? { key, salt } : { key, salt, mki };
}

/** Both ends of one direction, with the same key. */
export function session(
  profile: SrtpProfileName,
  senderOptions: Partial<SrtpSenderOptions> = {},
  receiverOptions: Partial<SrtpReceiverOptions> = {},
): { readonly sender: SrtpSender; readonly receiver: SrtpReceiver } {
  const keys = masterKey(profile);
  return {
    sender: new SrtpSender({ profile, keys, ...senderOptions }),
    receiver: new SrtpReceiver({ profile, keys, ...receiverOptions }),
  };
}

/** `packet` protected, in memory of its own. */
export function protectRtp(sender: SrtpSender, packet: Uint8Array): Uint8Array {
  const out = withRoom(packet, sender.rtpOverhead);
  return out.subarray(0, sender.protectRtp(out, 0, packet.length));
}

/** `packet` protected, in memory of its own. */
export function protectRtcp(sender: SrtpSender, packet: Uint8Array): Uint8Array {
  const out = withRoom(packet, sender.rtcpOverhead);
  return out.subarray(0, sender.protectRtcp(out, 0, packet.length));
}

/** A copy of `packet` unprotected, or the reason why not. */
export function unprotectRtp(receiver: SrtpReceiver, packet: Uint8Array): Uint8Array | number {
  const out = packet.slice();
  const end = receiver.unprotectRtp(out, 0, out.length);
  return end < 0 ? end : out.subarray(0, end);
}

/** A copy of `packet` unprotected, or the reason why not. */
export function unprotectRtcp(receiver: SrtpReceiver, packet: Uint8Array): Uint8Array | number {
  const out = packet.slice();
  const end = receiver.unprotectRtcp(out, 0, out.length);
  return end < 0 ? end : out.subarray(0, end);
}
