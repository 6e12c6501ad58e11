import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacer, type PacerOptions } from './pacer.ts';
import { PACKET_PRIORITY, type PacedPacket, type PacketPriority } from './packet-queue.ts';

interface TestPacket extends PacedPacket {
  readonly name: string;
}

/** 1 Mbit/s: a packet of 1000 bytes takes 8 ms. */
function pacerOf(options: Partial<PacerOptions> = {}): Pacer<TestPacket> {
  return new Pacer({ pacingBitrateBps: 1_000_000, ...options });
}

function packet(
  name: string,
  priority: PacketPriority = PACKET_PRIORITY.video,
  ssrc = 1,
  sizeBytes = 1000,
): TestPacket {
  return { name, priority, ssrc, sizeBytes };
}

/** Runs it from deadline to deadline until `until`; pads, if it is to, with packets of `paddingBytes`. */
function run(
  pacer: Pacer<TestPacket>,
  from: number,
  until: number,
  paddingBytes = 0,
): { at: number; name: string; probe: number }[] {
  const sent: { at: number; name: string; probe: number }[] = [];
  let rounds = 0;
  for (let now = from; now <= until; now = Math.max(now, pacer.nextTimeout)) {
    expect(++rounds).toBeLessThan(10_000);
    for (;;) {
      for (let each = pacer.poll(now); each; each = pacer.poll(now)) {
        sent.push({ at: now, name: each.name, probe: pacer.probeClusterId });
      }
      const bytes = pacer.pollPadding(now);
      if (bytes === 0 || paddingBytes === 0) break;
      for (let left = bytes; left > 0; left -= paddingBytes) {
        pacer.enqueue(packet('padding', PACKET_PRIORITY.padding, 1, paddingBytes), now);
      }
    }
  }
  return sent;
}

