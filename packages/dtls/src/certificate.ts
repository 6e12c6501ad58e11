// Our certificate with its private key: made, brought in and given out.
// https://www.rfc-editor.org/rfc/rfc8827#section-6.5

import {
  type CryptoProvider,
  defaultCrypto,
  type SigningKey,
  type SigningKeyPair,
} from '@kaon/crypto';
import type { RandomSource } from '@kaon/wire';
import { DtlsError } from './errors.ts';
import { certificateFingerprint } from './fingerprint.ts';
import { type CertificateSignature, encodeSelfSigned } from './self-signed.ts';

/** A certificate chain and the key that belongs to its first certificate. */
export interface DtlsCertificate {
  /** DER, our own certificate first. */
  readonly chain: readonly Uint8Array[];
  readonly key: SigningKey;
  /** Until when it is valid, in milliseconds since 1970. */
  readonly expires: number;
  /** Upper-case pairs with colons between; `algorithm` is `sha-256`, `sha-384` or `sha-512`. */
  fingerprint(algorithm: string): string;
  /** Both parts as PEM text (RFC 7468), as {@link importDtlsCertificate} takes them. */
  exportPem(): DtlsCertificatePem;
}

/** A certificate chain and its key as PEM text. */
export interface DtlsCertificatePem {
  readonly certificate: string;
  /** PKCS #8. */
  readonly privateKey: string;
}

/** The same in DER. */
export interface DtlsCertificateDer {
  /** Our own certificate first. */
  readonly chain: readonly Uint8Array[];
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** The kind of key to make. */
export type DtlsKeyAlgorithm =
  | { readonly name: 'ECDSA'; readonly namedCurve: 'P-256' | 'P-384' }
  | {
      readonly name: 'RSASSA-PKCS1-v1_5';
      readonly modulusLength: number;
      readonly publicExponent: Uint8Array;
      readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512';
    };

/** What {@link generateDtlsCertificate} is to make. */
export interface GenerateDtlsCertificateOptions {
  /** The wall clock: milliseconds since 1970. */
  readonly now: number;
  /** ECDSA on P-256 by default. */
  readonly keyAlgorithm?: DtlsKeyAlgorithm;
  /** Milliseconds since 1970; 30 days after `now` by default, at most a year after. */
  readonly expires?: number;
  /** What will sign with the key; `defaultCrypto` by default. */
  readonly crypto?: CryptoProvider;
  /** Where an ECDSA key and the serial number come from; the crypto provider's by default. */
  readonly random?: RandomSource;
}

const DAY_MS = 86_400_000;
const DEFAULT_LIFETIME_MS = 30 * DAY_MS;
const MAX_LIFETIME_MS = 365 * DAY_MS;
const SERIAL_NUMBER_BYTES = 8;
const CURVES = { 'P-256': 'secp256r1', 'P-384': 'secp384r1' } as const;

/**
 * Makes a key and a certificate that it signs itself.
 *
 * The names in it mean nothing: peers know it by its fingerprint. It is valid from a day before `now`, for
 * peers whose clock is behind.
 *
 * @throws DtlsError (as a rejection) with code `DTLS_INVALID_OPTION` if `expires` has passed.
 * @example
 * const certificate = await generateDtlsCertificate({ now: Date.now() });
 * certificate.fingerprint('sha-256'); // '3A:F0:…'
 */
export async function generateDtlsCertificate(
  options: GenerateDtlsCertificateOptions,
): Promise<DtlsCertificate> {
  const { now, keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } } = options;
  const wanted = options.expires ?? now + DEFAULT_LIFETIME_MS;
  if (!(wanted > now)) {
    throw new DtlsError('DTLS_INVALID_OPTION', `expires is ${wanted}, which has passed at ${now}.`);
  }
  // The ASN.1 form counts whole seconds.
  const expires = Math.floor(Math.min(wanted, now + MAX_LIFETIME_MS) / 1000) * 1000;
  const crypto = options.crypto ?? defaultCrypto;
  const random = options.random ?? crypto.random;
  const { privateKey, publicKey } =
    keyAlgorithm.name === 'ECDSA'
      ? crypto.generateSigningKeyPair(CURVES[keyAlgorithm.namedCurve], random)
      : await generateRsaKeyPair(keyAlgorithm);
  const serialNumber = random.fill(new Uint8Array(SERIAL_NUMBER_BYTES));
  serialNumber[0] = ((serialNumber[0] as number) & 0x3f) | 0x40; // Positive, and never zero.
  const key = importKey(privateKey, crypto);
  const first = encodeSelfSigned({
    spki: publicKey,
    key,
    algorithm: certificateSignature(keyAlgorithm),
    serialNumber,
    commonName: 'WebRTC',
    notBefore: Math.floor((now - DAY_MS) / 1000) * 1000,
    notAfter: expires,
  });
  return assemble({ chain: [first], privateKey, expires }, first, key, crypto);
}

