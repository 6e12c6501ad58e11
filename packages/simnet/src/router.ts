// A plain router: joins a subnet to a larger one and changes nothing in the packets.

import { Link, type Medium } from './link.ts';
import type { LinkOptions } from './link-conditions.ts';
import type { Packet } from './packet.ts';
import type { Gateway, Subnet } from './subnet.ts';

/** A router without address translation: addresses inside are reachable from outside. */
export class Router implements Gateway {
  /** To the subnet outside. */
  readonly link: Link;
  readonly #outside: Subnet;

  constructor(name: string, medium: Medium, inside: Subnet, outside: Subnet, link: LinkOptions) {
    this.#outside = outside;
    this.link = new Link(name, medium, inside, outside, link);
    inside.connect(this);
  }

  announce(address: string): void {
    this.#outside.addRoute(address, this.link.inbound);
  }

  /** Passes on what comes from inside. */
  receive(packet: Packet): void {
    this.link.outbound.carry(packet);
  }
}
