// A UDP datagram on its way through the simulated network.

import { addressFamily, type TransportAddress } from '@kaon/wire';

const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;

/** How many subnets a packet may pass: the initial time to live. */
export const MAX_HOPS = 64;

/** Where packets arrive: a subnet, a router, a host. */
export interface PacketSink {
  receive(packet: Packet): void;
}

/**
 * A packet. It is at one place at a time, and is itself the event of its arrival at {@link next}; address
 * translators change its addresses.
 */
export class Packet {
  /** Counts the packets of a simulation, duplicates too. */
  readonly id: number;
  /** Which host sent it. */
  readonly origin: string;
  /** IP packet bytes, headers and all. */
  readonly size: number;
  /** The UDP payload. */
  data: Uint8Array;
  source: TransportAddress;
  destination: TransportAddress;
  /** Subnets passed. */
  hops = 0;
  /** Where it is going to arrive. */
  next: PacketSink | undefined;

  constructor(
    id: number,
    origin: string,
    source: TransportAddress,
    destination: TransportAddress,
    data: Uint8Array,
  ) {
    this.id = id;
    this.origin = origin;
    this.size = packetBytes(destination.address, data.length);
    this.data = data;
    this.source = source;
    this.destination = destination;
  }

  /** Arrives. */
  run(): void {
    this.next?.receive(this);
  }
}

/** Bytes of the IP packet with a UDP payload of `payloadBytes` to `address`. */
function packetBytes(address: string, payloadBytes: number): number {
  const ipBytes = addressFamily(address) === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  return ipBytes + UDP_HEADER_BYTES + payloadBytes;
}
