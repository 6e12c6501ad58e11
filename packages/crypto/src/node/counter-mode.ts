// AES in counter mode by node:crypto: one cipher context per packet (NIST SP 800-38A §6.5).

import { createCipheriv, createSecretKey } from 'node:crypto';
import type { CounterCipher } from '../packet/plain-engine.ts';

/** A cipher for packets with one key of 16, 24 or 32 bytes. */
export function nodeCounterCipher(key: Uint8Array): CounterCipher {
  const algorithm = `aes-${8 * key.length}-ctr`;
  const secret = createSecretKey(key);
  return (first, data) => createCipheriv(algorithm, secret, first).update(data);
}
