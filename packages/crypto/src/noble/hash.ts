// Hashes and HMAC by @noble/hashes.

import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { CHash } from '@noble/hashes/utils.js';
import { keyDestroyed } from '../packet/packet-number.ts';
import { computeByParts } from '../packet/plain-hmacs.ts';
import type { Hash, HashAlgorithm, Hmac } from '../provider.ts';

/** noble's hash functions by our names. */
export const NOBLE_HASHES: Readonly<Record<HashAlgorithm, CHash>> = {
  md5,
  sha1,
  sha256,
  sha384,
  sha512,
};

type NativeHash = ReturnType<CHash['create']>;
type NativeHmac = ReturnType<typeof hmac.create>;

/** A running hash. */
class NobleHash implements Hash {
  readonly #hash: NativeHash;

  constructor(hash: NativeHash) {
    this.#hash = hash;
  }

  update(data: Uint8Array): this {
    this.#hash.update(data);
    return this;
  }

  digest(): Uint8Array {
    return this.#hash.clone().digest();
  }

  clone(): Hash {
    return new NobleHash(this.#hash.clone());
  }
}

/** A running hash of `algorithm`. */
export function createNobleHash(algorithm: HashAlgorithm): Hash {
  return new NobleHash(NOBLE_HASHES[algorithm].create());
}

/** The hash of all `parts` one after the other. */
export function nobleHash(algorithm: HashAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = NOBLE_HASHES[algorithm].create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** An HMAC that keeps the hash's state behind the key's block, and starts from there each time. */
class NobleHmac implements Hmac {
  readonly algorithm: HashAlgorithm;
  readonly #keyed: NativeHmac;
  #isDestroyed = false;

  constructor(algorithm: HashAlgorithm, key: Uint8Array) {
    this.algorithm = algorithm;
    this.#keyed = hmac.create(NOBLE_HASHES[algorithm], key);
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
    if (this.#isDestroyed) throw keyDestroyed();
    const running = this.#keyed.clone();
    for (const part of parts) running.update(part);
    return running.digest();
  }

  computeInto(
    message: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number {
    return computeByParts(this, message, start, end, out, offset);
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#keyed.destroy();
  }
}

/** An HMAC of `algorithm` with `key`. */
export function createNobleHmac(algorithm: HashAlgorithm, key: Uint8Array): Hmac {
  return new NobleHmac(algorithm, key);
}
