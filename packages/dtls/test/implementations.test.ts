// The wire does not show which implementation of the cryptography is at work.

import { type CryptoProvider, deterministicCrypto, kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import { formatHex } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CIPHER_SUITES } from '../src/cipher-suite.ts';
import { ConnectionPair } from './connection-pair.ts';

/** The simulations' provider, with all that is done to each packet by `implementation`. */
function deterministicWith(implementation: CryptoProvider): CryptoProvider {
  const { packetKernel, createPacketKey, createHmac, crc32c } = implementation;
  return { ...deterministicCrypto, packetKernel, createPacketKey, createHmac, crc32c };
}

const SUITES = CIPHER_SUITES.filter(({ authentication }) => authentication === 'ecdsa');

describe.each(SUITES)('with $name', ({ name }) => {
  /** Every datagram of a connection's life, and what was received. */
  function life(client: CryptoProvider, server: CryptoProvider): string[] {
    const cipherSuites = [name];
    const pair = new ConnectionPair(
      { crypto: deterministicWith(client), cipherSuites },
      { crypto: deterministicWith(server), cipherSuites },
    ).connect();
    for (let i = 0; i < 30; i++) {
      pair.client.send(new Uint8Array(1 + ((i * 97) % 1200)).fill(i), pair.now);
      if (i % 3 === 0) pair.server.send(new Uint8Array(16384 - i).fill(i), pair.now);
      pair.carry();
    }
    pair.client.close(pair.now);
    pair.carry();
    expect(pair.received('server')).toHaveLength(30);
    expect(pair.received('client')).toHaveLength(10);
    return pair.sent.map(({ from, datagram }) => `${from} ${formatHex(datagram)}`);
  }

  test.each([
    [kernelCrypto, nodeCrypto],
    [nodeCrypto, kernelCrypto],
    [nobleCrypto, kernelCrypto],
  ])('a run is the same to the last bit', (client, server) => {
    expect(life(client, server)).toEqual(life(nodeCrypto, nodeCrypto));
  });
});
