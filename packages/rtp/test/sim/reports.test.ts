// Two ends that send, report, measure and repair, over one link.
import { createSimulation, type LinkOptions, machinePair, SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import type { RtpStreamDescription } from '../../src/interceptors/interceptor.ts';
import { InterceptorChain } from '../../src/interceptors/interceptor-chain.ts';
import { RetransmissionReceiver } from '../../src/interceptors/retransmission-receiver.ts';
import { RetransmissionSender } from '../../src/interceptors/retransmission-sender.ts';
import { RoundTripTime } from '../../src/reports/round-trip-time.ts';
import { RtcpReports } from '../../src/reports/rtcp-reports.ts';
import { RtpEndpoint } from '../rtp-endpoint.ts';

const PACKETS = 1500;
const INTERVAL_MS = 10;

interface End {
  readonly endpoint: RtpEndpoint;
  readonly chain: InterceptorChain;
  readonly reports: RtcpReports;
  readonly roundTrip: RoundTripTime;
}

const stream = (ssrc: number): RtpStreamDescription => ({
  ssrc,
  clockRate: 90_000,
  nack: true,
  rtx: { ssrc: ssrc + 1, apt: new Map([[97, 96]]) },
});

function end(own: number, remote: number, sends: boolean, seed: number, timeOrigin: number): End {
  const random = new SeededRandom(`${seed} ${own}`);
  const roundTrip = new RoundTripTime();
  const reports = new RtcpReports({
    ssrc: own,
    cname: `end ${own}`,
    random,
    roundTrip,
    timeOrigin,
  });
  const chain = new InterceptorChain(
    [
      new RetransmissionSender({ random, roundTrip }),
      new RetransmissionReceiver({ senderSsrc: own, roundTrip }),
      reports,
    ],
    { rtcp: { lead: (now) => reports.lead(now) }, rules: { reducedSize: false } },
  );
  if (sends) chain.addLocalStream(stream(own));
  chain.addRemoteStream(stream(remote));
  const endpoint = new RtpEndpoint(
    chain,
    sends
      ? {
          ssrc: own,
          payloadType: 96,
          clockRate: 90_000,
          packets: PACKETS,
          intervalMs: INTERVAL_MS,
          firstSequenceNumber: 64_900,
          firstTimestamp: 0xfff0_0000,
        }
      : undefined,
  );
  return { endpoint, chain, reports, roundTrip };
}

function run(link: LinkOptions, seed: number, bothSend: boolean): [End, End] {
  // The two have different ideas of what time it is.
  const a = end(10, 20, true, seed, Date.UTC(2026, 5, 1));
  const b = end(20, 10, bothSend, seed, Date.UTC(2011, 1, 1));
  machinePair(createSimulation({ seed }), a.endpoint, b.endpoint, link).run({
    timeoutMs: PACKETS * INTERVAL_MS + 300,
  });
  return [a, b];
}

describe('reports over a link', () => {
  test('both ends measure the round trip, whoever sends and whatever their clocks say', () => {
    for (const bothSend of [true, false]) {
      for (const end of run({ latencyMs: 45 }, 1, bothSend)) {
        expect(end.roundTrip.samples).toBeGreaterThan(5);
        expect(end.roundTrip.smoothedMs).toBeGreaterThan(89);
        expect(end.roundTrip.smoothedMs).toBeLessThan(91);
        expect(end.chain.counters.rtcpMalformed).toBe(0);
      }
    }
  });

  test('the sender learns what the receiver lost, and all of it comes again', () => {
    for (const seed of [1, 2, 3]) {
      const [a, b] = run({ latencyMs: 30, jitterMs: 4, loss: 0.05 }, seed, true);
      for (const [one, other, ssrc] of [
        [a, b, 10],
        [b, a, 20],
      ] as const) {
        const remote = one.reports.sent(ssrc)?.remoteReport;
        const local = other.reports.received(ssrc);
        // §A.1 counts from the second packet; what came again as RTX is of another stream.
        expect(local?.cumulativeLost).toBeGreaterThan(0.03 * PACKETS);
        expect(local?.cumulativeLost).toBeLessThan(0.07 * PACKETS);
        expect(remote?.block.cumulativeLost).toBeGreaterThan(0.02 * PACKETS);
        // Jitter is of the order of what the link adds: 4 ms are 360 units.
        expect(remote?.block.jitter).toBeGreaterThan(30);
        expect(remote?.block.jitter).toBeLessThan(360);
        expect(other.endpoint.arrivals.size).toBeGreaterThanOrEqual(PACKETS - 3);
        expect(other.chain.counters.rtcpMalformed).toBe(0);
      }
    }
  });

  test('reports take about one datagram a second', () => {
    const [, viewer] = run({ latencyMs: 30 }, 4, false);
    const seconds = (PACKETS * INTERVAL_MS) / 1000;
    expect(viewer.endpoint.datagramsSent).toBeGreaterThan(0.6 * seconds);
    expect(viewer.endpoint.datagramsSent).toBeLessThan(1.6 * seconds);
  });
});
