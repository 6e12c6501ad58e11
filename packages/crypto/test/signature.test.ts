// Signatures, the same suite over every provider (RFC 8017, RFC 6979, RFC 8032, RFC 8446 §4.2.3).

import { concatBytes, encodeUtf8, formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CryptoError, deterministicCrypto, nodeCrypto } from '../src/index.ts';
import { nobleCrypto } from '../src/noble/index.ts';
import { encodeEcdsaSignature } from '../src/signature-encoding.ts';
import {
  ALL_ALGORITHMS,
  ED25519,
  ecPkcs8,
  ed25519Pkcs8,
  ed25519Spki,
  FOREIGN_PAIRS,
  KEY_PAIRS,
  P256,
  RSA_2048,
} from './keys.ts';
import { hex, PROVIDERS } from './providers.ts';
import { ECDSA_VECTORS, ED25519_VECTORS } from './vectors/signature.ts';

const DATA = encodeUtf8('what was said');
const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

describe.each(PROVIDERS)('signatures by %s', (_name, provider) => {
  describe.each(KEY_PAIRS)('with $name', ({ pkcs8, spki, algorithms }) => {
    it.each(algorithms)('are taken by every provider: %s', (algorithm) => {
      const signature = provider.importSigningKey(pkcs8).sign(algorithm, DATA);
      expect(signature.constructor).toBe(Uint8Array);
      expect(nodeCrypto.verify(algorithm, spki, DATA, signature)).toBe(true);
      expect(nobleCrypto.verify(algorithm, spki, DATA, signature)).toBe(true);
    });

    it.each(algorithms)('do not hold for other data, algorithms or keys: %s', (algorithm) => {
      const signature = nodeCrypto.importSigningKey(pkcs8).sign(algorithm, DATA);
      expect(provider.verify(algorithm, spki, DATA, signature)).toBe(true);
      expect(provider.verify(algorithm, spki, encodeUtf8('what was not'), signature)).toBe(false);
      for (const other of ALL_ALGORITHMS) {
        if (other === algorithm) continue;
        expect(provider.verify(other, spki, DATA, signature)).toBe(false);
      }
      for (const other of KEY_PAIRS) {
        if (other.spki === spki) continue;
        expect(provider.verify(algorithm, other.spki, DATA, signature)).toBe(false);
      }
    });

    it.each(algorithms)('do not hold when cut, lengthened or changed: %s', (algorithm) => {
      const signature = nodeCrypto.importSigningKey(pkcs8).sign(algorithm, DATA);
      const wrong = [
        new Uint8Array(0),
        new Uint8Array(signature.length),
        signature.subarray(1),
        signature.subarray(0, -1),
        concatBytes(signature, hex('00')),
        concatBytes(hex('00'), signature),
        new Uint8Array(signature.length).fill(0xff),
      ];
      for (const at of [0, 1, 3, signature.length >> 1, signature.length - 1]) {
        const changed = signature.slice();
        changed[at] = (changed[at] as number) ^ 1;
        wrong.push(changed);
      }
      for (const bytes of wrong) expect(provider.verify(algorithm, spki, DATA, bytes)).toBe(false);
    });

    it('refuse algorithms that do not go with the key', () => {
      const key = provider.importSigningKey(pkcs8);
      for (const algorithm of ALL_ALGORITHMS) {
        if (KEY_PAIRS.find((pair) => pair.pkcs8 === pkcs8)?.algorithms.includes(algorithm))
          continue;
        if (key.type === 'rsa' && algorithm.startsWith('rsa')) continue;
        expect(() => key.sign(algorithm, DATA)).toThrow(
          expect.objectContaining({ name: 'CryptoError', code: 'CRYPTO_KEY_MISMATCH' }),
        );
      }
    });
  });

  it('tell the kind of the key', () => {
    const kinds = KEY_PAIRS.map(({ pkcs8 }) => {
      const { type, curve } = provider.importSigningKey(pkcs8);
      return curve === undefined ? type : `${type} ${curve}`;
    });
    expect(kinds).toEqual([
      'ec secp256r1',
      'ec secp384r1',
      'ec secp521r1',
      'rsa',
      'rsa',
      'ed25519',
    ]);
    expect('curve' in provider.importSigningKey(RSA_2048.pkcs8)).toBe(false);
  });

  it.each(ECDSA_VECTORS)('verify $source with $algorithm', (vector) => {
    const pkcs8 = ecPkcs8(vector.curve, hex(vector.scalar));
    const signature = encodeEcdsaSignature(hex(vector.r), hex(vector.s));
    const key = provider.importSigningKey(pkcs8);
    expect(key.curve).toBe(vector.curve);
    if (provider.importSigningKey === nodeCrypto.importSigningKey) return;
    expect(formatHex(key.sign(vector.algorithm, encodeUtf8(vector.text)))).toBe(
      formatHex(signature),
    );
  });

  it.each(ED25519_VECTORS)('agree with $source', (vector) => {
    const key = provider.importSigningKey(ed25519Pkcs8(hex(vector.seed)));
    const message = hex(vector.message);
    expect(formatHex(key.sign('ed25519', message))).toBe(vector.signature);
    const spki = ed25519Spki(hex(vector.public));
    expect(provider.verify('ed25519', spki, message, hex(vector.signature))).toBe(true);
  });

  it('may have either of the two values s and -s, as TLS has no rule for it', () => {
    const [vector] = ECDSA_VECTORS as [(typeof ECDSA_VECTORS)[number]];
    const spki = p256Spki();
    const negated = BigInt(`0x${P256_ORDER}`) - BigInt(`0x${vector.s}`);
    const signature = encodeEcdsaSignature(
      hex(vector.r),
      hex(negated.toString(16).padStart(64, '0')),
    );
    const message = encodeUtf8(vector.text);
    expect(provider.verify('ecdsa-sha256', spki, message, signature)).toBe(true);
    const original = encodeEcdsaSignature(hex(vector.r), hex(vector.s));
    expect(provider.verify('ecdsa-sha256', spki, message, original)).toBe(true);
  });

  it.each([
    ['no SEQUENCE', '02010102010102'],
    ['r = 0', '3006020100020101'],
    ['s = 0', '3006020101020100'],
    ['r negative', '3006020181020101'],
    ['a needless zero', '300702020001020101'],
    ['an indefinite length', '30800201010201010000'],
    ['a needlessly long length', '308106020101020101'],
    ['three numbers', '3009020101020101020101'],
    ['bytes behind it', '300602010102010100'],
    ['r = order', `3026022100${P256_ORDER}020101`],
    ['s = order', `3026020101022100${P256_ORDER}`],
  ])('in ECDSA are strict DER: %s', (_what, signature) => {
    expect(provider.verify('ecdsa-sha256', P256.spki, DATA, hex(signature))).toBe(false);
  });

  it('refuse private keys that are none', () => {
    const invalid = expect.objectContaining({ name: 'CryptoError', code: 'CRYPTO_INVALID_KEY' });
    for (const { pkcs8 } of FOREIGN_PAIRS) {
      expect(() => provider.importSigningKey(pkcs8)).toThrow(invalid);
    }
    for (const { pkcs8, spki } of KEY_PAIRS) {
      const wrong = [spki, pkcs8.subarray(1), pkcs8.subarray(0, -1), concatBytes(pkcs8, hex('00'))];
      for (const bytes of wrong) {
        expect(() => provider.importSigningKey(bytes)).toThrow(invalid);
      }
    }
    expect(() => provider.importSigningKey(ecPkcs8('secp256r1', new Uint8Array(32)))).toThrow(
      invalid,
    );
    expect(() => provider.importSigningKey(ecPkcs8('secp256r1', hex(P256_ORDER)))).toThrow(invalid);
  });

  it('never import garbage as anything but CRYPTO_INVALID_KEY', () => {
    fc.assert(
      fc.property(mutated([P256.pkcs8, ED25519.pkcs8, RSA_2048.pkcs8]), (pkcs8) => {
        try {
          provider.importSigningKey(pkcs8);
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoError);
          expect((error as CryptoError).code).toBe('CRYPTO_INVALID_KEY');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('never throw at public keys and signatures of any bytes', () => {
    const keys = fc.oneof(fc.uint8Array(), mutated(KEY_PAIRS.map((pair) => pair.spki)));
    const signatures = fc.oneof(fc.uint8Array(), fc.constant(hex('3006020101020101')));
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_ALGORITHMS),
        keys,
        signatures,
        (algorithm, spki, bytes) => {
          expect(provider.verify(algorithm, spki, DATA, bytes)).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('do not hold under keys of kinds that are not supported, or points off the curve', () => {
    for (const { spki } of FOREIGN_PAIRS) {
      for (const algorithm of ALL_ALGORITHMS) {
        expect(provider.verify(algorithm, spki, DATA, new Uint8Array(64))).toBe(false);
      }
    }
    const off = P256.spki.slice();
    off[off.length - 1] = (off.at(-1) as number) ^ 1;
    const signature = provider.importSigningKey(P256.pkcs8).sign('ecdsa-sha256', DATA);
    expect(provider.verify('ecdsa-sha256', off, DATA, signature)).toBe(false);
  });
});

describe('deterministic signatures', () => {
  it.each(KEY_PAIRS)('are the same by noble and the deterministic provider: $name', (pair) => {
    const data = fc.uint8Array({ maxLength: 100 });
    const algorithms = fc.constantFrom(...pair.algorithms);
    const first = deterministicCrypto.importSigningKey(pair.pkcs8);
    const second = nobleCrypto.importSigningKey(pair.pkcs8);
    fc.assert(
      fc.property(algorithms, data, (algorithm, message) => {
        const signature = first.sign(algorithm, message);
        expect(second.sign(algorithm, message)).toEqual(signature);
        expect(first.sign(algorithm, message)).toEqual(signature);
        expect(nodeCrypto.verify(algorithm, pair.spki, message, signature)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('do not notice that the caller wipes the DER of the key', () => {
    for (const provider of [nodeCrypto, nobleCrypto, deterministicCrypto]) {
      for (const pair of KEY_PAIRS) {
        const own = Buffer.from(pair.pkcs8); // Its slice shares its memory.
        const key = provider.importSigningKey(own);
        own.fill(0);
        for (const algorithm of pair.algorithms) {
          const signature = key.sign(algorithm, DATA);
          expect(nodeCrypto.verify(algorithm, pair.spki, DATA, signature)).toBe(true);
        }
      }
    }
  });
});

/** RFC 6979 §A.2.5's public key. */
function p256Spki(): Uint8Array {
  return hex(
    '3059301306072a8648ce3d020106082a8648ce3d03010703420004' +
      '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
      '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  );
}

/** One of `seeds` with a few bytes changed, or cut. */
function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return fc.tuple(fc.constantFrom(...seeds), changes).map(([seed, edits]) => {
    const bytes = seed.slice();
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    return bytes;
  });
}
