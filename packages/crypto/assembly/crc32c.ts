// CRC32c, sixteen bytes at a time (RFC 9260 Appendix A).

import { CRC_TABLES, PACKET } from './memory-map';

/** Table `k` holds the CRC of each byte followed by `k` zero bytes. */
export function makeCrcTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78 & (0 - (crc & 1)));
    store<u32>(CRC_TABLES + 4 * byte, crc);
  }
  for (let i: usize = 0; i < 15 * 1024; i += 4) {
    const crc = load<u32>(CRC_TABLES + i);
    store<u32>(CRC_TABLES + i, (crc >> 8) ^ load<u32>(CRC_TABLES + 4 * (crc & 255)), 1024);
  }
}

/** What the byte in the lowest bits of `x` adds, with `zeros` bytes behind it. */
@inline
function term(zeros: usize, x: u64): u32 {
  return load<u32>(CRC_TABLES + 1024 * zeros + (<usize>(x & 255) << 2));
}

@inline
function eightTerms(zeros: usize, x: u64): u32 {
  return (
    term(zeros + 7, x) ^ term(zeros + 6, x >> 8) ^ term(zeros + 5, x >> 16) ^ term(zeros + 4, x >> 24) ^
    term(zeros + 3, x >> 32) ^ term(zeros + 2, x >> 40) ^ term(zeros + 1, x >> 48) ^ term(zeros, x >> 56)
  );
}

/** The CRC of `length` bytes at PACKET, behind others whose CRC is `previous`. */
export function crc32c(length: i32, previous: u32): u32 {
  let crc = ~previous;
  let at = PACKET;
  const end = PACKET + <usize>length;
  for (; at + 16 <= end; at += 16) {
    crc = eightTerms(8, load<u64>(at) ^ <u64>crc) ^ eightTerms(0, load<u64>(at, 8));
  }
  for (; at < end; at++) crc = (crc >> 8) ^ term(0, <u64>(crc ^ <u32>load<u8>(at)));
  return ~crc;
}
