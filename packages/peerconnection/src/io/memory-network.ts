// Two hosts on a network that is nothing but memory, in real time: what one sends, the other receives.

import {
  type InterfaceAddress,
  type Network,
  releaseMemory,
  type TransportAddress,
  type UdpSocket,
  type UdpSocketHandler,
} from '@kaon/wire';
import { nodeNetwork } from './node-network.ts';

/** The first of the ports that IANA leaves to such uses (RFC 6335 §6). */
const FIRST_DYNAMIC_PORT = 49_152;
/** Ethernet's. */
const LINK_MTU = 1500;

/** Addresses of documentation, which no real host has (RFC 5737, RFC 3849). */
const HOSTS = [
  ['192.0.2.1', '2001:db8::1'],
  ['192.0.2.2', '2001:db8::2'],
] as const;

/**
 * Makes the two hosts. Clock, timers and randomness are Node's; no socket is opened and no packet leaves
 * the process, and nothing is lost or reordered.
 */
export function createMemoryNetworks(): readonly [Network, Network] {
  const sockets = new Map<string, MemorySocket>();
  const [first, second] = HOSTS;
  return [host(first, sockets), host(second, sockets)];
}

function host(addresses: readonly string[], sockets: Map<string, MemorySocket>): Network {
  const interfaces: readonly InterfaceAddress[] = addresses.map((address) => ({
    name: 'memory',
    address,
    isLoopback: false,
  }));
  return {
    ...nodeNetwork,
    interfaces: () => interfaces,
    linkMtu: () => LINK_MTU,
    bindUdp: async ({ address }: TransportAddress, handler: UdpSocketHandler) =>
      new MemorySocket({ address, port: FIRST_DYNAMIC_PORT + sockets.size }, handler, sockets),
    lookup: async () => [],
  };
}

/** A socket that others find by its address. */
class MemorySocket implements UdpSocket {
  readonly local: TransportAddress;
  readonly #handler: UdpSocketHandler;
  readonly #sockets: Map<string, MemorySocket>;
  #inbox: { readonly data: Uint8Array; readonly remote: TransportAddress }[] = [];
  #isClosed = false;

  constructor(
    local: TransportAddress,
    handler: UdpSocketHandler,
    sockets: Map<string, MemorySocket>,
  ) {
    this.local = local;
    this.#handler = handler;
    this.#sockets = sockets;
    sockets.set(key(local), this);
  }

  send(data: Uint8Array, remote: TransportAddress): void {
    const receiver = this.#sockets.get(key(remote));
    if (!this.#isClosed && receiver !== undefined) receiver.#receive(data, this.local);
  }

  flush(): void {
    // Each datagram is in its inbox already.
  }

  close(): void {
    this.#isClosed = true;
    this.#inbox = [];
  }

  #receive(data: Uint8Array, remote: TransportAddress): void {
    if (this.#isClosed) return;
    if (this.#inbox.length === 0) setImmediate(this.#deliver);
    // A `Buffer` with memory of its own, as node:dgram has it: code that has seen one is compiled for it.
    this.#inbox.push({ data: Buffer.from(new Uint8Array(data).buffer), remote });
  }

  readonly #deliver = (): void => {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { data, remote } of inbox) {
      if (this.#isClosed) return;
      this.#handler.onDatagram(data, remote);
      releaseMemory(data);
    }
    setImmediate(this.#endBatch);
  };

  readonly #endBatch = (): void => {
    if (!this.#isClosed) this.#handler.onBatchEnd();
  };
}

function key({ address, port }: TransportAddress): string {
  return `${port} ${address}`;
}
