// RTCCertificate and its generation.
// https://www.w3.org/TR/webrtc/#sec.cert-mgmt

import type { CryptoProvider } from '@kaon/crypto';
import { type DtlsCertificate, type DtlsKeyAlgorithm, generateDtlsCertificate } from '@kaon/dtls';
import { exception } from './errors.ts';
import { defineInterface, enforceRange } from './web-idl.ts';

/** A fingerprint as scripts see it: the value in lower-case hexadecimal. */
export interface RTCDtlsFingerprint {
  algorithm?: string;
  value?: string;
}

export interface RTCCertificateExpiration {
  /** Milliseconds of validity; 30 days by default, 365 at most. */
  expires?: number;
}

/** What `generateCertificate` takes: an algorithm of WebCrypto by name or as a dictionary. */
export type CertificateAlgorithm =
  | string
  | (RTCCertificateExpiration & {
      name: string;
      namedCurve?: string;
      modulusLength?: number;
      publicExponent?: Uint8Array;
      hash?: string | { name: string };
    });

const DEFAULT_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;
const MAX_UNSIGNED_LONG_LONG = Number.MAX_SAFE_INTEGER;
const MIN_RSA_BITS = 1024;
const MAX_RSA_BITS = 8192;

/** A certificate and, out of reach, its private key. */
export class RTCCertificate {
  readonly #certificate: DtlsCertificate;

  /** Kaon's own: wraps a certificate of `@kaon/dtls`, for example one that was read from PEM. */
  constructor(certificate: DtlsCertificate) {
    if (certificate === undefined) throw new TypeError('Illegal constructor.');
    this.#certificate = certificate;
  }

  /** Milliseconds since 1970-01-01T00:00Z. */
  get expires(): number {
    return this.#certificate.expires;
  }

  getFingerprints(): RTCDtlsFingerprint[] {
    return [
      { algorithm: 'sha-256', value: this.#certificate.fingerprint('sha-256').toLowerCase() },
    ];
  }

  /** Kaon's own: what the DTLS machine takes. */
  static unwrap(certificate: RTCCertificate): DtlsCertificate {
    return certificate.#certificate;
  }
}

defineInterface(RTCCertificate, 'RTCCertificate');

/**
 * `RTCPeerConnection.generateCertificate`.
 *
 * @param now milliseconds since 1970-01-01T00:00Z.
 * @throws as rejections: TypeError for a malformed argument, DOMException `NotSupportedError` for an
 * algorithm that is not supported.
 */
export async function generateCertificate(
  keygenAlgorithm: CertificateAlgorithm,
  now: number,
  crypto?: CryptoProvider,
): Promise<RTCCertificate> {
  const lifetimeMs = lifetimeOf(keygenAlgorithm);
  const keyAlgorithm = normalizeAlgorithm(keygenAlgorithm);
  return new RTCCertificate(
    await generateDtlsCertificate({
      // What lives for 0 ms is, to DTLS, what was made a moment ago and ends now.
      now: lifetimeMs === 0 ? now - 1 : now,
      keyAlgorithm,
      expires: now + lifetimeMs,
      ...(crypto === undefined ? {} : { crypto }),
    }),
  );
}

function lifetimeOf(algorithm: CertificateAlgorithm): number {
  if (typeof algorithm === 'string') return DEFAULT_LIFETIME_MS;
  const { expires } = algorithm;
  if (expires === undefined) return DEFAULT_LIFETIME_MS;
  return Math.min(enforceRange(expires, MAX_UNSIGNED_LONG_LONG, 'expires'), MAX_LIFETIME_MS);
}

/** WebCrypto's "normalize an algorithm" for the algorithms that certificates can have. */
function normalizeAlgorithm(algorithm: CertificateAlgorithm): DtlsKeyAlgorithm {
  const init = typeof algorithm === 'string' ? { name: algorithm } : algorithm;
  if (init.name === undefined) throw new TypeError('The algorithm has no name.');
  switch (String(init.name).toUpperCase()) {
    case 'ECDSA':
      if (init.namedCurve === undefined) throw new TypeError('ECDSA needs a namedCurve.');
      if (init.namedCurve === 'P-256' || init.namedCurve === 'P-384') {
        return { name: 'ECDSA', namedCurve: init.namedCurve };
      }
      break;
    case 'RSASSA-PKCS1-V1_5': {
      const { modulusLength, publicExponent } = init;
      if (modulusLength === undefined || !(publicExponent instanceof Uint8Array)) {
        throw new TypeError('RSASSA-PKCS1-v1_5 needs a modulusLength and a publicExponent.');
      }
      const hash = (typeof init.hash === 'string' ? init.hash : init.hash?.name)?.toUpperCase();
      const bits = enforceRange(modulusLength, 0xffff_ffff, 'modulusLength');
      if (isRsaHash(hash) && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS) {
        return { name: 'RSASSA-PKCS1-v1_5', modulusLength: bits, publicExponent, hash };
      }
    }
  }
  throw exception('NotSupportedError', 'Certificates are made with ECDSA or RSASSA-PKCS1-v1_5.');
}

function isRsaHash(hash: unknown): hash is 'SHA-256' | 'SHA-384' | 'SHA-512' {
  return hash === 'SHA-256' || hash === 'SHA-384' || hash === 'SHA-512';
}
