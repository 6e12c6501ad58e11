import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packetBytes, rtpPacket, SSRC } from '../../test/jitter-buffer/rtp-stream.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { encodePlayoutDelay, PLAYOUT_DELAY_LENGTH } from '../header-extensions/playout-delay.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { JitterBuffer, type JitterBufferOptions } from './jitter-buffer.ts';

/** 20 ms of 48 kHz. */
const TICKS = 960;

interface Released {
  readonly sequenceNumber: number;
  readonly missing: number;
  readonly at: number;
  readonly restart: boolean;
}

/** A buffer that is fed by number and driven to its deadlines. */
class Bench {
  readonly buffer: JitterBuffer;
  readonly released: Released[] = [];
  now = 1000;

  constructor(options: Partial<JitterBufferOptions> = {}) {
    this.buffer = new JitterBuffer({ kind: 'audio', clockRate: 48_000, ...options });
  }

  /** Number `n` of the stream, whose first has number and timestamp right before they wrap. */
  packet(n: number, now = this.now, recovered = false, ssrc = SSRC): void {
    this.passTo(now);
    const sequenceNumber = (0xfff0 + n) & 0xffff;
    const timestamp = (0xffff_f000 + n * TICKS) >>> 0;
    this.buffer.handlePacket(rtpPacket({ sequenceNumber, timestamp, ssrc }), now, recovered);
    this.drain();
  }

  passTo(now: number): void {
    while (this.buffer.nextTimeout <= now) {
      this.now = this.buffer.nextTimeout;
      this.buffer.handleTimeout(this.now);
      this.drain();
    }
    this.now = now;
  }

  drain(): void {
    for (let held = this.buffer.pollPacket(); held; held = this.buffer.pollPacket()) {
      this.released.push({
        sequenceNumber: held.packet.sequenceNumber,
        missing: held.missing,
        at: this.now,
        restart: held.restart,
      });
    }
  }

  get numbers(): number[] {
    return this.released.map(({ sequenceNumber }) => (sequenceNumber - 0xfff0) & 0xffff);
  }
}

