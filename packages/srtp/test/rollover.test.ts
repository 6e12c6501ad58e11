// Rollover counters and replay windows under loss, reordering and repetition, against an oracle that knows all.

import { describe, expect, test } from 'vitest';
import { SrtpDrop, type SrtpProfileName } from '../src/index.ts';
import { estimatePacketIndex, MAX_PACKET_INDEX } from '../src/packet-index.ts';
import { IndexState, ReplayWindow } from '../src/replay-window.ts';
import { rtcpPacket, rtpPacket, seededRandom } from './bytes.ts';
import { protectRtcp, protectRtp, session, unprotectRtcp, unprotectRtp } from './session.ts';

const SEEDS = Number(process.env.KAON_SEEDS ?? 60);

describe('the estimate of the index', () => {
  test('is what RFC 3711 Appendix A computes, for every kind of neighbour', () => {
    const edges = [0, 1, 2, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff];
    for (const rolloverCounter of [0, 1, 0xffff, 0x8000_0000, 0xffff_ffff]) {
      for (const highest of edges) {
        for (const sequenceNumber of edges) {
          const index = estimatePacketIndex(sequenceNumber, rolloverCounter * 65536 + highest);
          // Appendix A, line by line.
          let v = rolloverCounter;
          if (highest < 32768) {
            if (sequenceNumber - highest > 32768) v = rolloverCounter - 1;
          } else if (highest - 32768 > sequenceNumber) v = rolloverCounter + 1;
          expect(index).toBe(v * 65536 + sequenceNumber);
        }
      }
    }
  });
});

describe('a replay window', () => {
  test.each([1, 31, 32, 33, 64, 100, 128, 1024])(
    'of %d takes each index once, as a set would',
    (size) => {
      const random = seededRandom(size);
      const window = new ReplayWindow(size);
      const used = new Set<number>();
      let highest = -1;
      let base = 0;
      for (let i = 0; i < 3000; i++) {
        const jump = random.uint32() % 200;
        if (jump === 0) base += random.uint32() % 100_000;
        else if (jump === 1) base += 2 ** 32;
        else if (jump < 100) base++;
        const index = Math.max(0, base - (random.uint32() % (2 * size)) + (random.uint32() % 3));
        const expected =
          index > highest
            ? IndexState.fresh
            : highest - index >= size
              ? IndexState.tooOld
              : used.has(index)
                ? IndexState.used
                : IndexState.fresh;
        expect(window.check(index)).toBe(expected);
        if (expected !== IndexState.fresh) continue;
        window.use(index);
        used.add(index);
        highest = Math.max(highest, index);
        expect(window.highest).toBe(highest);
      }
    },
  );
});

/** A way from sender to receiver that loses, reorders and repeats, from a seed. */
function travel<T>(seed: number, sent: readonly T[], disorder: number): T[] {
  const random = seededRandom(seed);
  const arriving: { readonly at: number; readonly packet: T }[] = [];
  for (const [i, packet] of sent.entries()) {
    if (random.uint32() % 10 === 0) continue;
    arriving.push({ at: i + (random.uint32() % disorder), packet });
    if (random.uint32() % 8 === 0) arriving.push({ at: i + (random.uint32() % 300), packet });
  }
  return arriving.sort((a, b) => a.at - b.at).map(({ packet }) => packet);
}

