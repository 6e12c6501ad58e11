// A bound socket that keeps what it gets: the user of the network in these tests.

import type { TransportAddress } from '@kaon/wire';
import type { SimulatedHost, SimulatedSocket } from '../src/index.ts';

/** A datagram, when it came and from where. */
export interface Received {
  readonly at: number;
  readonly data: Uint8Array;
  readonly remote: TransportAddress;
}

/** A socket on a host, with its mail. */
export class Inbox {
  readonly socket: SimulatedSocket;
  readonly received: Received[] = [];
  /** How many datagrams each batch had. */
  readonly batches: number[] = [];
  /** Called after each datagram. */
  onReceive: (received: Received) => void = () => undefined;
  #batch = 0;

  constructor(host: SimulatedHost, port = 0, address: string = host.address) {
    this.socket = host.bind(
      { address, port },
      {
        onDatagram: (data, remote) => {
          const received = { at: host.clock.now, data: data.slice(), remote };
          this.received.push(received);
          this.#batch++;
          this.onReceive(received);
        },
        onBatchEnd: () => {
          this.batches.push(this.#batch);
          this.#batch = 0;
        },
        onError: () => undefined,
      },
    );
  }

  get local(): TransportAddress {
    return this.socket.local;
  }

  /** The first byte of each datagram, in order of arrival. */
  get numbers(): number[] {
    return this.received.map(({ data }) => data[0] as number);
  }

  /** Sends one datagram at once: bytes, or as many zeros. */
  send(data: Uint8Array | number, remote: TransportAddress): void {
    this.socket.send(typeof data === 'number' ? new Uint8Array(data) : data, remote);
    this.socket.flush();
  }
}
