// Nonces for ECDSA from key and message alone (RFC 6979, https://www.rfc-editor.org/rfc/rfc6979#section-3).

import { concatBytes } from '@kaon/wire';
import { bigIntToBytes, bytesToBigInt } from './big-integer.ts';
import { type CurveName, ELLIPTIC_CURVES, isScalar } from './elliptic-curve.ts';
import type { CryptoProvider } from './provider.ts';
import type { SignatureHash } from './signature-scheme.ts';

/** The number that ECDSA signs in place of a digest: its leftmost bits, reduced (RFC 6979 §2.3.2, §2.4). */
export function digestToInteger(curve: CurveName, digest: Uint8Array): bigint {
  return bitsToInteger(curve, digest) % ELLIPTIC_CURVES[curve].order;
}

/**
 * Gives `attempt` one nonce after the other until it has a result.
 *
 * @param scalar the private key, as long as the order.
 */
export function withDeterministicNonce<T extends NonNullable<unknown>>(
  provider: Pick<CryptoProvider, 'createHmac'>,
  curve: CurveName,
  scalar: Uint8Array,
  hash: SignatureHash,
  digest: Uint8Array,
  attempt: (nonce: Uint8Array) => T | undefined,
): T {
  const { bits, length, order } = ELLIPTIC_CURVES[curve];
  const seed = concatBytes(scalar, bigIntToBytes(digestToInteger(curve, digest), length));
  // RFC 6979 §3.2 b to g, an HMAC_DRBG with the state k and v.
  let v: Uint8Array = new Uint8Array(digest.length).fill(1);
  let hmac = provider.createHmac(hash, new Uint8Array(digest.length));
  const rekey = (...data: readonly Uint8Array[]): void => {
    hmac = provider.createHmac(hash, hmac.compute(v, ...data));
    v = hmac.compute(v);
  };
  rekey(Uint8Array.of(0), seed);
  rekey(Uint8Array.of(1), seed);
  for (;;) {
    let t: Uint8Array = new Uint8Array(0);
    while (8 * t.length < bits) {
      v = hmac.compute(v);
      t = concatBytes(t, v);
    }
    const nonce = bigIntToBytes(bitsToInteger(curve, t), length);
    const result = isScalar(nonce, order) ? attempt(nonce) : undefined;
    if (result !== undefined) return result;
    rekey(Uint8Array.of(0));
  }
}

/** `bits2int` (RFC 6979 §2.3.2). */
function bitsToInteger(curve: CurveName, bytes: Uint8Array): bigint {
  const excess = 8 * bytes.length - ELLIPTIC_CURVES[curve].bits;
  const value = bytesToBigInt(bytes);
  return excess > 0 ? value >> BigInt(excess) : value;
}
