import { expect, test } from 'vitest';
import { CERTIFICATES } from '../test/certificates.ts';
import { createSide, type SideOptions } from '../test/connection-pair.ts';
import { alertName, decodeAlert, encodeAlert } from './alert.ts';

test.each([
  ['mtu', { mtu: 63 }],
  ['mtu', { mtu: 65508 }],
  ['mtu', { mtu: Number.NaN }],
  ['mtu', { mtu: 64.5 }],
  ['initialRetransmissionMs', { initialRetransmissionMs: 0 }],
  ['maxRetransmissionMs', { maxRetransmissionMs: 50 }],
  ['handshakeTimeoutMs', { handshakeTimeoutMs: 0 }],
  ['srtpProtectionProfiles', { srtpProtectionProfiles: [0x10000] }],
  ['srtpProtectionProfiles', { srtpProtectionProfiles: [0.5] }],
  ['cipherSuites', { cipherSuites: [] }],
  ['suite', { cipherSuites: ['TLS_RSA_WITH_NULL_MD5' as 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'] }],
  ['groups', { groups: [] }],
  ['group', { groups: ['secp521r1' as 'secp384r1'] }],
  ['remoteFingerprints', { remoteFingerprints: [] }],
] satisfies [string, SideOptions][])('refuses a bad %s', (name, options) => {
  const create = () => createSide('client', CERTIFICATES.p256, options);
  expect(create).toThrow(expect.objectContaining({ code: 'DTLS_INVALID_OPTION' }));
  expect(create).toThrow(name);
});

test('alerts are two bytes, and have the names of RFC 5246 §7.2', () => {
  expect(encodeAlert({ level: 2, description: 42 })).toEqual(Uint8Array.of(2, 42));
  expect(decodeAlert(Uint8Array.of(1, 0))).toEqual({ level: 1, description: 0 });
  expect(decodeAlert(Uint8Array.of(3, 0))).toBeUndefined();
  expect(decodeAlert(Uint8Array.of(1))).toBeUndefined();
  expect(alertName(42)).toBe('bad_certificate');
  expect(alertName(0)).toBe('close_notify');
  expect(alertName(222)).toBe('alert 222');
});
