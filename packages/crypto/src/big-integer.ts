// Big integers as big-endian bytes (RFC 8017 §4: I2OSP and OS2IP).

/** The number that big-endian `bytes` stand for; 0 for none. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  let digits = '0x0';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return BigInt(digits);
}

/** `value` as `length` big-endian bytes; what does not fit is cut off. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, '0');
  const out = new Uint8Array(length);
  const start = digits.length - 2 * length;
  for (let i = 0; i < length; i++) {
    out[i] = Number.parseInt(digits.slice(start + 2 * i, start + 2 * i + 2), 16);
  }
  return out;
}
