// Base64url without padding, as JSON Web Keys have it (RFC 7515 §2).

/** `bytes` as text. */
export function encodeBase64Url({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('base64url');
}
