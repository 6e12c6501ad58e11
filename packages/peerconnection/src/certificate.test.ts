import { describe, expect, it } from 'vitest';
import { generateCertificate } from './certificate.ts';
import { rejectExpiredCertificates } from './configuration.ts';
import { RTCPeerConnection } from './index.ts';

const DAY_MS = 86_400_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const generate = (algorithm: unknown): Promise<unknown> =>
  RTCPeerConnection.generateCertificate(algorithm as string);

describe('generateCertificate', () => {
  it('makes an ECDSA certificate for 30 days (webrtc-pc §4.9.1)', async () => {
    const certificate = await RTCPeerConnection.generateCertificate(P256);
    const [fingerprint] = certificate.getFingerprints();
    expect(fingerprint?.algorithm).toBe('sha-256');
    expect(fingerprint?.value).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){31}$/);
    expect(certificate.expires - Date.now()).toBeGreaterThan(29 * DAY_MS);
    expect(certificate.expires - Date.now()).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it('makes an RSA certificate', async () => {
    const certificate = await RTCPeerConnection.generateCertificate({
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    });
    expect(certificate.getFingerprints()).toHaveLength(1);
  });

  it('takes a lifetime of at most a year', async () => {
    const short = await RTCPeerConnection.generateCertificate({ ...P256, expires: 60_000 });
    expect(short.expires - Date.now()).toBeLessThanOrEqual(60_000);
    const long = await RTCPeerConnection.generateCertificate({ ...P256, expires: 1e12 });
    expect(long.expires - Date.now()).toBeLessThanOrEqual(365 * DAY_MS);
  });

  it('makes one that has expired, if that is wanted, and no connection takes it', async () => {
    const now = 1_700_000_000_500;
    const certificate = await generateCertificate({ ...P256, expires: 0 }, now);
    expect(certificate.expires).toBe(1_700_000_000_000);
    expect(() => rejectExpiredCertificates([certificate], now)).toThrow(
      expect.objectContaining({ name: 'InvalidAccessError' }),
    );
  });

  it.each([['sha-256'], [{ name: 'Sha-384' }]])(
    'knows a hash by its name in any case: %j',
    async (hash) => {
      const certificate = await RTCPeerConnection.generateCertificate({
        name: 'rsassa-pkcs1-v1_5',
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash,
      });
      expect(certificate.getFingerprints()).toHaveLength(1);
    },
  );

  it.each([
    ['ECDH', 'NotSupportedError'],
    [{ ...P256, namedCurve: 'K-256' }, 'NotSupportedError'],
    [{ name: 'ECDSA' }, 'TypeError'],
    [{}, 'TypeError'],
    [{ ...P256, expires: -1 }, 'TypeError'],
    [{ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048 }, 'TypeError'],
    [
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: 'SHA-1',
      },
      'NotSupportedError',
    ],
  ])('rejects %j with a %s', async (algorithm, name) => {
    await expect(generate(algorithm)).rejects.toHaveProperty('name', name);
  });
});
