// AES in counter mode by @noble/ciphers (NIST SP 800-38A §6.5).

import { ctr } from '@noble/ciphers/aes.js';
import type { CounterCipher } from '../packet/plain-engine.ts';

/** A cipher for packets with one key of 16, 24 or 32 bytes. */
export function nobleCounterCipher(key: Uint8Array): CounterCipher {
  const own = new Uint8Array(key); // Ours from now on: the caller may wipe its own.
  return (first, data) => ctr(own, first).encrypt(data);
}