describe.each<SrtpProfileName>(['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_128_GCM'])(
  'with %s',
  (profile) => {
    test(`a receiver takes each packet once whatever the way does to them (${SEEDS} seeds)`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = seededRandom(seed);
        const replayWindow = 64 << (random.uint32() % 4);
        const { sender, receiver } = session(profile, {}, { replayWindow });
        const ssrc = random.uint32();
        let index = random.uint32() % 0x8000;
        const sent: {
          readonly index: number;
          readonly bytes: Uint8Array;
          readonly plain: Uint8Array;
        }[] = [];
        for (let i = 0; i < 150; i++) {
          // Now and then much is lost at once, but never half the circle.
          index += random.uint32() % 16 === 0 ? 1 + (random.uint32() % 0x7000) : 1;
          const plain = rtpPacket({ ssrc, sequenceNumber: index & 0xffff });
          sent.push({ index, plain, bytes: protectRtp(sender, plain) });
        }
        expect(sender.rolloverCounter(ssrc)).toBe(Math.floor(index / 65536));
        // The oracle knows the true index; the receiver only the sequence number.
        const first = sent[0] as (typeof sent)[0];
        expect(unprotectRtp(receiver, first.bytes)).toEqual(first.plain);
        const taken = new Set([first.index]);
        let highest = first.index;
        for (const { index: each, bytes, plain } of travel(seed, sent, 40)) {
          const result = unprotectRtp(receiver, bytes);
          if (each > highest + 0x8000 || highest - each > 0x8000) {
            // Beyond half the circle nobody can tell: it is dropped, and moves nothing.
            expect(result).toBeTypeOf('number');
          } else if (each > highest || (highest - each < replayWindow && !taken.has(each))) {
            expect(result).toEqual(plain);
            taken.add(each);
            highest = Math.max(highest, each);
          } else {
            const isKnown = highest - each < replayWindow;
            expect(result).toBe(isKnown ? SrtpDrop.replayed : SrtpDrop.tooOld);
          }
          expect(receiver.rolloverCounter(ssrc)).toBe(Math.floor(highest / 65536));
        }
      }
    });

    test('SRTCP has its index in the packet, so any of them may be lost or late', () => {
      for (let seed = 1; seed <= SEEDS / 2; seed++) {
        const { sender, receiver } = session(profile, {}, { replayWindow: 64 });
        const sent = Array.from({ length: 120 }, (_, index) => {
          const plain = rtcpPacket(seed, 8 + 4 * (index % 9));
          return { index, plain, bytes: protectRtcp(sender, plain) };
        });
        const taken = new Set<number>();
        let highest = -1;
        for (const { index, plain, bytes } of travel(seed, sent, 100)) {
          const result = unprotectRtcp(receiver, bytes);
          const isOld = highest - index >= 64;
          if (isOld) expect(result).toBe(SrtpDrop.tooOld);
          else if (taken.has(index)) expect(result).toBe(SrtpDrop.replayed);
          else {
            expect(result).toEqual(plain);
            taken.add(index);
            highest = Math.max(highest, index);
          }
        }
      }
    });

    test('packets on both sides of a wrap go out and come in in any order', () => {
      const { sender, receiver } = session(profile);
      const order = [65530, 65535, 0, 65534, 2, 1, 65533];
      for (const sequenceNumber of order) {
        const plain = rtpPacket({ sequenceNumber });
        expect(unprotectRtp(receiver, protectRtp(sender, plain))).toEqual(plain);
      }
      expect([sender.rolloverCounter(0xcafebabe), receiver.rolloverCounter(0xcafebabe)]).toEqual([
        1, 1,
      ]);
    });

    test('a receiver that joins late is told the rollover counter', () => {
      const { sender, receiver } = session(profile);
      const ssrc = 0xcafebabe;
      sender.setRolloverCounter(ssrc, 7);
      expect(sender.rolloverCounter(ssrc)).toBe(7);
      const packets = [10, 11, 12].map((sequenceNumber) => {
        const plain = rtpPacket({ sequenceNumber });
        return { plain, bytes: protectRtp(sender, plain) };
      });
      const [first, second, third] = packets as [
        (typeof packets)[0],
        (typeof packets)[0],
        (typeof packets)[0],
      ];
      expect(unprotectRtp(receiver, first.bytes)).toBe(SrtpDrop.notAuthentic);
      expect(receiver.rolloverCounter(ssrc)).toBeUndefined();
      receiver.setRolloverCounter(ssrc, 7);
      expect(unprotectRtp(receiver, second.bytes)).toEqual(second.plain);
      expect(unprotectRtp(receiver, first.bytes)).toEqual(first.plain);
      expect(unprotectRtp(receiver, first.bytes)).toBe(SrtpDrop.replayed);
      expect(unprotectRtp(receiver, third.bytes)).toEqual(third.plain);
      const invalidState = expect.objectContaining({ code: 'SRTP_INVALID_STATE' });
      expect(() => receiver.setRolloverCounter(ssrc, 6)).toThrow(invalidState);
      expect(() => sender.setRolloverCounter(ssrc, 6)).toThrow(invalidState);
      // Saying what is so already changes nothing.
      receiver.setRolloverCounter(ssrc, 7);
      expect(unprotectRtp(receiver, third.bytes)).toBe(SrtpDrop.replayed);
    });

    test('a rollover counter set twice is the one set last', () => {
      const { sender, receiver } = session(profile);
      const ssrc = 0xcafebabe;
      const [first, second] = [1, 2].map((sequenceNumber) => rtpPacket({ sequenceNumber }));
      const bytesOfFirst = protectRtp(sender, first as Uint8Array);
      expect(unprotectRtp(receiver, bytesOfFirst)).toEqual(first);
      for (const side of [sender, receiver]) {
        side.setRolloverCounter(ssrc, 7);
        side.setRolloverCounter(ssrc, 0);
        expect(side.rolloverCounter(ssrc)).toBe(0);
      }
      const bytesOfSecond = protectRtp(sender, second as Uint8Array);
      expect(sender.rolloverCounter(ssrc)).toBe(0);
      expect(unprotectRtp(receiver, bytesOfSecond)).toEqual(second);
    });

    test('the last index of the last rollover counter is the end (RFC 3711 §9.2)', () => {
      const { sender, receiver } = session(profile);
      const ssrc = 0xcafebabe;
      sender.setRolloverCounter(ssrc, 0xffff_ffff);
      receiver.setRolloverCounter(ssrc, 0xffff_ffff);
      const plain = rtpPacket({ sequenceNumber: 0xffff });
      const last = protectRtp(sender, plain);
      expect(unprotectRtp(receiver, last)).toEqual(plain);
      expect(MAX_PACKET_INDEX).toBe(2 ** 48 - 1);
      const next = rtpPacket({ sequenceNumber: 0 });
      expect(() => protectRtp(sender, next)).toThrow(
        expect.objectContaining({ code: 'SRTP_KEY_EXHAUSTED' }),
      );
      const lie = last.slice();
      lie[2] = 0;
      lie[3] = 0;
      expect(unprotectRtp(receiver, lie)).toBe(SrtpDrop.tooOld);
    });
  },
);
