// Hashes and HMAC by node:crypto.

import { createHash, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { concatBytes } from '@kaon/wire';
import { keyDestroyed } from '../packet/packet-number.ts';
import { computeByParts } from '../packet/plain-hmacs.ts';
import type { Hash, HashAlgorithm, Hmac } from '../provider.ts';

type NativeHash = ReturnType<typeof createHash>;

/** A running hash. */
export class NodeHash implements Hash {
  readonly #hash: NativeHash;

  constructor(algorithm: HashAlgorithm, hash: NativeHash = createHash(algorithm)) {
    this.#hash = hash;
    this.#algorithm = algorithm;
  }

  readonly #algorithm: HashAlgorithm;

  update(data: Uint8Array): this {
    this.#hash.update(data);
    return this;
  }

  digest(): Uint8Array {
    return plainBytes(this.#hash.copy().digest());
  }

  clone(): Hash {
    return new NodeHash(this.#algorithm, this.#hash.copy());
  }
}

/** The hash of all `parts` one after the other. */
export function nodeHash(algorithm: HashAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  const data = parts.length === 1 && first !== undefined ? first : concatBytes(...parts);
  return plainBytes(hash(algorithm, data, 'buffer'));
}

/** An HMAC whose key Node has read once. */
export class NodeHmac implements Hmac {
  readonly algorithm: HashAlgorithm;
  // A KeyObject, because raw keys cost five times as much per message on Node 24.
  #key: KeyObject | undefined;

  constructor(algorithm: HashAlgorithm, key: Uint8Array) {
    this.algorithm = algorithm;
    this.#key = createSecretKey(key);
  }

  compute(...parts: readonly Uint8Array[]): Uint8Array {
    if (this.#key === undefined) throw keyDestroyed();
    const hmac = createHmac(this.algorithm, this.#key);
    for (const part of parts) hmac.update(part);
    return plainBytes(hmac.digest());
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
    // The key lies where only the garbage collector reaches.
    this.#key = undefined;
  }
}

/** The same memory as a plain Uint8Array, because Buffer's `slice` shares memory and others' copies. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
