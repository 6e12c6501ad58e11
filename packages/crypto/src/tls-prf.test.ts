// The TLS 1.2 PRF against the vectors of the TLS working group's list (message 03416 of its archive).

import { formatHex } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { hex, PROVIDERS } from '../test/providers.ts';
import { type CryptoProvider, tlsPrf } from './index.ts';

const VECTORS = [
  {
    hash: 'sha256',
    secret: '9bbe436ba940f017b17652849a71db35',
    seed: 'a0ba9f936cda311827a6f796ffd5198c',
    output:
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e' +
      '14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5' +
      'a72e5a5110fff70187347b66',
  },
  {
    hash: 'sha384',
    secret: 'b80b733d6ceefcdc71566ea48e5567df',
    seed: 'cd665cf6a8447dd6ff8b27555edb7465',
    output:
      '7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b123' +
      '3c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd' +
      '4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a2' +
      '6854308d5eaa3be85e0990703d73e56f',
  },
] as const;

describe.each(PROVIDERS)('the TLS PRF over %s', (_name, provider) => {
  it('leaves no copy of what it gives', () => {
    const codes: Uint8Array[] = [];
    const watched: CryptoProvider = {
      ...provider,
      createHmac(algorithm, key) {
        const hmac = provider.createHmac(algorithm, key);
        const compute = (...parts: readonly Uint8Array[]): Uint8Array => {
          const code = hmac.compute(...parts);
          codes.push(code);
          return code;
        };
        return Object.create(hmac, { compute: { value: compute } });
      },
    };
    const output = tlsPrf(watched, 'sha256', hex('01'), 'label', hex('02'), 48);
    const [first, last] = [formatHex(output.subarray(0, 16)), formatHex(output.subarray(32))];
    const left = codes.map(formatHex).join();
    expect(left).not.toContain(first);
    expect(left).not.toContain(last);
  });

  it.each(VECTORS)('agrees with the published vector for $hash', (vector) => {
    const { hash, secret, seed, output } = vector;
    const prf = (length: number) =>
      formatHex(tlsPrf(provider, hash, hex(secret), 'test label', hex(seed), length));
    expect(prf(output.length / 2)).toBe(output);
    expect(prf(0)).toBe('');
    expect(prf(1)).toBe(output.slice(0, 2));
    expect(prf(48)).toBe(output.slice(0, 96));
  });
});
