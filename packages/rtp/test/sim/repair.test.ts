// Lost packets come again, over links that lose, reorder and double.
import { createSimulation, type LinkOptions, machinePair, SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import type { RtpStreamDescription } from '../../src/interceptors/interceptor.ts';
import { InterceptorChain } from '../../src/interceptors/interceptor-chain.ts';
import { RetransmissionReceiver } from '../../src/interceptors/retransmission-receiver.ts';
import { RetransmissionSender } from '../../src/interceptors/retransmission-sender.ts';
import { RoundTripTime } from '../../src/reports/round-trip-time.ts';
import { RtpEndpoint } from '../rtp-endpoint.ts';

const SEEDS = Number(process.env.KAON_SEEDS ?? 20);
const PACKETS = 1000;
const INTERVAL_MS = 5;
const LATENCY_MS = 30;

interface Outcome {
  readonly arrived: number;
  /** The longest that a packet was on its way, lost and sent again as it may have been. */
  readonly longestMs: number;
  readonly requested: number;
  readonly retransmitted: number;
  readonly given: number;
}

function run(seed: number, link: LinkOptions, withRtx: boolean): Outcome {
  const simulation = createSimulation({ seed });
  const apt = new Map([[97, 96]]);
  const stream: RtpStreamDescription = {
    ssrc: 2,
    clockRate: 90_000,
    nack: true,
    ...(withRtx && { rtx: { ssrc: 3, apt } }),
  };
  // Measured by reports in earnest; here as it is from the beginning.
  const roundTrip = new RoundTripTime(2 * LATENCY_MS);
  const random = new SeededRandom(seed);
  const sender = new RetransmissionSender({ random, roundTrip });
  const receiver = new RetransmissionReceiver({ senderSsrc: 1, roundTrip });
  const sending = new InterceptorChain([sender]);
  const receiving = new InterceptorChain([receiver]);
  sending.addLocalStream(stream);
  receiving.addRemoteStream(stream);
  const a = new RtpEndpoint(sending, {
    ssrc: 2,
    payloadType: 96,
    clockRate: 90_000,
    packets: PACKETS,
    intervalMs: INTERVAL_MS,
    firstSequenceNumber: 65_000, // It wraps on the way.
    firstTimestamp: 0xffff_f000,
  });
  const b = new RtpEndpoint(receiving);
  machinePair(simulation, a, b, link).run({ timeoutMs: PACKETS * INTERVAL_MS + 5000 });
  let longestMs = 0;
  for (const [index, at] of b.arrivals) longestMs = Math.max(longestMs, at - index * INTERVAL_MS);
  const asked = receiver.nackCounters(2);
  return {
    arrived: b.arrivals.size,
    longestMs,
    requested: asked?.packetsRequested ?? 0,
    retransmitted: sender.nackCounters(2)?.packetsRetransmitted ?? 0,
    given: asked?.packetsAbandoned ?? 0,
  };
}

const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);
// The tail cannot be asked for: nothing comes after it that shows a gap.
const TAIL = 3;

describe('repair by NACK over a link', () => {
  for (const withRtx of [true, false]) {
    const name = withRtx ? 'RTX' : 'packets as they were';
    test(`at 5% loss with reordering and duplication every packet arrives soon, by ${name}`, () => {
      for (const seed of seeds) {
        const outcome = run(
          seed,
          { latencyMs: LATENCY_MS, loss: 0.05, reordering: 0.02, duplication: 0.02 },
          withRtx,
        );
        expect(outcome.arrived).toBeGreaterThanOrEqual(PACKETS - TAIL);
        expect(outcome.given).toBe(0);
        // Five losses of the same packet, or of its requests, in a row.
        expect(outcome.longestMs).toBeLessThan(LATENCY_MS + 6 * (2 * LATENCY_MS + 65));
      }
    });
  }

  test('half of the packets lost: nearly all of them arrive all the same', () => {
    for (const seed of seeds.slice(0, 5)) {
      const { arrived, longestMs } = run(seed, { latencyMs: LATENCY_MS, loss: 0.5 }, true);
      expect(arrived).toBeGreaterThan(0.85 * PACKETS);
      expect(longestMs).toBeLessThan(2200);
    }
  });

  test('reordering alone: once it is learnt, hardly anything is asked for', () => {
    for (const seed of seeds.slice(0, 5)) {
      const outcome = run(
        seed,
        { latencyMs: LATENCY_MS, reordering: 0.1, reorderingDelayMs: 12 },
        true,
      );
      expect(outcome.arrived).toBe(PACKETS);
      expect(outcome.requested).toBeLessThan(0.02 * PACKETS);
    }
  });

  test('a path without loss: nothing is asked for and nothing sent again', () => {
    const outcome = run(1, { latencyMs: LATENCY_MS, jitterMs: 20, duplication: 0.1 }, true);
    expect(outcome).toMatchObject({ arrived: PACKETS, requested: 0, retransmitted: 0 });
  });
});
