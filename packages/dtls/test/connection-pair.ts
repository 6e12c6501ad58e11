// Two connections joined by a wire that a test can listen on, cut and add to.

import { deterministicCrypto } from '@kaon/crypto';
import { SeededRandom } from '@kaon/simnet';
import {
  type DtlsCertificate,
  DtlsConnection,
  type DtlsEvent,
  type DtlsOptions,
} from '../src/index.ts';
import { CERTIFICATES } from './certificates.ts';

export type Side = 'client' | 'server';

/** Options that differ from an ordinary connection's. */
export type SideOptions = Partial<Omit<DtlsOptions, 'role'>>;

/** A connection of `role` that expects the peer to show `remote`. */
export function createSide(
  role: Side,
  remote: DtlsCertificate,
  options: SideOptions = {},
): DtlsConnection {
  return new DtlsConnection({
    role,
    certificate: CERTIFICATES.p256,
    crypto: deterministicCrypto,
    random: new SeededRandom(role),
    remoteFingerprints: [{ algorithm: 'sha-256', value: remote.fingerprint('sha-256') }],
    ...options,
  });
}

/** A client and a server. */
export class ConnectionPair {
  readonly client: DtlsConnection;
  readonly server: DtlsConnection;
  readonly events: Record<Side, DtlsEvent[]> = { client: [], server: [] };
  /** Every datagram that was sent, by its sender. */
  readonly sent: { readonly from: Side; readonly datagram: Uint8Array }[] = [];
  /** What becomes of a datagram: the datagrams that arrive in its place. */
  deliver: (datagram: Uint8Array, from: Side) => readonly Uint8Array[] = (datagram) => [datagram];
  now = 0;

  constructor(client: SideOptions = {}, server: SideOptions = {}) {
    this.client = createSide('client', server.certificate ?? CERTIFICATES.p256, client);
    this.server = createSide('server', client.certificate ?? CERTIFICATES.p256, server);
  }

  side(side: Side): DtlsConnection {
    return side === 'client' ? this.client : this.server;
  }

  start(): this {
    this.server.start(this.now);
    this.client.start(this.now);
    return this;
  }

  /** Starts both and carries datagrams until none is left. */
  connect(): this {
    return this.start().carry();
  }

  /** Carries datagrams, without letting time pass, until none is left. */
  carry(): this {
    while (this.carryOnce('client') || this.carryOnce('server'));
    return this;
  }

  /** Carries what one side has to send; whether there was anything. */
  carryOnce(from: Side): boolean {
    const to = from === 'client' ? 'server' : 'client';
    let any = false;
    for (const datagram of drain(this.side(from))) {
      any = true;
      this.sent.push({ from, datagram });
      for (const arriving of this.deliver(datagram, from)) {
        this.side(to).handleDatagram(arriving, this.now);
      }
    }
    this.#takeEvents();
    return any;
  }

  /** Lets time pass to the next deadline of either side; false if there is none. */
  elapse(): boolean {
    const next = Math.min(this.client.nextTimeout, this.server.nextTimeout);
    if (next === Number.POSITIVE_INFINITY) return false;
    this.now = Math.max(this.now, next);
    this.client.handleTimeout(this.now);
    this.server.handleTimeout(this.now);
    this.#takeEvents();
    return true;
  }

  /** Carries datagrams and lets time pass until nothing more can happen, or `untilMs` has come. */
  settle(untilMs = 120_000): this {
    do this.carry();
    while (this.now < untilMs && this.elapse());
    return this;
  }

  /** Data that a side received. */
  received(side: Side): Uint8Array[] {
    return this.events[side].flatMap((event) => (event.type === 'data' ? [event.data] : []));
  }

  /** The code of the error that a side failed with. */
  failure(side: Side): string | undefined {
    const last = this.events[side].at(-1);
    return last?.type === 'failed' ? last.error.code : undefined;
  }

  #takeEvents(): void {
    for (const side of ['client', 'server'] as const) {
      const connection = this.side(side);
      for (let event = connection.pollEvent(); event; event = connection.pollEvent()) {
        this.events[side].push(event);
      }
    }
  }
}

/** Everything that `connection` has to send. */
export function drain(connection: DtlsConnection): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let next = connection.pollDatagram(); next; next = connection.pollDatagram()) {
    datagrams.push(next);
  }
  return datagrams;
}
