// A UDP socket of a simulated host: as strict as its contract allows, so that faults show here first.

import type { TransportAddress, UdpSocket, UdpSocketHandler } from '@kaon/wire';
import type { Packet } from './packet.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a received datagram's memory holds once its handler has returned. */
const SPENT = 0xdd;

/** What a socket asks of the host that it is bound on. */
export interface SocketOwner {
  readonly clock: VirtualClock;
  /** Puts a datagram on its way, or notes why not. */
  transmit(socket: SimulatedSocket, data: Uint8Array, remote: TransportAddress): void;
  /** Frees the port. */
  release(socket: SimulatedSocket): void;
}

interface Datagram {
  readonly data: Uint8Array;
  readonly remote: TransportAddress;
}

/**
 * A bound socket.
 *
 * Datagrams leave at {@link flush} and not before. A received datagram is a copy that is overwritten as
 * soon as its handler returns. So a shell that forgets to flush, or keeps what is not its own, fails in
 * simulation and not only under a faster socket.
 */
export class SimulatedSocket implements UdpSocket {
  readonly local: TransportAddress;
  readonly #owner: SocketOwner;
  readonly #handler: UdpSocketHandler;
  readonly #batchEnd = { run: (): void => this.#endBatch() };
  #unsent: Datagram[] = [];
  #received = new Uint8Array(0);
  #isInBatch = false;
  #isClosed = false;

  constructor(owner: SocketOwner, local: TransportAddress, handler: UdpSocketHandler) {
    this.#owner = owner;
    this.local = local;
    this.#handler = handler;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Keeps a datagram until {@link flush}. */
  send(data: Uint8Array, remote: TransportAddress): void {
    if (this.#isClosed) this.#owner.transmit(this, data, remote);
    else this.#unsent.push({ data, remote });
  }

  /** Sends what was kept. */
  flush(): void {
    if (this.#unsent.length === 0) return;
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const { data, remote } of unsent) this.#owner.transmit(this, data, remote);
  }

  /** Closes it; what was not flushed is dropped. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.flush();
    this.#owner.release(this);
  }

  /** Closes it and tells its owner that the system did so. */
  fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#owner.clock.noteCallOut();
    this.#handler.onError(error);
  }

  /** Hands a packet over, and notes that the batch is to be ended at the end of this instant. */
  receive(packet: Packet): void {
    const { clock } = this.#owner;
    const { length } = packet.data;
    if (this.#received.length < length) this.#received = new Uint8Array(Math.max(length, 2048));
    this.#received.set(packet.data);
    if (!this.#isInBatch) {
      this.#isInBatch = true;
      clock.scheduleLate(this.#batchEnd);
    }
    clock.noteCallOut();
    this.#handler.onDatagram(this.#received.subarray(0, length), packet.source);
    this.#received.fill(SPENT, 0, length);
  }

  #endBatch(): void {
    this.#isInBatch = false;
    if (this.#isClosed) return;
    this.#owner.clock.noteCallOut();
    this.#handler.onBatchEnd();
  }
}
