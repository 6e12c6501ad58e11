import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { bytesOf, rtpPacket } from '../../test/rtp-packets.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import type { GenericNack } from '../rtcp/generic-nack.ts';
import type { RtpStreamDescription } from './interceptor.ts';
import { RetransmissionReceiver } from './retransmission-receiver.ts';
import { RetransmissionSender } from './retransmission-sender.ts';

const apt = new Map([[97, 96]]);
const stream = (ssrc: number, more: Partial<RtpStreamDescription> = {}): RtpStreamDescription => ({
  ssrc,
  clockRate: 90_000,
  nack: true,
  rtx: { ssrc: ssrc + 1, apt },
  ...more,
});
const nack = (mediaSsrc: number, ...sequenceNumbers: number[]): GenericNack => ({
  type: 'generic-nack',
  senderSsrc: 9,
  mediaSsrc,
  sequenceNumbers,
});

function senderOf(maxStreams = 256): RetransmissionSender {
  return new RetransmissionSender({ random: new SeededRandom(1), maxStreams });
}

function drain(sender: RetransmissionSender, now: number): RtpPacket[] {
  const packets: RtpPacket[] = [];
  for (;;) {
    const out = new Uint8Array(1500);
    const end = sender.pollRtp(out, 0, now);
    if (end === 0) return packets;
    const packet = new RtpPacket();
    expect(packet.parse(out, 0, end)).toBe(true);
    packets.push(packet);
  }
}

describe('sending again, for all streams', () => {
  test('each stream answers for its own packets', () => {
    const sender = senderOf();
    sender.addLocalStream(stream(10));
    sender.addLocalStream(stream(20));
    for (const ssrc of [10, 20, 30]) sender.handleOutgoingRtp(rtpPacket({ ssrc }), 0);
    for (const ssrc of [20, 10, 30]) sender.handleIncomingRtcp(nack(ssrc, 0, 1), 200);
    expect(drain(sender, 200).map(({ ssrc }) => ssrc)).toEqual([21, 11]);
    expect(sender.nackCounters(20)?.packetsRetransmitted).toBe(1);
    expect(sender.nackCounters(30)).toBeUndefined();
  });

  test('a stream that was removed sends nothing more, nor does one without NACK', () => {
    const sender = senderOf();
    sender.addLocalStream(stream(10));
    sender.addLocalStream(stream(20, { nack: false }));
    for (const ssrc of [10, 20]) sender.handleOutgoingRtp(rtpPacket({ ssrc }), 0);
    for (const ssrc of [10, 20]) sender.handleIncomingRtcp(nack(ssrc, 0), 200);
    sender.removeLocalStream(10);
    expect(drain(sender, 200)).toEqual([]);
  });

  test('has no more streams than it may, and wants an SSRC for retransmissions', () => {
    const sender = senderOf(1);
    sender.addLocalStream(stream(10));
    sender.addLocalStream(stream(20));
    expect([sender.nackCounters(10), sender.nackCounters(20)]).toEqual([
      expect.anything(),
      undefined,
    ]);
    expect(() => senderOf().addLocalStream(stream(10, { rtx: { apt } }))).toThrow(
      /stream.rtx.ssrc is undefined/,
    );
  });
});

describe('asking again, for all streams', () => {
  test('one NACK for each stream that misses something; a restored packet fills its gap', () => {
    const receiver = new RetransmissionReceiver({ senderSsrc: 1 });
    receiver.addRemoteStream(stream(10));
    receiver.addRemoteStream(stream(20));
    for (const ssrc of [10, 20, 30]) {
      for (const sequenceNumber of [1, 3]) {
        expect(receiver.handleIncomingRtp(rtpPacket({ ssrc, sequenceNumber }), 5)).toBe(true);
      }
    }
    expect(receiver.nextTimeout).toBe(5);
    expect([receiver.pollRtcp(5), receiver.pollRtcp(5), receiver.pollRtcp(5)]).toEqual([
      { ...nack(10, 2), senderSsrc: 1 },
      { ...nack(20, 2), senderSsrc: 1 },
      undefined,
    ]);
    const sender = senderOf();
    sender.addLocalStream(stream(10));
    const original = rtpPacket({ ssrc: 10, sequenceNumber: 2 });
    sender.handleOutgoingRtp(original, 0);
    sender.handleIncomingRtcp(nack(10, 2), 50);
    const [again] = drain(sender, 50);
    expect(receiver.handleIncomingRtp(again as RtpPacket, 60)).toBe(true);
    expect(bytesOf(again as RtpPacket)).toEqual(bytesOf(original));
    expect(receiver.nackCounters(10)?.packetsRecovered).toBe(1);
    expect(receiver.rtxCounters.packetsRestored).toBe(1);
    receiver.handleKeyFrame(20, 3);
    expect(receiver.pollRtcp(1000)).toBeUndefined();
    expect(receiver.nextTimeout).toBe(Infinity);
  });

  test('a probe in a stream of retransmissions goes no further; a removed stream is not asked for', () => {
    const receiver = new RetransmissionReceiver({ senderSsrc: 1 });
    receiver.addRemoteStream(stream(10));
    const probe = rtpPacket({ ssrc: 11, payloadType: 97 }, new Uint8Array(0));
    expect(receiver.handleIncomingRtp(probe, 0)).toBe(false);
    for (const sequenceNumber of [1, 3]) {
      receiver.handleIncomingRtp(rtpPacket({ ssrc: 10, sequenceNumber }), 5);
    }
    receiver.removeRemoteStream(10);
    expect(receiver.pollRtcp(5)).toBeUndefined();
  });

  test('tells faults in its options at once', () => {
    expect(() => new RetransmissionReceiver({ senderSsrc: 1, maxSpan: 3 })).toThrow(/maxSpan is 3/);
    expect(() => senderOf(0)).toThrow(/maxStreams|maxSources/);
  });
});

test('allocates nothing for a packet, of either direction', () => {
  const receiver = new RetransmissionReceiver({ senderSsrc: 1 });
  const sender = senderOf();
  receiver.addRemoteStream(stream(0xf000_0000));
  sender.addLocalStream(stream(0xe000_0000));
  const incoming = rtpPacket({ ssrc: 0xf000_0000 });
  const outgoing = rtpPacket({ ssrc: 0xe000_0000 });
  const out = new Uint8Array(100);
  const perCall = allocatedBytesPerCall(() => {
    incoming.sequenceNumber = (incoming.sequenceNumber + 1) & 0xffff;
    outgoing.sequenceNumber = incoming.sequenceNumber;
    receiver.handleIncomingRtp(incoming, 7);
    receiver.pollRtcp(7);
    sender.handleOutgoingRtp(outgoing, 7);
    sender.pollRtp(out, 0, 7);
  });
  expect(perCall).toBeLessThan(1);
});
