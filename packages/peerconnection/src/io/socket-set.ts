// The UDP sockets of a connection: one for each of the host's addresses (RFC 8445 §5.1.1.1).

import {
  addressScope,
  equalAddresses,
  type InterfaceAddress,
  type Network,
  parseIpAddress,
  type RandomSource,
  type TransportAddress,
  type UdpSocket,
} from '@kaon/wire';
import type { KaonOptions } from './options.ts';

/** Who is told what sockets receive. */
export interface SocketSetHandler {
  /** `data` is the handler's to read until it returns. */
  onDatagram(data: Uint8Array, socket: UdpSocket, remote: TransportAddress): void;
  onBatchEnd(): void;
}

/** A socket with the interface that it belongs to. */
export interface BoundSocket {
  readonly socket: UdpSocket;
  readonly interfaceName: string;
}

/** A host with more addresses than this has its further ones ignored. */
const MAX_SOCKETS = 32;
/** How many ports of a range are tried before an address is given up. */
const MAX_PORT_ATTEMPTS = 64;

/** Binds them, finds them, closes them. */
export class SocketSet {
  readonly #network: Network;
  readonly #options: KaonOptions;
  readonly #handler: SocketSetHandler;
  #sockets: BoundSocket[] = [];
  #binding: Promise<void> | undefined = undefined;
  #isClosed = false;

  constructor(network: Network, options: KaonOptions, handler: SocketSetHandler) {
    this.#network = network;
    this.#options = options;
    this.#handler = handler;
  }

  /** The sockets that are bound. */
  get sockets(): readonly BoundSocket[] {
    return this.#sockets;
  }

  /**
   * Binds one socket to each of the host's addresses that are to be used; once, however often it is
   * called. Addresses that cannot be bound are left out.
   */
  bind(): Promise<void> {
    this.#binding ??= this.#bindAll();
    return this.#binding;
  }

  /** The socket bound to `local`; undefined if it is none, or broken. */
  find(local: TransportAddress): UdpSocket | undefined {
    for (const { socket } of this.#sockets) {
      if (equalAddresses(socket.local, local)) return socket;
    }
    return undefined;
  }

  /** The end of a batch of sends, on all of them. */
  flush(): void {
    for (const { socket } of this.#sockets) socket.flush();
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#sockets) socket.close();
    this.#sockets = [];
  }

  async #bindAll(): Promise<void> {
    const addresses = selectAddresses(this.#network.interfaces(), this.#options);
    await Promise.all(addresses.map((address) => this.#bindOne(address)));
  }

  async #bindOne({ address, name }: InterfaceAddress): Promise<void> {
    for (const port of candidatePorts(this.#options, this.#network.random)) {
      let bound: UdpSocket | undefined;
      const socket = await this.#network
        .bindUdp(
          { address, port },
          {
            onDatagram: (data, remote) => {
              if (bound !== undefined) this.#handler.onDatagram(data, bound, remote);
            },
            onBatchEnd: () => this.#handler.onBatchEnd(),
            onError: () => this.#remove(bound),
          },
        )
        // The port is taken or the address has gone: the next port, or one candidate fewer.
        .catch(() => undefined);
      bound = socket;
      if (socket === undefined) continue;
      if (this.#isClosed) socket.close();
      else this.#sockets.push({ socket, interfaceName: name });
      return;
    }
  }

  #remove(broken: UdpSocket | undefined): void {
    this.#sockets = this.#sockets.filter(({ socket }) => socket !== broken);
  }
}

/** The addresses to use: all but loopback, which counts only where asked for or where there is no other. */
function selectAddresses(
  all: readonly InterfaceAddress[],
  options: KaonOptions,
): readonly InterfaceAddress[] {
  const { interfaceFilter = () => true, includeLoopback = false } = options;
  const usable = all.filter((each) => isUsable(each.address) && interfaceFilter(each));
  const outside = usable.filter(({ isLoopback }) => !isLoopback);
  return (includeLoopback || outside.length === 0 ? usable : outside).slice(0, MAX_SOCKETS);
}

/** RFC 8445 §5.1.1.1: no addresses that only stand for others, and none that need a zone. */
function isUsable(address: string): boolean {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return false;
  const scope = addressScope(bytes);
  return (
    !(scope === 'unspecified' || scope === 'multicast') &&
    !(scope === 'link-local' && bytes.length === 16)
  );
}

/** 0 for any, or the ports of the range from a random one on. */
function candidatePorts({ icePortRange }: KaonOptions, random: RandomSource): number[] {
  if (icePortRange === undefined) return [0];
  const { min, max } = icePortRange;
  const size = max - min + 1;
  const first = random.uint32() % size;
  return Array.from(
    { length: Math.min(size, MAX_PORT_ATTEMPTS) },
    (_, i) => min + ((first + i) % size),
  );
}
