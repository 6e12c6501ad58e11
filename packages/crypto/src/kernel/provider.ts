// The fastest provider: node:crypto, with the packet kernel for all that is done for each packet.

import { NodeHmac, nodeHash } from '../node/hash.ts';
import { nodeCrypto } from '../node/provider.ts';
import { CounterKey } from '../packet/counter-key.ts';
import { PacketKey } from '../packet/packet-key.ts';
import type { CryptoProvider } from '../provider.ts';
import { ChaCha20Engine } from './chacha20-engine.ts';
import { KernelCounterEngine } from './counter-engine.ts';
import { kernelCrc32c } from './crc32c.ts';
import { GcmEngine } from './gcm-engine.ts';
import { computeKernelHmacs, KernelHmacSha1 } from './hmac-sha1.ts';

/** {@link nodeCrypto} with the packet kernel. Only where WebAssembly has SIMD. */
export const kernelCrypto: CryptoProvider = {
  ...nodeCrypto,
  name: 'kernel',
  packetKernel: 'wasm-simd',
  createHmac: (algorithm, key) =>
    algorithm === 'sha1'
      ? new KernelHmacSha1(key, (long) => nodeHash('sha1', long))
      : new NodeHmac(algorithm, key),
  computeHmacs: computeKernelHmacs,
  createPacketKey: (algorithm, key) =>
    new PacketKey(algorithm, key, (_algorithm, bytes) =>
      algorithm === 'chacha20-poly1305' ? new ChaCha20Engine(bytes) : new GcmEngine(bytes),
    ),
  createCounterKey: (key) => new CounterKey(key, (bytes) => new KernelCounterEngine(bytes)),
  crc32c: kernelCrc32c,
};
