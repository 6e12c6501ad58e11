// A host of the simulated network: interfaces with addresses and links, and the sockets bound on them.

import {
  addressFamily,
  formatAddress,
  type InterfaceAddress,
  type Network,
  type TransportAddress,
  type UdpSocketHandler,
} from '@kaon/wire';
import { AddressTable } from './address-table.ts';
import { SimulationError } from './errors.ts';
import { Link, type Medium } from './link.ts';
import type { LinkOptions } from './link-conditions.ts';
import type { NameService } from './name-service.ts';
import { Packet } from './packet.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedSocket, type SocketOwner } from './simulated-socket.ts';
import { canonicalAddress, type Subnet, sameFamily } from './subnet.ts';
import type { VirtualClock } from './virtual-clock.ts';

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];
const WILDCARDS: Readonly<Record<4 | 6, string>> = { 4: '0.0.0.0', 6: '::' };
/** The dynamic ports (RFC 6335 §6). */
const FIRST_EPHEMERAL_PORT = 49152;
const EPHEMERAL_PORTS = 65536 - FIRST_EPHEMERAL_PORT;
const MAX_UDP_PAYLOAD = 65507;

/** One network interface of a host. */
export interface HostInterface {
  /** `eth0`, `eth1`, … in the order of attachment. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly subnet: Subnet;
  readonly link: Link;
}

/** A host. It does nothing by itself: give its {@link network} to a shell, or bind sockets on it. */
export class SimulatedHost implements SocketOwner {
  readonly name: string;
  /** The clock of the simulation. */
  readonly clock: VirtualClock;
  /** What a shell needs of the world. */
  readonly network: Network;
  readonly #medium: Medium;
  readonly #interfaces: HostInterface[] = [];
  readonly #sockets = new AddressTable<SimulatedSocket>();
  #nextEphemeralPort = 0;

  constructor(name: string, medium: Medium, names: NameService, epochMs: number) {
    this.name = name;
    this.clock = medium.clock;
    this.#medium = medium;
    this.network = new SimulatedNetwork(this, names, medium.random.fork(`host ${name}`), epochMs);
  }

  /** All interfaces but the loopback one. */
  get interfaces(): readonly HostInterface[] {
    return this.#interfaces;
  }

  /** The addresses of all interfaces but the loopback one. */
  get addresses(): readonly string[] {
    return this.#interfaces.flatMap((each) => each.addresses);
  }

  /** The first address. */
  get address(): string {
    return this.#first.addresses[0] as string;
  }

  /** The link of the first interface. */
  get link(): Link {
    return this.#first.link;
  }

  /** Adds an interface with `addresses` on `subnet`. */
  attach(subnet: Subnet, addresses: readonly string[], link: LinkOptions): HostInterface {
    const name = `eth${this.#interfaces.length}`;
    const place = this.#interfaces.length === 0 ? this.name : `${this.name} ${name}`;
    const attached = {
      name,
      addresses,
      subnet,
      link: new Link(place, this.#medium, this, subnet, link),
    };
    for (const address of addresses) subnet.addRoute(address, attached.link.inbound);
    this.#interfaces.push(attached);
    return attached;
  }

  /** The addresses that sockets can be bound to, loopback first. */
  interfaceAddresses(): readonly InterfaceAddress[] {
    const loopback = LOOPBACK.map((address) => ({ name: 'lo', address, isLoopback: true }));
    const others = this.#interfaces.flatMap(({ name, addresses }) =>
      addresses.map((address) => ({ name, address, isLoopback: false })),
    );
    return [...loopback, ...others];
  }

  /** The MTU of the link that packets from `local` to `remote` leave on; undefined if it has no limit. */
  linkMtu(local: string, remote: string): number | undefined {
    const mtu = this.#route(local, remote)?.link?.outbound.conditions.mtu;
    return mtu === Number.POSITIVE_INFINITY ? undefined : mtu;
  }

