// The cipher suites of DTLS 1.2 that we speak: ECDHE with an AEAD.
// https://www.rfc-editor.org/rfc/rfc5289#section-3.2 https://www.rfc-editor.org/rfc/rfc7905#section-2

import type { AeadAlgorithm, SigningKey } from '@kaon/crypto';

/** Names of the suites, as IANA has them. */
export type CipherSuiteName =
  | 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'
  | 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
  | 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'
  | 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'
  | 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'
  | 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256';

/** What a suite stands for. */
export interface CipherSuite {
  readonly id: number;
  readonly name: CipherSuiteName;
  /** The kind of certificate the server signs with; `ecdsa` takes Ed25519 too (RFC 8422 §5.10). */
  readonly authentication: 'ecdsa' | 'rsa';
  readonly aead: AeadAlgorithm;
  /** The hash of the PRF and of the transcript. */
  readonly hash: 'sha256' | 'sha384';
  readonly keyLength: number;
  /** Bytes of the nonce that come from the key block. */
  readonly fixedIvLength: number;
  /** Bytes of the nonce that each record carries: 8 for GCM (RFC 5288 §3), none for ChaCha20 (RFC 7905 §2). */
  readonly explicitNonceLength: number;
}

function gcm(
  id: number,
  name: CipherSuiteName,
  authentication: 'ecdsa' | 'rsa',
  keyLength: 16 | 32,
): CipherSuite {
  return {
    id,
    name,
    authentication,
    aead: keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm',
    hash: keyLength === 16 ? 'sha256' : 'sha384',
    keyLength,
    fixedIvLength: 4,
    explicitNonceLength: 8,
  };
}

function chacha20(id: number, name: CipherSuiteName, authentication: 'ecdsa' | 'rsa'): CipherSuite {
  return {
    id,
    name,
    authentication,
    aead: 'chacha20-poly1305',
    hash: 'sha256',
    keyLength: 32,
    fixedIvLength: 12,
    explicitNonceLength: 0,
  };
}

/**
 * All suites, in the order in which we prefer them: that of their speed here, with the packet kernel as with
 * node:crypto alone (docs/performance.md, "Packets"). A server takes the first one that its client has.
 */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  gcm(0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ecdsa', 16),
  gcm(0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'rsa', 16),
  gcm(0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ecdsa', 32),
  gcm(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'rsa', 32),
  chacha20(0xcca9, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ecdsa'),
  chacha20(0xcca8, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'rsa'),
];

/** "This hello supports secure renegotiation", said in a list of suites (RFC 5746 §3.3). */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;

/** The suite of that name; undefined if we don't have it. */
export function cipherSuiteByName(name: string): CipherSuite | undefined {
  return CIPHER_SUITES.find((suite) => suite.name === name);
}

/** Whether a server that signs with `key` can speak `suite`. */
export function suiteFitsKey(suite: CipherSuite, key: SigningKey): boolean {
  return suite.authentication === (key.type === 'rsa' ? 'rsa' : 'ecdsa');
}
