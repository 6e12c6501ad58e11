// Master keys: what a session is keyed with, and how DTLS-SRTP and SDES hand them over.
// https://www.rfc-editor.org/rfc/rfc3711#section-3.2.1

import { invalidOption } from './errors.ts';
import type { SrtpProfile } from './profiles.ts';

/** One master key of a direction. The memory stays the caller's, who may wipe it. */
export interface SrtpMasterKey {
  /** As long as the profile's `keyLength`. */
  readonly key: Uint8Array;
  /** As long as the profile's `saltLength`. */
  readonly salt: Uint8Array;
  /** The master key identifier that its packets carry (RFC 3711 §3.1); none is carried without it. */
  readonly mki?: Uint8Array;
}

/** The label to export keying material with (RFC 5764 §4.2). */
export const DTLS_SRTP_EXPORTER_LABEL = 'EXTRACTOR-dtls_srtp';

/** The longest MKI that use_srtp can carry (RFC 5764 §4.1.1). */
const MAX_MKI_LENGTH = 255;

/** How many bytes to export with {@link DTLS_SRTP_EXPORTER_LABEL}: two keys and two salts. */
export function dtlsSrtpKeyingMaterialLength(profile: SrtpProfile): number {
  return 2 * (profile.keyLength + profile.saltLength);
}

/**
 * What the exporter of a DTLS connection gave, as keys: a DTLS client protects with `client` and unprotects
 * with `server`, a DTLS server the other way round (RFC 5764 §4.2). The parts are views of `material`.
 *
 * @throws SrtpError with code `SRTP_INVALID_OPTION` unless `material` has
 * {@link dtlsSrtpKeyingMaterialLength} bytes.
 */
export function splitDtlsSrtpKeyingMaterial(
  profile: SrtpProfile,
  material: Uint8Array,
): { readonly client: SrtpMasterKey; readonly server: SrtpMasterKey } {
  const { keyLength, saltLength } = profile;
  const length = dtlsSrtpKeyingMaterialLength(profile);
  if (material.length !== length) {
    invalidOption('material', `${material.length} bytes`, `${length} bytes for ${profile.name}`);
  }
  const salts = 2 * keyLength;
  return {
    client: {
      key: material.subarray(0, keyLength),
      salt: material.subarray(salts, salts + saltLength),
    },
    server: {
      key: material.subarray(keyLength, salts),
      salt: material.subarray(salts + saltLength),
    },
  };
}

/**
 * Checks keys that are to be used beside each other.
 *
 * @returns the length of their MKIs; 0 if they have none.
 * @throws SrtpError with code `SRTP_INVALID_OPTION` if there is none, a key or salt has the wrong length,
 * or the MKIs are not all different and of one length.
 */
export function checkMasterKeys(profile: SrtpProfile, keys: readonly SrtpMasterKey[]): number {
  const mkiLength = keys[0]?.mki?.length ?? 0;
  if (keys.length === 0) invalidOption('keys', 'empty', 'at least one master key');
  if (keys.length > 1 && mkiLength === 0) {
    invalidOption('keys', `${keys.length} keys without MKI`, 'one key, or an MKI for each');
  }
  const seen = new Set<string>();
  for (const { key, salt, mki } of keys) {
    checkLength('key', key, profile.keyLength, profile);
    checkLength('salt', salt, profile.saltLength, profile);
    if ((mki?.length ?? 0) !== mkiLength || mkiLength > MAX_MKI_LENGTH) {
      invalidOption(
        'mki',
        `${mki?.length ?? 0} bytes`,
        `${mkiLength} bytes, ${MAX_MKI_LENGTH} at most`,
      );
    }
    const text = mki?.join() ?? '';
    if (seen.has(text)) invalidOption('mki', `[${text}] twice`, 'a different MKI for each key');
    seen.add(text);
  }
  return mkiLength;
}

function checkLength(name: string, bytes: Uint8Array, length: number, profile: SrtpProfile): void {
  if (bytes.length !== length) {
    invalidOption(name, `${bytes.length} bytes`, `${length} bytes for ${profile.name}`);
  }
}
