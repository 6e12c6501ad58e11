// Certificates: what we make is what others read (RFC 5280 §4.1), and what is brought in is what was given out.

import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type DtlsKeyAlgorithm,
  generateDtlsCertificate,
  importDtlsCertificate,
} from '../src/index.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9, 500);
const DAY_MS = 86_400_000;
const RSA = { name: 'RSASSA-PKCS1-v1_5', publicExponent: Uint8Array.of(1, 0, 1) } as const;

const ALGORITHMS: [string, DtlsKeyAlgorithm, string][] = [
  ['ECDSA P-256', { name: 'ECDSA', namedCurve: 'P-256' }, 'ec'],
  ['ECDSA P-384', { name: 'ECDSA', namedCurve: 'P-384' }, 'ec'],
  ['RSA SHA-256', { ...RSA, modulusLength: 2048, hash: 'SHA-256' }, 'rsa'],
  ['RSA SHA-384', { ...RSA, modulusLength: 2048, hash: 'SHA-384' }, 'rsa'],
  ['RSA SHA-512', { ...RSA, modulusLength: 2048, hash: 'SHA-512' }, 'rsa'],
];

describe('generateDtlsCertificate', () => {
  it.each(ALGORITHMS)(
    '%s: makes a certificate that OpenSSL reads and verifies',
    async (_, keyAlgorithm, type) => {
      const made = await generateDtlsCertificate({ now: NOW, keyAlgorithm });
      const read = new X509Certificate(made.chain[0] as Uint8Array);
      expect(read.publicKey.asymmetricKeyType).toBe(type);
      expect(read.verify(read.publicKey)).toBe(true);
      expect(read.subject).toBe('CN=WebRTC');
      expect(read.issuer).toBe('CN=WebRTC');
      expect(Date.parse(read.validFrom)).toBe(Math.floor(NOW / 1000) * 1000 - DAY_MS);
      expect(Date.parse(read.validTo)).toBe(made.expires);
      expect(made.fingerprint('sha-256')).toBe(read.fingerprint256);
      expect(made.fingerprint('sha-512')).toBe(read.fingerprint512);
    },
  );

  it('comes back the same from its PEM form', async () => {
    const made = await generateDtlsCertificate({ now: NOW });
    const read = await importDtlsCertificate(made.exportPem());
    expect(read.chain).toEqual(made.chain);
    expect(read.expires).toBe(made.expires);
    expect(read.exportPem()).toEqual(made.exportPem());
  });

  it('never makes the same serial number or key twice', async () => {
    const [a, b] = await Promise.all([
      generateDtlsCertificate({ now: NOW }),
      generateDtlsCertificate({ now: NOW }),
    ]);
    const [first, second] = [a, b].map(({ chain }) => new X509Certificate(chain[0] as Uint8Array));
    expect(first?.serialNumber).not.toBe(second?.serialNumber);
    expect(first?.publicKey.export({ format: 'jwk' })).not.toEqual(
      second?.publicKey.export({ format: 'jwk' }),
    );
  });

  it('writes years from 2050 on in the long form (RFC 5280 §4.1.2.5)', async () => {
    const now = Date.UTC(2049, 11, 31);
    const made = await generateDtlsCertificate({ now, expires: now + 300 * DAY_MS });
    const read = new X509Certificate(made.chain[0] as Uint8Array);
    expect(Date.parse(read.validFrom)).toBe(now - DAY_MS);
    expect(Date.parse(read.validTo)).toBe(made.expires);
  });

  it('lives 30 days by default, a year at most, and not in the past', async () => {
    expect((await generateDtlsCertificate({ now: NOW })).expires).toBe(
      Math.floor((NOW + 30 * DAY_MS) / 1000) * 1000,
    );
    const long = await generateDtlsCertificate({ now: NOW, expires: NOW + 1000 * DAY_MS });
    expect(long.expires).toBe(Math.floor((NOW + 365 * DAY_MS) / 1000) * 1000);
    await expect(generateDtlsCertificate({ now: NOW, expires: NOW })).rejects.toMatchObject({
      code: 'DTLS_INVALID_OPTION',
    });
  });
});
