// Which SCTP packets are worth a probe on a path (RFC 8899 §5.3, RFC 8261 §5).

import type { TransportAddress } from '@kaon/wire';

/**
 * Sizes of IP packets that networks are known to carry: jumbo frames, Ethernet, PPPoE, tunnels in one
 * another, and what mobile networks leave.
 */
const IP_PACKET_BYTES: readonly number[] = [9000, 4352, 2048, 1500, 1492, 1480, 1420, 1400, 1360];
const ETHERNET_BYTES = 1500;
/** Every path carries that much (RFC 8200 §5); the base size fits into it. */
const MIN_IP_PACKET_BYTES = 1280;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const UDP_HEADER_BYTES = 8;

/**
 * The sizes up to what the first link carries, itself included unless it is larger than all of them: a
 * loopback link takes 64 KiB, but nothing is won beyond 9000.
 *
 * Only a peer that says so is sent records larger than Ethernet's packets: libwebrtc reads into 2048 bytes,
 * and a DTLS record cut off there ends the connection.
 *
 * @param linkMtu bytes of an IP packet.
 * @param overhead bytes that DTLS adds to an SCTP packet.
 * @param recordSizeLimit the peer's record_size_limit (RFC 8449), if it has said one.
 */
export function probedPacketBytes(
  remote: TransportAddress,
  linkMtu: number,
  overhead: number,
  recordSizeLimit: number | undefined,
): readonly number[] {
  const header = remote.address.includes(':') ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
  const largest = recordSizeLimit === undefined ? ETHERNET_BYTES : (IP_PACKET_BYTES[0] as number);
  const limit = Math.min(linkMtu, largest);
  return [limit, ...IP_PACKET_BYTES]
    .filter((bytes) => bytes >= MIN_IP_PACKET_BYTES && bytes <= limit)
    .map((bytes) => (bytes - header - UDP_HEADER_BYTES - overhead) & ~3)
    .filter((bytes) => bytes <= (recordSizeLimit ?? bytes));
}
