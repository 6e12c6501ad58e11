// Reading public keys, and taking them out of certificates (RFC 5280 §4.1, RFC 5480, RFC 8410).

import { concatBytes, encodeUtf8, formatHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ED25519, FOREIGN_PAIRS, KEY_PAIRS, P256, RSA_2048 } from '../test/keys.ts';
import { hex } from '../test/providers.ts';
import { DerTag, encodeDer } from './der.ts';
import { nodeCrypto, parseSubjectPublicKeyInfo, readSubjectPublicKeyInfo } from './index.ts';

const ECDSA_SHA256 = hex('300a06082a8648ce3d040302');
const NAME = encodeDer(DerTag.sequence);
const VALIDITY = hex('301e170d3230303130313030303030305a170d3330303130313030303030305a');

/** A certificate about `spki` signed with the key of P256 (RFC 5280 §4.1). */
function certificate(spki: Uint8Array, version: Uint8Array = hex('a003020102')): Uint8Array {
  const serial = hex('02020100');
  const extensions = hex('a3023000');
  const tbs = encodeDer(
    DerTag.sequence,
    ...[version, serial, ECDSA_SHA256, NAME, VALIDITY, NAME, spki, extensions],
  );
  const signature = nodeCrypto.importSigningKey(P256.pkcs8).sign('ecdsa-sha256', tbs);
  const bits = encodeDer(DerTag.bitString, hex('00'), signature);
  return encodeDer(DerTag.sequence, tbs, ECDSA_SHA256, bits);
}

describe('readSubjectPublicKeyInfo', () => {
  it.each(KEY_PAIRS)('finds the key in a certificate: $name', ({ spki }) => {
    const der = certificate(spki);
    const found = readSubjectPublicKeyInfo(der) as Uint8Array;
    expect(found).toEqual(spki);
    expect(found.buffer).toBe(der.buffer);
  });

  it('finds it in a certificate of version 1, which has no version field', () => {
    expect(readSubjectPublicKeyInfo(certificate(P256.spki, new Uint8Array(0)))).toEqual(P256.spki);
  });

  it('finds it in a certificate that stands inside other memory', () => {
    const der = concatBytes(hex('ffff'), certificate(P256.spki), hex('ffff'));
    expect(readSubjectPublicKeyInfo(der.subarray(2, -2))).toEqual(P256.spki);
  });

  it('refuses what is cut or lengthened', () => {
    const der = certificate(P256.spki);
    for (let length = 0; length < der.length; length++) {
      expect(readSubjectPublicKeyInfo(der.subarray(0, length))).toBeUndefined();
    }
    expect(readSubjectPublicKeyInfo(concatBytes(der, hex('00')))).toBeUndefined();
    expect(readSubjectPublicKeyInfo(P256.spki)).toBeUndefined();
    expect(readSubjectPublicKeyInfo(encodeUtf8('-----BEGIN CERTIFICATE-----'))).toBeUndefined();
  });

  it('never throws on any bytes, and gives a view into them', () => {
    const der = certificate(P256.spki);
    const edits = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), edits), (input) => {
        const bytes = input instanceof Uint8Array ? input : der.slice();
        if (!(input instanceof Uint8Array)) for (const [at, value] of input) bytes[at] = value;
        const found = readSubjectPublicKeyInfo(bytes);
        if (found !== undefined) expect(found.buffer).toBe(bytes.buffer);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseSubjectPublicKeyInfo', () => {
  it('tells the kinds of keys apart', () => {
    const kinds = KEY_PAIRS.map(({ spki }) => {
      const key = parseSubjectPublicKeyInfo(spki);
      return key?.type === 'ec' ? key.curve : key?.type;
    });
    expect(kinds).toEqual(['secp256r1', 'secp384r1', 'secp521r1', 'rsa', 'rsa', 'ed25519']);
  });

  it('gives the numbers', () => {
    const ec = parseSubjectPublicKeyInfo(P256.spki);
    expect(ec).toEqual({ type: 'ec', curve: 'secp256r1', point: P256.spki.slice(-65) });
    const rsa = parseSubjectPublicKeyInfo(RSA_2048.spki);
    expect(rsa?.type === 'rsa' && [rsa.modulus.length, formatHex(rsa.exponent)]).toEqual([
      256,
      '010001',
    ]);
    const ed25519 = parseSubjectPublicKeyInfo(ED25519.spki);
    expect(ed25519).toEqual({ type: 'ed25519', key: ED25519.spki.slice(-32) });
  });

  it.each(FOREIGN_PAIRS)('does not know keys of other kinds: $name', ({ spki }) => {
    expect(parseSubjectPublicKeyInfo(spki)).toBeUndefined();
  });

  it.each([
    ['bytes behind it', () => concatBytes(P256.spki, hex('00'))],
    ['a compressed point', () => p256Spki(P256.spki.slice(-65, -32).fill(2, 0, 1))],
    ['no point', () => p256Spki(new Uint8Array(0))],
    ['the point at infinity', () => p256Spki(Uint8Array.of(0))],
    ['a short Ed25519 key', () => hex(`3029300506032b6570032000${'11'.repeat(31)}`)],
    ['Ed25519 with parameters', () => hex(`302c300706032b65700500032100${'11'.repeat(32)}`)],
    ['an even modulus', () => rsaSpki(`02818100${'ff'.repeat(127)}fe`, '010001')],
    ['an exponent of 1', () => rsaSpki(rsaModulus(128), '01')],
    ['an even exponent', () => rsaSpki(rsaModulus(128), '010002')],
    ['an exponent of 33 bits', () => rsaSpki(rsaModulus(128), '0100000001')],
    ['a modulus of 1016 bits', () => rsaSpki(rsaModulus(127), '010001')],
    ['a modulus of 8200 bits', () => rsaSpki(rsaModulus(1025), '010001')],
  ])('refuses a key with %s', (_what, spki) => {
    expect(parseSubjectPublicKeyInfo(spki())).toBeUndefined();
  });

  it('takes RSA keys from 1024 to 8192 bits', () => {
    for (const length of [128, 256, 1024]) {
      expect(parseSubjectPublicKeyInfo(rsaSpki(rsaModulus(length), '010001'))?.type).toBe('rsa');
    }
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(parseSubjectPublicKeyInfo(bytes)).toBeUndefined();
      }),
    );
  });
});

function p256Spki(point: Uint8Array): Uint8Array {
  const algorithm = hex('301306072a8648ce3d020106082a8648ce3d030107');
  const bits = encodeDer(DerTag.bitString, hex('00'), point);
  return encodeDer(DerTag.sequence, algorithm, bits);
}

function rsaModulus(length: number): string {
  return formatHex(encodeDer(DerTag.integer, hex('00'), new Uint8Array(length).fill(0xff)));
}

function rsaSpki(modulus: string, exponent: string): Uint8Array {
  const e = encodeDer(DerTag.integer, hex(exponent));
  const key = encodeDer(DerTag.sequence, hex(modulus), e);
  const algorithm = hex('300d06092a864886f70d0101010500');
  const bits = encodeDer(DerTag.bitString, hex('00'), key);
  return encodeDer(DerTag.sequence, algorithm, bits);
}
