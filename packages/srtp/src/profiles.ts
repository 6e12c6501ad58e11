// Protection profiles: which cryptography, and how long its keys and tags are.
// https://www.rfc-editor.org/rfc/rfc5764#section-4.1.2, https://www.rfc-editor.org/rfc/rfc7714#section-12,
// https://www.rfc-editor.org/rfc/rfc6188#section-3

import { invalidOption } from './errors.ts';

/**
 * Names of profiles. Those that begin with `SRTP_` are DTLS-SRTP's (RFC 5764 §4.1.2, RFC 7714 §14.2); those
 * of RFC 6188 have the names of their crypto suites, because DTLS-SRTP has no numbers for them.
 */
export type SrtpProfileName =
  | 'SRTP_AES128_CM_HMAC_SHA1_80'
  | 'SRTP_AES128_CM_HMAC_SHA1_32'
  | 'SRTP_AEAD_AES_128_GCM'
  | 'SRTP_AEAD_AES_256_GCM'
  | 'AES_192_CM_HMAC_SHA1_80'
  | 'AES_192_CM_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

/** A protection profile; all lengths in bytes. */
export interface SrtpProfile {
  readonly name: SrtpProfileName;
  /** Its number in use_srtp (RFC 5764 §4.1.2); undefined for those that DTLS-SRTP cannot negotiate. */
  readonly id: number | undefined;
  /** `aes-cm`: counter mode and HMAC-SHA1 (RFC 3711 §4); `aes-gcm`: RFC 7714. */
  readonly cipher: 'aes-cm' | 'aes-gcm';
  /** Of the master key, and of the session keys that encrypt. */
  readonly keyLength: 16 | 24 | 32;
  /** Of the master salt, and of the session salts. */
  readonly saltLength: 12 | 14;
  /** Of the authentication tag of an SRTP packet. */
  readonly rtpTagLength: 4 | 10 | 16;
  /** Of the authentication tag of an SRTCP packet. */
  readonly rtcpTagLength: 10 | 16;
}

/** All profiles, by name. */
export const SRTP_PROFILES: Readonly<Record<SrtpProfileName, SrtpProfile>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: counterMode('SRTP_AES128_CM_HMAC_SHA1_80', 0x0001, 16, 10),
  // SRTCP's tag is never the short one (RFC 5764 §4.1.2, RFC 4568 §6.2.2).
  SRTP_AES128_CM_HMAC_SHA1_32: counterMode('SRTP_AES128_CM_HMAC_SHA1_32', 0x0002, 16, 4),
  SRTP_AEAD_AES_128_GCM: galoisCounterMode('SRTP_AEAD_AES_128_GCM', 0x0007, 16),
  SRTP_AEAD_AES_256_GCM: galoisCounterMode('SRTP_AEAD_AES_256_GCM', 0x0008, 32),
  AES_192_CM_HMAC_SHA1_80: counterMode('AES_192_CM_HMAC_SHA1_80', undefined, 24, 10),
  AES_192_CM_HMAC_SHA1_32: counterMode('AES_192_CM_HMAC_SHA1_32', undefined, 24, 4),
  AES_256_CM_HMAC_SHA1_80: counterMode('AES_256_CM_HMAC_SHA1_80', undefined, 32, 10),
  AES_256_CM_HMAC_SHA1_32: counterMode('AES_256_CM_HMAC_SHA1_32', undefined, 32, 4),
};

/** The profile with that number in use_srtp, such as a DTLS connection hands out; undefined if unknown. */
export function srtpProfileById(id: number): SrtpProfile | undefined {
  return Object.values(SRTP_PROFILES).find((profile) => profile.id === id);
}

/** @throws SrtpError with code `SRTP_INVALID_OPTION` if there is no such profile. */
export function srtpProfileByName(name: SrtpProfileName): SrtpProfile {
  const known = Object.keys(SRTP_PROFILES).join(', ');
  if (!Object.hasOwn(SRTP_PROFILES, name)) invalidOption('profile', name, `one of ${known}`);
  return SRTP_PROFILES[name];
}

function counterMode(
  name: SrtpProfileName,
  id: number | undefined,
  keyLength: 16 | 24 | 32,
  rtpTagLength: 4 | 10,
): SrtpProfile {
  const saltLength = 14;
  return { name, id, cipher: 'aes-cm', keyLength, saltLength, rtpTagLength, rtcpTagLength: 10 };
}

function galoisCounterMode(name: SrtpProfileName, id: number, keyLength: 16 | 32): SrtpProfile {
  const tags = { rtpTagLength: 16, rtcpTagLength: 16 } as const;
  return { name, id, cipher: 'aes-gcm', keyLength, saltLength: 12, ...tags };
}
