import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { RoundTripTime } from '../reports/round-trip-time.ts';
import { encodeCompoundPacket } from '../rtcp/compound-packet.ts';
import { NackGenerator, type NackGeneratorOptions } from './nack-generator.ts';

function generatorOf(options: Partial<NackGeneratorOptions> = {}): NackGenerator {
  return new NackGenerator({ senderSsrc: 1, mediaSsrc: 2, ...options });
}

/** A round trip measured to be exactly this; an answer is then overdue after 10 ms more. */
function measured(rttMs: number): RoundTripTime {
  const roundTrip = new RoundTripTime();
  for (let i = 0; i < 100; i++) roundTrip.update(rttMs);
  return roundTrip;
}

const requested = (generator: NackGenerator, now: number): readonly number[] =>
  generator.pollNack(now)?.sequenceNumbers ?? [];

describe('asking for lost packets (RFC 4585 §6.2.1)', () => {
  test('asks at once for what is missing, and for nothing when all came', () => {
    const generator = generatorOf();
    generator.handlePacket(10, 0);
    generator.handlePacket(11, 1);
    expect([generator.nextTimeout, generator.pollNack(1)]).toEqual([Infinity, undefined]);
    generator.handlePacket(14, 2);
    expect(generator.nextTimeout).toBe(2);
    expect(generator.pollNack(2)).toEqual({
      type: 'generic-nack',
      senderSsrc: 1,
      mediaSsrc: 2,
      sequenceNumbers: [12, 13],
    });
    expect(generator.pollNack(2)).toBeUndefined();
  });

  test('asks for nothing before the first packet, and across the wrap of sequence numbers', () => {
    const generator = generatorOf();
    generator.handlePacket(65_533, 0);
    generator.handlePacket(1, 0);
    expect(requested(generator, 0)).toEqual([65_534, 65_535, 0]);
    generator.handlePacket(0, 1, true);
    generator.handlePacket(65_535, 1, true);
    generator.handlePacket(65_534, 1, true);
    expect([generator.missing, generator.nextTimeout]).toEqual([0, Infinity]);
    expect(generator.counters.packetsRecovered).toBe(3);
  });

  test('asks again when the answer is overdue, and gives up in the end', () => {
    const generator = generatorOf({ roundTrip: measured(80), maxRequests: 3 });
    generator.handlePacket(1, 0);
    generator.handlePacket(3, 0);
    const times: number[] = [];
    while (generator.nextTimeout < Infinity) {
      const now = generator.nextTimeout;
      if (requested(generator, now).length > 0) times.push(Math.round(now));
    }
    expect(times).toEqual([0, 90, 180]);
    expect([generator.missing, generator.counters.packetsAbandoned]).toEqual([0, 1]);
  });

  test('gives up what is too old', () => {
    const generator = generatorOf({ roundTrip: measured(80), maxAgeMs: 100 });
    generator.handlePacket(1, 0);
    generator.handlePacket(3, 0);
    expect(requested(generator, 0)).toEqual([2]);
    expect(requested(generator, 90)).toEqual([2]);
    expect([requested(generator, 180), generator.nextTimeout]).toEqual([[], Infinity]);
  });

  test('a whole key frame makes what is missing before it moot, and nothing behind it', () => {
    const generator = generatorOf();
    for (const sequenceNumber of [1, 5, 8, 12]) generator.handlePacket(sequenceNumber, 0);
    generator.handleKeyFrame(8);
    expect(requested(generator, 0)).toEqual([9, 10, 11]);
    expect(generator.counters.packetsMoot).toBe(5);
    generator.handleKeyFrame(13);
    expect([generator.missing, generator.nextTimeout]).toEqual([0, Infinity]);
  });

  test('learns how far the path reorders, waits so long, and forgets it again (RFC 8985 §6.2)', () => {
    const generator = generatorOf({ roundTrip: measured(100) });
    generator.handlePacket(1, 0);
    generator.handlePacket(3, 0);
    expect(requested(generator, 0)).toEqual([2]);
    generator.handlePacket(2, 8); // Long before an answer can be here.
    expect(generator.reorderingMs).toBe(10);
    generator.handlePacket(5, 100);
    expect([generator.nextTimeout, requested(generator, 105).length]).toEqual([110, 0]);
    generator.handlePacket(4, 106);
    expect(generator.counters.packetsRequested).toBe(1);
    expect(generator.counters.packetsReordered).toBe(1);
    let now = 200;
    for (let i = 0; i < 16; i++) {
      generator.handlePacket(7 + 2 * i, now);
      now += 150;
      expect(requested(generator, now)).toEqual([6 + 2 * i]);
      generator.handlePacket(6 + 2 * i, now + 100, true);
    }
    expect(generator.reorderingMs).toBe(0);
  });

  test('does not wait for reordering where that is not wanted', () => {
    const generator = generatorOf({ roundTrip: measured(100), maxReorderingMs: 0 });
    generator.handlePacket(1, 0);
    generator.handlePacket(3, 0);
    requested(generator, 0);
    generator.handlePacket(2, 8);
    generator.handlePacket(5, 100);
    expect(requested(generator, 100)).toEqual([4]);
  });

  test('a jump beyond the span is a new beginning; two packets from far back as well (RFC 3550 §A.1)', () => {
    const generator = generatorOf({ maxSpan: 64 });
    generator.handlePacket(1, 0);
    generator.handlePacket(3, 0);
    generator.handlePacket(1000, 0);
    expect([generator.missing, generator.pollNack(0)]).toEqual([0, undefined]);
    generator.handlePacket(1002, 1);
    expect(requested(generator, 1)).toEqual([1001]);
    generator.handlePacket(500, 2);
    generator.handlePacket(502, 2);
    expect(generator.missing).toBe(1);
    generator.handlePacket(503, 2);
    generator.handlePacket(505, 3);
    expect(requested(generator, 3)).toEqual([504]);
  });

  test('what is sent again from far back is no new beginning: a path may be filled with it', () => {
    const generator = generatorOf({ maxSpan: 64 });
    generator.handlePacket(1000, 0);
    generator.handlePacket(1002, 0);
    for (let number = 500; number < 510; number++) generator.handlePacket(number, 1, true);
    generator.handlePacket(1003, 2);
    expect(requested(generator, 2)).toEqual([1001]);
  });

  test('however much is missing, a NACK fits a datagram, and the next asks for the rest at once', () => {
    const generator = generatorOf({ maxSpan: 16_384 });
    const missing: number[] = [];
    for (let number = 0; number <= 16_380; number++) {
      if (number % 18 === 0) generator.handlePacket(number, 0);
      else missing.push(number);
    }
    const asked: number[] = [];
    for (let nack = generator.pollNack(0); nack !== undefined; nack = generator.pollNack(0)) {
      expect(encodeCompoundPacket([nack]).length).toBeLessThanOrEqual(1200);
      asked.push(...nack.sequenceNumbers);
    }
    expect(asked).toEqual(missing);
    expect(generator.nextTimeout).toBeGreaterThan(0);
  });

  test('whatever comes in, it asks for nothing that came, holds no more than its span and ends', () => {
    const events = fc.array(
      fc.record({
        step: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -20, max: 40 }) }, fc.nat(65_535)),
        afterMs: fc.nat(60),
        keyFrame: fc.boolean(),
      }),
      { minLength: 1, maxLength: 150 },
    );
    fc.assert(
      fc.property(fc.nat(65_535), events, (first, list) => {
        const generator = generatorOf({ maxSpan: 64, roundTrip: measured(50) });
        let sequenceNumber = first;
        let now = 0;
        const recent: number[] = [];
        for (const { step, afterMs, keyFrame } of list) {
          sequenceNumber = (sequenceNumber + step) & 0xffff;
          now += afterMs;
          generator.handlePacket(sequenceNumber, now);
          recent.push(sequenceNumber);
          if (keyFrame) generator.handleKeyFrame(sequenceNumber);
          const asked = requested(generator, now);
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked).not.toContain(sequenceNumber);
          expect(generator.missing).toBeLessThan(64);
          expect(generator.nextTimeout === Infinity).toBe(generator.missing === 0);
          expect(generator.nextTimeout).toBeGreaterThan(now);
        }
        for (let rounds = 0; generator.missing > 0; rounds++) {
          expect(rounds).toBeLessThan(2000);
          requested(generator, generator.nextTimeout);
        }
      }),
    );
  });

  test('allocates nothing for packets, lost and late ones included', () => {
    const generator = generatorOf();
    let sequenceNumber = 0;
    let now = 0.5;
    const perCall = allocatedBytesPerCall(() => {
      now += 0.25;
      sequenceNumber = (sequenceNumber + 4) & 0xffff;
      generator.handlePacket(sequenceNumber, now);
      generator.handlePacket((sequenceNumber - 2) & 0xffff, now);
      generator.handlePacket((sequenceNumber - 1) & 0xffff, now);
      generator.handlePacket((sequenceNumber - 3) & 0xffff, now);
    });
    expect(generator.missing).toBe(0);
    // The clock's fractions are boxed once in each call of this test itself.
    expect(perCall).toBeLessThan(20);
  });

  test("names the caller's fault", () => {
    expect(() => generatorOf({ maxSpan: 1000 })).toThrow(/maxSpan is 1000/);
    expect(() => generatorOf({ maxRequests: 0 })).toThrow(/maxRequests is 0/);
    expect(() => generatorOf({ maxAgeMs: Number.NaN })).toThrow(/maxAgeMs is NaN/);
    expect(() => generatorOf({ maxReorderingMs: -1 })).toThrow(/maxReorderingMs is -1/);
    expect(() => new RoundTripTime(-1)).toThrow(/initialMs is -1/);
  });
});

describe('round-trip time (RFC 6298 §2)', () => {
  test('the first measurement stands for itself, further ones are smoothed', () => {
    const roundTrip = new RoundTripTime();
    expect([roundTrip.samples, roundTrip.smoothedMs]).toEqual([0, 100]);
    roundTrip.update(40);
    expect([roundTrip.smoothedMs, roundTrip.overdueMs]).toEqual([40, 80]);
    roundTrip.update(80);
    expect([roundTrip.latestMs, roundTrip.smoothedMs, roundTrip.overdueMs]).toEqual([80, 45, 95]);
    for (const nonsense of [-1, Number.NaN, Infinity]) roundTrip.update(nonsense);
    expect(roundTrip.samples).toBe(2);
  });
});
