// The world as Node gives it: UDP sockets, timers, the monotonic clock, interfaces and names.

import { createSocket, type Socket } from 'node:dgram';
import { lookup as lookupDns } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { performance } from 'node:perf_hooks';
import { defaultCrypto } from '@kaon/crypto';
import {
  addressFamily,
  addressScope,
  formatIpAddress,
  type InterfaceAddress,
  type Network,
  type NetworkTimer,
  parseIpAddress,
  releaseMemory,
  type TransportAddress,
  type UdpSocket,
  type UdpSocketHandler,
} from '@kaon/wire';
import { nodeLinkMtu } from './link-mtu.ts';
import { resolveMdns } from './mdns.ts';

// The system's default keeps about 90 packets of 1200 bytes; a burst at full speed is larger.
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const SEND_BUFFER_BYTES = 1024 * 1024;

/** Node's sockets, clock and randomness: the network that a peer connection uses by default. */
export const nodeNetwork: Network = {
  random: defaultCrypto.random,
  now: () => performance.now(),
  wallClock: systemClock,
  setTimer(callback: () => void, delayMs: number): NetworkTimer {
    if (delayMs <= 0) {
      // "The next task": setTimeout would wait for a millisecond.
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timer = setTimeout(callback, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(timer) };
  },
  interfaces: listInterfaces,
  linkMtu: nodeLinkMtu,
  bindUdp: (address: TransportAddress, handler: UdpSocketHandler): Promise<UdpSocket> =>
    NodeUdpSocket.bind(address, handler),
  async lookup(hostname: string): Promise<readonly string[]> {
    if (/\.local\.?$/i.test(hostname)) return resolveMdns(hostname);
    const found = await lookupDns(hostname, { all: true });
    return found.map(({ address }) => address);
  },
};

/** The system's clock; with the fractions of milliseconds that `Date` lacks, unless it was set meanwhile. */
function systemClock(): number {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  return Math.abs(fine - coarse) < 1000 ? fine : coarse;
}

/**
 * The addresses of interfaces that are up. Link-local IPv6 addresses are left out: they mean nothing
 * without a zone, which a candidate cannot carry (RFC 8445 §5.1.1.1 leaves them to the agent's choice).
 */
function listInterfaces(): readonly InterfaceAddress[] {
  const found: InterfaceAddress[] = [];
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, internal } of addresses ?? []) {
      const bytes = parseIpAddress(address);
      if (bytes === undefined) continue;
      if (bytes.length === 16 && addressScope(bytes) === 'link-local') continue;
      found.push({ name, address: formatIpAddress(bytes), isLoopback: internal });
    }
  }
  return found;
}

/** A `node:dgram` socket behind the batch-shaped interface. */
class NodeUdpSocket implements UdpSocket {
  readonly local: TransportAddress;
  readonly #socket: Socket;
  readonly #handler: UdpSocketHandler;
  #isBatchOpen = false;
  #isClosed = false;
  /** The latest IPv6 source as Node wrote it, and in canonical form: most datagrams come from one peer. */
  #latestText = '';
  #latestRemote: TransportAddress = { address: '', port: 0 };

  static bind(address: TransportAddress, handler: UdpSocketHandler): Promise<UdpSocket> {
    const family = addressFamily(address.address);
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      sendBufferSize: SEND_BUFFER_BYTES,
      // Every destination is literal already; a synchronous answer saves a trip through the event loop.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address: address.address, port: address.port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        resolve(new NodeUdpSocket(socket, handler));
      });
    });
  }

  constructor(socket: Socket, handler: UdpSocketHandler) {
    const { address, port } = socket.address();
    this.local = { address: canonicalAddress(address), port };
    this.#socket = socket;
    this.#handler = handler;
    socket.on('message', (data, remote) => {
      if (this.#isClosed) return;
      this.#handler.onDatagram(data, remote.family === 'IPv6' ? this.#canonical(remote) : remote);
      // Node makes memory for each datagram, 64 KiB at first: the next one can have the same.
      releaseMemory(data);
      // Node hands over up to 32 waiting datagrams one by one in one turn; setImmediate comes after.
      if (!this.#isBatchOpen) {
        this.#isBatchOpen = true;
        setImmediate(this.#endBatch);
      }
    });
    // After binding, errors are those of single sends (no route, peer's port closed): the datagram is
    // lost, as UDP allows, and ICE notices if that lasts.
    socket.on('error', () => undefined);
  }

  send(data: Uint8Array, remote: TransportAddress): void {
    // Port 0, which anybody can put into a datagram as its source, makes Node throw.
    if (this.#isClosed || remote.port === 0) return;
    this.#socket.send(data, remote.port, remote.address);
  }

  flush(): void {
    // Each send has gone to the kernel already: Node has no way to send several at once.
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  #canonical({ address, port }: TransportAddress): TransportAddress {
    if (address !== this.#latestText || port !== this.#latestRemote.port) {
      this.#latestText = address;
      this.#latestRemote = { address: canonicalAddress(address), port };
    }
    return this.#latestRemote;
  }

  readonly #endBatch = (): void => {
    this.#isBatchOpen = false;
    if (!this.#isClosed) this.#handler.onBatchEnd();
  };
}

function canonicalAddress(address: string): string {
  const bytes = parseIpAddress(address);
  return bytes === undefined ? address : formatIpAddress(bytes);
}