/** An RSA key takes long to find, so the Web Cryptography API looks for it on another thread. */
async function generateRsaKeyPair(
  keyAlgorithm: Extract<DtlsKeyAlgorithm, { name: 'RSASSA-PKCS1-v1_5' }>,
): Promise<SigningKeyPair> {
  const { subtle } = globalThis.crypto;
  const publicExponent = Uint8Array.from(keyAlgorithm.publicExponent);
  const keys = await subtle.generateKey({ ...keyAlgorithm, publicExponent }, true, [
    'sign',
    'verify',
  ]);
  const [pkcs8, spki] = await Promise.all([
    subtle.exportKey('pkcs8', keys.privateKey),
    subtle.exportKey('spki', keys.publicKey),
  ]);
  return { privateKey: new Uint8Array(pkcs8), publicKey: new Uint8Array(spki) };
}

function certificateSignature(keyAlgorithm: DtlsKeyAlgorithm): CertificateSignature {
  if (keyAlgorithm.name === 'ECDSA') {
    return keyAlgorithm.namedCurve === 'P-256' ? 'ecdsa-sha256' : 'ecdsa-sha384';
  }
  if (keyAlgorithm.hash === 'SHA-256') return 'rsa-pkcs1-sha256';
  return keyAlgorithm.hash === 'SHA-384' ? 'rsa-pkcs1-sha384' : 'rsa-pkcs1-sha512';
}

/**
 * A certificate from its DER parts.
 *
 * @throws DtlsError with code `DTLS_INVALID_CERTIFICATE` if there is none, or the key cannot be read.
 */
export function createDtlsCertificate(
  der: DtlsCertificateDer,
  crypto: CryptoProvider = defaultCrypto,
): DtlsCertificate {
  const { chain, privateKey } = der;
  const [first] = chain;
  if (first === undefined) {
    throw new DtlsError('DTLS_INVALID_CERTIFICATE', 'The chain holds no certificate.');
  }
  return assemble(der, first, importKey(privateKey, crypto), crypto);
}

function assemble(
  { chain, privateKey, expires }: DtlsCertificateDer,
  first: Uint8Array,
  key: SigningKey,
  crypto: CryptoProvider,
): DtlsCertificate {
  return {
    chain,
    key,
    expires,
    fingerprint: (algorithm) => certificateFingerprint(crypto, first, algorithm),
    exportPem: () => ({
      certificate: chain.map((each) => formatPem('CERTIFICATE', each)).join(''),
      privateKey: formatPem('PRIVATE KEY', privateKey),
    }),
  };
}

/**
 * A certificate from PEM text.
 *
 * @throws DtlsError (as a rejection) with code `DTLS_INVALID_CERTIFICATE` if a part cannot be read.
 */
export async function importDtlsCertificate(
  pem: DtlsCertificatePem,
  crypto: CryptoProvider = defaultCrypto,
): Promise<DtlsCertificate> {
  const chain = parsePem('CERTIFICATE', pem.certificate);
  const [privateKey] = parsePem('PRIVATE KEY', pem.privateKey);
  const [first] = chain;
  if (first === undefined || privateKey === undefined) {
    throw new DtlsError(
      'DTLS_INVALID_CERTIFICATE',
      'A CERTIFICATE and a PRIVATE KEY (PKCS #8) are needed in PEM form.',
    );
  }
  const { X509Certificate } = await loadX509();
  let expires: number;
  try {
    expires = new X509Certificate(Uint8Array.from(first)).notAfter.getTime();
  } catch (cause) {
    const message = `The certificate cannot be read: ${String(cause)}`;
    throw new DtlsError('DTLS_INVALID_CERTIFICATE', message);
  }
  return createDtlsCertificate({ chain, privateKey, expires }, crypto);
}

/**
 * Loads what reads certificates only when one is brought in: it takes a tenth of a second, which every
 * process would pay for its first connection if it made certificates too.
 */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function importKey(privateKey: Uint8Array, crypto: CryptoProvider): SigningKey {
  try {
    return crypto.importSigningKey(privateKey);
  } catch {
    // The cause is left out: it may quote what it could not read.
    throw new DtlsError('DTLS_INVALID_CERTIFICATE', 'The private key cannot be read or used.');
  }
}

function formatPem(label: string, der: Uint8Array): string {
  let binary = '';
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = (btoa(binary).match(/.{1,64}/g) ?? []).join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function parsePem(label: string, text: string): Uint8Array[] {
  const blocks = text.matchAll(
    new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, 'g'),
  );
  return Array.from(blocks, ([, base64 = '']) => decodeBase64(base64.replace(/\s+/g, '')));
}

function decodeBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new DtlsError('DTLS_INVALID_CERTIFICATE', 'The PEM text is not base64.');
  }
}
