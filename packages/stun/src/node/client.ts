// Asks a STUN server for the address it sees, over real sockets: UDP, TCP or TLS (RFC 8489 §6.2).
// https://www.rfc-editor.org/rfc/rfc8489#section-6.2

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { defaultCrypto } from '@kaon/crypto';
import { equalBytes, parseIpAddress, type TransportAddress } from '@kaon/wire';
import { StunClient } from '../client.ts';
import { StunError } from '../errors.ts';
import { StreamFraming } from '../stream-framing.ts';
import { DEFAULT_RELIABLE_TIMEOUT_MS, type StunTransactionOptions } from '../transaction.ts';
import { parseStunUri } from '../uri.ts';

/** What {@link requestMappedAddress} may be told. */
export interface MappedAddressOptions extends StunTransactionOptions {
  /** `udp` or `tcp` for a `stun:` URI (default `udp`); `stuns:` is always TLS over TCP. */
  readonly transport?: 'udp' | 'tcp';
  /** Which kind of address to take where the server's name has both; any by default. */
  readonly family?: 4 | 6;
  /** Bind to this literal address and port rather than any. */
  readonly local?: Partial<TransportAddress>;
  /** TLS options for `stuns:`, such as `ca`. The server's name is checked unless these say otherwise. */
  readonly tls?: ConnectionOptions;
  /** Ends the wait; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
  /** Sent as SOFTWARE if given. */
  readonly software?: string;
}

/** What a server said. */
export interface MappedAddress {
  /** Our address as the server sees it. */
  readonly address: TransportAddress;
  /** The address we sent from. */
  readonly local: TransportAddress;
  /** The server that answered. */
  readonly server: TransportAddress;
  /** Milliseconds between the latest request and its answer. */
  readonly roundTripTimeMs: number;
}

/**
 * Asks the server at `uri` which address our packets come from.
 *
 * @param uri such as `stun:stun.example.org` or `stuns:stun.example.org:5349` (RFC 7064).
 * @throws StunError (as a rejection): `STUN_INVALID_URI`, `STUN_INVALID_ARGUMENT` if `local` is no address or no
 * port, `STUN_TIMEOUT` if nothing answers, `STUN_TRANSPORT` if the socket fails, `STUN_ERROR_RESPONSE` or
 * `STUN_MALFORMED_RESPONSE`.
 *
 * @example
 * const { address } = await requestMappedAddress('stun:stun.example.org');
 * console.log(`${address.address}:${address.port}`);
 */
export async function requestMappedAddress(
  uri: string,
  options: MappedAddressOptions = {},
): Promise<MappedAddress> {
  const { scheme, host, port } = parseStunUri(uri);
  if (scheme !== 'stun' && scheme !== 'stuns') {
    throw new StunError('STUN_INVALID_URI', `Expected a stun: or stuns: URI, got "${uri}".`);
  }
  checkLocal(options.local);
  options.signal?.throwIfAborted();
  const server = await resolve(host, port, options.family ?? 0);
  options.signal?.throwIfAborted();
  if (scheme === 'stuns') return overStream(server, 'tls', host, options);
  return options.transport === 'tcp'
    ? overStream(server, 'tcp', host, options)
    : overUdp(server, options);
}

function checkLocal({ address, port = 0 }: Partial<TransportAddress> = {}): void {
  if (address !== undefined && parseIpAddress(address) === undefined) {
    const text = `local.address must be a literal IP address, not "${address}".`;
    throw new StunError('STUN_INVALID_ARGUMENT', text);
  }
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
    const text = `local.port must be an integer from 0 to 65535, not ${port}.`;
    throw new StunError('STUN_INVALID_ARGUMENT', text);
  }
}

async function resolve(host: string, port: number, family: 0 | 4 | 6): Promise<TransportAddress> {
  try {
    return { address: (await lookup(host, { family })).address, port };
  } catch (cause) {
    throw new StunError('STUN_TRANSPORT', `The name "${host}" could not be resolved.`, { cause });
  }
}

function overUdp(server: TransportAddress, options: MappedAddressOptions): Promise<MappedAddress> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const exchange = new Exchange(options, server, {
    send: (request) => socket.send(request, server.port, server.address),
    local: () => ({ address: socket.address().address, port: socket.address().port }),
    close: () => socket.close(),
  });
  socket.on('message', (datagram, from) => {
    // RFC 8489 §6.3.1: an answer comes from where the request went.
    if (isSameAddress(from, server)) exchange.receive(datagram);
  });
  socket.on('error', (error) => exchange.fail(error));
  socket.bind(options.local?.port ?? 0, options.local?.address, () => exchange.start());
  return exchange.outcome;
}

