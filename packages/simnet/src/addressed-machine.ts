// Puts a machine that knows about addresses, such as an ICE agent, on a host of the simulation.

import type { TransportAddress } from '@kaon/wire';
import { type Machine, MachineDriver } from './machine-driver.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

/** A datagram and its path; `local` is where the socket is bound. */
export interface AddressedDatagram {
  readonly data: Uint8Array;
  readonly local: TransportAddress;
  readonly remote: TransportAddress;
}

/** How a machine is put on a host. */
export interface AddressedMachineOptions<Event> {
  /** Gets every event of the machine; may call the machine. */
  readonly onEvent?: (event: Event, now: number) => void;
  /** Where to bind sockets; by default on every address of the host, on free ports. */
  readonly bind?: readonly TransportAddress[];
}

/** A machine on a host: its sockets feed it, and it sends through them. */
export class AddressedMachine<Event> {
  readonly #host: SimulatedHost;
  readonly #driver: MachineDriver<AddressedDatagram, Event>;
  readonly #sockets: SimulatedSocket[] = [];

  /** Binds the sockets; the machine is not called before something arrives, or {@link flush}. */
  constructor(
    host: SimulatedHost,
    machine: Machine<AddressedDatagram, Event>,
    options: AddressedMachineOptions<Event> = {},
  ) {
    this.#host = host;
    this.#driver = new MachineDriver({
      clock: host.clock,
      machine,
      send: (datagram) => this.#send(datagram),
      sent: () => {
        for (const socket of this.#sockets) socket.flush();
      },
      onEvent: options.onEvent ?? (() => undefined),
    });
    const wanted = options.bind ?? host.addresses.map((address) => ({ address, port: 0 }));
    for (const address of wanted) this.bind(address);
  }

  /** Where its sockets are bound. */
  get bases(): readonly TransportAddress[] {
    return this.#sockets.map((socket) => socket.local);
  }

  /** Binds one more socket; gives its address. */
  bind(address: TransportAddress): TransportAddress {
    const socket: SimulatedSocket = this.#host.bind(address, {
      onDatagram: (data, remote) =>
        this.#driver.handleDatagram({ data, local: socket.local, remote }),
      onBatchEnd: () => undefined,
      onError: () => undefined,
    });
    this.#sockets.push(socket);
    return socket.local;
  }

  /** To be said after the machine was called from outside. */
  flush(): void {
    this.#driver.flush();
  }

  /** Closes the sockets and calls the machine no more, as if its process had died. */
  stop(): void {
    this.#driver.stop();
    for (const socket of this.#sockets) socket.close();
  }

  #send({ data, local, remote }: AddressedDatagram): void {
    for (const socket of this.#sockets) {
      if (socket.local.port !== local.port || socket.local.address !== local.address) continue;
      socket.send(data, remote);
      return;
    }
    throw new RangeError(
      `The machine sends from ${local.address}:${local.port}, where no socket is bound.`,
    );
  }
}
