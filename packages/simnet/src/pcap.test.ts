import { parseHex } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { encodeIpPacket, encodePcap, type PcapPacket } from './pcap.ts';

const packet: PcapPacket = {
  wallClockMs: 1_767_225_600_001.5,
  packetId: 0x10007,
  source: { address: '192.0.2.1', port: 5000 },
  destination: { address: '198.51.100.2', port: 3478 },
  data: Uint8Array.of(0x61, 0x62, 0x63),
  hops: 0,
};

// Built by hand from the RFCs' diagrams, checksums by another program.
const ipv4 = `4500001f 00074000 40114e90 c0000201 c6336402
              13880d96 000b2e20 616263`;
const ipv6 = `60000000 000c113e 20010db8000000000000000000000001 20010db8000000000000000000000002
              c0000035 000ce428 ff000102`;

describe('encodeIpPacket', () => {
  test('writes IPv4 and UDP headers with their checksums, over an odd length', () => {
    expect(encodeIpPacket(packet)).toEqual(parseHex(ipv4));
  });

  test('writes IPv6 and UDP headers, with the hops taken off', () => {
    const bytes = encodeIpPacket({
      ...packet,
      source: { address: '2001:db8::1', port: 49152 },
      destination: { address: '2001:db8::2', port: 53 },
      data: Uint8Array.of(0xff, 0, 1, 2),
      hops: 2,
    });
    expect(bytes).toEqual(parseHex(ipv6));
  });

  test('writes a checksum of zero as all ones, because zero means none (RFC 768)', () => {
    const bytes = encodeIpPacket({
      ...packet,
      packetId: 0,
      source: { address: '10.0.0.1', port: 1 },
      destination: { address: '10.0.0.2', port: 2 },
      data: Uint8Array.of(0xeb, 0xd4),
    });
    expect(bytes).toEqual(
      parseHex('4500001e 00004000 401126cd 0a000001 0a000002 00010002 000affff ebd4'),
    );
  });
});

describe('encodePcap', () => {
  test('writes the file header, and before each packet its time in nanoseconds and its length', () => {
    const header = 'a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000065';
    const record = `6955b900 0016e360 0000001f 0000001f ${ipv4}`;
    expect(encodePcap([])).toEqual(parseHex(header));
    expect(encodePcap([packet, packet])).toEqual(parseHex(header + record + record));
  });
});
