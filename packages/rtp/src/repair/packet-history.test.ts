import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { bytesOf, patterned, rtpPacket } from '../../test/rtp-packets.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { PacketHistory } from './packet-history.ts';

function find(history: PacketHistory, sequenceNumber: number, now: number): Uint8Array | undefined {
  const place = history.find(sequenceNumber, now);
  if (place < 0) return undefined;
  const view = new RtpPacket();
  expect(history.look(place, view)).toBe(true);
  expect(history.packetLength(place)).toBe(view.length);
  return bytesOf(view);
}

describe('the history of sent packets', () => {
  test('keeps the youngest that fit, byte for byte, and none that is too old', () => {
    const packets = fc.array(
      fc.record({
        length: fc.oneof(fc.nat(60), fc.integer({ min: 400, max: 1000 })),
        step: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: -3, max: 5 })),
        afterMs: fc.nat(30),
      }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.nat(65_535), packets, (first, list) => {
        const history = new PacketHistory({ maxBytes: 8192, maxPackets: 32, maxAgeMs: 200 });
        const sent: { sequenceNumber: number; bytes: Uint8Array; at: number }[] = [];
        let sequenceNumber = first;
        let now = 0;
        for (const { length, step, afterMs } of list) {
          sequenceNumber = (sequenceNumber + step) & 0xffff;
          now += afterMs;
          const packet = rtpPacket({ sequenceNumber }, patterned(length, sent.length));
          expect(history.push(packet, now)).toBe(true);
          sent.push({ sequenceNumber, bytes: bytesOf(packet), at: now });
        }
        // From the youngest back: there without a gap, as long as count, age and bytes allow it.
        const seen = new Set<number>();
        let bytes = 0;
        let isEnded = false;
        for (const [age, each] of sent.toReversed().entries()) {
          bytes += each.bytes.length;
          const found = find(history, each.sequenceNumber, now);
          if (seen.has(each.sequenceNumber & 31)) continue; // Overwritten by a younger one.
          seen.add(each.sequenceNumber & 31);
          if (found === undefined) isEnded = true;
          else expect([isEnded, found]).toEqual([false, each.bytes]);
          if (now - each.at > 200 || age >= 32) expect(found).toBeUndefined();
          // A ring may lose up to one packet's length at its end.
          else if (bytes < 8192 - 1100) expect(found).toEqual(each.bytes);
        }
        expect(history.byteCapacity).toBeLessThanOrEqual(8192);
      }),
    );
  });

  test('doubles its memory while young packets do not fit, and stops at the limit', () => {
    const history = new PacketHistory({ maxBytes: 200_000 });
    expect(history.byteCapacity).toBe(32_768);
    for (let i = 0; i < 100; i++)
      history.push(rtpPacket({ sequenceNumber: i }, patterned(988, i)), 1);
    expect([history.byteCapacity, history.length]).toEqual([131_072, 100]);
    for (let i = 100; i < 1000; i++) {
      history.push(rtpPacket({ sequenceNumber: i }, patterned(988, i)), 2);
    }
    expect([history.byteCapacity, history.length]).toEqual([200_000, 200]);
    expect(find(history, 799, 3)).toBeUndefined();
    for (let i = 800; i < 1000; i++)
      expect(find(history, i, 3)?.subarray(12)).toEqual(patterned(988, i));
  });

  test('does not keep what is too large', () => {
    const history = new PacketHistory({ maxBytes: 4096 });
    expect(history.push(rtpPacket({ sequenceNumber: 1 }, new Uint8Array(3000)), 0)).toBe(false);
    expect(history.find(1, 0)).toBe(-1);
  });

  test('knows when a packet was sent, and sent again', () => {
    const history = new PacketHistory();
    history.push(rtpPacket({ sequenceNumber: 9 }), 100);
    const place = history.find(9, 110);
    expect([history.resentAt(place), history.lastSentAt(place)]).toEqual([-Infinity, 100]);
    history.noteResent(place, 120);
    expect([history.resentAt(place), history.lastSentAt(place)]).toEqual([120, 120]);
  });

  test('an empty one finds nothing, whatever the number', () => {
    const history = new PacketHistory();
    for (let i = 0; i < 65_536; i += 17) expect(history.find(i, 0)).toBe(-1);
  });

  test('allocates nothing for a packet', () => {
    const history = new PacketHistory({ maxBytes: 65_536, maxPackets: 128 });
    const packet = rtpPacket({}, patterned(1000, 1));
    let found = 0;
    const perCall = allocatedBytesPerCall(() => {
      packet.sequenceNumber = (packet.sequenceNumber + 1) & 0xffff;
      history.push(packet, 5);
      if (history.find(packet.sequenceNumber - 3, 5) >= 0) found++;
    });
    expect(found).toBeGreaterThan(0);
    expect(perCall).toBeLessThan(1);
  });

  test("names the caller's fault", () => {
    expect(() => new PacketHistory({ maxBytes: 100 })).toThrow(/maxBytes is 100/);
    expect(() => new PacketHistory({ maxPackets: 100 })).toThrow(/maxPackets is 100/);
    expect(() => new PacketHistory({ maxAgeMs: 0 })).toThrow(/maxAgeMs is 0/);
  });
});
