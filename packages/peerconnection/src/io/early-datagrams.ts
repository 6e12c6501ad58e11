// DTLS datagrams that came before they could be used, in bounded memory.

import type { TransportAddress } from '@kaon/wire';

/** One of them, copied, with the path that it came on. */
export interface EarlyDatagram {
  readonly data: Uint8Array;
  readonly local: TransportAddress;
  readonly remote: TransportAddress;
}

// A ClientHello with post-quantum keys takes two or three datagrams; a peer repeats it.
const MAX_DATAGRAMS = 16;
const MAX_BYTES = 32768;

/**
 * Keeps the peer's first flight until its fingerprint and a valid path are known. The peer can be faster
 * than its own answer on the signalling channel (RFC 8842 §5.3), and than our check of the path.
 */
export class EarlyDatagrams {
  #datagrams: EarlyDatagram[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#datagrams.length === 0;
  }

  /** Keeps a copy; false if there is no room. */
  keep(data: Uint8Array, local: TransportAddress, remote: TransportAddress): boolean {
    if (this.#datagrams.length >= MAX_DATAGRAMS || this.#bytes + data.length > MAX_BYTES) {
      return false;
    }
    const { address, port } = remote;
    this.#datagrams.push({ data: new Uint8Array(data), local, remote: { address, port } });
    this.#bytes += data.length;
    return true;
  }

  /** Takes out those that `isReady` says can be used now, in order. */
  take(isReady: (datagram: EarlyDatagram) => boolean): EarlyDatagram[] {
    const ready: EarlyDatagram[] = [];
    const waiting: EarlyDatagram[] = [];
    for (const datagram of this.#datagrams) (isReady(datagram) ? ready : waiting).push(datagram);
    if (ready.length > 0) {
      this.#datagrams = waiting;
      this.#bytes = waiting.reduce((sum, { data }) => sum + data.length, 0);
    }
    return ready;
  }

  clear(): void {
    this.#datagrams = [];
    this.#bytes = 0;
  }
}
