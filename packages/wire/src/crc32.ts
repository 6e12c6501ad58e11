// CRC-32 (ISO 3309, as STUN's FINGERPRINT uses it) and CRC32c (Castagnoli, as SCTP uses it).

const POLYNOMIAL_CRC32 = 0xedb88320;
const POLYNOMIAL_CRC32C = 0x82f63b78;
const SLICES = 8;

/**
 * Slicing-by-8 tables: `tables[256 * k + b]` is the CRC of byte `b` followed by `k` zero bytes, so that
 * eight bytes are folded in at a time.
 */
function makeTables(polynomial: number): Int32Array {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256] as number;
    tables[i] = (previous >>> 8) ^ (tables[previous & 0xff] as number);
  }
  return tables;
}

const CRC32_TABLES: Int32Array = makeTables(POLYNOMIAL_CRC32);
const CRC32C_TABLES: Int32Array = makeTables(POLYNOMIAL_CRC32C);

/**
 * The CRC-32 of `bytes[start..end)`, as an unsigned integer.
 *
 * @param previous the CRC of the bytes that come before, to take a checksum piece by piece.
 */
export function crc32(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous = 0,
): number {
  return checksum(CRC32_TABLES, bytes, start, end, previous);
}

/**
 * The CRC32c of `bytes[start..end)`, as an unsigned integer.
 *
 * @param previous the CRC of the bytes that come before, to take a checksum piece by piece.
 */
export function crc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous = 0,
): number {
  return checksum(CRC32C_TABLES, bytes, start, end, previous);
}

function checksum(
  tables: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  previous: number,
): number {
  let crc = ~previous;
  let i = start;
  for (const last = end - 7; i < last; i += 8) {
    const low =
      crc ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    crc =
      (tables[0x700 + (low & 0xff)] as number) ^
      (tables[0x600 + ((low >>> 8) & 0xff)] as number) ^
      (tables[0x500 + ((low >>> 16) & 0xff)] as number) ^
      (tables[0x400 + (low >>> 24)] as number) ^
      (tables[0x300 + (bytes[i + 4] as number)] as number) ^
      (tables[0x200 + (bytes[i + 5] as number)] as number) ^
      (tables[0x100 + (bytes[i + 6] as number)] as number) ^
      (tables[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (tables[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
