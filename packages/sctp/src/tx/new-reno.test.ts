import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { NewReno } from './new-reno.ts';

const PACKET = 1000;
const RTT_MS = 50;

function create(packets: number): NewReno {
  return new NewReno({
    packetBytes: PACKET,
    initialCwndBytes: packets * PACKET,
    random: new SeededRandom(1),
  });
}

/** Acknowledgements of one packet each, for a window's worth; `used` is the share of the window in flight. */
function roundTrip(controller: NewReno, used = 1, isInRecovery = false): void {
  const packets = Math.floor(controller.cwnd / PACKET);
  for (let i = 0; i < packets; i++) {
    controller.onAcknowledgement({
      now: 0,
      ackedBytes: PACKET,
      lostBytes: 0,
      priorFlightBytes: used * controller.cwnd,
      flightBytes: used * controller.cwnd,
      isCumulative: true,
      isInRecovery,
      rttMs: RTT_MS,
      srttMs: RTT_MS,
      deliveredBytes: 0,
      lostBytesTotal: 0,
      rate: { rate: 0, isAppLimited: false, priorDelivered: 0, flightAtSend: 0, lostAtSend: 0 },
    });
  }
}

describe('newreno (RFC 9260 §7.2)', () => {
  test('doubles in a round trip of slow start, and then adds a packet in each (§7.2.1, §7.2.2)', () => {
    const controller = create(10);
    roundTrip(controller);
    expect(controller.cwnd).toBe(20 * PACKET);
    roundTrip(controller);
    controller.onFastRetransmit();
    expect([controller.cwnd, controller.ssthresh]).toEqual([20 * PACKET, 20 * PACKET]);
    // At the threshold is slow start still (§7.2.1): one SACK is beyond it.
    roundTrip(controller);
    const before = controller.cwnd;
    for (let i = 0; i < 10; i++) roundTrip(controller);
    expect(controller.cwnd - before).toBeGreaterThanOrEqual(9 * PACKET);
    expect(controller.cwnd - before).toBeLessThanOrEqual(11 * PACKET);
  });

  test('does not grow while half of it is unused, nor in recovery', () => {
    const controller = create(20);
    roundTrip(controller, 0.5);
    roundTrip(controller, 1, true);
    expect(controller.cwnd).toBe(20 * PACKET);
    controller.onFastRetransmit();
    for (let i = 0; i < 10; i++) roundTrip(controller, 0.5);
    expect(controller.cwnd).toBe(10 * PACKET);
  });

  test('falls to one packet at a timeout, and a second in a row does not halve again (§7.2.3)', () => {
    const controller = create(40);
    controller.onRetransmissionTimeout();
    controller.onRetransmissionTimeout();
    expect([controller.cwnd, controller.ssthresh]).toEqual([PACKET, 20 * PACKET]);
    for (let i = 0; i < 4; i++) roundTrip(controller);
    expect(controller.cwnd).toBe(16 * PACKET);
  });

  test('halves for each idle RTO, down to four packets (§7.2.1)', () => {
    const controller = create(40);
    controller.onIdle(399, 400);
    expect(controller.cwnd).toBe(40 * PACKET);
    controller.onIdle(850, 400);
    expect(controller.cwnd).toBe(10 * PACKET);
    controller.onIdle(1e9, 400);
    expect(controller.cwnd).toBe(4 * PACKET);
  });

  test('has back what a needless recovery took, once, and not after a timeout (RFC 4015)', () => {
    const controller = create(40);
    controller.onFastRetransmit();
    controller.onSpuriousRecovery();
    expect([controller.cwnd, controller.ssthresh]).toEqual([40 * PACKET, Number.POSITIVE_INFINITY]);
    controller.onFastRetransmit();
    controller.onRetransmissionTimeout();
    controller.onSpuriousRecovery();
    expect(controller.cwnd).toBe(PACKET);
  });

  test('is paced a quarter faster than a window in a round trip, twice as fast in slow start', () => {
    const controller = create(10);
    expect(controller.pacingRate).toBe(Number.POSITIVE_INFINITY);
    roundTrip(controller);
    expect(controller.pacingRate).toBeCloseTo((2 * controller.cwnd) / RTT_MS);
    controller.onFastRetransmit();
    for (let i = 0; i < 3; i++) roundTrip(controller);
    expect(controller.pacingRate).toBeCloseTo((1.25 * controller.cwnd) / RTT_MS);
  });
});
