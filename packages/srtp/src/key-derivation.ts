// Session keys from a master key. https://www.rfc-editor.org/rfc/rfc3711#section-4.3

import type { CryptoProvider } from '@kaon/crypto';
import type { SrtpMasterKey } from './master-key.ts';
import type { SrtpProfile } from './profiles.ts';

/** What each session key is for (RFC 3711 §4.3.1, §4.3.2; RFC 6904 §4.1). */
const Label = {
  rtpEncryption: 0x00,
  rtpAuthentication: 0x01,
  rtpSalt: 0x02,
  rtcpEncryption: 0x03,
  rtcpAuthentication: 0x04,
  rtcpSalt: 0x05,
  headerEncryption: 0x06,
  headerSalt: 0x07,
} as const;

/** Bytes of a key for HMAC-SHA1 (RFC 3711 §5.2: n_a). */
const AUTHENTICATION_KEY_LENGTH = 20;
/** Bytes of x, to which the PRF's counter mode appends the block counter (RFC 3711 §4.3.3). */
const X_LENGTH = 14;
/** Where the label stands in x: in front of the 48 bits of r (RFC 3711 §4.3.1). */
const LABEL_OFFSET = 7;
/** Bytes of a salt for counter mode, which header extensions are encrypted in whatever the profile. */
const COUNTER_SALT_LENGTH = 14;

/** The keys of one kind of packets. */
export interface PacketKeys {
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
  /** Empty for AES-GCM, which needs none. */
  readonly authentication: Uint8Array;
}

/** All keys derived from one master key. */
export interface SessionKeys {
  readonly rtp: PacketKeys;
  readonly rtcp: PacketKeys;
  /** For the header extensions of RFC 6904: encryption and salt. */
  readonly header: PacketKeys;
}

// Deviation: the key derivation rate is 0, so that keys are derived once (RFC 3711 §4.3.1), because DTLS-SRTP
// (RFC 5764 §4.1.2) and RFC 7714 §13 have no other, and nobody negotiates one.

/** Derives all session keys. Wipe them with {@link wipeSessionKeys} when they are in use. */
export function deriveSessionKeys(
  crypto: CryptoProvider,
  profile: SrtpProfile,
  master: SrtpMasterKey,
): SessionKeys {
  const { keyLength, saltLength, cipher } = profile;
  const authenticationLength = cipher === 'aes-cm' ? AUTHENTICATION_KEY_LENGTH : 0;
  const derive = (label: number, length: number) => deriveKey(crypto, master, label, length);
  const header = new Uint8Array(COUNTER_SALT_LENGTH);
  // A salt of 12 bytes is one of 14 that ends in zeros (RFC 7714 §11 with erratum 4938), here too.
  header.set(derive(Label.headerSalt, saltLength));
  return {
    rtp: {
      encryption: derive(Label.rtpEncryption, keyLength),
      salt: derive(Label.rtpSalt, saltLength),
      authentication: derive(Label.rtpAuthentication, authenticationLength),
    },
    rtcp: {
      encryption: derive(Label.rtcpEncryption, keyLength),
      salt: derive(Label.rtcpSalt, saltLength),
      authentication: derive(Label.rtcpAuthentication, authenticationLength),
    },
    header: {
      encryption: derive(Label.headerEncryption, keyLength),
      salt: header,
      authentication: new Uint8Array(0),
    },
  };
}

/** Overwrites all keys with zeros. */
export function wipeSessionKeys(keys: SessionKeys): void {
  for (const { encryption, salt, authentication } of [keys.rtp, keys.rtcp, keys.header]) {
    encryption.fill(0);
    salt.fill(0);
    authentication.fill(0);
  }
}

/** AES in counter mode as a PRF: keystream of the master key from x on (RFC 3711 §4.3.3, RFC 6188 §3). */
function deriveKey(
  crypto: CryptoProvider,
  master: SrtpMasterKey,
  label: number,
  length: number,
): Uint8Array {
  const x = new Uint8Array(X_LENGTH);
  x.set(master.salt);
  x[LABEL_OFFSET] = (x[LABEL_OFFSET] as number) ^ label;
  const key = crypto.createCounterKey(master.key);
  const out = new Uint8Array(length);
  key.createEncryptor(x).encrypt(0, out, 0, length, out, 0);
  key.destroy();
  return out;
}
