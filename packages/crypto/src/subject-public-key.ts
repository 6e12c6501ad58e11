// Takes the public key out of X.509 certificates and reads it (RFC 5280 §4.1, RFC 3279 §2.3, RFC 5480).

import { formatHex } from '@kaon/wire';
import { DerReader, DerTag } from './der.ts';
import { type CurveName, ELLIPTIC_CURVES } from './elliptic-curve.ts';

/** A public key, taken apart. */
export type PublicKey =
  | {
      readonly type: 'ec';
      readonly curve: CurveName;
      /** The uncompressed point: 4, x, y. Not checked to be on the curve. */
      readonly point: Uint8Array;
    }
  | {
      readonly type: 'rsa';
      /** Big-endian, without leading zeros. */
      readonly modulus: Uint8Array;
      /** Big-endian, without leading zeros. */
      readonly exponent: Uint8Array;
    }
  | { readonly type: 'ed25519'; readonly key: Uint8Array };

/** Content bytes of the object identifiers of key algorithms, in hexadecimal. */
export const KeyOid = {
  ec: '2a8648ce3d0201',
  rsa: '2a864886f70d010101',
  ed25519: '2b6570',
} as const;

const MIN_RSA_BYTES = 128;
const MAX_RSA_BYTES = 1024;
const MAX_RSA_EXPONENT_BYTES = 4;

/**
 * The SubjectPublicKeyInfo of a certificate, still in DER, without a look at anything else in it.
 *
 * @returns a view into `certificate`; undefined if that is no X.509 certificate. Never throws.
 */
export function readSubjectPublicKeyInfo(certificate: Uint8Array): Uint8Array | undefined {
  const outer = new DerReader(certificate);
  const signed = outer.sequence();
  const tbs = signed.sequence();
  if (tbs.nextTag === 0xa0) tbs.contents(0xa0); // version
  tbs.contents(DerTag.integer); // serialNumber
  tbs.contents(DerTag.sequence); // signature
  tbs.contents(DerTag.sequence); // issuer
  tbs.contents(DerTag.sequence); // validity
  tbs.contents(DerTag.sequence); // subject
  const subjectPublicKeyInfo = tbs.element(DerTag.sequence);
  signed.contents(DerTag.sequence); // signatureAlgorithm
  signed.contents(DerTag.bitString); // signatureValue
  if (tbs.failed || !signed.isComplete || !outer.isComplete) return undefined;
  return subjectPublicKeyInfo;
}

/**
 * Reads a SubjectPublicKeyInfo in DER. RSA keys have 1024 to 8192 bits and an odd exponent below 2^32, so
 * that a peer's key cannot ask for unbounded work.
 *
 * @returns undefined if it is malformed or of a kind that is not supported. Never throws.
 */
export function parseSubjectPublicKeyInfo(spki: Uint8Array): PublicKey | undefined {
  const outer = new DerReader(spki);
  const info = outer.sequence();
  const algorithm = info.sequence();
  const oid = formatHex(algorithm.contents(DerTag.objectIdentifier));
  const parameters = readParameters(algorithm);
  const bits = info.wholeBytes();
  if (!outer.isComplete || !info.isComplete || !algorithm.isComplete) return undefined;
  if (oid === KeyOid.ec) return ecKey(parameters, bits);
  if (oid === KeyOid.rsa && parameters === 'null') return rsaKey(bits);
  // RFC 8410 §3: no parameters.
  if (oid === KeyOid.ed25519 && parameters === 'absent' && bits.length === 32) {
    return { type: 'ed25519', key: bits };
  }
  return undefined;
}

/** The parameters of an AlgorithmIdentifier: an object identifier in hexadecimal, `null` or `absent`. */
export function readParameters(algorithm: DerReader): string {
  if (algorithm.nextTag === undefined) return 'absent';
  if (algorithm.nextTag === DerTag.objectIdentifier) {
    return formatHex(algorithm.contents(DerTag.objectIdentifier));
  }
  if (algorithm.contents(DerTag.null).length !== 0) algorithm.fail();
  return 'null';
}

/** The curve with this object identifier. */
export function curveByOid(oid: string): CurveName | undefined {
  return Object.values(ELLIPTIC_CURVES).find((curve) => curve.oid === oid)?.name;
}

/** Whether an RSA key of these numbers is one we do arithmetic with. */
export function isAcceptableRsa(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const odd = (modulus.at(-1) ?? 0) & (exponent.at(-1) ?? 0) & 1;
  if (odd === 0 || modulus.length < MIN_RSA_BYTES || modulus.length > MAX_RSA_BYTES) return false;
  return exponent.length <= MAX_RSA_EXPONENT_BYTES && !(exponent.length === 1 && exponent[0] === 1);
}

function ecKey(oid: string, point: Uint8Array): PublicKey | undefined {
  const curve = curveByOid(oid);
  if (curve === undefined) return undefined;
  // RFC 8422 §5.4.1: TLS uses the uncompressed form only.
  if (point[0] !== 4 || point.length !== 1 + 2 * ELLIPTIC_CURVES[curve].length) return undefined;
  return { type: 'ec', curve, point };
}

function rsaKey(der: Uint8Array): PublicKey | undefined {
  const outer = new DerReader(der);
  const key = outer.sequence();
  const modulus = key.unsignedInteger();
  const exponent = key.unsignedInteger();
  if (!outer.isComplete || !key.isComplete || !isAcceptableRsa(modulus, exponent)) return undefined;
  return { type: 'rsa', modulus, exponent };
}
