import { describe, expect, test } from 'vitest';
import { Inbox } from '../test/inbox.ts';
import {
  burstyLoss,
  createSimulation,
  type Link,
  type LinkOptions,
  type Simulation,
} from './index.ts';

/** Two hosts and one link; `send(n)` sends numbered datagrams of `bytes` each, at once. */
function setUp(link: LinkOptions, seed = 1): Setup {
  const simulation = createSimulation({ seed });
  const [alice, bob] = simulation.connect('alice', 'bob', link);
  const from = new Inbox(alice);
  const to = new Inbox(bob);
  const send = (count: number, bytes = 4): void => {
    for (let i = 0; i < count; i++) {
      const data = new Uint8Array(bytes);
      data[0] = i;
      from.send(data, to.local);
    }
  };
  return { simulation, link: alice.link, from, to, send };
}

interface Setup {
  readonly simulation: Simulation;
  readonly link: Link;
  readonly from: Inbox;
  readonly to: Inbox;
  readonly send: (count: number, bytes?: number) => void;
}

const times = (inbox: Inbox): number[] => inbox.received.map(({ at }) => at);
const IP_AND_UDP = 28;

describe('a link', () => {
  test('delays by its latency, each direction by its own', () => {
    const { simulation, from, to, send } = setUp({ latencyMs: 20, inbound: { latencyMs: 5 } });
    to.onReceive = ({ data, remote }) => to.send(data, remote);
    send(1);
    simulation.runSync();
    expect(times(to)).toEqual([20]);
    expect(times(from)).toEqual([25]);
  });

  test('loses the share of packets that it is told to lose', () => {
    const { simulation, to, send, link } = setUp({ loss: 0.2 });
    send(50_000);
    simulation.runSync();
    expect(to.received.length / 50_000).toBeCloseTo(0.8, 2);
    expect(link.outbound.counters).toEqual({
      packets: 50_000,
      bytes: 50_000 * 32,
      dropped: 50_000 - to.received.length,
    });
    expect(simulation.trace.drops('loss')).toBe(link.outbound.counters.dropped);
  });

  test('loses in bursts of the mean length asked for (Gilbert–Elliott)', () => {
    const { simulation, send } = setUp({ loss: burstyLoss(0.1, 5) });
    const fates: boolean[] = [];
    simulation.trace.listen(({ type, packetId }) => {
      if (type === 'send') fates[packetId] = false;
      if (type === 'drop') fates[packetId] = true;
    });
    send(100_000);
    simulation.runSync();
    const lost = fates.filter(Boolean).length;
    const bursts = fates.filter((isLost, i) => isLost && fates[i - 1] !== true).length;
    expect(lost / 100_000).toBeGreaterThan(0.09);
    expect(lost / 100_000).toBeLessThan(0.11);
    expect(lost / bursts).toBeGreaterThan(4.7);
    expect(lost / bursts).toBeLessThan(5.3);
  });

  test('loses with the probability of the state it is in', () => {
    const always = { toBad: 1, toGood: 0, lossWhenBad: 0.5 };
    const { simulation, to, send } = setUp({ loss: always });
    send(20_000);
    simulation.runSync();
    expect(to.received.length / 20_000).toBeCloseTo(0.5, 1);
  });

  test('spreads arrivals evenly over the jitter and keeps their order', () => {
    const { simulation, from, to } = setUp({ latencyMs: 100, jitterMs: 30 });
    for (let i = 0; i < 5000; i++) {
      simulation.at(i * 100, () => from.send(Uint8Array.of(i & 255), to.local));
    }
    simulation.runSync();
    const delays = times(to).map((at, i) => at - i * 100 - 100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30);
    const mean = delays.reduce((sum, delay) => sum + delay) / delays.length;
    expect(mean).toBeGreaterThan(14.5);
    expect(mean).toBeLessThan(15.5);
  });

  test('keeps order under jitter, unless jitter may reorder', () => {
    const kept = setUp({ latencyMs: 10, jitterMs: 50 });
    kept.send(200);
    kept.simulation.runSync();
    expect(kept.to.numbers).toEqual(kept.to.numbers.toSorted((a, b) => a - b));

    const mixed = setUp({ latencyMs: 10, jitterMs: 50, jitterReorders: true });
    mixed.send(200);
    mixed.simulation.runSync();
    expect(mixed.to.numbers).not.toEqual(kept.to.numbers);
    expect(mixed.to.numbers.toSorted((a, b) => a - b)).toEqual(kept.to.numbers);
  });

  test('holds back the share of packets that it is told to reorder, and no others', () => {
    const { simulation, from, to } = setUp({
      latencyMs: 5,
      reordering: 0.25,
      reorderingDelayMs: 7,
    });
    for (let i = 0; i < 4000; i++) {
      simulation.at(i, () => from.send(Uint8Array.of(i >> 8, i), to.local));
    }
    simulation.runSync();
    const delays = to.received.map(
      ({ at, data }) => at - (((data[0] as number) << 8) | (data[1] as number)),
    );
    expect(new Set(delays)).toEqual(new Set([5, 12]));
    expect(delays.filter((delay) => delay === 12).length / 4000).toBeCloseTo(0.25, 1);
  });

  test('duplicates the share of packets that it is told to', () => {
    const { simulation, to, send } = setUp({ duplication: 0.05 });
    send(20_000);
    simulation.runSync();
    const { duplicated, delivered } = simulation.trace.counters;
    expect(duplicated / 20_000).toBeCloseTo(0.05, 2);
    expect(delivered).toBe(20_000 + duplicated);
    expect(to.received).toHaveLength(delivered);
  });

  test('flips one bit of what it corrupts, and leaves the memory of the sender alone', () => {
    const { simulation, from, to } = setUp({ corruption: 1 });
    const sent = new Uint8Array(100);
    from.send(sent, to.local);
    from.send(new Uint8Array(0), to.local);
    simulation.runSync();
    const bits = [...(to.received[0]?.data ?? [])].map((byte) => byte.toString(2)).join('');
    expect(bits.replaceAll('0', '')).toBe('1');
    expect(sent).toEqual(new Uint8Array(100));
    expect(to.received[1]?.data).toEqual(new Uint8Array(0));
    expect(simulation.trace.counters.corrupted).toBe(1);
  });

  test('sends at its rate: one packet after the other', () => {
    // 1000 bytes at 1 Mbit/s take 8 ms.
    const { simulation, to, send } = setUp({ latencyMs: 3, rateBps: 1_000_000 });
    send(5, 1000 - IP_AND_UDP);
    simulation.runSync();
    expect(times(to)).toEqual([11, 19, 27, 35, 43]);
  });

  test('drops what does not fit into its queue, by bytes', () => {
    const { simulation, to, send } = setUp({ rateBps: 1_000_000, queueBytes: 3000 });
    send(5, 1000 - IP_AND_UDP);
    simulation.at(8, () => send(2, 1000 - IP_AND_UDP)); // One has left: there is room for one.
    simulation.runSync();
    expect(times(to)).toEqual([8, 16, 24, 32]);
    expect(simulation.trace.drops('queue-full')).toBe(3);
  });

  test('drops what does not fit into its queue, by packets', () => {
    const { simulation, to, send } = setUp({ rateBps: 8_000_000, queuePackets: 2 });
    send(4, 1000 - IP_AND_UDP);
    simulation.at(1, () => send(1, 1000 - IP_AND_UDP));
    simulation.at(10, () => send(3, 1000 - IP_AND_UDP));
    simulation.runSync();
    expect(times(to)).toEqual([1, 2, 3, 11, 12]);
    expect(simulation.trace.drops('queue-full')).toBe(3);
  });

  test('counts what it loses as sent: loss frees no capacity', () => {
    const { simulation, to, send } = setUp({ rateBps: 8_000_000, loss: 0.5 });
    send(40, 1000 - IP_AND_UDP);
    simulation.runSync();
    for (const at of times(to)) expect(Number.isInteger(at)).toBe(true);
    expect(times(to)).toEqual(to.numbers.map((number) => number + 1));
  });

  test('drops what is larger than its MTU, headers counted', () => {
    const { simulation, to, from } = setUp({ mtu: 1280 });
    from.send(1280 - IP_AND_UDP, to.local);
    from.send(1281 - IP_AND_UDP, to.local);
    simulation.runSync();
    expect(to.received.map(({ data }) => data.length)).toEqual([1252]);
    expect(simulation.trace.drops('mtu')).toBe(1);
  });

  test('carries nothing while it is down', () => {
    const { simulation, from, to } = setUp({ outages: [{ fromMs: 2, toMs: 4 }] });
    for (let i = 0; i < 6; i++) simulation.at(i, () => from.send(Uint8Array.of(i), to.local));
    simulation.runSync();
    expect(to.numbers).toEqual([0, 1, 4, 5]);
    expect(simulation.trace.drops('outage')).toBe(2);
  });

  test('can be taken down and brought up while it runs, and changed in one direction', () => {
    const { simulation, from, to, link } = setUp({ latencyMs: 0.5 });
    for (let i = 0; i < 10; i++) simulation.at(i, () => from.send(Uint8Array.of(i), to.local));
    simulation.at(1.5, () => link.takeDown(2));
    simulation.at(5.5, () => link.takeDown());
    simulation.at(7.5, () => link.bringUp());
    simulation.at(8.5, () => link.change({ outbound: { latencyMs: 40 } }));
    simulation.runSync();
    expect(to.numbers).toEqual([0, 1, 4, 5, 8, 9]);
    expect(times(to).at(-1)).toBe(49);
    expect(link.inbound.conditions.latencyMs).toBe(0.5);
  });

  test('refuses conditions that there cannot be', () => {
    const { link } = setUp({});
    for (const conditions of [
      { loss: 1.1 },
      { loss: { toBad: 0.1, toGood: -1 } },
      { duplication: Number.NaN },
      { latencyMs: -1 },
      { rateBps: 0 },
      { queueBytes: -1 },
    ]) {
      expect(() => link.change(conditions)).toThrow(RangeError);
    }
    expect(() => burstyLoss(0.9, 1)).toThrow(RangeError);
    expect(() => burstyLoss(0.1, 0.5)).toThrow(RangeError);
    expect(burstyLoss(0.1, 1).toGood).toBe(1);
  });
});
