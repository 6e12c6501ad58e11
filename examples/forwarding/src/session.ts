// What publisher, forwarding unit and subscribers have agreed on: streams, payload types, keys.
import type { RtpStreamDescription } from '@kaon/rtp';
import { SRTP_PROFILES, type SrtpMasterKey } from '@kaon/srtp';

export const PROFILE = 'SRTP_AES128_CM_HMAC_SHA1_80';
export const CLOCK_RATE = 90_000;
export const VP8_PAYLOAD_TYPE = 96;
const RTX_PAYLOAD_TYPE = 97;

/** The two layers of the publisher's simulcast: SSRC and bytes of a frame. */
export const LAYERS = [
  { name: 'low', ssrc: 0x11, frameBytes: 1500 },
  { name: 'high', ssrc: 0x12, frameBytes: 6000 },
] as const;

export type LayerName = (typeof LAYERS)[number]['name'];

export function layerNamed(name: LayerName): (typeof LAYERS)[number] {
  return LAYERS[name === 'low' ? 0 : 1];
}

/** A video stream with NACK and RTX, whose retransmissions have the SSRC 0x1000 above its own. */
export function videoStream(ssrc: number): RtpStreamDescription {
  const apt = new Map([[RTX_PAYLOAD_TYPE, VP8_PAYLOAD_TYPE]]);
  return { ssrc, clockRate: CLOCK_RATE, nack: true, rtx: { ssrc: 0x1000 + ssrc, apt } };
}

/** The keys of one direction. In earnest they come out of a DTLS handshake. */
export function keysOf(direction: number): SrtpMasterKey {
  const { keyLength, saltLength } = SRTP_PROFILES[PROFILE];
  return {
    key: new Uint8Array(keyLength).fill(direction),
    salt: new Uint8Array(saltLength).fill(direction + 1),
  };
}
