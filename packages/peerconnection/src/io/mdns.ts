// Resolves names in `.local`, behind which browsers hide their host addresses (RFC 6762,
// https://datatracker.ietf.org/doc/html/draft-ietf-mmusic-mdns-ice-candidates).

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import createMdns, { type MulticastDNS, type ResponsePacket } from 'multicast-dns';

// RFC 6762 §5.2: at least a second between queries, with growing intervals; a browser answers at once.
const QUERY_DELAYS_MS = [0, 1000, 3000];
const GIVE_UP_MS = 5000;
/** Where every response comes from (RFC 6762 §6). */
const MDNS_PORT = 5353;
/** RFC 6762 §17: with its headers. A larger one could keep the decoder busy with the names it compresses. */
const MAX_PACKET_BYTES = 9000;

/** One socket for all lookups of the process; it exists only while a lookup is under way. */
let shared: { readonly mdns: MulticastDNS; users: number } | undefined;

/**
 * The addresses of a name in `.local`.
 *
 * @throws Error (as a rejection) if nobody answers within five seconds, or there is no multicast here.
 */
export function resolveMdns(hostname: string): Promise<readonly string[]> {
  const name = hostname.replace(/\.$/, '').toLowerCase();
  return new Promise((resolve, reject) => {
    const mdns = acquire();
    const timers = QUERY_DELAYS_MS.map((delay) => setTimeout(() => query(mdns, name), delay));
    const settle = (outcome: () => void): void => {
      for (const timer of timers) clearTimeout(timer);
      mdns.off('response', onResponse);
      mdns.off('error', onError);
      release();
      outcome();
    };
    const onResponse = (packet: ResponsePacket): void => {
      const addresses = addressesOf(packet, name);
      if (addresses.length > 0) settle(() => resolve(addresses));
    };
    const onError = (error: Error): void => settle(() => reject(error));
    timers.push(
      setTimeout(() => {
        settle(() => reject(new Error(`Nobody answered to the name "${name}".`)));
      }, GIVE_UP_MS),
    );
    mdns.on('response', onResponse);
    mdns.on('error', onError);
  });
}

function query(mdns: MulticastDNS, name: string): void {
  mdns.query({
    questions: [
      { name, type: 'A' },
      { name, type: 'AAAA' },
    ],
  });
}

function addressesOf(packet: ResponsePacket, name: string): readonly string[] {
  const addresses: string[] = [];
  for (const record of [...(packet.answers ?? []), ...(packet.additionals ?? [])]) {
    if (record.type !== 'A' && record.type !== 'AAAA') continue;
    if (record.ttl === 0) continue; // RFC 6762 §10.1: it says goodbye
    if (record.name.toLowerCase() === name) addresses.push(record.data);
  }
  return addresses;
}

function acquire(): MulticastDNS {
  if (shared === undefined) {
    shared = { mdns: createMdns({ socket: createMdnsSocket() }), users: 0 };
    shared.mdns.setMaxListeners(0); // one per lookup under way, which the agent bounds
    shared.mdns.on('warning', () => undefined); // A malformed packet from the network: no answer.
    // That port 5353 is taken is told twice; by the second time no lookup listens any more.
    shared.mdns.on('error', () => undefined);
  }
  shared.users++;
  return shared.mdns;
}

/** A socket that hears only what may be a response. */
function createMdnsSocket(): Socket {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const emit = socket.emit.bind(socket) as (name: string, ...values: unknown[]) => boolean;
  socket.emit = (name: string, ...values: unknown[]): boolean => {
    if (name !== 'message') return emit(name, ...values);
    const [data, source] = values as [Uint8Array, RemoteInfo];
    if (source.port !== MDNS_PORT || data.length > MAX_PACKET_BYTES) return false;
    return emit(name, ...values);
  };
  return socket;
}

function release(): void {
  if (shared === undefined) return;
  shared.users--;
  if (shared.users > 0) return;
  shared.mdns.destroy();
  shared = undefined;
}
