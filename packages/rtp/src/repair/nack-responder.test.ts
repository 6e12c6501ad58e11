import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { bytesOf, patterned, rtpPacket } from '../../test/rtp-packets.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { RoundTripTime } from '../reports/round-trip-time.ts';
import type { GenericNack } from '../rtcp/generic-nack.ts';
import { NackResponder, type NackResponderOptions } from './nack-responder.ts';
import { restoreRtx } from './rtx.ts';

const nack = (...sequenceNumbers: number[]): GenericNack => ({
  type: 'generic-nack',
  senderSsrc: 9,
  mediaSsrc: 2,
  sequenceNumbers,
});

const rtx = (): NonNullable<NackResponderOptions['rtx']> => ({
  ssrc: 3,
  apt: new Map([[97, 96]]),
  random: new SeededRandom(1),
});

function drain(responder: NackResponder, now: number): RtpPacket[] {
  const packets: RtpPacket[] = [];
  for (;;) {
    const out = new Uint8Array(1500);
    const end = responder.pollRtp(out, 4, now);
    if (end === 4) return packets;
    const packet = new RtpPacket();
    expect(packet.parse(out, 4, end)).toBe(true);
    packets.push(packet);
  }
}

describe('sending again what was lost', () => {
  test('as RTX: of its own stream, numbered without gaps, restorable (RFC 4588 §4)', () => {
    const responder = new NackResponder({ rtx: rtx() });
    const sent = [10, 11, 12].map((sequenceNumber) =>
      rtpPacket(
        { sequenceNumber, timestamp: 3000 * sequenceNumber },
        patterned(500, sequenceNumber),
      ),
    );
    for (const packet of sent) responder.handlePacketSent(packet, 0);
    responder.handleNack(nack(12, 10), 50);
    const packets = drain(responder, 50);
    expect(packets.map(({ ssrc, payloadType }) => [ssrc, payloadType])).toEqual([
      [3, 97],
      [3, 97],
    ]);
    const [first, second] = packets as [RtpPacket, RtpPacket];
    expect(second.sequenceNumber).toBe((first.sequenceNumber + 1) & 0xffff);
    for (const packet of packets) expect(restoreRtx(packet, 2, 96)).toBe(true);
    expect(packets.map(bytesOf)).toEqual(
      [sent[2], sent[0]].map((each) => bytesOf(each as RtpPacket)),
    );
    expect(responder.counters).toMatchObject({ packetsRetransmitted: 2, packetsUnknown: 0 });
  });

  test('padding is the last packet once more, as RTX only, and counts for itself', () => {
    const out = new Uint8Array(1500);
    const responder = new NackResponder({ rtx: rtx() });
    expect(responder.pollPadding(out, 4, 0)).toBe(4);
    const sent = [10, 11].map((sequenceNumber) => rtpPacket({ sequenceNumber }, patterned(500, 1)));
    for (const packet of sent) responder.handlePacketSent(packet, 0);
    for (const at of [5, 6]) {
      const packet = new RtpPacket();
      expect(packet.parse(out, 4, responder.pollPadding(out, 4, at))).toBe(true);
      expect(restoreRtx(packet, 2, 96)).toBe(true);
      expect(bytesOf(packet)).toEqual(bytesOf(sent[1] as RtpPacket));
    }
    expect(responder.counters).toMatchObject({ paddingPackets: 2, packetsRetransmitted: 0 });
    expect(responder.pollPadding(out.subarray(0, 100), 4, 7)).toBe(4);

    const withoutRtx = new NackResponder();
    for (const packet of sent) withoutRtx.handlePacketSent(packet, 0);
    expect(withoutRtx.pollPadding(out, 4, 5)).toBe(4);
  });

  test('as it was, without RTX or for a payload type that has none', () => {
    for (const options of [{}, { rtx: { ...rtx(), apt: new Map([[99, 98]]) } }]) {
      const responder = new NackResponder(options);
      const packet = rtpPacket({ sequenceNumber: 10 });
      responder.handlePacketSent(packet, 0);
      responder.handleNack(nack(10), 50);
      expect(drain(responder, 50).map(bytesOf)).toEqual([bytesOf(packet)]);
    }
  });

  test('not more often than once in a round trip', () => {
    const roundTrip = new RoundTripTime();
    roundTrip.update(80);
    const responder = new NackResponder({ roundTrip });
    responder.handlePacketSent(rtpPacket({ sequenceNumber: 10 }), 0);
    const answers = [10, 10, 60, 89, 90, 120, 170].map((now) => {
      responder.handleNack(nack(10, 10), now);
      return drain(responder, now).length;
    });
    expect(answers).toEqual([1, 0, 0, 0, 1, 0, 1]);
    expect(responder.counters.requestsTooSoon).toBe(11);
  });

  test('nothing that was never sent, or too long ago', () => {
    const responder = new NackResponder({ history: { maxAgeMs: 100 } });
    responder.handlePacketSent(rtpPacket({ sequenceNumber: 10 }), 0);
    responder.handleNack(nack(9, 11, 42_000), 50);
    responder.handleNack(nack(10), 101);
    expect(drain(responder, 101)).toEqual([]);
    expect(responder.counters.packetsUnknown).toBe(4);
  });

  test('a peer that asks for everything all the time gets no more than was sent (attack)', () => {
    const roundTrip = new RoundTripTime();
    roundTrip.update(1);
    const responder = new NackResponder({ roundTrip, rtx: rtx() });
    const everything = nack(...Array.from({ length: 65_536 }, (_, i) => i));
    let bytesSent = 0;
    let bytesAgain = 0;
    for (let i = 0; i < 300; i++) {
      const packet = rtpPacket({ sequenceNumber: 65_400 + i }, patterned(1000, i));
      bytesSent += packet.length;
      responder.handlePacketSent(packet, 20 * i);
      if (i % 10 > 0) continue;
      responder.handleNack(everything, 20 * i + 10);
      expect(responder.length).toBeLessThanOrEqual(2048);
      for (const each of drain(responder, 20 * i + 10)) bytesAgain += each.length - 2;
    }
    // What may be sent again before anything was sent comes on top.
    expect(bytesAgain).toBeLessThanOrEqual(bytesSent + 32_768);
    expect(responder.counters.requestsOverBudget).toBeGreaterThan(0);
  });

  test('what does not fit the memory that is given waits for larger', () => {
    const responder = new NackResponder({ rtx: rtx() });
    responder.handlePacketSent(rtpPacket({ sequenceNumber: 10 }, patterned(100, 1)), 0);
    responder.handleNack(nack(10), 50);
    expect(responder.pollRtp(new Uint8Array(113), 0, 50)).toBe(0);
    expect(responder.pollRtp(new Uint8Array(114), 0, 50)).toBe(114);
  });

  test('allocates nothing for a packet sent', () => {
    const responder = new NackResponder({ rtx: rtx(), history: { maxBytes: 65_536 } });
    const packet = rtpPacket({}, patterned(1000, 1));
    const perCall = allocatedBytesPerCall(() => {
      packet.sequenceNumber = (packet.sequenceNumber + 1) & 0xffff;
      responder.handlePacketSent(packet, 5);
    });
    expect(perCall).toBeLessThan(1);
  });

  test("names the caller's fault", () => {
    expect(() => new NackResponder({ maxRetransmissionRatio: 0 })).toThrow(/Ratio is 0/);
    expect(() => new NackResponder({ rtx: { ...rtx(), apt: new Map([[128, 96]]) } })).toThrow(
      /rtx.apt maps 128 to 96/,
    );
  });
});
