import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { Bbr } from './bbr.ts';

const PACKET = 1000;
const RTT_MS = 40;
/** Bytes a millisecond that the path carries. */
const RATE = 1000;
const BDP = RATE * RTT_MS;

interface Conditions {
  readonly rate?: number;
  readonly rttMs?: number;
  readonly loss?: number;
  readonly isAppLimited?: boolean;
}

/** A controller, and a path that answers as an ideal one would: one acknowledgement in each millisecond. */
class Path {
  readonly bbr = new Bbr({
    packetBytes: PACKET,
    initialCwndBytes: 10 * PACKET,
    random: new SeededRandom(1),
  });
  now = 0;
  #delivered = 0;
  #lost = 0;
  #flight = 0;
  readonly cwnds: number[] = [];
  readonly rates: number[] = [];

  run(milliseconds: number, { rate = RATE, rttMs = RTT_MS, loss = 0, ...rest }: Conditions = {}) {
    this.cwnds.length = 0;
    this.rates.length = 0;
    for (let i = 0; i < milliseconds; i++) {
      this.now++;
      // The window and pacing let in, the path lets out.
      const room = Math.max(0, this.bbr.cwnd - this.#flight);
      this.#flight += Math.min(room, this.bbr.pacingRate);
      const acked = Math.min(rate, this.#flight / rttMs);
      this.#flight -= acked;
      const flight = this.#flight;
      this.#delivered += acked;
      this.#lost += loss * acked;
      this.bbr.onAcknowledgement({
        now: this.now,
        ackedBytes: acked,
        lostBytes: loss * acked,
        priorFlightBytes: flight + acked,
        flightBytes: flight,
        isCumulative: true,
        isInRecovery: false,
        rttMs,
        srttMs: rttMs,
        deliveredBytes: this.#delivered,
        lostBytesTotal: this.#lost,
        rate: {
          rate: acked,
          isAppLimited: rest.isAppLimited ?? false,
          priorDelivered: this.#delivered - acked * rttMs,
          flightAtSend: flight,
          lostAtSend: this.#lost - loss * acked * rttMs,
        },
      });
      this.cwnds.push(this.bbr.cwnd);
      this.rates.push(this.bbr.pacingRate);
    }
    return this;
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

describe('bbr (draft-ietf-ccwg-bbr)', () => {
  test('grows in startup until bandwidth no longer does, and then sends at that (§5.3.1)', () => {
    const path = new Path().run(60);
    expect(path.bbr.pacingRate).toBeGreaterThan((1.2 * (10 * PACKET)) / RTT_MS);
    path.run(1500);
    path.run(3000);
    expect(mean(path.rates)).toBeGreaterThan(0.9 * RATE);
    expect(mean(path.rates)).toBeLessThan(1.1 * RATE);
    expect(Math.max(...path.rates)).toBeLessThan(1.3 * RATE);
    // Twice what the path holds, and a little for bursts (§5.6.4).
    expect(Math.max(...path.cwnds)).toBeLessThan(2 * BDP + 10 * PACKET);
    expect(Math.max(...path.cwnds)).toBeGreaterThan(1.5 * BDP);
  });

  test('takes less for the bandwidth only when two probes have shown it (§5.5.5)', () => {
    const path = new Path().run(2000);
    path.run(100, { rate: RATE / 2 });
    expect(mean(path.rates)).toBeGreaterThan(0.85 * RATE);
    path.run(6000, { rate: RATE / 2 });
    path.run(2000, { rate: RATE / 2 });
    expect(mean(path.rates)).toBeLessThan(0.6 * RATE);
  });

  test('does not believe samples that the application limits, unless they are more', () => {
    const path = new Path().run(2000);
    for (let i = 0; i < 20; i++) {
      path.run(800, { rate: RATE / 10, isAppLimited: true });
      expect(path.bbr.pacingRate).toBeGreaterThan(0.8 * RATE);
      path.bbr.onIdle(500, 400, path.now);
      expect(path.bbr.pacingRate).toBeGreaterThan(0.8 * RATE);
    }
  });

  test('keeps its rate at random loss, where round trips show no queue', () => {
    const path = new Path().run(2000);
    path.run(6000, { loss: 0.03 });
    expect(mean(path.rates)).toBeGreaterThan(0.9 * RATE);
    expect(Math.min(...path.cwnds.slice(-400))).toBeGreaterThanOrEqual(BDP / 2);
  });

  test('holds less in flight when loss comes with a queue (§5.5.10)', () => {
    const path = new Path().run(2000);
    const before = path.bbr.cwnd;
    path.run(400, { rttMs: RTT_MS + 15, loss: 0.08 });
    expect(path.bbr.cwnd).toBeLessThan(0.9 * before);
  });

  test('falls to one packet at T3-rtx, and is back as soon as that is acknowledged (RFC 9260 §6.3.3)', () => {
    const path = new Path().run(2000);
    path.bbr.onRetransmissionTimeout();
    expect(path.bbr.cwnd).toBe(PACKET);
    path.run(1000);
    expect(Math.max(...path.cwnds)).toBeGreaterThan(0.9 * BDP);
  });

  test('goes on after a pause at the rate of the path (§5.4.1)', () => {
    const path = new Path().run(2000);
    path.bbr.onIdle(3000, 400, path.now + 3000);
    expect(path.bbr.pacingRate).toBeGreaterThan(0.9 * RATE);
    expect(path.bbr.pacingRate).toBeLessThanOrEqual(RATE);
  });

  test('looks for the least round trip with little in flight when that is old (§5.3.4)', () => {
    const path = new Path().run(2000);
    path.run(6000, { rttMs: RTT_MS + 6 });
    expect(Math.min(...path.cwnds)).toBeLessThanOrEqual(0.6 * BDP);
    // For 200 ms and a round trip, not for good.
    const little = path.cwnds.filter((cwnd) => cwnd <= 0.6 * BDP).length;
    expect(little).toBeGreaterThanOrEqual(150);
    expect(little).toBeLessThan(1500);
  });
});