describe('the pacer', () => {
  test('spreads packets at its rate, after a burst of 5 ms', () => {
    const pacer = pacerOf();
    for (let i = 0; i < 5; i++) pacer.enqueue(packet(`${i}`), 100);
    expect(run(pacer, 100, 200).map(({ at }) => at)).toEqual([100, 103, 111, 119, 127]);
    expect(pacer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('a pause earns no credit', () => {
    const pacer = pacerOf();
    pacer.enqueue(packet('first'), 0);
    run(pacer, 0, 10);
    for (let i = 0; i < 3; i++) pacer.enqueue(packet(`${i}`), 1000);
    expect(run(pacer, 1000, 1100).map(({ at }) => at)).toEqual([1000, 1003, 1011]);
  });

  test('sends audio, retransmissions, video, FEC, padding in that order', () => {
    const pacer = pacerOf();
    const names = ['padding', 'fec', 'video', 'retransmission', 'audio'] as const;
    for (const name of names) pacer.enqueue(packet(name, PACKET_PRIORITY[name]), 0);
    expect(run(pacer, 0, 200).map(({ name }) => name)).toEqual(names.toReversed());
  });

  test('audio does not wait, unless it is to; what it takes the others wait for', () => {
    const pacer = pacerOf();
    pacer.enqueue(packet('video'), 0);
    run(pacer, 0, 0);
    pacer.enqueue(packet('audio', PACKET_PRIORITY.audio, 2), 1);
    pacer.enqueue(packet('video 2'), 1);
    expect(run(pacer, 1, 50).map(({ at }) => at)).toEqual([1, 11]);

    const paced = pacerOf({ paceAudio: true });
    for (let i = 0; i < 2; i++) paced.enqueue(packet(`${i}`, PACKET_PRIORITY.audio), 0);
    expect(run(paced, 0, 50).map(({ at }) => at)).toEqual([0, 3]);
  });

  test('streams of one priority take turns', () => {
    const pacer = pacerOf({ pacingBitrateBps: 1e9 });
    for (const [name, ssrc] of [
      ['a1', 1],
      ['a2', 1],
      ['a3', 1],
      ['b1', 2],
      ['b2', 2],
    ] as const) {
      pacer.enqueue(packet(name, PACKET_PRIORITY.video, ssrc), 0);
    }
    expect(run(pacer, 0, 10).map(({ name }) => name)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  test('a stream that ends leaves nothing behind, and the others keep their turns', () => {
    const pacer = pacerOf({ pacingBitrateBps: 1e9 });
    for (const ssrc of [1, 2, 1, 3])
      pacer.enqueue(packet(`${ssrc}`, PACKET_PRIORITY.video, ssrc), 0);
    pacer.enqueue(packet('rtx', PACKET_PRIORITY.retransmission, 1), 0);
    expect(pacer.removeStream(1)).toBe(3);
    expect(pacer.removeStream(9)).toBe(0);
    expect(pacer.queuedBytes).toBe(2000);
    expect(run(pacer, 0, 10).map(({ name }) => name)).toEqual(['2', '3']);
    pacer.enqueue(packet('again', PACKET_PRIORITY.video, 1), 20);
    expect(run(pacer, 20, 30).map(({ name }) => name)).toEqual(['again']);
  });

  test('sends faster than its rate rather than let packets wait beyond 2 s', () => {
    const pacer = pacerOf();
    for (let i = 0; i < 1000; i++) pacer.enqueue(packet(`${i}`), 0);
    const sent = run(pacer, 0, 10_000);
    expect(sent).toHaveLength(1000);
    expect(sent.at(-1)?.at).toBeLessThan(2500);
    expect(sent.filter(({ at }) => at < 500).length).toBeGreaterThan(150);
  });

  test('refuses packets when the queue is full, and counts them', () => {
    const pacer = pacerOf({ maxPackets: 3 });
    const accepted = Array.from({ length: 5 }, (_, i) => pacer.enqueue(packet(`${i}`), 0));
    expect(accepted).toEqual([true, true, true, false, false]);
    expect(pacer.counters.refusedPackets).toBe(2);
    expect(pacer.queuedPackets).toBe(3);
  });

  test('says how long packets have waited', () => {
    const pacer = pacerOf();
    pacer.enqueue(packet('a'), 0);
    pacer.enqueue(packet('b'), 10);
    expect(pacer.meanWaitMs(20)).toBe(15);
    run(pacer, 20, 100);
    expect(pacer.meanWaitMs(200)).toBe(0);
  });

  test('a change of rate stretches what is owed', () => {
    const pacer = pacerOf();
    for (let i = 0; i < 3; i++) pacer.enqueue(packet(`${i}`), 0);
    run(pacer, 0, 0); // 8 ms owed.
    pacer.setBitrates(100_000, 0, 0); // 80 ms now.
    expect(pacer.nextTimeout).toBe(75);
  });

  describe('probes', () => {
    const cluster = { id: 7, bitrateBps: 4_000_000, minPackets: 5, minBytes: 7500 };

    test('are sent at exactly their rate, and marked', () => {
      const pacer = pacerOf();
      pacer.enqueue(packet('first'), 0);
      run(pacer, 0, 0);
      pacer.addProbe(cluster, 10);
      for (let i = 0; i < 12; i++) pacer.enqueue(packet(`${i}`), 10);
      const sent = run(pacer, 10, 26);
      const probe = sent.filter((each) => each.probe === 7);
      expect(probe.map(({ at }) => at)).toEqual([10, 12, 14, 16, 18, 20, 22, 24]);
      expect(pacer.counters).toMatchObject({ probesSent: 1, probesAborted: 0 });
    });

    test('are filled with padding where media ends', () => {
      const pacer = pacerOf();
      pacer.enqueue(packet('first'), 0);
      run(pacer, 0, 0);
      pacer.addProbe(cluster, 10);
      const sent = run(pacer, 10, 100, 250);
      const probe = sent.filter((each) => each.probe === 7);
      expect(probe.length * 250).toBeGreaterThanOrEqual(7500);
      expect(probe.length * 250).toBeLessThanOrEqual(7750);
      expect(probe.at(-1)?.at).toBeLessThanOrEqual(10 + 15);
      // The rest of the last portion is ordinary padding.
      expect(sent.length - probe.length).toBeLessThan(4);
    });

    test('wait for media: nothing is padded before there was any', () => {
      const pacer = pacerOf();
      pacer.addProbe(cluster, 0);
      expect(pacer.pollPadding(0)).toBe(0);
      expect(pacer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
      pacer.enqueue(packet('media'), 50);
      expect(run(pacer, 50, 100, 250)[0]).toEqual({ at: 50, name: 'media', probe: 7 });
    });

    test('are given up if there is nothing to send', () => {
      const pacer = pacerOf();
      pacer.addProbe(cluster, 0);
      pacer.enqueue(packet('media'), 0);
      run(pacer, 0, 100);
      expect(pacer.counters).toMatchObject({ probesSent: 0, probesAborted: 1 });
      expect(pacer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    });

    test('more of them than could be sent are dropped', () => {
      const pacer = pacerOf();
      for (let id = 0; id < 100; id++) pacer.addProbe({ ...cluster, id }, 0);
      expect(pacer.counters.probesAborted).toBe(84);
    });
  });

  test('padding fills what media leaves of its rate', () => {
    const pacer = pacerOf({ paddingBitrateBps: 500_000 });
    expect(run(pacer, 0, 1000, 250)).toEqual([]);
    pacer.enqueue(packet('media'), 1000);
    const sent = run(pacer, 1000, 2000, 250);
    const bits = 8 * (1000 + 250 * (sent.length - 1));
    expect(bits).toBeGreaterThan(490_000);
    expect(bits).toBeLessThan(510_000);
  });

  test('any packets leave in order of their stream, none lost, none twice, and it always comes to rest', () => {
    const actions = fc.array(
      fc.record({
        wait: fc.nat(30),
        ssrc: fc.integer({ min: 1, max: 4 }),
        priority: fc.constantFrom(...Object.values(PACKET_PRIORITY)),
        sizeBytes: fc.integer({ min: 1, max: 1500 }),
        rate: fc.option(fc.integer({ min: 10_000, max: 10_000_000 })),
        probe: fc.boolean(),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(actions, (all) => {
        const pacer = pacerOf();
        const sent: string[] = [];
        let now = 0;
        for (const [i, { priority, probe, rate, sizeBytes, ssrc, wait }] of all.entries()) {
          sent.push(...run(pacer, now, now + wait, 100).map(({ name }) => name));
          now += wait;
          if (rate !== null) pacer.setBitrates(rate, 0, now);
          if (probe) {
            pacer.addProbe({ id: i, bitrateBps: 1e6, minPackets: 5, minBytes: 1000 }, now);
          }
          const name = `${ssrc} ${priority} ${String(i).padStart(3, '0')}`;
          pacer.enqueue({ name, ssrc, priority, sizeBytes }, now);
        }
        sent.push(...run(pacer, now, now + 20_000).map(({ name }) => name));
        const media = sent.filter((name) => name !== 'padding');
        expect(media).toHaveLength(all.length);
        for (const kind of new Set(media.map((name) => name.slice(0, 3)))) {
          const ofKind = media.filter((name) => name.startsWith(kind));
          expect(ofKind).toEqual(ofKind.toSorted());
        }
        expect(pacer.queuedBytes).toBe(0);
        expect(pacer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 100 },
    );
  });

  test("rates out of range are the caller's fault", () => {
    expect(() => pacerOf({ pacingBitrateBps: 0 })).toThrow(/pacingBitrateBps: more than 0, not 0/);
    expect(() => pacerOf({ paddingBitrateBps: -1 })).toThrow(/paddingBitrateBps/);
    expect(() => pacerOf({ maxQueueTimeMs: 0 })).toThrow(/maxQueueTimeMs/);
    expect(() => pacerOf({ maxPackets: 0 })).toThrow(/maxPackets/);
    expect(() => pacerOf().setBitrates(Number.NaN, 0, 0)).toThrow(/pacingBitrateBps/);
  });
});
