// An association under attack, and all that an attacker beside it would want to know.
import { readUint32 } from '@kaon/wire';
import type { SctpCounters } from '../src/counters.ts';
import type { SctpAssociation } from '../src/index.ts';
import { AssociationPair } from './association-pair.ts';
import { forgePacket } from './packet-forge.ts';

/** An established pair, and all an attacker beside B would want to know. */
export function victim(options = {}): {
  pair: AssociationPair;
  b: SctpAssociation;
  /** What B expects in the packets it gets. */
  tag: number;
  /** What A expects. */
  peerTag: number;
  /** The next TSN B expects. */
  tsn: number;
  attack(...chunks: Uint8Array[]): void;
  answers(): Uint8Array[];
  counters(): Readonly<SctpCounters>;
} {
  const pair = new AssociationPair({
    b: { receiveWindowBytes: 1024 * 1024 },
    ...options,
  }).connect();
  const init = pair.endB.received[0]!;
  const cookieEcho = pair.endB.received[1]!;
  const { b } = pair;
  const tag = readUint32(cookieEcho, 4);
  return {
    pair,
    b,
    tag,
    peerTag: readUint32(init, 16),
    tsn: readUint32(init, 28),
    attack: (...chunks) => b.handleDatagram(forgePacket(tag, ...chunks), pair.now),
    answers: () => {
      const packets: Uint8Array[] = [];
      for (let p = b.pollDatagram(); p; p = b.pollDatagram()) packets.push(p);
      return packets;
    },
    counters: () => b.counters,
  };
}
