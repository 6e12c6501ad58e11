// The world as a shell on a simulated host sees it.

import type {
  InterfaceAddress,
  Network,
  NetworkTimer,
  RandomSource,
  TransportAddress,
  UdpSocket,
  UdpSocketHandler,
} from '@kaon/wire';
import type { NameService } from './name-service.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a network asks of its host. */
export interface NetworkOwner {
  readonly clock: VirtualClock;
  interfaceAddresses(): readonly InterfaceAddress[];
  linkMtu(local: string, remote: string): number | undefined;
  bind(address: TransportAddress, handler: UdpSocketHandler): UdpSocket;
}

/** A host's {@link Network}: virtual time, seeded randomness, simulated sockets. */
export class SimulatedNetwork implements Network {
  readonly random: RandomSource;
  readonly #host: NetworkOwner;
  readonly #clock: VirtualClock;
  readonly #names: NameService;
  readonly #epochMs: number;

  constructor(host: NetworkOwner, names: NameService, random: RandomSource, epochMs: number) {
    this.#host = host;
    this.#clock = host.clock;
    this.#names = names;
    this.random = random;
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#clock.now;
  }

  wallClock(): number {
    return this.#epochMs + this.#clock.now;
  }

  setTimer(callback: () => void, delayMs: number): NetworkTimer {
    const clock = this.#clock;
    const scheduled = clock.schedule(clock.now + delayMs, {
      run: () => {
        clock.noteCallOut();
        callback();
      },
    });
    return { cancel: () => clock.cancel(scheduled) };
  }

  interfaces(): readonly InterfaceAddress[] {
    return this.#host.interfaceAddresses();
  }

  linkMtu(local: string, remote: string): number | undefined {
    return this.#host.linkMtu(local, remote);
  }

  bindUdp(address: TransportAddress, handler: UdpSocketHandler): Promise<UdpSocket> {
    return new Promise((resolve) => resolve(this.#host.bind(address, handler)));
  }

  lookup(hostname: string): Promise<readonly string[]> {
    return this.#names.lookup(hostname);
  }
}
