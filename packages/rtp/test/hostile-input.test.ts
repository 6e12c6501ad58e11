// Everything at once, fed by somebody who means ill: nothing throws, grows without bound or goes on for ever.
import { SeededRandom } from '@kaon/simnet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RtpStreamDescription } from '../src/interceptors/interceptor.ts';
import { InterceptorChain } from '../src/interceptors/interceptor-chain.ts';
import { RetransmissionReceiver } from '../src/interceptors/retransmission-receiver.ts';
import { RetransmissionSender } from '../src/interceptors/retransmission-sender.ts';
import { RtpPacket } from '../src/packet/rtp-packet.ts';
import { RoundTripTime } from '../src/reports/round-trip-time.ts';
import { RtcpReports } from '../src/reports/rtcp-reports.ts';
import { encodeCompoundPacket, type RtcpPacket } from '../src/rtcp/compound-packet.ts';
import { rtpPacket } from './rtp-packets.ts';

const LOCAL = 10;
const REMOTE = 20;

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
    [sender, new RetransmissionReceiver({ senderSsrc: 1, roundTrip }), reports],
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
