// The NIST curves as keys use them: names, lengths and orders (SEC 2 §2, FIPS 186-5).

import type { RandomSource } from '@kaon/wire';
import { bytesToBigInt } from './big-integer.ts';
import { CryptoError } from './errors.ts';

/** Curves of EC keys, by their TLS names (RFC 8422 §5.1.1). */
export type CurveName = 'secp256r1' | 'secp384r1' | 'secp521r1';

/** What must be known of a curve to check and make scalars. */
export interface EllipticCurve {
  readonly name: CurveName;
  /** Its name in JSON Web Keys (RFC 7518 §6.2.1.1). */
  readonly jwkName: string;
  /** Content bytes of the object identifier, in hexadecimal. */
  readonly oid: string;
  /** Bits of the order. */
  readonly bits: number;
  /** Bytes of a coordinate, and of a scalar. */
  readonly length: number;
  /** The order of the base point: scalars are from 1 up to, not including, this. */
  readonly order: bigint;
}

/** The curves by name. */
export const ELLIPTIC_CURVES: Readonly<Record<CurveName, EllipticCurve>> = {
  secp256r1: {
    name: 'secp256r1',
    jwkName: 'P-256',
    oid: '2a8648ce3d030107',
    bits: 256,
    length: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  secp384r1: {
    name: 'secp384r1',
    jwkName: 'P-384',
    oid: '2b81040022',
    bits: 384,
    length: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  secp521r1: {
    name: 'secp521r1',
    jwkName: 'P-521',
    oid: '2b81040023',
    bits: 521,
    length: 66,
    order:
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

const MAX_SCALAR_TRIES = 64;

/**
 * A private scalar made from `random` alone, without bias: bytes that are no scalar are thrown away and
 * drawn again (FIPS 186-5 §A.2.2). Both providers use it, so the same randomness gives the same key.
 *
 * @throws CryptoError with code `CRYPTO_BAD_RANDOM` if `random` is no random source.
 */
export function generateScalar(curve: 'secp256r1' | 'secp384r1', random: RandomSource): Uint8Array {
  const { length, order } = ELLIPTIC_CURVES[curve];
  const scalar = new Uint8Array(length);
  for (let i = 0; i < MAX_SCALAR_TRIES; i++) {
    random.fill(scalar);
    if (isScalar(scalar, order)) return scalar;
  }
  throw new CryptoError(
    'CRYPTO_BAD_RANDOM',
    `The random source gave ${MAX_SCALAR_TRIES} times in a row bytes that are no ${curve} scalar.`,
  );
}

/** Whether big-endian `bytes` are a private scalar: from 1 up to, not including, `order`. */
export function isScalar(bytes: Uint8Array, order: bigint): boolean {
  const value = bytesToBigInt(bytes);
  return value > 0n && value < order;
}
