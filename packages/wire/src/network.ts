// What a shell needs of the world: sockets, a clock, timers and randomness. Node's or a simulation's.

import type { RandomSource } from './random-source.ts';

/** An IP address and port; `address` is literal, canonical text without a zone. */
export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

/** Whether two transport addresses are the same; both must be canonical. */
export function equalAddresses(a: TransportAddress, b: TransportAddress): boolean {
  return a.port === b.port && a.address === b.address;
}

/** `192.0.2.1:3478` or `[2001:db8::1]:3478`. */
export function formatAddress(address: TransportAddress): string {
  return address.address.includes(':')
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

/** One address of one of the host's network interfaces. */
export interface InterfaceAddress {
  /** The interface's name, such as `eth0`. */
  readonly name: string;
  /** Literal, canonical, without a zone. */
  readonly address: string;
  readonly isLoopback: boolean;
}

/** What a bound UDP socket tells its owner; assigned once, before the first datagram can arrive. */
export interface UdpSocketHandler {
  /**
   * A datagram came. `data` is the handler's until it returns, and not to keep: its memory may be given back
   * or used again then.
   */
  onDatagram(data: Uint8Array, remote: TransportAddress): void;
  /** The datagrams that were waiting have all been handed over: the time to answer them together. */
  onBatchEnd(): void;
  /** The socket broke and is closed. */
  onError(error: Error): void;
}

/**
 * A bound UDP socket. Its shape allows batches: an implementation may hold what {@link send} was given
 * until {@link flush}, and owns that memory from then on.
 */
export interface UdpSocket {
  /** Where it is bound; the port is never 0. */
  readonly local: TransportAddress;
  /** Sends one datagram; what cannot be sent is dropped, as UDP does. */
  send(data: Uint8Array, remote: TransportAddress): void;
  /** The end of a batch of sends. */
  flush(): void;
  /** Closes it; nothing is handed over after. */
  close(): void;
}

/** A timer that was armed with {@link Network.setTimer}. */
export interface NetworkTimer {
  /** Disarms it; nothing happens if it has fired. */
  cancel(): void;
}

/** Everything outside that a shell uses. Node's is the default; a simulation gives another. */
export interface Network {
  /** Cryptographically strong in production; seeded in simulation. */
  readonly random: RandomSource;
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00Z, for certificates and reports only. */
  wallClock(): number;
  /** Calls `callback` once, `delayMs` from now or a little later; never at once. */
  setTimer(callback: () => void, delayMs: number): NetworkTimer;
  /** The addresses that sockets can be bound to. */
  interfaces(): readonly InterfaceAddress[];
  /**
   * The largest IP packet that the first link from the host's address `local` towards `remote` carries,
   * with its headers; undefined if unknown, or if packets of that size might be cut by routers unnoticed,
   * so that it would be no use to look for the path's MTU (RFC 8899 §3 1).
   */
  linkMtu(local: string, remote: string): number | undefined;
  /**
   * Binds a UDP socket to `address`; port 0 asks for any free port.
   *
   * @throws the system's error (as a rejection) if the address cannot be bound.
   */
  bindUdp(address: TransportAddress, handler: UdpSocketHandler): Promise<UdpSocket>;
  /** The literal addresses of a host name, by DNS or, for names in `.local`, by mDNS (RFC 6762). */
  lookup(hostname: string): Promise<readonly string[]>;
}
