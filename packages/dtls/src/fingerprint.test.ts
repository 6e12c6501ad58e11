import { deterministicCrypto } from '@kaon/crypto';
import { expect, test } from 'vitest';
import { CERTIFICATES } from '../test/certificates.ts';
import {
  certificateFingerprint,
  expectFingerprints,
  type Fingerprint,
  matchesFingerprint,
} from './fingerprint.ts';

const certificate = CERTIFICATES.p256.chain[0] as Uint8Array;
const other = CERTIFICATES.other.chain[0] as Uint8Array;

function fingerprint(algorithm: string, of = certificate): Fingerprint {
  return { algorithm, value: certificateFingerprint(deterministicCrypto, of, algorithm) };
}

function matches(...fingerprints: readonly Fingerprint[]): boolean {
  return matchesFingerprint(deterministicCrypto, certificate, expectFingerprints(fingerprints));
}

test('is upper-case pairs with colons between (RFC 8122 §5)', () => {
  expect(fingerprint('sha-256').value).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(fingerprint('sha-512').value).toMatch(/^([0-9A-F]{2}:){63}[0-9A-F]{2}$/);
});

test.each(['sha-256', 'sha-384', 'sha-512', 'SHA-256'])('matches with %s', (algorithm) => {
  expect(matches(fingerprint(algorithm))).toBe(true);
  expect(matches(fingerprint(algorithm, other))).toBe(false);
});

test('takes lower-case digits', () => {
  const { value } = fingerprint('sha-256');
  expect(matches({ algorithm: 'sha-256', value: value.toLowerCase() })).toBe(true);
});

test('one of several with the same hash is enough (RFC 8122 §5)', () => {
  expect(matches(fingerprint('sha-256', other), fingerprint('sha-256'))).toBe(true);
});

test('the strongest hash counts, and a weaker one cannot make up for it', () => {
  expect(matches(fingerprint('sha-256'), fingerprint('sha-512', other))).toBe(false);
  expect(matches(fingerprint('sha-256', other), fingerprint('sha-512'))).toBe(true);
});

test('SHA-1 and MD5 do not count', () => {
  const sha1 = { algorithm: 'sha-1', value: 'AA:BB' };
  expect(matches(sha1, fingerprint('sha-256'))).toBe(true);
  expect(() => expectFingerprints([sha1])).toThrow('sha-1');
  expect(() => expectFingerprints([])).toThrow('none');
});

test.each(['', 'AA', 'AA:BB', 'zz:'.repeat(31), 'AA'.repeat(32), `${'AA:'.repeat(31)}A`])(
  'refuses the value "%s"',
  (value) => {
    expect(() => expectFingerprints([{ algorithm: 'sha-256', value }])).toThrow('sha-256');
  },
);
