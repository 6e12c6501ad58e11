// One master key in use: its session keys behind the transform of the profile.

import type { CryptoProvider } from '@kaon/crypto';
import { AesCmHmac } from './aes-cm-hmac.ts';
import { AesGcm } from './aes-gcm.ts';
import { HeaderExtensionKey } from './header-extension-encryption.ts';
import { deriveSessionKeys, wipeSessionKeys } from './key-derivation.ts';
import type { SrtpMasterKey } from './master-key.ts';
import type { SrtpTransform } from './packet-transform.ts';
import type { SrtpProfile } from './profiles.ts';

/** What is derived from one master key. */
export class MasterKeyContext {
  /** Empty if packets carry none. */
  readonly mki: Uint8Array;
  readonly transform: SrtpTransform;
  /** For header extensions; undefined if none is encrypted. */
  readonly headerKey: HeaderExtensionKey | undefined;
  /** Packets protected so far. */
  rtpPackets = 0;
  rtcpPackets = 0;

  constructor(
    crypto: CryptoProvider,
    profile: SrtpProfile,
    master: SrtpMasterKey,
    encryptsHeaderExtensions: boolean,
  ) {
    this.mki = new Uint8Array(master.mki ?? []);
    const keys = deriveSessionKeys(crypto, profile, master);
    this.transform =
      profile.cipher === 'aes-cm'
        ? new AesCmHmac(crypto, profile, keys, this.mki)
        : new AesGcm(crypto, profile, keys, this.mki);
    this.headerKey = encryptsHeaderExtensions ? new HeaderExtensionKey(crypto, keys) : undefined;
    wipeSessionKeys(keys);
  }

  /** Whether its MKI is what `packet` has at `offset`. */
  hasMki(packet: Uint8Array, offset: number): boolean {
    const { mki } = this;
    for (let i = 0; i < mki.length; i++) if (packet[offset + i] !== mki[i]) return false;
    return true;
  }

  /** Wipes all keys. */
  destroy(): void {
    this.transform.destroy();
    this.headerKey?.destroy();
  }
}
