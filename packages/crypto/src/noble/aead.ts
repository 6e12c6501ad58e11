// Authenticated encryption by @noble/ciphers.

import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { checkAeadArguments, checkAeadKey, NONCE_LENGTH, TAG_LENGTH } from '../aead-parameters.ts';
import type { Aead, AeadAlgorithm } from '../provider.ts';

/** AES-GCM (NIST SP 800-38D) or ChaCha20-Poly1305 (RFC 8439). */
export class NobleAead implements Aead {
  readonly algorithm: AeadAlgorithm;
  readonly nonceLength: number = NONCE_LENGTH;
  readonly tagLength: number = TAG_LENGTH;
  readonly #key: Uint8Array;

  constructor(algorithm: AeadAlgorithm, key: Uint8Array) {
    checkAeadKey(algorithm, key);
    this.algorithm = algorithm;
    this.#key = new Uint8Array(key); // Ours from now on: the caller may wipe its own.
  }

  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const length = plaintext.length + TAG_LENGTH;
    checkAeadArguments(nonce, out, offset, length);
    // noble gives new memory, so that `plaintext` may overlap `out` in any way.
    out.set(this.#cipher(nonce, additionalData).encrypt(plaintext), offset);
    return offset + length;
  }

  open(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const length = sealed.length - TAG_LENGTH;
    checkAeadArguments(nonce, out, offset, Math.max(length, 0));
    if (length < 0) return -1;
    const cipher = this.#cipher(nonce, additionalData);
    try {
      out.set(cipher.decrypt(sealed), offset);
    } catch {
      return -1; // The tag is wrong: the only fault left, and `out` is untouched.
    }
    return offset + length;
  }

  #cipher(nonce: Uint8Array, additionalData: Uint8Array): ReturnType<typeof gcm> {
    return this.algorithm === 'chacha20-poly1305'
      ? chacha20poly1305(this.#key, nonce, additionalData)
      : gcm(this.#key, nonce, additionalData);
  }
}
