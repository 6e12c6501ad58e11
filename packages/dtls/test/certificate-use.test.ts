// Certificates in use: those we make connect, and those brought in are refused if they are none.

import { X509Certificate } from 'node:crypto';
import { nodeCrypto } from '@kaon/crypto';
import { describe, expect, test } from 'vitest';
import { ExtensionType } from '../src/extensions/extension.ts';
import { encodeSignatureAlgorithms } from '../src/extensions/signature-algorithms.ts';
import {
  type ClientHello,
  decodeClientHello,
  encodeClientHello,
} from '../src/handshake/client-hello.ts';
import { HandshakeType } from '../src/handshake/handshake-message.ts';
import {
  createDtlsCertificate,
  type DtlsKeyAlgorithm,
  generateDtlsCertificate,
  importDtlsCertificate,
} from '../src/index.ts';
import { CERTIFICATES } from './certificates.ts';
import { ConnectionPair, drain, type SideOptions } from './connection-pair.ts';
import { rewriteMessage } from './records.ts';

const NOW = Date.UTC(2026, 5, 1);
const RSA: DtlsKeyAlgorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

test.each([
  ['ECDSA on P-256', undefined],
  ['ECDSA on P-384', { name: 'ECDSA', namedCurve: 'P-384' }],
  ['RSA', RSA],
] as const)('%s makes a certificate that connects', async (_, keyAlgorithm) => {
  const certificate = await generateDtlsCertificate({
    now: NOW,
    ...(keyAlgorithm && { keyAlgorithm }),
  });
  const pair = new ConnectionPair({ certificate }, { certificate }).connect();
  expect([pair.client.state, pair.server.state]).toEqual(['connected', 'connected']);
});

test('an RSA key is not asked for a signature that its modulus has no room for', async () => {
  const keyAlgorithm = { ...RSA, modulusLength: 1024 };
  const certificate = await generateDtlsCertificate({ now: NOW, keyAlgorithm });
  // RFC 8017 §9.1.1 step 3: hash and salt of 64 bytes each, and two more, are longer than 128 bytes.
  expect(afterOffering([RSA_PSS_SHA512], { certificate })).toBe('DTLS_HANDSHAKE_FAILED');
  expect(afterOffering([RSA_PSS_SHA512, RSA_PSS_SHA384], { certificate })).toBe('answered');
  expect(afterOffering([RSA_PSS_SHA512], { certificate: CERTIFICATES.rsa })).toBe('answered');
});

const RSA_PSS_SHA384 = 0x0805;
const RSA_PSS_SHA512 = 0x0806;

/** What a server does with a client that verifies signatures by `schemes` only. */
function afterOffering(schemes: readonly number[], options: SideOptions): string | undefined {
  const pair = new ConnectionPair({}, { ...options, cookieExchange: false }).start();
  const [hello] = drain(pair.client);
  const narrowed = rewriteMessage(hello as Uint8Array, HandshakeType.clientHello, (body) => {
    const offer = decodeClientHello(body) as ClientHello;
    const extensions = offer.extensions.map((extension) =>
      extension.type === ExtensionType.signatureAlgorithms
        ? { ...extension, data: encodeSignatureAlgorithms(schemes) }
        : extension,
    );
    return encodeClientHello({ ...offer, extensions });
  });
  pair.server.handleDatagram(narrowed, 0);
  pair.carryOnce('server');
  return pair.failure('server') ?? (pair.sent.length > 0 ? 'answered' : undefined);
}

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
