// The provider of production: node:crypto, which is OpenSSL.

import { crc32c } from '@kaon/wire';
import { CounterKey } from '../packet/counter-key.ts';
import { PacketKey } from '../packet/packet-key.ts';
import { plainCounterEngine, plainPacketEngine } from '../packet/plain-engine.ts';
import { computeHmacs } from '../packet/plain-hmacs.ts';
import type { CryptoProvider } from '../provider.ts';
import { NodeAead } from './aead.ts';
import { nodeCounterCipher } from './counter-mode.ts';
import { NodeHash, NodeHmac, nodeHash } from './hash.ts';
import { generateNodeKeyAgreement } from './key-agreement.ts';
import { nodeRandom } from './random.ts';
import { generateNodeSigningKeyPair, NodeSigningKey, verifyByNode } from './signature.ts';

/** All of {@link CryptoProvider} by node:crypto. ECDSA signatures are randomized. */
export const nodeCrypto: CryptoProvider = {
  name: 'node',
  packetKernel: 'node',
  random: nodeRandom,
  createAead: (algorithm, key) => new NodeAead(algorithm, key),
  createHash: (algorithm) => new NodeHash(algorithm),
  hash: nodeHash,
  createHmac: (algorithm, key) => new NodeHmac(algorithm, key),
  computeHmacs,
  createPacketKey: (algorithm, key) =>
    new PacketKey(algorithm, key, () => plainPacketEngine(new NodeAead(algorithm, key))),
  createCounterKey: (key) => new CounterKey(key, () => plainCounterEngine(nodeCounterCipher(key))),
  crc32c,
  generateKeyAgreement: generateNodeKeyAgreement,
  generateSigningKeyPair: generateNodeSigningKeyPair,
  importSigningKey: (pkcs8) => new NodeSigningKey(pkcs8),
  verify: verifyByNode,
};
