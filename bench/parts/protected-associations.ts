// CPU time of SCTP over DTLS in one process, without network: what the packet kernel is worth in the stack.
import { type CryptoProvider, kernelCrypto, nodeCrypto } from '@kaon/crypto';
import type { DtlsCertificate, DtlsConnection } from '@kaon/dtls';
import { DATA_CHANNEL_PPID, SctpAssociation } from '@kaon/sctp';
import { connectedPair } from './packets.ts';

const BURST = 32; // Packets carried at a time, as a shell does in one turn of its event loop.
const BUFFERED_BYTES = 512 * 1024;
const ROUNDS = 8;

const LOADS = [
  { name: '160 B messages', messageBytes: 160, totalBytes: 4_000_000 },
  { name: '1 KiB messages', messageBytes: 1024, totalBytes: 20_000_000 },
  { name: '16 KiB messages', messageBytes: 16_384, totalBytes: 20_000_000 },
] as const;

/** One end: an association and the connection below it. */
interface End {
  readonly sctp: SctpAssociation;
  readonly dtls: DtlsConnection;
}

/** One row of the table for each size of message: the least of the rounds, which take turns. */
export function measureProtectedAssociations(
  certificate: DtlsCertificate,
): readonly Readonly<Record<string, string | number>>[] {
  return LOADS.map(({ name, messageBytes, totalBytes }) => {
    const least = { kernel: Number.POSITIVE_INFINITY, node: Number.POSITIVE_INFINITY };
    for (let round = 0; round < ROUNDS; round++) {
      least.node = Math.min(least.node, run(nodeCrypto, certificate, messageBytes, totalBytes));
      least.kernel = Math.min(
        least.kernel,
        run(kernelCrypto, certificate, messageBytes, totalBytes),
      );
    }
    return {
      'SCTP over DTLS, both ends': name,
      'node, CPU µs a packet': Number(least.node.toFixed(2)),
      'kernel, CPU µs a packet': Number(least.kernel.toFixed(2)),
      'node / kernel': Number((least.node / least.kernel).toFixed(2)),
    };
  });
}

/** Sends it all from one end to the other; CPU microseconds of both for each packet in either direction. */
function run(
  crypto: CryptoProvider,
  certificate: DtlsCertificate,
  messageBytes: number,
  totalBytes: number,
): number {
  const [client, server] = connectedPair(crypto, undefined, certificate);
  const options = { random: crypto.random, crypto };
  const a: End = { sctp: new SctpAssociation(options), dtls: client };
  const b: End = { sctp: new SctpAssociation(options), dtls: server };
  const message = new Uint8Array(messageBytes).fill(7);
  const count = Math.ceil(totalBytes / messageBytes);
  let now = 0;
  let [sent, received, packets] = [0, 0, 0];
  a.sctp.connect(now);
  for (let i = 0; i < 6; i++) {
    carry(a, b, now);
    carry(b, a, now);
  }
  const before = process.cpuUsage();
  while (received < count) {
    now += 0.1;
    while (sent < count && a.sctp.totalBufferedAmount < BUFFERED_BYTES) {
      a.sctp.send({ streamId: 0, ppid: DATA_CHANNEL_PPID.binary, data: message }, now);
      sent++;
    }
    const carried = carry(a, b, now);
    if (carried === 0) {
      // All that may be in flight is, or its pace has come to a rest.
      now = Math.max(now, Math.min(a.sctp.nextTimeout, b.sctp.nextTimeout));
      a.sctp.handleTimeout(now);
      b.sctp.handleTimeout(now);
    }
    packets += carried + carry(b, a, now);
    while (a.sctp.pollEvent() !== undefined);
    for (let event = b.sctp.pollEvent(); event !== undefined; event = b.sctp.pollEvent()) {
      if (event.type === 'message') received++;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / packets;
}

/** Carries a burst of packets; how many there were. */
function carry(from: End, to: End, now: number): number {
  const datagrams: Uint8Array[] = [];
  while (datagrams.length < BURST) {
    const packet = from.sctp.pollDatagram();
    if (packet === undefined) break;
    from.dtls.send(packet, now);
    datagrams.push(from.dtls.pollDatagram() as Uint8Array);
  }
  for (const datagram of datagrams) {
    to.dtls.handleDatagram(datagram, now);
    for (let event = to.dtls.pollEvent(); event !== undefined; event = to.dtls.pollEvent()) {
      if (event.type === 'data') to.sctp.handleDatagram(event.data, now);
    }
  }
  return datagrams.length;
}
