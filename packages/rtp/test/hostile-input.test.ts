// Everything at once, fed by somebody who means ill: nothing throws, grows without bound or goes on for ever.
import { SeededRandom } from '@kaon/simnet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GoogleCongestionControl } from '../src/congestion/google-congestion-control/google-congestion-control.ts';
import type { RtpStreamDescription } from '../src/interceptors/interceptor.ts';
import { InterceptorChain } from '../src/interceptors/interceptor-chain.ts';
import { PacedSender } from '../src/interceptors/paced-sender.ts';
import { RetransmissionReceiver } from '../src/interceptors/retransmission-receiver.ts';
import { RetransmissionSender } from '../src/interceptors/retransmission-sender.ts';
import { TransportFeedbackResponder } from '../src/interceptors/transport-feedback-responder.ts';
import { RtpPacket } from '../src/packet/rtp-packet.ts';
import { RoundTripTime } from '../src/reports/round-trip-time.ts';
import { RtcpReports } from '../src/reports/rtcp-reports.ts';
import { encodeCompoundPacket, type RtcpPacket } from '../src/rtcp/compound-packet.ts';
import { rtpPacket } from './rtp-packets.ts';

const LOCAL = 10;
const REMOTE = 20;

/** Packets of every kind that a session looks into. */
const EVERY_KIND: readonly RtcpPacket[] = [
  {
    type: 'sender-report',
    ssrc: REMOTE,
    ntpTime: { seconds: 0xe000_0000, fraction: 1 },
    rtpTimestamp: 2,
    packetCount: 3,
    octetCount: 4,
    reportBlocks: [
      {
        ssrc: LOCAL,
        fractionLost: 1,
        cumulativeLost: -1,
        extendedHighestSequenceNumber: 7,
        jitter: 8,
        lastSenderReport: 9,
        delaySinceLastSenderReport: 10,
      },
    ],
  },
  {
    type: 'source-description',
    chunks: [{ ssrc: REMOTE, items: [{ type: 1, value: Uint8Array.of(97) }] }],
  },
  { type: 'goodbye', ssrcs: [REMOTE], reason: 'gone' },
  { type: 'generic-nack', senderSsrc: 9, mediaSsrc: LOCAL, sequenceNumbers: [65_535, 0, 9] },
  { type: 'remb', senderSsrc: 9, mediaSsrc: 0, bitrateBps: 100_000, ssrcs: [LOCAL] },
  {
    type: 'full-intra-request',
    senderSsrc: 9,
    mediaSsrc: 0,
    entries: [{ ssrc: LOCAL, sequenceNumber: 1 }],
  },
  {
    type: 'extended-report',
    ssrc: REMOTE,
    blocks: [
      { type: 'receiver-reference-time', ntpTime: { seconds: 1, fraction: 2 } },
      {
        type: 'dlrr',
        reports: [{ ssrc: 1, lastReceiverReport: 2, delaySinceLastReceiverReport: 3 }],
      },
    ],
  },
  {
    type: 'transport-feedback',
    senderSsrc: 9,
    mediaSsrc: LOCAL,
    baseSequenceNumber: 0,
    statusCount: 40,
    referenceTime: 5,
    feedbackCount: 6,
    offsets: [0, 1, 2, 20, 39],
    deltas: [4, 300, -7, 0, 1],
  },
  {
    type: 'transport-feedback',
    senderSsrc: 9,
    mediaSsrc: LOCAL,
    baseSequenceNumber: 0xffff,
    statusCount: 1,
    referenceTime: 5,
    feedbackCount: 6,
    offsets: [],
    deltas: [],
  },
  {
    type: 'congestion-control-feedback',
    senderSsrc: 9,
    reportTimestamp: 1 << 30,
    streams: [
      {
        ssrc: LOCAL,
        beginSequenceNumber: 0xfffe,
        metrics: [undefined, { ecn: 1, arrivalTimeOffset: 5 }, { ecn: 0, arrivalTimeOffset: 8190 }],
      },
    ],
  },
];

function stream(ssrc: number): RtpStreamDescription {
  return { ssrc, clockRate: 90_000, nack: true, rtx: { ssrc: ssrc + 1, apt: new Map([[97, 96]]) } };
}

function session(): {
  chain: InterceptorChain;
  sender: RetransmissionSender;
  reports: RtcpReports;
} {
  const random = new SeededRandom(1);
  const roundTrip = new RoundTripTime();
  const sender = new RetransmissionSender({ random, roundTrip });
  const reports = new RtcpReports({
    ssrc: 1,
    cname: 'victim',
    random,
    roundTrip,
    timeOrigin: 1.7e12,
    clockRates: new Map([[96, 90_000]]),
  });
  const chain = new InterceptorChain(
    [
      sender,
      new RetransmissionReceiver({ senderSsrc: 1, roundTrip }),
      new PacedSender({ control: new GoogleCongestionControl(), padding: sender }),
      new TransportFeedbackResponder({ senderSsrc: 1 }),
      reports,
    ],
    { rtcp: { lead: (now) => reports.lead(now) } },
  );
  chain.addLocalStream(stream(LOCAL));
  chain.addRemoteStream(stream(REMOTE));
  return { chain, sender, reports };
}

/** Takes out all that the chain wants sent; how many datagrams and bytes that is. */
function drain(chain: InterceptorChain, now: number): { datagrams: number; bytes: number } {
  const out = new Uint8Array(2048);
  let datagrams = 0;
  let bytes = 0;
  for (const poll of ['pollRtp', 'pollRtcp'] as const) {
    for (let end = chain[poll](out, 0, now); end > 0; end = chain[poll](out, 0, now)) {
      datagrams++;
      bytes += end;
      expect(datagrams).toBeLessThan(10_000);
    }
  }
  return { datagrams, bytes };
}

