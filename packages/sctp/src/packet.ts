// SCTP packets: the common header and its checksum (RFC 9260 §3.1, https://www.rfc-editor.org/rfc/rfc9260#section-3.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Source Port Number       |    Destination Port Number    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Verification Tag                        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           Checksum                            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import type { CryptoProvider } from '@kaon/crypto';
import { crc32c, readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';

/** Bytes of the common header. */
export const COMMON_HEADER_LENGTH = 12;

const CHECKSUM_OFFSET = 8;
const ZERO_CHECKSUM = new Uint8Array(4);

/** What computes the checksum; the one in JavaScript where nobody says otherwise. */
type Checksums = Pick<CryptoProvider, 'crc32c'>;

/** The port the packet comes from; the caller has checked the length of the header, here and below. */
export function sourcePort(packet: Uint8Array): number {
  return readUint16(packet, 0);
}

/** The port the packet goes to. */
export function destinationPort(packet: Uint8Array): number {
  return readUint16(packet, 2);
}

/** The verification tag. */
export function verificationTag(packet: Uint8Array): number {
  return readUint32(packet, 4);
}

/** Whether the packet has none (RFC 9653). */
export function hasZeroChecksum(packet: Uint8Array): boolean {
  return readUint32(packet, CHECKSUM_OFFSET) === 0;
}

/** Whether the checksum is that of the packet (RFC 9260 §6.8). */
export function hasValidChecksum(packet: Uint8Array, checksums: Checksums = { crc32c }): boolean {
  // The packet is the caller's: the field is not zeroed in place, four zeros are taken in its stead.
  let checksum = crc32c(packet, 0, CHECKSUM_OFFSET);
  checksum = crc32c(ZERO_CHECKSUM, 0, 4, checksum);
  checksum = checksums.crc32c(packet, COMMON_HEADER_LENGTH, packet.length, checksum);
  return (
    packet[CHECKSUM_OFFSET] === (checksum & 0xff) &&
    packet[CHECKSUM_OFFSET + 1] === ((checksum >>> 8) & 0xff) &&
    packet[CHECKSUM_OFFSET + 2] === ((checksum >>> 16) & 0xff) &&
    packet[CHECKSUM_OFFSET + 3] === checksum >>> 24
  );
}

/** Writes the common header with a checksum of zero; returns the offset behind it. */
export function writeCommonHeader(
  out: Uint8Array,
  source: number,
  destination: number,
  tag: number,
): number {
  writeUint16(out, 0, source);
  writeUint16(out, 2, destination);
  writeUint32(out, 4, tag);
  return writeUint32(out, CHECKSUM_OFFSET, 0);
}

/** Puts the checksum of `packet[0..length)`, whose field is zero, in its place: least byte first. */
export function writeChecksum(
  packet: Uint8Array,
  length: number,
  checksums: Checksums = { crc32c },
): void {
  const checksum = checksums.crc32c(packet, 0, length);
  packet[CHECKSUM_OFFSET] = checksum;
  packet[CHECKSUM_OFFSET + 1] = checksum >>> 8;
  packet[CHECKSUM_OFFSET + 2] = checksum >>> 16;
  packet[CHECKSUM_OFFSET + 3] = checksum >>> 24;
}
