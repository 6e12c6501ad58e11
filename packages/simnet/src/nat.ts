// A network address translator (RFC 4787, https://www.rfc-editor.org/rfc/rfc4787).

import type { TransportAddress } from '@kaon/wire';
import { AddressTable } from './address-table.ts';
import { Link, type Medium } from './link.ts';
import type { LinkOptions } from './link-conditions.ts';
import { keyAddress, keyPort, type NatBehavior, resolveBehavior } from './nat-behavior.ts';
import type { Packet } from './packet.ts';
import { hashText, type SeededRandom } from './seeded-random.ts';
import { type Gateway, type Subnet, sameFamily } from './subnet.ts';
import type { DropReason } from './trace.ts';

/** A mapping that a translator holds. */
export interface NatMapping {
  readonly internal: TransportAddress;
  readonly external: TransportAddress;
  /** Virtual milliseconds. */
  readonly expiresAt: number;
}

interface Mapping extends NatMapping {
  expiresAt: number;
  /** What it was made for: part of its key, as far as the mapping behaviour looks. */
  readonly remote: TransportAddress;
  /** When the permission of a remote address ends, by as much of it as the filtering looks at. */
  readonly permissions: AddressTable<number>;
}

/**
 * A translator between the subnet inside it and the one outside.
 *
 * It translates the families it has external addresses of. Others it routes: with an external IPv4
 * address alone, IPv6 passes through it unchanged, as in most homes.
 */
export class Nat implements Gateway {
  readonly name: string;
  /** Where the hosts behind it are. */
  readonly inside: Subnet;
  /** External addresses; a host inside always gets the same one (pooling "paired", §4.1). */
  readonly addresses: readonly string[];
  /** To the subnet outside. */
  readonly link: Link;
  readonly #outside: Subnet;
  readonly #medium: Medium;
  readonly #random: SeededRandom;
  readonly #behavior: Required<NatBehavior>;
  /** By internal address, and under it by as much of the remote one as the mapping looks at. */
  readonly #byInternal = new AddressTable<AddressTable<Mapping>>();
  readonly #byExternal = new AddressTable<Mapping>();
  #nextPort: number;

