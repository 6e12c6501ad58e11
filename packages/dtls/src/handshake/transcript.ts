// The handshake so far, as signatures, Finished and the extended master secret cover it.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2.6

import type { CryptoProvider, HashAlgorithm } from '@kaon/crypto';
import { concatBytes } from '@kaon/wire';

/**
 * All messages in the order of the handshake, each as if it had come in one fragment. They are kept whole
 * because the hashes to be taken are known only later, and are a few kilobytes for a moment.
 */
export class Transcript {
  #messages: Uint8Array[] = [];

  /** Appends a message with its header. */
  append(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** Forgets all: what came before a HelloVerifyRequest does not count (RFC 6347 §4.2.1). */
  clear(): void {
    this.#messages = [];
  }

  /** The messages' bytes, for signatures. */
  bytes(): Uint8Array {
    return concatBytes(...this.#messages);
  }

  /** The hash of all of it. */
  hash(crypto: CryptoProvider, algorithm: HashAlgorithm): Uint8Array {
    return crypto.hash(algorithm, ...this.#messages);
  }
}
