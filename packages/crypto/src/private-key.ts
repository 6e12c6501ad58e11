// Reads private keys in PKCS #8 form (RFC 5958, RFC 5915 §3, RFC 8017 §A.1.2, RFC 8410 §7).

import { formatHex } from '@kaon/wire';
import { bytesToBigInt } from './big-integer.ts';
import { DerReader, DerTag } from './der.ts';
import { type CurveName, ELLIPTIC_CURVES, isScalar } from './elliptic-curve.ts';
import { CryptoError } from './errors.ts';
import { curveByOid, isAcceptableRsa, KeyOid, readParameters } from './subject-public-key.ts';

/** An RSA private key with the numbers of the Chinese remainder theorem (RFC 8017 §3.2). */
export interface RsaPrivateKey {
  readonly type: 'rsa';
  /** Bits of the modulus. */
  readonly bits: number;
  /** Bytes of the modulus, and of a signature. */
  readonly length: number;
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly dP: bigint;
  readonly dQ: bigint;
  readonly qInv: bigint;
}

/** A private key, taken apart. */
export type PrivateKey =
  | {
      readonly type: 'ec';
      readonly curve: CurveName;
      readonly scalar: Uint8Array;
      /** The public key, if it is there: uncompressed, not checked to belong to the scalar. */
      readonly point: Uint8Array | undefined;
    }
  | RsaPrivateKey
  | { readonly type: 'ed25519'; readonly seed: Uint8Array };

/**
 * Reads a private key in PKCS #8 DER form.
 *
 * @throws CryptoError with code `CRYPTO_INVALID_KEY` if it is none, or of a kind not supported.
 */
export function parsePrivateKey(pkcs8: Uint8Array): PrivateKey {
  const key = readPrivateKey(pkcs8);
  if (key !== undefined) return key;
  throw new CryptoError(
    'CRYPTO_INVALID_KEY',
    `The ${pkcs8.length} bytes are no PKCS #8 private key for P-256, P-384, P-521, RSA or Ed25519.`,
  );
}

function readPrivateKey(pkcs8: Uint8Array): PrivateKey | undefined {
  const outer = new DerReader(pkcs8);
  const info = outer.sequence();
  const version = info.unsignedInteger();
  const algorithm = info.sequence();
  const oid = formatHex(algorithm.contents(DerTag.objectIdentifier));
  const parameters = readParameters(algorithm);
  const key = info.contents(DerTag.octetString);
  if (info.nextTag === 0xa0) info.contents(0xa0); // attributes
  if (info.nextTag === 0x81) info.contents(0x81); // publicKey
  if (!outer.isComplete || !info.isComplete || !algorithm.isComplete) return undefined;
  if (version.length > 1 || (version[0] ?? 0) > 1) return undefined;
  if (oid === KeyOid.ec) return ecKey(parameters, key);
  if (oid === KeyOid.rsa && parameters === 'null') return rsaKey(key);
  if (oid === KeyOid.ed25519 && parameters === 'absent') return ed25519Key(key);
  return undefined;
}

function ecKey(oid: string, der: Uint8Array): PrivateKey | undefined {
  const curve = curveByOid(oid);
  const outer = new DerReader(der);
  const key = outer.sequence();
  const version = key.unsignedInteger();
  const scalar = key.contents(DerTag.octetString);
  if (key.nextTag === 0xa0) key.contents(0xa0); // parameters
  const point = key.nextTag === 0xa1 ? publicKey(key.contents(0xa1)) : undefined;
  if (curve === undefined || version[0] !== 1 || !key.isComplete || !outer.isComplete) {
    return undefined;
  }
  const { length, order } = ELLIPTIC_CURVES[curve];
  if (scalar.length !== length || !isScalar(scalar, order)) return undefined;
  return { type: 'ec', curve, scalar: new Uint8Array(scalar), point };
}

/** A compressed point is passed over like none. */
function publicKey(der: Uint8Array): Uint8Array | undefined {
  const point = new DerReader(der).wholeBytes();
  return point[0] === 4 ? new Uint8Array(point) : undefined;
}

function rsaKey(der: Uint8Array): PrivateKey | undefined {
  const outer = new DerReader(der);
  const key = outer.sequence();
  const version = key.unsignedInteger();
  const modulus = key.unsignedInteger();
  const exponent = key.unsignedInteger();
  const next = (): bigint => bytesToBigInt(key.unsignedInteger());
  const [d, p, q, dP, dQ, qInv] = [next(), next(), next(), next(), next(), next()];
  if (version.length !== 0 || !key.isComplete || !outer.isComplete) return undefined;
  if (!isAcceptableRsa(modulus, exponent)) return undefined;
  const n = bytesToBigInt(modulus);
  if (p * q !== n || d >= n || dP >= p || dQ >= q || qInv >= p) return undefined;
  const e = bytesToBigInt(exponent);
  return {
    type: 'rsa',
    bits: n.toString(2).length,
    length: modulus.length,
    n,
    e,
    d,
    p,
    q,
    dP,
    dQ,
    qInv,
  };
}

function ed25519Key(der: Uint8Array): PrivateKey | undefined {
  const outer = new DerReader(der);
  const seed = outer.contents(DerTag.octetString);
  if (!outer.isComplete || seed.length !== 32) return undefined;
  return { type: 'ed25519', seed: new Uint8Array(seed) };
}
