// The provider for where there is no node:crypto: @noble/ciphers, @noble/curves and @noble/hashes.

import { crc32c, type RandomSource, readUint32 } from '@kaon/wire';
import { CounterKey } from '../packet/counter-key.ts';
import { PacketKey } from '../packet/packet-key.ts';
import { plainCounterEngine, plainPacketEngine } from '../packet/plain-engine.ts';
import { computeHmacs } from '../packet/plain-hmacs.ts';
import type { CryptoProvider } from '../provider.ts';
import { NobleAead } from './aead.ts';
import { nobleCounterCipher } from './counter-mode.ts';
import { createNobleHash, createNobleHmac, nobleHash } from './hash.ts';
import { generateNobleKeyAgreement } from './key-agreement.ts';
import { generateNobleSigningKeyPair, NobleSigningKey, verifyByNoble } from './signature.ts';

/** The most that `getRandomValues` gives at once (W3C Web Cryptography API §10.1.1). */
const MAX_RANDOM_BYTES = 65536;

/** The operating system's randomness, by way of the Web Cryptography API. */
const webRandom: RandomSource = {
  fill(out) {
    for (let start = 0; start < out.length; start += MAX_RANDOM_BYTES) {
      const part = out.subarray(start, start + MAX_RANDOM_BYTES);
      globalThis.crypto.getRandomValues(part as Uint8Array<ArrayBuffer>);
    }
    return out;
  },
  uint32() {
    return readUint32(this.fill(new Uint8Array(4)), 0);
  },
};

/** All of {@link CryptoProvider} in JavaScript. Signatures depend on key and message only. */
export const nobleCrypto: CryptoProvider = {
  name: 'noble',
  packetKernel: 'noble',
  random: webRandom,
  createAead: (algorithm, key) => new NobleAead(algorithm, key),
  createHash: createNobleHash,
  hash: nobleHash,
  createHmac: createNobleHmac,
  computeHmacs,
  createPacketKey: (algorithm, key) =>
    new PacketKey(algorithm, key, () => plainPacketEngine(new NobleAead(algorithm, key))),
  createCounterKey: (key) => new CounterKey(key, () => plainCounterEngine(nobleCounterCipher(key))),
  crc32c,
  generateKeyAgreement: generateNobleKeyAgreement,
  generateSigningKeyPair: generateNobleSigningKeyPair,
  importSigningKey: (pkcs8) => new NobleSigningKey(pkcs8, webRandom),
  verify: verifyByNoble,
};
