// CPU time of two SCTP associations in one process, without network or DTLS.
import { defaultCrypto } from '@kaon/crypto';
import { DATA_CHANNEL_PPID, SctpAssociation } from '@kaon/sctp';

const BURST = 32; // Datagrams handed in before draining, as a shell does in one turn of its event loop.
const BUFFERED_BYTES = 512 * 1024;

interface Load {
  readonly name: string;
  readonly messageBytes: number;
  readonly totalBytes: number;
}

interface Result {
  readonly messages: number;
  readonly packets: number;
  readonly bytes: number;
  readonly sendMs: number;
  readonly receiveMs: number;
}

function createAssociation(): SctpAssociation {
  const { random } = defaultCrypto;
  return new SctpAssociation({ random, crypto: defaultCrypto });
}

function drain(association: SctpAssociation): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let p = association.pollDatagram(); p; p = association.pollDatagram()) packets.push(p);
  return packets;
}

function connectedPair(): [SctpAssociation, SctpAssociation] {
  const a = createAssociation();
  const b = createAssociation();
  a.connect(0);
  for (let round = 0; round < 4; round++) {
    for (const packet of drain(a)) b.handleDatagram(packet, 0);
    for (const packet of drain(b)) a.handleDatagram(packet, 0);
  }
  return [a, b];
}

function run({ messageBytes, totalBytes }: Load): Result {
  const [a, b] = connectedPair();
  const message = new Uint8Array(messageBytes).fill(7);
  const count = Math.ceil(totalBytes / messageBytes);
  let sent = 0;
  let received = 0;
  let packets = 0;
  let bytes = 0;
  let sendMs = 0;
  let receiveMs = 0;
  let now = 0;
  let acknowledgements: Uint8Array[] = [];
  while (received < count) {
    now += 0.1;
    const start = performance.now();
    for (const packet of acknowledgements) a.handleDatagram(packet, now);
    while (sent < count && a.totalBufferedAmount < BUFFERED_BYTES) {
      a.send({ streamId: 0, ppid: DATA_CHANNEL_PPID.binary, data: message }, now);
      sent++;
    }
    const flight: Uint8Array[] = [];
    while (flight.length < BURST) {
      const packet = a.pollDatagram();
      if (packet === undefined) break;
      flight.push(packet);
    }
    while (a.pollEvent() !== undefined);
    const middle = performance.now();
    for (const packet of flight) {
      b.handleDatagram(packet, now);
      bytes += packet.length;
    }
    packets += flight.length;
    if (flight.length === 0) {
      now += 200; // All that may be in flight is; the last SACK is a delayed one.
      b.handleTimeout(now);
    }
    acknowledgements = drain(b);
    for (let event = b.pollEvent(); event !== undefined; event = b.pollEvent()) {
      if (event.type === 'message') received++;
    }
    sendMs += middle - start;
    receiveMs += performance.now() - middle;
  }
  return { messages: count, packets, bytes, sendMs, receiveMs };
}

const MIB = 1024 * 1024;
const LOADS: readonly Load[] = [
  { name: '64 B messages', messageBytes: 64, totalBytes: 64 * 1_000_000 },
  { name: '1 KiB messages', messageBytes: 1024, totalBytes: 256 * MIB },
  { name: '16 KiB messages', messageBytes: 16 * 1024, totalBytes: 512 * MIB },
  { name: '64 KiB messages', messageBytes: 64 * 1024, totalBytes: 512 * MIB },
];

/** One row of the table for each size of message. */
export function measureAssociations(): readonly Readonly<Record<string, string | number>>[] {
  return LOADS.map((load) => {
    run({ ...load, totalBytes: load.totalBytes / 8 });
    const { messages, packets, bytes, sendMs, receiveMs } = run(load);
    const seconds = (sendMs + receiveMs) / 1000;
    return {
      'SCTP, two associations': load.name,
      'messages a second': Math.round(messages / seconds),
      'MB/s': Math.round(bytes / seconds / 1e6),
      'bytes a packet': Math.round(bytes / packets),
      'send, µs a packet': Number(((1000 * sendMs) / packets).toFixed(2)),
      'receive, µs a packet': Number(((1000 * receiveMs) / packets).toFixed(2)),
    };
  });
}