  constructor(
    name: string,
    medium: Medium,
    inside: Subnet,
    outside: Subnet,
    addresses: readonly string[],
    behavior: NatBehavior,
    link: LinkOptions,
  ) {
    this.name = name;
    this.inside = inside;
    this.addresses = addresses;
    this.#outside = outside;
    this.#medium = medium;
    this.#random = medium.random.fork(`nat ${name}`);
    this.#behavior = resolveBehavior(behavior);
    this.#nextPort = this.#behavior.firstPort;
    const inbound = { receive: (packet: Packet) => this.#receiveInbound(packet) };
    this.link = new Link(name, medium, inbound, outside, link);
    for (const address of addresses) outside.addRoute(address, this.link.inbound);
    inside.connect(this);
  }

  /** The mappings that have not expired. */
  mappings(): NatMapping[] {
    const { now } = this.#medium.clock;
    const mappings: NatMapping[] = [];
    for (const { internal, external, expiresAt } of this.#byExternal.values()) {
      if (expiresAt > now) mappings.push({ internal, external, expiresAt });
    }
    return mappings;
  }

  /** Forgets every mapping, as a translator does that was switched off and on. */
  forgetMappings(): void {
    for (const mapping of [...this.#byExternal.values()]) this.#forget(mapping);
  }

  announce(address: string): void {
    if (!this.#translates(address)) this.#outside.addRoute(address, this.link.inbound);
  }

  /** Translates what comes from inside. */
  receive(packet: Packet): void {
    const isHairpin = this.addresses.includes(packet.destination.address);
    const reason = this.#translateOutbound(packet, isHairpin);
    if (reason !== undefined) this.#medium.trace.drop(packet, this.name, reason);
    else if (isHairpin) this.#receiveInbound(packet);
    else this.link.outbound.carry(packet);
  }

  #receiveInbound(packet: Packet): void {
    const reason = this.#translateInbound(packet);
    if (reason !== undefined) this.#medium.trace.drop(packet, this.name, reason);
    else this.inside.receive(packet);
  }

  /** Gives the packet its external source address, or says why it goes no further. */
  #translateOutbound(packet: Packet, isHairpin: boolean): DropReason | undefined {
    if (!this.#translates(packet.destination.address)) return undefined;
    if (isHairpin && !this.#behavior.hairpinning) return 'nat-no-hairpin';
    const mapping = this.#findMapping(packet) ?? this.#addMapping(packet);
    if (mapping === undefined) return 'nat-exhausted';
    this.#refresh(mapping, packet.destination);
    packet.source = mapping.external; // On hairpins too: "external source address" (§6).
    return undefined;
  }

  /** Gives the packet its internal destination address, or says why it goes no further. */
  #translateInbound(packet: Packet): DropReason | undefined {
    const { source, destination } = packet;
    if (!this.addresses.includes(destination.address)) return undefined;
    const { now } = this.#medium.clock;
    const { filtering, refreshOnInbound } = this.#behavior;
    const mapping = this.#byExternal.get(destination.address, destination.port);
    if (mapping === undefined || mapping.expiresAt <= now) return 'nat-unmapped';
    if (filtering !== 'endpoint-independent') {
      const address = keyAddress(filtering, source.address);
      const permittedUntil = mapping.permissions.get(address, keyPort(filtering, source.port));
      if (permittedUntil === undefined || permittedUntil <= now) return 'nat-filtered';
    }
    if (refreshOnInbound) this.#refresh(mapping, source);
    packet.destination = mapping.internal;
    return undefined;
  }

  #translates(address: string): boolean {
    return sameFamily(this.addresses, address) !== undefined;
  }

  #findMapping({ source, destination }: Packet): Mapping | undefined {
    const { mapping: dependence } = this.#behavior;
    const mapping = this.#byInternal
      .get(source.address, source.port)
      ?.get(keyAddress(dependence, destination.address), keyPort(dependence, destination.port));
    if (mapping === undefined || mapping.expiresAt > this.#medium.clock.now) return mapping;
    this.#forget(mapping);
    return undefined;
  }

  #addMapping({ source: internal, destination }: Packet): Mapping | undefined {
    const { mapping: dependence } = this.#behavior;
    const external = this.#allocate(internal);
    if (external === undefined) return undefined;
    const remote = {
      address: keyAddress(dependence, destination.address),
      port: keyPort(dependence, destination.port),
    };
    const permissions = new AddressTable<number>();
    const mapping: Mapping = { internal, external, remote, expiresAt: 0, permissions };
    let siblings = this.#byInternal.get(internal.address, internal.port);
    if (siblings === undefined) {
      siblings = new AddressTable();
      this.#byInternal.set(internal.address, internal.port, siblings);
    }
    siblings.set(remote.address, remote.port, mapping);
    this.#byExternal.set(external.address, external.port, mapping);
    return mapping;
  }

  /** A free external address and port for `internal`; undefined if there is none. */
  #allocate(internal: TransportAddress): TransportAddress | undefined {
    const { portAllocation, firstPort, lastPort } = this.#behavior;
    const pool = this.addresses.filter((each) => sameFamily([each], internal.address));
    const address = pool[hashText(internal.address) % pool.length] as string;
    const portCount = lastPort - firstPort + 1;
    let start = this.#nextPort;
    if (portAllocation === 'random') start = firstPort + this.#random.below(portCount);
    if (portAllocation === 'preserving') start = Math.max(internal.port, firstPort);
    for (let i = 0; i < portCount; i++) {
      const port = firstPort + ((start - firstPort + i) % portCount);
      const occupant = this.#byExternal.get(address, port);
      if (occupant !== undefined && occupant.expiresAt > this.#medium.clock.now) continue;
      if (occupant !== undefined) this.#forget(occupant);
      this.#nextPort = port === lastPort ? firstPort : port + 1;
      return { address, port };
    }
    return undefined;
  }

  #refresh(mapping: Mapping, remote: TransportAddress): void {
    const { filtering, mappingTimeoutMs } = this.#behavior;
    const expiresAt = this.#medium.clock.now + mappingTimeoutMs;
    mapping.expiresAt = expiresAt;
    const address = keyAddress(filtering, remote.address);
    mapping.permissions.set(address, keyPort(filtering, remote.port), expiresAt);
  }

  #forget({ internal, external, remote }: Mapping): void {
    this.#byExternal.delete(external.address, external.port);
    const siblings = this.#byInternal.get(internal.address, internal.port);
    siblings?.delete(remote.address, remote.port);
    if (siblings?.size === 0) this.#byInternal.delete(internal.address, internal.port);
  }
}
