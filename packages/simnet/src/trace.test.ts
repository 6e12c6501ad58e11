import { describe, expect, test } from 'vitest';
import { Inbox } from '../test/inbox.ts';
import {
  createSimulation,
  formatTraceRecord,
  type LinkOptions,
  type PacketCapture,
  type Simulation,
  type TraceRecord,
} from './index.ts';

const NASTY: LinkOptions = {
  latencyMs: 30,
  jitterMs: 20,
  loss: 0.2,
  duplication: 0.1,
  reordering: 0.1,
  corruption: 0.05,
};

/** A run of a hundred packets over a nasty link; gives its digest. */
function digestOf(
  seed: number,
  change: { byte?: number; link?: LinkOptions; delayMs?: number } = {},
): string {
  const simulation = createSimulation({ seed });
  const [alice, bob] = simulation.connect('alice', 'bob', { ...NASTY, ...change.link });
  const from = new Inbox(alice);
  const to = new Inbox(bob);
  for (let i = 0; i < 100; i++) {
    const data = simulation.random.fork('payload').fill(new Uint8Array(50));
    if (i === 50) data[10] = change.byte ?? 0;
    const delayMs = i === 50 ? (change.delayMs ?? 0) : 0;
    simulation.at(i * 7 + delayMs, () => from.send(data, to.local));
  }
  simulation.runSync();
  return simulation.traceDigest;
}

describe('the trace digest', () => {
  test('is the same for the same seed, and another for another', () => {
    const digests = new Set<string>();
    for (let seed = 0; seed < 200; seed++) digests.add(digestOf(seed));
    for (let seed = 0; seed < 200; seed++) digests.add(digestOf(seed));
    expect(digests.size).toBe(200);
    expect(digestOf(1)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('notices one changed byte, a changed time and a changed link', () => {
    const digests = [
      digestOf(1),
      digestOf(1, { byte: 1 }),
      digestOf(1, { delayMs: 0.001 }),
      digestOf(1, { link: { latencyMs: 30.001 } }),
    ];
    expect(new Set(digests).size).toBe(4);
  });

  test('is not moved by looking on, nor by a new consumer of randomness', () => {
    const run = (disturb: boolean): string => {
      const simulation = createSimulation({ seed: 1 });
      if (disturb) {
        simulation.trace.listen(() => undefined);
        simulation.random.fork('someone new').uint32();
        simulation.host('bystander').network.random.uint32();
      }
      const [alice, bob] = simulation.connect('alice', 'bob', NASTY);
      const from = new Inbox(alice);
      const to = new Inbox(bob);
      for (let i = 0; i < 50; i++) from.send(100, to.local);
      simulation.runSync();
      return simulation.traceDigest;
    };
    expect(run(true)).not.toBe(createSimulation().traceDigest);
    expect(run(true)).toBe(run(false));
  });
});

interface Setup {
  readonly simulation: Simulation;
  readonly all: PacketCapture;
  readonly atBob: PacketCapture;
}

describe('a capture', () => {
  const setUp = (maxRecords = 100): Setup => {
    const simulation = createSimulation({ seed: 2 });
    const nat = simulation.nat('nat', { portAllocation: 'sequential' });
    const alice = new Inbox(simulation.host('alice', { behind: nat }));
    const bob = new Inbox(simulation.host('bob'));
    bob.onReceive = ({ remote }) => bob.send(1, remote);
    const all = simulation.capture({ maxRecords });
    const atBob = simulation.capture({ host: 'bob' });
    alice.send(2, bob.local);
    alice.send(3, { ...bob.local, port: 9 });
    simulation.runSync();
    return { simulation, all, atBob };
  };

  test('keeps what happened, with reasons, as records and as text', () => {
    const { all } = setUp();
    expect(all.text().split('\n')).toEqual([
      '0.000 alice send #0 10.0.1.1:49152 > 5.0.0.2:49152 2 bytes',
      '0.000 alice send #1 10.0.1.1:49152 > 5.0.0.2:9 3 bytes',
      '20.500 bob deliver #0 5.0.0.1:1024 > 5.0.0.2:49152 2 bytes',
      '20.500 bob send #2 5.0.0.2:49152 > 5.0.0.1:1024 1 bytes',
      '20.500 bob drop (port-unreachable) #1 5.0.0.1:1024 > 5.0.0.2:9 3 bytes',
      '41.000 alice deliver #2 5.0.0.2:49152 > 10.0.1.1:49152 1 bytes',
      '',
    ]);
    expect(formatTraceRecord(all.records[0] as TraceRecord)).toBe(all.text().split('\n')[0]);
  });

  test('keeps only the newest records within its limit, and nothing after it was stopped', () => {
    const { simulation, all } = setUp(2);
    expect(all.records.map(({ packetId }) => packetId)).toEqual([1, 2]);
    all.stop();
    new Inbox(simulation.host('carol')).send(1, { address: '5.0.0.2', port: 1 });
    expect(all.records).toHaveLength(2);
  });

  test('gives as pcap every packet once, or what one host saw', () => {
    const { all, atBob } = setUp();
    const headerBytes = 24;
    const perPacket = 16 + 28;
    expect(all.pcap()).toHaveLength(headerBytes + 3 * perPacket + 2 + 3 + 1);
    expect(atBob.pcap()).toHaveLength(headerBytes + 2 * perPacket + 2 + 1);
  });

  test('is counted in full by the trace', () => {
    const { simulation } = setUp();
    expect(simulation.trace.counters).toEqual({
      sent: 3,
      delivered: 2,
      duplicated: 0,
      corrupted: 0,
      dropped: 1,
    });
    expect(simulation.trace.drops('port-unreachable')).toBe(1);
    expect(simulation.trace.drops('loss')).toBe(0);
  });
});
