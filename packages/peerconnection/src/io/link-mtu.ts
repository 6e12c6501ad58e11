// The MTU of the host's own links, where it is known and means something.

import { readFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Interface names are the system's own; this is what can stand in a path of sysfs. */
const SAFE_NAME = /^[\w.:-]{1,15}$/;

type Interfaces = [name: string, addresses: NetworkInterfaceInfo[] | undefined][];

/** As listed when a path was last asked about that they do not have. */
let known: Interfaces = [];

/**
 * See `Network.linkMtu`. Only Linux says the MTU without a system call that Node lacks, and it sets "don't
 * fragment" on UDP packets that fit the first link; other systems let routers cut IPv4 packets.
 */
export function nodeLinkMtu(local: string, remote: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const nameOf = (wanted: string): string | undefined =>
    known.find(([, all]) => all?.some(({ address }) => address === wanted))?.[0];
  // To list them takes a while. Should an address have moved meanwhile, a probe of a wrong size is lost.
  if (nameOf(local) === undefined) known = Object.entries(networkInterfaces());
  const loopback = known.find(([, all]) => all?.some(({ internal }) => internal))?.[0];
  // What goes to one of the host's own addresses never leaves it.
  const name = nameOf(remote) === undefined ? nameOf(local) : loopback;
  if (name === undefined || !SAFE_NAME.test(name)) return undefined;
  try {
    const mtu = Number(readFileSync(`/sys/class/net/${name}/mtu`, 'latin1'));
    return Number.isInteger(mtu) && mtu > 0 ? mtu : undefined;
  } catch {
    known = [];
    return undefined; // No sysfs here, or the interface has just gone.
  }
}
