// Packet capture files of raw IP packets (draft-ietf-opsawg-pcap, https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/).

import {
  ByteWriter,
  parseIpAddress,
  readUint16,
  type TransportAddress,
  writeUint16,
  writeUint32,
} from '@kaon/wire';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const SNAP_LENGTH = 65535;
const LINKTYPE_RAW = 101;
const NANOSECONDS_PER_MS = 1_000_000;

const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const UDP_HEADER_BYTES = 8;
const PROTOCOL_UDP = 17;
const DONT_FRAGMENT = 0x4000;
const INITIAL_TIME_TO_LIVE = 64;

/** A UDP datagram to be written into a capture file. */
export interface PcapPacket {
  /** Milliseconds since 1970. */
  readonly wallClockMs: number;
  /** Its low 16 bits become IPv4's identification. */
  readonly packetId: number;
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly data: Uint8Array;
  /** What to take off the time to live. */
  readonly hops: number;
}

/**
 * A pcap file with nanosecond times, link type raw IP, which Wireshark and tcpdump read.
 *
 * ```
 *  magic | version 2.4 | reserved | reserved | snap length | link type
 *  { seconds | nanoseconds | captured bytes | packet bytes | IP packet }*
 * ```
 */
export function encodePcap(packets: readonly PcapPacket[]): Uint8Array {
  const writer = new ByteWriter(65536);
  writer.uint32(MAGIC_NANOSECONDS).uint16(2).uint16(4).uint32(0).uint32(0);
  writer.uint32(SNAP_LENGTH).uint32(LINKTYPE_RAW);
  for (const packet of packets) {
    const bytes = encodeIpPacket(packet);
    const seconds = Math.floor(packet.wallClockMs / 1000);
    const nanoseconds = Math.floor((packet.wallClockMs - 1000 * seconds) * NANOSECONDS_PER_MS);
    writer.uint32(seconds).uint32(nanoseconds);
    writer.uint32(bytes.length).uint32(bytes.length).append(bytes);
  }
  return writer.finish();
}

/** The IP packet with UDP header and checksums (RFC 791 §3.1, RFC 8200 §3, RFC 768). */
export function encodeIpPacket(packet: PcapPacket): Uint8Array {
  const source = parseIpAddress(packet.source.address) ?? new Uint8Array(4);
  const destination = parseIpAddress(packet.destination.address) ?? new Uint8Array(4);
  const udpLength = UDP_HEADER_BYTES + packet.data.length;
  const timeToLive = Math.max(0, INITIAL_TIME_TO_LIVE - packet.hops);
  const isIpv4 = source.length === 4;
  const headerBytes = isIpv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const out = new Uint8Array(headerBytes + udpLength);
  if (isIpv4) {
    out[0] = 0x45;
    writeUint16(out, 2, out.length);
    writeUint16(out, 4, packet.packetId & 0xffff);
    writeUint16(out, 6, DONT_FRAGMENT);
    out[8] = timeToLive;
    out[9] = PROTOCOL_UDP;
    out.set(source, 12);
    out.set(destination, 16);
    writeUint16(out, 10, ~sum16(out, 0, headerBytes, 0));
  } else {
    writeUint32(out, 0, 0x60000000);
    writeUint16(out, 4, udpLength);
    out[6] = PROTOCOL_UDP;
    out[7] = timeToLive;
    out.set(source, 8);
    out.set(destination, 24);
  }
  writeUint16(out, headerBytes, packet.source.port);
  writeUint16(out, headerBytes + 2, packet.destination.port);
  writeUint16(out, headerBytes + 4, udpLength);
  out.set(packet.data, headerBytes + UDP_HEADER_BYTES);
  // The pseudo-header: addresses, protocol and length (RFC 768, RFC 8200 §8.1).
  const addressesAt = headerBytes - 2 * source.length;
  const pseudo = sum16(out, addressesAt, headerBytes, PROTOCOL_UDP + udpLength);
  const checksum = ~sum16(out, headerBytes, out.length, pseudo) & 0xffff;
  writeUint16(out, headerBytes + 6, checksum === 0 ? 0xffff : checksum);
  return out;
}

/** The ones' complement sum of 16-bit words (RFC 1071 §1), going on from `sum`. */
function sum16(bytes: Uint8Array, start: number, end: number, sum: number): number {
  let total = sum;
  for (let i = start; i + 1 < end; i += 2) total += readUint16(bytes, i);
  if ((end - start) % 2 === 1) total += (bytes[end - 1] as number) << 8;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
