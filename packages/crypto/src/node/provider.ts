// The provider of production: node:crypto, which is OpenSSL.

import type { CryptoProvider } from '../provider.ts';
import { NodeAead } from './aead.ts';
import { NodeHash, NodeHmac, nodeHash } from './hash.ts';
import { generateNodeKeyAgreement } from './key-agreement.ts';
import { nodeRandom } from './random.ts';
import { generateNodeSigningKeyPair, NodeSigningKey, verifyByNode } from './signature.ts';

/** All of {@link CryptoProvider} by node:crypto. ECDSA signatures are randomized. */
export const nodeCrypto: CryptoProvider = {
  name: 'node',
  random: nodeRandom,
  createAead: (algorithm, key) => new NodeAead(algorithm, key),
  createHash: (algorithm) => new NodeHash(algorithm),
  hash: nodeHash,
  createHmac: (algorithm, key) => new NodeHmac(algorithm, key),
  generateKeyAgreement: generateNodeKeyAgreement,
  generateSigningKeyPair: generateNodeSigningKeyPair,
  importSigningKey: (pkcs8) => new NodeSigningKey(pkcs8),
  verify: verifyByNode,
};
