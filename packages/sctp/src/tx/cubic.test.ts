import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import type { Acknowledgement } from './congestion-controller.ts';
import { Cubic } from './cubic.ts';

const PACKET = 1000;
const RTT_MS = 100;

function create(cwndPackets: number): Cubic {
  return new Cubic({
    packetBytes: PACKET,
    initialCwndBytes: cwndPackets * PACKET,
    random: new SeededRandom(1),
  });
}

/** A window's worth of acknowledgements, each of one packet, over one round trip. */
function roundTrip(cubic: Cubic, start: number, delivered: number): number {
  const packets = Math.floor(cubic.cwnd / PACKET);
  for (let i = 0; i < packets; i++) {
    const acknowledgement: Acknowledgement = {
      now: start + (i * RTT_MS) / packets,
      ackedBytes: PACKET,
      lostBytes: 0,
      priorFlightBytes: cubic.cwnd,
      flightBytes: cubic.cwnd,
      isCumulative: true,
      isInRecovery: false,
      rttMs: RTT_MS,
      srttMs: RTT_MS,
      deliveredBytes: delivered + i * PACKET,
      lostBytesTotal: 0,
      rate: {
        rate: 0,
        isAppLimited: false,
        priorDelivered: delivered,
        flightAtSend: 0,
        lostAtSend: 0,
      },
    };
    cubic.onAcknowledgement(acknowledgement);
  }
  return delivered + packets * PACKET;
}

describe('cubic (RFC 9438)', () => {
  test('keeps seven tenths of the window at a loss (§4.6)', () => {
    const cubic = create(200);
    cubic.onFastRetransmit();
    expect(cubic.cwnd).toBe(140 * PACKET);
    expect(cubic.ssthresh).toBe(140 * PACKET);
  });

  test('is back at the old window after K seconds, and flat there (§4.2)', () => {
    const cubic = create(2000);
    cubic.onFastRetransmit();
    const k = Math.cbrt((2000 * (1 - 0.7)) / 0.4);
    const windows: number[] = [];
    let delivered = 0;
    for (let now = 0; now < (k + 2) * 1000; now += RTT_MS) {
      delivered = roundTrip(cubic, now, delivered);
      windows.push(cubic.cwnd / PACKET);
    }
    const atK = windows[Math.round((k * 1000) / RTT_MS)] as number;
    expect(atK).toBeGreaterThan(1980);
    expect(atK).toBeLessThan(2010);
    const growth = windows.map((each, i) => each - (windows[i - 1] ?? each));
    const plateau = growth.slice(Math.round(((k - 1) * 1000) / RTT_MS)).slice(0, 15);
    expect(Math.max(...plateau)).toBeLessThan(5);
    expect(Math.max(...growth.slice(1, 10))).toBeGreaterThan(15);
  });

  test('grows as fast as Reno where that is faster (§4.3)', () => {
    const cubic = create(20);
    cubic.onFastRetransmit();
    const start = cubic.cwnd / PACKET;
    let delivered = 0;
    for (let i = 0; i < 10; i++) delivered = roundTrip(cubic, i * RTT_MS, delivered);
    // α = 3 (1 - β) / (1 + β) ≈ 0.53 packets a round trip.
    expect(cubic.cwnd / PACKET - start).toBeGreaterThan(4);
    expect(cubic.cwnd / PACKET - start).toBeLessThan(8);
  });

  test('makes room for others when losses come ever sooner (§4.7)', () => {
    const cubic = create(200);
    cubic.onFastRetransmit();
    cubic.onFastRetransmit();
    expect(cubic.cwnd).toBe(98 * PACKET);
    let delivered = 0;
    for (let i = 0; i < 60; i++) delivered = roundTrip(cubic, i * RTT_MS, delivered);
    // The plateau is at 140 * 0.85 packets, and not at 140.
    expect(cubic.cwnd / PACKET).toBeLessThan(140);
  });

  test('starts from one packet after a timeout, and grows fast up to the threshold', () => {
    const cubic = create(200);
    cubic.onRetransmissionTimeout();
    expect(cubic.cwnd).toBe(PACKET);
    let delivered = 0;
    for (let i = 0; i < 7; i++) delivered = roundTrip(cubic, i * RTT_MS, delivered);
    expect(cubic.cwnd / PACKET).toBeGreaterThan(100);
  });
});
