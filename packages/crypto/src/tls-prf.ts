// The pseudorandom function of TLS 1.2 (RFC 5246 §5, https://www.rfc-editor.org/rfc/rfc5246#section-5).

import { concatBytes, encodeUtf8 } from '@kaon/wire';
import type { CryptoProvider, HashAlgorithm } from './provider.ts';

/**
 * `PRF(secret, label, seed)`, cut to `length` bytes.
 *
 * @param hash that of the cipher suite: `sha256`, or `sha384` for suites with SHA384 in their name.
 * @param label ASCII, such as `master secret`; no terminating zero is added.
 */
export function tlsPrf(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const hmac = provider.createHmac(hash, secret);
  const labelAndSeed = concatBytes(encodeUtf8(label), seed);
  const out = new Uint8Array(length);
  let a: Uint8Array = labelAndSeed; // A(0)
  for (let offset = 0; offset < length; ) {
    a = hmac.compute(a); // A(i) = HMAC_hash(secret, A(i-1))
    const block = hmac.compute(a, labelAndSeed);
    out.set(block.subarray(0, length - offset), offset);
    block.fill(0); // What it gives are secrets, which their owner wipes.
    offset += block.length;
  }
  return out;
}
