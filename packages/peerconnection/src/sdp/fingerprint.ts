// a=fingerprint: the hash of the certificate that a peer will show in the DTLS handshake.
// https://www.rfc-editor.org/rfc/rfc8122#section-5

/** One fingerprint, in the form that the DTLS machine compares. */
export interface SdpFingerprint {
  /** Lower case, such as `sha-256`. */
  readonly algorithm: string;
  /** Upper case, colons between the bytes. */
  readonly value: string;
}

/** Reads an attribute's value; undefined if it is malformed. */
export function parseFingerprint(value: string): SdpFingerprint | undefined {
  const match = /^([^\s]+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)$/.exec(value);
  if (match === null) return undefined;
  const [, algorithm = '', digest = ''] = match;
  return { algorithm: algorithm.toLowerCase(), value: digest.toUpperCase() };
}

/**
 * Bytes of the hashes that certificates are compared by.
 *
 * Deviation: RFC 8122 §5 forbids MD2 and MD5 only; SHA-1 is not among them either.
 */
const HASH_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** What of a peer's fingerprints makes a handshake impossible, in a sentence; undefined if nothing does. */
export function findFingerprintFault(fingerprints: readonly SdpFingerprint[]): string | undefined {
  let isUsable = false;
  for (const { algorithm, value } of fingerprints) {
    const length = HASH_LENGTHS.get(algorithm);
    if (length === undefined) continue;
    if (value.length !== 3 * length - 1) return `A ${algorithm} fingerprint has ${length} bytes.`;
    isUsable = true;
  }
  return isUsable ? undefined : 'There is no a=fingerprint with sha-256, sha-384 or sha-512.';
}

/** The attribute's value. */
export function formatFingerprint(fingerprint: SdpFingerprint): string {
  return `${fingerprint.algorithm} ${fingerprint.value.toUpperCase()}`;
}
