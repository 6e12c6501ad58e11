// The fastest provider: node:crypto, with the packet kernel for all that is done for each packet.

import { createSecretKey } from 'node:crypto';
import { NodeHmac } from '../node/hash.ts';
import { nodeCrypto } from '../node/provider.ts';
import { CounterKey } from '../packet/counter-key.ts';
import { PacketKey } from '../packet/packet-key.ts';
import type { CryptoProvider } from '../provider.ts';
import { ChaCha20Engine } from './chacha20-engine.ts';
import { KernelCounterEngine } from './counter-engine.ts';
import { kernelCrc32c } from './crc32c.ts';
import { GcmEngine } from './gcm-engine.ts';
import { computeKernelHmacs, KernelHmacSha1 } from './hmac-sha1.ts';
import { AnyPacketEngine } from './large-packets.ts';

/** {@link nodeCrypto} with the packet kernel. Only where WebAssembly has SIMD. */
export const kernelCrypto: CryptoProvider = {
  ...nodeCrypto,
  name: 'kernel',
  packetKernel: 'wasm-simd',
  createHmac: (algorithm, key) =>
    algorithm === 'sha1' ? new KernelHmacSha1(key) : new NodeHmac(algorithm, key),
  computeHmacs: computeKernelHmacs,
  createPacketKey: (algorithm, key) =>
    new PacketKey(algorithm, key, () => {
      const secret = createSecretKey(key);
      const kernel =
        algorithm === 'chacha20-poly1305' ? new ChaCha20Engine(key) : new GcmEngine(secret);
      return new AnyPacketEngine(kernel, algorithm, secret);
    }),
  createCounterKey: (key) =>
    new CounterKey(key, () => new KernelCounterEngine(createSecretKey(key))),
  crc32c: kernelCrc32c,
};
