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

/** The attribute's value. */
export function formatFingerprint(fingerprint: SdpFingerprint): string {
  return `${fingerprint.algorithm} ${fingerprint.value.toUpperCase()}`;
}