/** Whether two addresses are the same, of which one may be written as a user wrote it. */
function isSameAddress(a: TransportAddress, b: TransportAddress): boolean {
  const [bytesOfA, bytesOfB] = [parseIpAddress(a.address), parseIpAddress(b.address)];
  if (bytesOfA === undefined || bytesOfB === undefined || a.port !== b.port) return false;
  return equalBytes(bytesOfA, bytesOfB);
}

function overStream(
  server: TransportAddress,
  kind: 'tcp' | 'tls',
  host: string,
  options: MappedAddressOptions,
): Promise<MappedAddress> {
  const target = {
    host: server.address,
    port: server.port,
    ...(options.local?.address === undefined ? {} : { localAddress: options.local.address }),
    ...(options.local?.port === undefined ? {} : { localPort: options.local.port }),
  };
  const name = isIPv6(host) || /^[\d.]+$/.test(host) ? {} : { servername: host };
  const socket: Socket =
    kind === 'tls' ? connectTls({ ...target, ...name, ...options.tls }) : connectTcp(target);
  const framing = new StreamFraming();
  const patience = { reliableTimeoutMs: options.reliableTimeoutMs ?? DEFAULT_RELIABLE_TIMEOUT_MS };
  const exchange = new Exchange({ ...options, ...patience }, server, {
    send: (request) => socket.write(request),
    local: () => ({ address: socket.localAddress ?? '', port: socket.localPort ?? 0 }),
    close: () => socket.destroy(),
  });
  exchange.awaitConnection(patience.reliableTimeoutMs);
  socket.on(kind === 'tls' ? 'secureConnect' : 'connect', () => exchange.start());
  socket.on('data', (bytes) => {
    for (const message of framing.push(bytes)) exchange.receive(message);
    if (framing.failed) exchange.fail(new Error('The server sent something other than STUN.'));
  });
  socket.on('error', (error) => exchange.fail(error));
  socket.on('close', () => exchange.fail(new Error('The server closed the connection.')));
  return exchange.outcome;
}

/** What an {@link Exchange} does with its socket. */
interface Transport {
  send(request: Uint8Array): void;
  local(): TransportAddress;
  close(): void;
}

/** Runs a {@link StunClient} over a transport, with one timer. */
class Exchange {
  /** Settles once; the socket is closed by then. */
  readonly outcome: Promise<MappedAddress>;
  readonly #client: StunClient;
  readonly #server: TransportAddress;
  readonly #transport: Transport;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#settle(() => this.#reject(this.#signal?.reason));
  #timer: NodeJS.Timeout | undefined;
  #resolve: (address: MappedAddress) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #isSettled = false;

  constructor(options: MappedAddressOptions, server: TransportAddress, transport: Transport) {
    this.#client = new StunClient({ ...options, random: defaultCrypto.random });
    this.#server = server;
    this.#transport = transport;
    this.#signal = options.signal;
    this.outcome = new Promise((fulfil, reject) => {
      this.#resolve = fulfil;
      this.#reject = reject;
    });
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** There is nothing to send on yet, and must be in time. */
  awaitConnection(timeoutMs: number): void {
    const { address, port } = this.#server;
    const text = `There was no connection to ${address} port ${port} after ${timeoutMs} ms.`;
    this.#timer = setTimeout(() => {
      this.#settle(() => this.#reject(new StunError('STUN_TIMEOUT', text)));
    }, timeoutMs);
  }

  start(): void {
    if (this.#isSettled) return;
    this.#client.start(performance.now());
    this.#drain();
  }

  receive(message: Uint8Array): void {
    if (this.#isSettled) return;
    this.#client.handleDatagram(message, performance.now());
    this.#drain();
  }

  fail(cause: Error): void {
    const { address, port } = this.#server;
    const text = `No answer from ${address} port ${port}: ${cause.message}`;
    this.#settle(() => this.#reject(new StunError('STUN_TRANSPORT', text, { cause })));
  }

  #drain(): void {
    for (
      let request = this.#client.pollDatagram();
      request;
      request = this.#client.pollDatagram()
    ) {
      this.#transport.send(request);
    }
    const event = this.#client.pollEvent();
    if (event?.type === 'failed') this.#settle(() => this.#reject(event.error));
    if (event?.type === 'mapped-address') {
      const { address, roundTripTimeMs } = event;
      const local = this.#transport.local();
      const server = this.#server;
      this.#settle(() => this.#resolve({ address, local, server, roundTripTimeMs }));
    }
    clearTimeout(this.#timer);
    if (this.#isSettled || this.#client.nextTimeout === Number.POSITIVE_INFINITY) return;
    const delay = Math.max(0, this.#client.nextTimeout - performance.now());
    this.#timer = setTimeout(() => {
      this.#client.handleTimeout(performance.now());
      this.#drain();
    }, Math.ceil(delay));
  }

  #settle(settle: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#transport.close();
    settle();
  }
}