  /**
   * Binds a socket at once; {@link network} does the same with a promise. Port 0 asks for any free port,
   * `0.0.0.0` or `::` for all addresses of that family.
   *
   * @throws SimulationError `EADDRNOTAVAIL` or `EADDRINUSE`, as the system would.
   */
  bind(wanted: TransportAddress, handler: UdpSocketHandler): SimulatedSocket {
    const address = canonicalAddress(wanted.address);
    const isWildcard = address === WILDCARDS[addressFamily(address)];
    if (!isWildcard && !this.#isOwn(address)) {
      throw new SimulationError(
        'EADDRNOTAVAIL',
        `bind EADDRNOTAVAIL ${formatAddress(wanted)}: ${this.name} has no such address.`,
      );
    }
    const port = wanted.port === 0 ? this.#freePort(address) : wanted.port;
    if (port === undefined || !this.#isFree(address, port)) {
      throw new SimulationError(
        'EADDRINUSE',
        `bind EADDRINUSE ${formatAddress(wanted)}: the port is taken on ${this.name}.`,
      );
    }
    const socket = new SimulatedSocket(this, { address, port }, handler);
    this.#sockets.set(address, port, socket);
    return socket;
  }

  /** Breaks every socket, as a system does that loses its network: their handlers get `error`. */
  breakSockets(error: Error): void {
    for (const socket of [...this.#sockets.values()]) socket.fail(error);
  }

  /** Puts a datagram of one of its sockets on its way. */
  transmit(socket: SimulatedSocket, data: Uint8Array, remote: TransportAddress): void {
    const { trace } = this.#medium;
    const route = this.#route(socket.local.address, remote.address);
    const source =
      route === undefined || route.source === socket.local.address
        ? socket.local
        : { address: route.source, port: socket.local.port };
    const packet = new Packet(trace.takePacketId(), this.name, source, remote, data);
    trace.send(packet);
    if (socket.isClosed) trace.drop(packet, this.name, 'socket-closed');
    else if (route === undefined) trace.drop(packet, this.name, 'no-route');
    else if (data.length > MAX_UDP_PAYLOAD) trace.drop(packet, this.name, 'mtu');
    else if (route.link !== undefined) route.link.outbound.carry(packet);
    else {
      packet.next = this;
      this.clock.schedule(this.clock.now, packet);
    }
  }

  /** Frees the port of a socket that was closed. */
  release(socket: SimulatedSocket): void {
    this.#sockets.delete(socket.local.address, socket.local.port);
  }

  /** Hands a packet to the socket it is for. */
  receive(packet: Packet): void {
    const { address, port } = packet.destination;
    const socket =
      this.#sockets.get(address, port) ??
      this.#sockets.get(WILDCARDS[addressFamily(address)], port);
    if (socket === undefined) {
      this.#medium.trace.drop(packet, this.name, 'port-unreachable');
    } else {
      this.#medium.trace.deliver(packet, this.name);
      socket.receive(packet);
    }
  }

  /** Where a datagram leaves, with what source address; no link means that it stays on the host. */
  #route(local: string, remote: string): { source: string; link?: Link } | undefined {
    if (addressFamily(local) !== addressFamily(remote)) return undefined;
    const isWildcard = local === WILDCARDS[addressFamily(local)];
    if (this.#isOwn(remote)) return { source: isWildcard ? remote : local };
    if (!isWildcard) {
      const from = this.#interfaces.find((each) => each.addresses.includes(local));
      return from === undefined ? undefined : { source: local, link: from.link };
    }
    let best: { source: string; link: Link } | undefined;
    for (const { addresses, subnet, link } of this.#interfaces) {
      const source = sameFamily(addresses, remote);
      if (source === undefined) continue;
      if (subnet.has(remote)) return { source, link };
      best ??= { source, link };
    }
    return best;
  }

  #freePort(address: string): number | undefined {
    for (let i = 0; i < EPHEMERAL_PORTS; i++) {
      const port = FIRST_EPHEMERAL_PORT + (this.#nextEphemeralPort++ % EPHEMERAL_PORTS);
      if (this.#isFree(address, port)) return port;
    }
    return undefined;
  }

  #isFree(address: string, port: number): boolean {
    const wildcard = WILDCARDS[addressFamily(address)];
    if (this.#sockets.get(wildcard, port) !== undefined) return false;
    if (address !== wildcard) return this.#sockets.get(address, port) === undefined;
    return this.interfaceAddresses().every(
      (each) =>
        addressFamily(each.address) !== addressFamily(address) ||
        this.#sockets.get(each.address, port) === undefined,
    );
  }

  #isOwn(address: string): boolean {
    if (LOOPBACK.includes(address)) return true;
    return this.#interfaces.some((each) => each.addresses.includes(address));
  }

  get #first(): HostInterface {
    const first = this.#interfaces[0];
    if (first === undefined) {
      throw new SimulationError('SIM_ADDRESS', `${this.name} is attached to no subnet.`);
    }
    return first;
  }
}
