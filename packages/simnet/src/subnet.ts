// A subnet: hosts and routers that reach each other directly, and a gateway to everywhere else.

import {
  addressFamily,
  formatIpAddress,
  parseIpAddress,
  readUint32,
  writeUint32,
} from '@kaon/wire';
import { SimulationError } from './errors.ts';
import type { LinkDirection, Medium } from './link.ts';
import { MAX_HOPS, type Packet, type PacketSink } from './packet.ts';

/** Which version of IP. */
export type Family = 4 | 6;

/** The way out of a subnet: gets every packet whose destination is not in it. */
export interface Gateway extends PacketSink {
  /** An address is now reachable in the subnet. */
  announce(address: string): void;
}

/** The addresses that a subnet gives out, counting up from these. */
export interface SubnetPrefixes {
  /** Such as `10.0.1.0`. */
  readonly ipv4: string;
  /** Such as `fd00:0:0:1::`. */
  readonly ipv6: string;
}

/**
 * A subnet, or the internet, which is the one that has no gateway.
 *
 * It costs no time: the delays are those of the links that attach hosts and routers to it.
 */
export class Subnet implements PacketSink {
  readonly name: string;
  readonly #medium: Medium;
  readonly #prefixes: SubnetPrefixes;
  readonly #routes = new Map<string, LinkDirection>();
  readonly #allocated: Record<Family, number> = { 4: 0, 6: 0 };
  #gateway: Gateway | undefined;

  constructor(name: string, medium: Medium, prefixes: SubnetPrefixes) {
    this.name = name;
    this.#medium = medium;
    this.#prefixes = prefixes;
  }

  /** Whether `address` is reachable without the gateway. */
  has(address: string): boolean {
    return this.#routes.has(address);
  }

  /** An address that nobody in the subnet has yet. */
  allocate(family: Family): string {
    const prefix = family === 4 ? this.#prefixes.ipv4 : this.#prefixes.ipv6;
    for (;;) {
      const bytes = canonicalBytes(prefix);
      const at = bytes.length - 4;
      writeUint32(bytes, at, readUint32(bytes, at) + ++this.#allocated[family]);
      const address = formatIpAddress(bytes);
      if (!this.has(address)) return address;
    }
  }

  /**
   * Sends packets to `address` through `direction` from now on.
   *
   * @throws SimulationError `SIM_ADDRESS` if the address is taken.
   */
  addRoute(address: string, direction: LinkDirection): void {
    if (this.has(address)) {
      throw new SimulationError('SIM_ADDRESS', `${address} exists already in ${this.name}.`);
    }
    this.#routes.set(address, direction);
    this.#gateway?.announce(address);
  }

  /** Gives the subnet its way out. */
  connect(gateway: Gateway): void {
    this.#gateway = gateway;
    for (const address of this.#routes.keys()) gateway.announce(address);
  }

  /** Passes a packet on towards its destination. */
  receive(packet: Packet): void {
    const route = this.#routes.get(packet.destination.address);
    if (++packet.hops > MAX_HOPS) this.#medium.trace.drop(packet, this.name, 'hop-limit');
    else if (route !== undefined) route.carry(packet);
    else if (this.#gateway !== undefined) this.#gateway.receive(packet);
    else this.#medium.trace.drop(packet, this.name, 'no-route');
  }
}

/**
 * The canonical text of a literal address.
 *
 * @throws SimulationError `SIM_ADDRESS` if it is none.
 */
export function canonicalAddress(address: string): string {
  return formatIpAddress(canonicalBytes(address));
}

/** `addresses` in canonical form, or one of each family from `subnet` if none are given. */
export function chooseAddresses(
  subnet: Subnet,
  addresses: readonly string[] | undefined,
  families: readonly Family[],
): readonly string[] {
  return addresses?.map(canonicalAddress) ?? families.map((family) => subnet.allocate(family));
}

/** The first of `addresses` that has the family of `other`. */
export function sameFamily(addresses: readonly string[], other: string): string | undefined {
  const family = addressFamily(other);
  return addresses.find((address) => addressFamily(address) === family);
}

function canonicalBytes(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) {
    throw new SimulationError('SIM_ADDRESS', `${address} is not a literal IP address.`);
  }
  return bytes;
}
