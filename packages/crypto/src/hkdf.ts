// HKDF, key derivation in two steps (RFC 5869, https://www.rfc-editor.org/rfc/rfc5869).

import { concatBytes } from '@kaon/wire';
import type { CryptoProvider, HashAlgorithm } from './provider.ts';

/**
 * Concentrates the entropy of `inputKeyingMaterial` into one key (RFC 5869 §2.2). An empty `salt` counts
 * as one hash length of zeros.
 *
 * @returns the pseudorandom key, as long as the hash.
 */
export function hkdfExtract(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  salt: Uint8Array,
  inputKeyingMaterial: Uint8Array,
): Uint8Array {
  // HMAC pads its key with zeros, so an empty salt and one of zeros are the same key.
  return provider.createHmac(hash, salt).compute(inputKeyingMaterial);
}

/**
 * Stretches `pseudorandomKey` to `length` bytes bound to `info` (RFC 5869 §2.3).
 *
 * @throws RangeError if `length` is more than 255 hash lengths.
 */
export function hkdfExpand(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  pseudorandomKey: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const hmac = provider.createHmac(hash, pseudorandomKey);
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array(0);
  for (let made = 0; made < length; made += block.length) {
    const counter = blocks.length + 1;
    if (counter > 255) {
      throw new RangeError(`HKDF gives at most 255 hash lengths; ${length} bytes are too many.`);
    }
    block = hmac.compute(block, info, Uint8Array.of(counter));
    blocks.push(block);
  }
  return concatBytes(...blocks).slice(0, length);
}
