// use_srtp: negotiates the protection profile of SRTP, whose keys the exporter gives.
// https://www.rfc-editor.org/rfc/rfc5764#section-4.1.1
//
//   struct { SRTPProtectionProfiles SRTPProtectionProfiles; opaque srtp_mki<0..255>; } UseSRTPData;
//   SRTPProtectionProfile SRTPProtectionProfiles<2..2^16-1>;

import { ByteReader, ByteWriter } from '@kaon/wire';

/** Numbers of protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2). */
export const SrtpProtectionProfile = {
  aes128CmHmacSha1_80: 0x0001,
  aes128CmHmacSha1_32: 0x0002,
  aeadAes128Gcm: 0x0007,
  aeadAes256Gcm: 0x0008,
} as const;

/** What the client offers, or the one profile that the server chose. */
export interface UseSrtp {
  readonly profiles: readonly number[];
  /** The master key identifier; empty if none is used. */
  readonly mki: Uint8Array;
}

/** The extension's content; undefined if malformed. */
export function decodeUseSrtp(data: Uint8Array): UseSrtp | undefined {
  const reader = new ByteReader(data);
  const list = reader.sub(reader.uint16());
  const profiles: number[] = [];
  while (list.remaining > 0) profiles.push(list.uint16());
  const mki = reader.view(reader.uint8());
  const malformed = reader.failed || list.failed || reader.remaining > 0 || profiles.length === 0;
  return malformed ? undefined : { profiles, mki };
}

/** The bytes of the content. */
export function encodeUseSrtp(useSrtp: UseSrtp): Uint8Array {
  return new ByteWriter(16)
    .vector(2, (list) => {
      for (const profile of useSrtp.profiles) list.uint16(profile);
    })
    .vector(1, (mki) => mki.append(useSrtp.mki))
    .finish();
}
