// One long-lived AES cipher by node:crypto that makes keystream of counter blocks (FIPS 197).

import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';

/**
 * AES on single blocks. A cipher object costs more than the encryption of a packet, so there is one for
 * the life of a key; OpenSSL's AES takes the same time for all data.
 */
export class AesBlocks {
  #cipher: Cipheriv | undefined;

  constructor(key: KeyObject) {
    const algorithm = `aes-${8 * (key.symmetricKeySize as number)}-ecb`;
    this.#cipher = createCipheriv(algorithm, key, null);
    this.#cipher.setAutoPadding(false);
  }

  /** Encrypts whole blocks, each by itself; the result is new memory that nothing else shares. */
  encrypt(blocks: Uint8Array): Uint8Array {
    return (this.#cipher as Cipheriv).update(blocks);
  }

  /** Lets go of the cipher; the key schedule goes with the garbage collector. */
  destroy(): void {
    this.#cipher = undefined;
  }
}