describe('a session fed with anything', () => {
  test('never throws, and always comes to rest', () => {
    const rtp = fc.record({
      kind: fc.constant('rtp' as const),
      ssrc: fc.constantFrom(REMOTE, REMOTE + 1, LOCAL, 5, 0, 0xffff_ffff),
      payloadType: fc.constantFrom(96, 97, 127),
      sequenceNumber: fc.nat(0xffff),
      bytes: fc.uint8Array({ maxLength: 30 }),
      afterMs: fc.nat(3000),
    });
    const rtcp = fc.record({
      kind: fc.constant('rtcp' as const),
      packetType: fc.integer({ min: 200, max: 207 }),
      count: fc.nat(31),
      bytes: fc.uint8Array({ maxLength: 120 }),
      afterMs: fc.nat(3000),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(rtp, rtcp), { maxLength: 40 }), (inputs) => {
        const { chain } = session();
        let now = 0.5;
        for (const input of inputs) {
          now += input.afterMs;
          chain.handleOutgoingRtp(rtpPacket({ ssrc: LOCAL, sequenceNumber: now & 0xffff }), now);
          if (input.kind === 'rtp') {
            const { ssrc, payloadType, sequenceNumber } = input;
            const packet = rtpPacket({ ssrc, payloadType, sequenceNumber }, input.bytes);
            chain.handleIncomingRtp(packet, now);
          } else {
            const length = (4 + input.bytes.length + 3) & ~3;
            const bytes = new Uint8Array(length);
            bytes.set([0x80 | input.count, input.packetType, 0, (length >> 2) - 1]);
            bytes.set(input.bytes, 4);
            chain.handleIncomingRtcp(bytes, 0, length, now);
          }
          drain(chain, now);
          for (let rounds = 0; chain.nextTimeout <= now; rounds++) {
            expect(rounds).toBeLessThan(100);
            chain.handleTimeout(now);
            drain(chain, now);
          }
        }
      }),
    );
  });

  test('never throws on RTCP that is nearly right, and comes to rest', () => {
    const near = fc.record({
      packets: fc.array(fc.constantFrom(...EVERY_KIND), { minLength: 1, maxLength: 4 }),
      flips: fc.array(fc.tuple(fc.nat(60), fc.constantFrom(0, 1, 0x7f, 0xff)), { maxLength: 5 }),
      afterMs: fc.nat(3000),
    });
    fc.assert(
      fc.property(fc.array(near, { maxLength: 20 }), (inputs) => {
        const { chain } = session();
        let now = 0.5;
        for (const { packets, flips, afterMs } of inputs) {
          now += afterMs;
          chain.handleOutgoingRtp(rtpPacket({ ssrc: LOCAL, sequenceNumber: now & 0xffff }), now);
          const bytes = encodeCompoundPacket(packets);
          for (const [at, value] of flips) bytes[at % bytes.length] = value;
          chain.handleIncomingRtcp(bytes, 0, bytes.length, now);
          drain(chain, now);
          for (let rounds = 0; chain.nextTimeout <= now; rounds++) {
            expect(rounds).toBeLessThan(100);
            chain.handleTimeout(now);
            drain(chain, now);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('NACKs of everything, for every SSRC, again and again: no more goes out than went out before', () => {
    const { chain, sender } = session();
    let sent = 0;
    let now = 0;
    const packet = rtpPacket({ ssrc: LOCAL }, new Uint8Array(900));
    for (let i = 0; i < 400; i++) {
      now += 5;
      packet.sequenceNumber = (65_300 + i) & 0xffff;
      chain.handleOutgoingRtp(packet, now);
      sent += packet.length;
    }
    const everything = Array.from({ length: 1000 }, (_, i) => (64_800 + i) & 0xffff);
    let again = 0;
    for (let i = 0; i < 200; i++) {
      now += 1;
      const nacks: RtcpPacket[] = [LOCAL, LOCAL + 1, REMOTE, 77].map((mediaSsrc) => ({
        type: 'generic-nack',
        senderSsrc: 99,
        mediaSsrc,
        sequenceNumbers: everything,
      }));
      const bytes = encodeCompoundPacket(nacks);
      chain.handleIncomingRtcp(bytes, 0, bytes.length, now);
      again += drain(chain, now).bytes;
    }
    expect(again).toBeLessThan(sent + 65_536);
    expect(sender.nackCounters(LOCAL)?.requestsTooSoon).toBeGreaterThan(0);
  });

  test('10,000 SSRCs, each with a gap: state of a bounded number, and nothing asked of them', () => {
    const { chain, reports } = session();
    const view = new RtpPacket();
    for (let ssrc = 1000; ssrc < 11_000; ssrc++) {
      for (const sequenceNumber of [1, 2, 9]) {
        const { bytes, start, end } = rtpPacket({ ssrc, sequenceNumber });
        view.parse(bytes, start, end);
        chain.handleIncomingRtp(view, 1);
      }
    }
    expect(drain(chain, 1).datagrams).toBe(0);
    let known = 0;
    for (let ssrc = 1000; ssrc < 11_000; ssrc++) if (reports.received(ssrc) !== undefined) known++;
    expect(known).toBe(64);
    // The report about those that are known, and nothing else.
    chain.handleTimeout(chain.nextTimeout);
    expect(drain(chain, 2000).datagrams).toBeLessThan(4);
  });
});
