// A key pair on a NIST curve in the forms that certificates need (RFC 5480 §2, RFC 5915 §3, RFC 5958 §2).

import { parseHex } from '@kaon/wire';
import { DerTag, encodeDer } from './der.ts';
import { ELLIPTIC_CURVES } from './elliptic-curve.ts';
import type { SigningKeyPair } from './provider.ts';
import { KeyOid } from './subject-public-key.ts';

const TAG_PUBLIC_KEY = 0xa1;
const WHOLE_BYTES = Uint8Array.of(0);

/**
 * Encodes both keys.
 *
 * @param scalar the private key, as long as a coordinate; the caller may wipe it afterwards.
 * @param point the public key in uncompressed form (SEC 1 §2.3.3).
 */
export function encodeEcKeyPair(
  curve: 'secp256r1' | 'secp384r1',
  scalar: Uint8Array,
  point: Uint8Array,
): SigningKeyPair {
  const algorithm = encodeDer(
    DerTag.sequence,
    encodeOid(KeyOid.ec),
    encodeOid(ELLIPTIC_CURVES[curve].oid),
  );
  const publicBits = encodeDer(DerTag.bitString, WHOLE_BYTES, point);
  const ecPrivateKey = encodeDer(
    DerTag.sequence,
    encodeVersion(1),
    encodeDer(DerTag.octetString, scalar),
    encodeDer(TAG_PUBLIC_KEY, publicBits),
  );
  const keyString = encodeDer(DerTag.octetString, ecPrivateKey);
  return {
    privateKey: encodeDer(DerTag.sequence, encodeVersion(0), algorithm, keyString),
    publicKey: encodeDer(DerTag.sequence, algorithm, publicBits),
  };
}

function encodeVersion(version: number): Uint8Array {
  return encodeDer(DerTag.integer, Uint8Array.of(version));
}

function encodeOid(hex: string): Uint8Array {
  return encodeDer(DerTag.objectIdentifier, parseHex(hex) as Uint8Array);
}
