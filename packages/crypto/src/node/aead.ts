// Authenticated encryption by node:crypto: one cipher context per packet, as its API demands.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { releaseMemory } from '@kaon/wire';
import { checkAeadArguments, checkAeadKey, NONCE_LENGTH, TAG_LENGTH } from '../aead-parameters.ts';
import type { Aead, AeadAlgorithm } from '../provider.ts';

/** AES-GCM (NIST SP 800-38D) or ChaCha20-Poly1305 (RFC 8439). */
export class NodeAead implements Aead {
  readonly algorithm: AeadAlgorithm;
  readonly nonceLength: number = NONCE_LENGTH;
  readonly tagLength: number = TAG_LENGTH;
  readonly #key: KeyObject;

  constructor(algorithm: AeadAlgorithm, key: Uint8Array | KeyObject) {
    this.algorithm = algorithm;
    if (!(key instanceof Uint8Array)) {
      this.#key = key;
      return;
    }
    checkAeadKey(algorithm, key);
    // A copy: the caller may wipe its own. With raw bytes Node 24 takes three times as long per packet;
    // the other versions take the same time for both.
    this.#key = createSecretKey(key);
  }

  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const length = plaintext.length;
    checkAeadArguments(nonce, out, offset, length + TAG_LENGTH);
    const cipher = createCipheriv(this.#nodeName, this.#key, nonce, TAG_OPTIONS);
    if (additionalData.length > 0) cipher.setAAD(additionalData);
    // Node gives new memory, so that `plaintext` may overlap `out` in any way.
    if (length > 0) {
      const ciphertext = cipher.update(plaintext);
      out.set(ciphertext, offset);
      releaseMemory(ciphertext);
    }
    cipher.final();
    out.set(cipher.getAuthTag(), offset + length);
    return offset + length + TAG_LENGTH;
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
    const decipher = createDecipheriv(this.#nodeName, this.#key, nonce, TAG_OPTIONS);
    if (additionalData.length > 0) decipher.setAAD(additionalData);
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = length > 0 ? decipher.update(sealed.subarray(0, length)) : NO_BYTES;
    try {
      decipher.final();
    } catch {
      releaseMemory(plaintext);
      return -1; // The tag is wrong: the only fault that can show here, and `out` is untouched.
    }
    out.set(plaintext, offset);
    releaseMemory(plaintext);
    return offset + length;
  }

  // Node's types know the names of CCM, GCM and ChaCha20 ciphers apart; the calls are the same.
  get #nodeName(): 'aes-128-gcm' {
    return this.algorithm as 'aes-128-gcm';
  }
}

const NO_BYTES = new Uint8Array(0);
const TAG_OPTIONS = { authTagLength: TAG_LENGTH };