describe('a jitter buffer that releases in order', () => {
  const inOrder = { kind: 'video', clockRate: 48_000 } as const;

  test('hands on at once what follows what was handed on', () => {
    const bench = new Bench(inOrder);
    bench.packet(0);
    bench.passTo(1100);
    for (let n = 1; n < 40; n++) bench.packet(n, 1100 + n);
    expect(bench.numbers).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(bench.released.slice(1).map(({ at }) => at)).toEqual(
      Array.from({ length: 39 }, (_, n) => 1101 + n),
    );
    expect(bench.released.every(({ missing }) => missing === 0)).toBe(true);
  });

  test('waits a little with the first packet, for one that belongs before it', () => {
    const bench = new Bench(inOrder);
    bench.packet(3, 1000);
    bench.packet(1, 1005);
    bench.packet(2, 1010);
    expect(bench.numbers).toEqual([]);
    bench.passTo(1020);
    expect(bench.numbers).toEqual([1, 2, 3]);
    expect(bench.released.map(({ restart }) => restart)).toEqual([true, false, false]);
  });

  test('waits for a missing packet as long as repair may take, then counts it as lost', () => {
    const bench = new Bench({ ...inOrder, repairWaitMs: 300 });
    bench.packet(0, 1000);
    bench.packet(1, 1020);
    bench.packet(4, 1080);
    bench.packet(5, 1100);
    bench.passTo(1379);
    expect(bench.numbers).toEqual([0, 1]);
    expect(bench.buffer.nextTimeout).toBe(1380);
    bench.passTo(1380);
    expect(bench.numbers).toEqual([0, 1, 4, 5]);
    expect(bench.released[2]?.missing).toBe(2);
    expect(bench.buffer.counters.packetsLost).toBe(2);
    expect(bench.buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('each gap has its own time, from when it was noticed', () => {
    const bench = new Bench({ ...inOrder, repairWaitMs: 300 });
    bench.packet(0, 1000);
    bench.passTo(1020);
    bench.packet(2, 1100);
    bench.packet(4, 1200);
    // Comes late into the first gap's neighbourhood and does not prolong anything.
    bench.passTo(1400);
    expect(bench.numbers).toEqual([0, 2]);
    bench.passTo(1499);
    expect(bench.numbers).toEqual([0, 2]);
    bench.passTo(1500);
    expect(bench.numbers).toEqual([0, 2, 4]);
  });

  test('goes on at once when the missing packet comes, and a second copy is a duplicate', () => {
    const bench = new Bench(inOrder);
    bench.packet(0, 1000);
    bench.passTo(1020);
    bench.packet(2, 1040);
    bench.packet(1, 1100, true);
    expect(bench.numbers).toEqual([0, 1, 2]);
    bench.packet(1, 1110);
    bench.packet(2, 1110);
    expect(bench.buffer.counters).toMatchObject({ packetsDuplicate: 2, packetsLate: 0 });
  });

  test('a packet that comes after it was given up is late', () => {
    const bench = new Bench({ ...inOrder, repairWaitMs: 100 });
    bench.packet(0, 1000);
    bench.passTo(1020);
    bench.packet(2, 1040);
    bench.packet(1, 1200);
    expect(bench.numbers).toEqual([0, 2]);
    expect(bench.buffer.counters).toMatchObject({ packetsLate: 1, packetsLost: 1 });
  });
});

test('no packet is held longer than allowed, and none given up before its time', () => {
  const WAIT_MS = 100;
  const arrivals = fc.array(
    fc.record({ n: fc.nat(40), pass: fc.constantFrom(0, 1, 7, 20, 60), isRepair: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(arrivals, fc.constantFrom('in-order', 'at-playout'), (steps, release) => {
      const options = { repairWaitMs: WAIT_MS, maxDelayMs: WAIT_MS, release } as const;
      const bench = new Bench({ kind: 'video', ...options });
      // For each number, when a higher one, or itself, first came; and when it came itself.
      const noticed = new Map<number, number>();
      const came = new Map<number, number>();
      let now = 1000;
      for (const { n, pass, isRepair } of steps) {
        now += pass;
        bench.passTo(now);
        for (let each = 0; each <= n; each++) if (!noticed.has(each)) noticed.set(each, now);
        if (!came.has(n)) came.set(n, now);
        bench.packet(n, now, isRepair);
      }
      bench.passTo(now + 2 * WAIT_MS);
      let previous = -1;
      for (const [i, number] of bench.numbers.entries()) {
        const { at, missing } = bench.released[i] as Released;
        expect(at - (came.get(number) as number)).toBeLessThanOrEqual(WAIT_MS);
        if (previous >= 0) expect(number).toBe(previous + 1 + missing);
        for (let each = number - missing; each < number; each++) {
          expect(at - (noticed.get(each) as number)).toBeGreaterThanOrEqual(WAIT_MS);
        }
        previous = number;
      }
      const { packetsReleased, packetsLate, packetsDuplicate } = bench.buffer.counters;
      expect(packetsReleased + packetsLate + packetsDuplicate).toBe(steps.length);
    }),
    { numRuns: 500 },
  );
});

describe('a jitter buffer that releases at playout time', () => {
  test('evens out what came unevenly, at a distance of exactly the timestamps', () => {
    const bench = new Bench({ minDelayMs: 120 });
    const jitter = [0, 35, 10, 60, 0, 20, 45, 5, 15, 0, 55, 25];
    const arrivals = jitter.map((late, n) => ({ n, at: 1000 + 20 * n + late }));
    for (const { n, at } of arrivals.sort((a, b) => a.at - b.at)) bench.packet(n, at);
    bench.passTo(3000);
    expect(bench.numbers).toEqual(jitter.map((_, n) => n));
    const distances = bench.released.slice(1).map(({ at }, i) => at - bench.released[i]!.at);
    for (const distance of distances) expect(distance).toBeCloseTo(20, 6);
    expect(bench.released[0]?.at).toBeCloseTo(1120, 6);
  });

  test('passes over a missing packet when the next one has to be played, not sooner', () => {
    const bench = new Bench({ minDelayMs: 100, maxDelayMs: 100 });
    bench.packet(0, 1000);
    bench.packet(2, 1040);
    bench.passTo(2000);
    expect(bench.released.map(({ at, missing }) => [Math.round(at), missing])).toEqual([
      [1100, 0],
      [1140, 1],
    ]);
  });

  test('on an even path the delay falls to little, by at most 100 ms a second', () => {
    const bench = new Bench();
    let before = Number.POSITIVE_INFINITY;
    let at = 0;
    for (let n = 0; n < 250; n++) {
      bench.packet(n, 1000 + 20 * n);
      if (n > 0 && n % 50 === 0) {
        expect(before - bench.buffer.delayMs).toBeLessThanOrEqual(0.1 * (bench.now - at) + 1e-6);
      }
      before = bench.buffer.delayMs;
      at = bench.now;
    }
    expect(bench.buffer.targetDelayMs).toBeLessThanOrEqual(10);
    expect(bench.buffer.delayMs).toBeLessThanOrEqual(10);
  });

  test('where up to 80 ms of jitter come, the target covers nearly all of it', () => {
    const bench = new Bench();
    // A fixed pattern with all delays from 0 to 80.
    for (let n = 0; n < 1500; n++) bench.packet(n, 1000 + 20 * n + ((n * 37) % 81));
    expect(bench.buffer.targetDelayMs).toBeGreaterThanOrEqual(75);
    expect(bench.buffer.targetDelayMs).toBeLessThanOrEqual(95);
    expect(bench.buffer.jitterMs).toBeGreaterThan(10);
    bench.passTo(40_000);
    expect(bench.buffer.counters.packetsLost).toBeLessThan(30);
  });

  test('follows a sender whose clock is 500 ppm fast without piling up', () => {
    const bench = new Bench();
    for (let n = 0; n < 30_000; n++) bench.packet(n, 1000 + 20 * n * 0.9995);
    expect(bench.buffer.packetsHeld).toBeLessThanOrEqual(2);
    expect(bench.buffer.delayMs).toBeLessThan(40);
    expect(bench.buffer.counters.packetsLost).toBe(0);
  });

  test('late packets make the delay longer', () => {
    const bench = new Bench();
    for (let n = 0; n < 500; n++) bench.packet(n, 1000 + 20 * n);
    for (let n = 500; n < 1000; n++) bench.packet(n, 1000 + 20 * n + (n % 4 === 0 ? 150 : 0));
    expect(bench.buffer.targetDelayMs).toBeGreaterThanOrEqual(150);
  });

  test('at the start of a talkspurt the delay changes at once (RFC 3551 §4.1)', () => {
    const bench = new Bench({ minDelayMs: 400 });
    bench.packet(0, 1000);
    bench.passTo(2000);
    bench.buffer.minDelayMs = 0;
    const first = rtpPacket({
      sequenceNumber: 0xfff1,
      timestamp: 0xffff_f000 + 3000 * 48,
      marker: true,
    });
    bench.buffer.handlePacket(first, 4000);
    expect(bench.buffer.delayMs).toBe(bench.buffer.targetDelayMs);
    expect(bench.buffer.delayMs).toBeLessThan(100);
  });

  test.each([
    ['stood still', 0],
    ['ran on', 5000],
    ['was set back', -1000],
  ])(
    'after a pause, in which the clock of the sender %s, the delay is what it was',
    (_, clockMs) => {
      const bench = new Bench();
      for (let n = 0; n < 200; n++) bench.packet(n, 1000 + 20 * n + (n % 3) * 10);
      const { delayMs, targetDelayMs } = bench.buffer;
      // No marker tells that something new begins.
      for (let n = 200; n < 220; n++) {
        bench.passTo(6000 + 20 * n + (n % 3) * 10);
        const sequenceNumber = (0xfff0 + n) & 0xffff;
        const timestamp = (0xffff_f000 + n * TICKS + 48 * clockMs) >>> 0;
        bench.buffer.handlePacket(rtpPacket({ sequenceNumber, timestamp }), bench.now);
        bench.drain();
      }
      expect(Math.abs(bench.buffer.targetDelayMs - targetDelayMs)).toBeLessThan(20);
      expect(Math.abs(bench.buffer.delayMs - delayMs)).toBeLessThan(20);
      expect(bench.buffer.counters.packetsLost).toBe(0);
    },
  );

  test('timestamps that jump do not keep packets longer than the greatest delay', () => {
    const bench = new Bench({ maxDelayMs: 300 });
    for (let n = 0; n < 20; n++) {
      bench.passTo(1000 + 20 * n);
      const timestamp = Math.imul(n, 0x3333_3333) >>> 0;
      bench.buffer.handlePacket(rtpPacket({ sequenceNumber: n, timestamp }), bench.now);
      bench.drain();
    }
    bench.passTo(1000 + 19 * 20 + 300);
    expect(bench.released).toHaveLength(20);
  });
});

describe('the playout delay header extension', () => {
  function packetWithBounds(n: number, minMs: number, maxMs: number): RtpPacket {
    const bytes = new Uint8Array(64);
    const writer = new HeaderExtensionWriter();
    const header = { payloadType: 96, sequenceNumber: n, timestamp: n * TICKS, ssrc: SSRC };
    writer.begin(bytes, 0, writeRtpHeader(header, bytes, 0));
    encodePlayoutDelay({ minMs, maxMs }, bytes, writer.add(7, PLAYOUT_DELAY_LENGTH));
    const packet = new RtpPacket();
    packet.parse(bytes, 0, writer.finish() + 4);
    return packet;
  }

  test('sets bounds that hold until it comes again', () => {
    const buffer = new JitterBuffer({ kind: 'audio', clockRate: 48_000, playoutDelayId: 7 });
    buffer.handlePacket(packetWithBounds(1, 200, 240), 1000);
    expect(buffer.targetDelayMs).toBe(200);
    buffer.handlePacket(rtpPacket({ sequenceNumber: 2, timestamp: 2 * TICKS }), 1020);
    expect(buffer.targetDelayMs).toBe(200);
    buffer.handlePacket(packetWithBounds(3, 0, 0), 1040);
    expect(buffer.targetDelayMs).toBe(0);
    expect(buffer.nextTimeout).toBe(1040);
  });

  test('does not reach beyond the greatest delay of the receiver', () => {
    const options = { kind: 'audio', clockRate: 48_000, playoutDelayId: 7 } as const;
    const buffer = new JitterBuffer({ ...options, maxDelayMs: 500 });
    buffer.handlePacket(packetWithBounds(1, 2000, 4000), 1000);
    expect(buffer.targetDelayMs).toBe(500);
  });
});

describe('another source, or the same anew (RFC 3550 §A.1)', () => {
  test('begins with two packets in a row, and the first of them is not lost', () => {
    const bench = new Bench();
    for (let n = 0; n < 10; n++) bench.packet(n, 1000 + 20 * n);
    bench.passTo(2000);
    bench.packet(20_000, 2000);
    bench.packet(20_001, 2020);
    bench.passTo(3000);
    expect(bench.numbers.slice(10)).toEqual([20_000, 20_001]);
    expect(bench.released[10]?.restart).toBe(true);
    expect(bench.released[10]?.missing).toBe(0);
    expect(bench.buffer.counters.restarts).toBe(1);
  });

  test('a stray packet alone changes nothing', () => {
    const bench = new Bench();
    for (let n = 0; n < 20; n++) {
      bench.packet(n, 1000 + 20 * n);
      if (n % 5 === 0) bench.packet(n * 1000 + 20_000, 1000 + 20 * n);
      if (n % 7 === 0) bench.packet(n, 1000 + 20 * n, false, 0x1111);
    }
    bench.passTo(3000);
    expect(bench.numbers).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(bench.buffer.counters).toMatchObject({ restarts: 0, packetsLost: 0 });
  });

  test('another SSRC begins with two packets in a row too', () => {
    const bench = new Bench();
    for (let n = 0; n < 10; n++) bench.packet(n, 1000 + 20 * n);
    bench.packet(5, 1200, false, 0x1111);
    bench.packet(6, 1220, false, 0x1111);
    bench.passTo(3000);
    expect(bench.numbers.slice(-2)).toEqual([5, 6]);
    expect(bench.buffer.counters.restarts).toBe(1);
  });

  test.each([
    ['a clock of its own', 0x1234_5678, 2],
    ['the same clock', 5000 * 48, 52],
  ])('with numbers that were here before, and %s, is known by its timestamps', (_, ticks, most) => {
    const bench = new Bench();
    for (let n = 0; n < 500; n++) bench.packet(n, 1000 + 20 * n);
    bench.passTo(12_000);
    const released = bench.released.length;
    // As many as 300 numbers back: each of them would be a duplicate.
    for (let n = 200; n < 400; n++) {
      bench.passTo(16_000 + 20 * (n - 200));
      const sequenceNumber = (0xfff0 + n) & 0xffff;
      const timestamp = (0xffff_f000 + 500 * TICKS + ticks - 4950 * 48 + (n - 200) * TICKS) >>> 0;
      bench.buffer.handlePacket(rtpPacket({ sequenceNumber, timestamp }), bench.now);
      bench.drain();
    }
    bench.passTo(30_000);
    expect(bench.buffer.counters.restarts).toBe(1);
    expect(bench.released.length - released).toBeGreaterThanOrEqual(200 - most);
    expect(bench.released.at(released)?.restart).toBe(true);
  });

  test('packets that come again in a row begin nothing, however late', () => {
    const bench = new Bench();
    for (let n = 0; n < 500; n++) bench.packet(n, 1000 + 20 * n);
    for (let n = 100; n < 500; n++) bench.packet(n, 12_000 + n);
    expect(bench.buffer.counters).toMatchObject({ restarts: 0, packetsDuplicate: 400 });
  });

  test('what repair brings never begins one', () => {
    const bench = new Bench();
    for (let n = 0; n < 10; n++) bench.packet(n, 1000 + 20 * n);
    bench.packet(20_000, 1200, true);
    bench.packet(20_001, 1200, true);
    expect(bench.buffer.counters).toMatchObject({ restarts: 0, packetsUnconfirmed: 2 });
  });
});

describe('bounds', () => {
  test('a full buffer hands on what it has before its time', () => {
    const bench = new Bench({ kind: 'video', maxPackets: 16, repairWaitMs: 1000 });
    bench.packet(0, 1000);
    bench.passTo(1020);
    for (let n = 2; n < 17; n++) bench.packet(n, 1020);
    expect(bench.numbers).toEqual([0]);
    bench.packet(17, 1020);
    expect(bench.numbers).toEqual([0, ...Array.from({ length: 16 }, (_, i) => i + 2)]);
    expect(bench.buffer.counters).toMatchObject({ packetsLost: 1, packetsDropped: 0 });
  });

  test('a packet larger than any slot is dropped, and takes nothing', () => {
    const buffer = new JitterBuffer({ kind: 'video', clockRate: 90_000 });
    buffer.handlePacket(rtpPacket({ sequenceNumber: 1, timestamp: 0 }), 0);
    const payload = new Uint8Array(70_000);
    buffer.handlePacket(rtpPacket({ sequenceNumber: 2, timestamp: 0, payload }), 0);
    expect(buffer.counters).toMatchObject({ packetsDropped: 1 });
    expect(buffer.allocatedBytes).toBeLessThan(2000);
  });

  test('memory stays below the limit for any sizes, and is given back when it is not needed', () => {
    const maxBytes = 200_000;
    const buffer = new JitterBuffer({ kind: 'video', clockRate: 90_000, maxBytes });
    const drain = (): void => {
      while (buffer.pollPacket() !== undefined);
    };
    for (let n = 0; n < 3000; n++) {
      // Every second one is missing, so that all have to wait.
      const payload = new Uint8Array(((n * 7919) % 65_000) + 1);
      buffer.handlePacket(
        rtpPacket({ sequenceNumber: 2 * n, timestamp: 0, payload }),
        1000 + n / 10,
      );
      drain();
      expect(buffer.allocatedBytes).toBeLessThanOrEqual(maxBytes);
    }
    for (let i = 1; i <= 3; i++) {
      buffer.handleTimeout(10_000 + 12_000 * i);
      drain();
    }
    expect(buffer.allocatedBytes).toBe(0);
  });

  test('every packet is accounted for, whatever comes', () => {
    const step = fc.record({
      n: fc.oneof(fc.nat(60), fc.nat(0xffff)),
      pass: fc.constantFrom(0, 0, 1, 30, 500),
      ssrc: fc.constantFrom(1, 1, 1, 1, 2),
      recovered: fc.boolean(),
      timestamp: fc.oneof(fc.nat(100_000), fc.nat(0xffff_ffff)),
      bytes: fc.constantFrom(1, 200, 1200, 9000, 60_000),
      poll: fc.boolean(),
      discard: fc.constantFrom(false, false, false, true),
    });
    const options = fc.record({
      kind: fc.constantFrom('audio' as const, 'video' as const),
      maxPackets: fc.integer({ min: 2, max: 20 }),
      maxBytes: fc.constantFrom(4096, 20_000, 200_000),
    });
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 150 }), (chosen, steps) => {
        const buffer = new JitterBuffer({ clockRate: 48_000, ...chosen });
        let now = 0;
        let last = -1;
        let isPolled = true;
        const drain = (): void => {
          for (let held = buffer.pollPacket(); held; held = buffer.pollPacket()) {
            if (!held.restart) expect(held.sequence).toBe(last + 1 + held.missing);
            last = held.sequence;
            // Time passes in steps of up to 500 ms here.
            if (isPolled) expect(now - held.arrival).toBeLessThanOrEqual(1000 + 500);
          }
        };
        for (const { n, pass, ssrc, recovered, timestamp, bytes, poll, discard } of steps) {
          now += pass;
          const payload = new Uint8Array(bytes);
          const packet = rtpPacket({ sequenceNumber: n, timestamp, ssrc, payload });
          buffer.handlePacket(packet, now, recovered);
          if (discard) buffer.discardBefore(packet);
          // A caller who does not poll loses packets, but breaks nothing.
          isPolled &&= poll;
          if (poll) drain();
          const c = buffer.counters;
          expect(buffer.allocatedBytes).toBeLessThanOrEqual(chosen.maxBytes);
          expect(buffer.packetsHeld).toBeLessThanOrEqual(chosen.maxPackets);
          const accounted =
            c.packetsReleased +
            c.packetsLate +
            c.packetsDuplicate +
            c.packetsDropped +
            c.packetsUnconfirmed +
            c.packetsDiscarded +
            buffer.packetsHeld;
          // One more may wait for its confirmation.
          expect(c.packetsReceived - accounted).toBeGreaterThanOrEqual(0);
          expect(c.packetsReceived - accounted).toBeLessThanOrEqual(1);
        }
        buffer.flush();
        drain();
        expect(buffer.packetsHeld).toBe(0);
        expect(buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 300 },
    );
  });

  test('a packet lent is intact until the next call', () => {
    const bench = new Bench({ kind: 'video' });
    const bytes = packetBytes({ sequenceNumber: 7, timestamp: 1, payload: Uint8Array.of(1, 2, 3) });
    const packet = new RtpPacket();
    packet.parse(bytes);
    bench.buffer.handlePacket(packet, 1000);
    bytes.fill(0xee);
    bench.buffer.handleTimeout(1020);
    expect([...(bench.buffer.pollPacket()?.packet.payload ?? [])]).toEqual([1, 2, 3]);
  });
});

test('an empty view is refused', () => {
  const buffer = new JitterBuffer({ kind: 'audio', clockRate: 48_000 });
  expect(() => buffer.handlePacket(new RtpPacket(), 0)).toThrow(/packet is empty/);
});

test('flush hands on all that is held, and reset forgets it', () => {
  const bench = new Bench({ kind: 'video' });
  bench.packet(0, 1000);
  bench.packet(3, 1000);
  bench.buffer.flush();
  bench.drain();
  expect(bench.numbers).toEqual([0, 3]);
  bench.packet(9, 1000);
  bench.buffer.reset();
  expect(bench.buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  expect(bench.buffer.counters.packetsDiscarded).toBe(1);
  bench.packet(9, 1010);
  bench.passTo(1100);
  expect(bench.released.at(-1)).toMatchObject({ missing: 0, restart: true });
});

test.each([
  [{ kind: 'text' }, TypeError, /kind is text/],
  [{ clockRate: 0 }, RangeError, /clockRate is 0/],
  [{ maxPackets: 1 }, RangeError, /maxPackets is 1; expected an integer from 2 to 8192/],
  [{ maxBytes: 10 }, RangeError, /maxBytes is 10/],
  [{ minDelayMs: -1 }, RangeError, /minDelayMs is -1/],
  [{ maxDelayMs: Number.NaN }, RangeError, /maxDelayMs is NaN/],
  [{ repairWaitMs: -5 }, RangeError, /repairWaitMs is -5/],
  [{ playoutDelayId: 256 }, RangeError, /playoutDelayId is 256/],
])('refuses %o', (options, error, message) => {
  const make = (): unknown => new Bench(options as Partial<JitterBufferOptions>);
  expect(make).toThrow(error);
  expect(make).toThrow(message);
});
