import { X509Certificate } from 'node:crypto';
import { nodeCrypto } from '@kaon/crypto';
import { describe, expect, test } from 'vitest';
import { CERTIFICATES } from '../test/certificates.ts';
import { ConnectionPair } from '../test/connection-pair.ts';
import {
  createDtlsCertificate,
  type DtlsKeyAlgorithm,
  generateDtlsCertificate,
  importDtlsCertificate,
} from './certificate.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const rsa: DtlsKeyAlgorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

describe('generating', () => {
  test.each([
    ['ECDSA on P-256 by default', undefined, 'ec'],
    ['ECDSA on P-384', { name: 'ECDSA', namedCurve: 'P-384' }, 'ec'],
    ['RSA', rsa, 'rsa'],
  ] as const)('%s makes a certificate that connects', async (_, keyAlgorithm, type) => {
    const certificate = await generateDtlsCertificate({
      now: NOW,
      ...(keyAlgorithm && { keyAlgorithm }),
    });
    expect(certificate.key.type).toBe(type);
    const x509 = new X509Certificate(certificate.chain[0] as Uint8Array);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.fingerprint256).toBe(certificate.fingerprint('sha-256'));
    const pair = new ConnectionPair({ certificate }, { certificate }).connect();
    expect([pair.client.state, pair.server.state]).toEqual(['connected', 'connected']);
  });

  test('is valid from the day before, for 30 days or as long as asked, up to a year', async () => {
    const certificate = await generateDtlsCertificate({ now: NOW });
    const x509 = new X509Certificate(certificate.chain[0] as Uint8Array);
    expect(Date.parse(x509.validFrom)).toBe(NOW - DAY);
    expect(Date.parse(x509.validTo)).toBe(NOW + 30 * DAY);
    expect(certificate.expires).toBe(NOW + 30 * DAY);
    const long = await generateDtlsCertificate({ now: NOW, expires: NOW + 5000 * DAY });
    expect(long.expires).toBe(NOW + 365 * DAY);
  });

  test('two are never the same', async () => {
    const [a, b] = await Promise.all([
      generateDtlsCertificate({ now: NOW }),
      generateDtlsCertificate({ now: NOW }),
    ]);
    expect(a?.fingerprint('sha-256')).not.toBe(b?.fingerprint('sha-256'));
  });

  test('refuses an end that has passed', async () => {
    const made = generateDtlsCertificate({ now: NOW, expires: NOW });
    await expect(made).rejects.toMatchObject({ code: 'DTLS_INVALID_OPTION' });
  });
});

describe('PEM', () => {
  test.each(Object.entries(CERTIFICATES))('comes back as it went: %s', async (_, certificate) => {
    const again = await importDtlsCertificate(certificate.exportPem());
    expect(again.chain).toEqual(certificate.chain);
    expect(again.fingerprint('sha-256')).toBe(certificate.fingerprint('sha-256'));
    expect(again.exportPem()).toEqual(certificate.exportPem());
    const x509 = new X509Certificate(certificate.chain[0] as Uint8Array);
    expect(again.expires).toBe(Date.parse(x509.validTo));
  });

  test.each([
    ['nothing', { certificate: '', privateKey: '' }],
    ['no key', { certificate: CERTIFICATES.p256.exportPem().certificate, privateKey: '' }],
    [
      'a certificate that is none',
      {
        ...CERTIFICATES.p256.exportPem(),
        certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      },
    ],
    [
      'a key that is none',
      {
        ...CERTIFICATES.p256.exportPem(),
        privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      },
    ],
    [
      'broken base64',
      {
        ...CERTIFICATES.p256.exportPem(),
        privateKey: '-----BEGIN PRIVATE KEY-----\nA=A=A\n-----END PRIVATE KEY-----',
      },
    ],
  ])('refuses %s', async (_, pem) => {
    await expect(importDtlsCertificate(pem)).rejects.toMatchObject({
      code: 'DTLS_INVALID_CERTIFICATE',
    });
  });
});

test('errors never hold the key', () => {
  const secret = new TextEncoder().encode('my secret key');
  const chain = CERTIFICATES.p256.chain;
  try {
    createDtlsCertificate({ chain, privateKey: secret, expires: 0 }, nodeCrypto);
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toMatch(/secret|6d79/);
    expect((error as Error).cause).toBeUndefined();
  }
});
