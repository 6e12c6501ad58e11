import { SeededRandom } from '@kaon/simnet';
import { serialDistance32 } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { bytesOf, rtpPacket } from '../../test/rtp-packets.ts';
import { vp8PictureId, vp8TemporalId, vp8Tl0PicIdx } from '../codecs/vp8/descriptor.ts';
import { vp9PictureId, vp9Tl0PicIdx } from '../codecs/vp9/descriptor.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { ntpTimeFromUnixMs } from '../timing/ntp-time.ts';
import { StreamRewriter, type StreamRewriterOptions } from './stream-rewriter.ts';

const OUT = 0xabcd_ef01;

function rewriterOf(options: Partial<StreamRewriterOptions> = {}): StreamRewriter {
  return new StreamRewriter({
    ssrc: OUT,
    clockRate: 90_000,
    random: new SeededRandom(5),
    ...options,
  });
}

/** A VP8 payload with picture ID, TL0PICIDX and temporal layer (RFC 7741 §4.2). */
function vp8(pictureId: number, tl0PicIdx: number, temporalId = 0): Uint8Array {
  return Uint8Array.of(
    0x90,
    0xe0,
    0x80 | ((pictureId >> 8) & 0x7f),
    pictureId & 0xff,
    tl0PicIdx & 0xff,
    temporalId << 6,
    0,
    1,
  );
}

/** A VP9 payload in non-flexible mode (RFC 9628 §4.2). */
function vp9(pictureId: number, tl0PicIdx: number): Uint8Array {
  return Uint8Array.of(
    0xa8,
    0x80 | ((pictureId >> 8) & 0x7f),
    pictureId & 0xff,
    0,
    tl0PicIdx & 0xff,
    1,
  );
}

interface Sent {
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

/** What the rewriter makes of it; undefined if nothing. */
function send(rewriter: StreamRewriter, packet: RtpPacket, now = 0): Sent | undefined {
  const before = bytesOf(packet);
  if (!rewriter.rewrite(packet, now)) {
    // Sequence number, timestamp and SSRC stay what they were.
    expect(bytesOf(packet).subarray(0, 12)).toEqual(before.subarray(0, 12));
    return undefined;
  }
  expect(packet.ssrc).toBe(OUT);
  return { sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp };
}

describe('one stream out of many sources', () => {
  test('sequence numbers run on across switches, timestamps go on at the pace of time', () => {
    const rewriter = rewriterOf();
    rewriter.switchTo(1);
    const first = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 65_535, timestamp: 5 }), 0);
    const second = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 0, timestamp: 3005 }), 33);
    rewriter.switchTo(2);
    const third = send(
      rewriter,
      rtpPacket({ ssrc: 2, sequenceNumber: 777, timestamp: 0xdead_beef }),
      63,
    );
    expect(first?.sequenceNumber).toBeLessThan(0x8000);
    const start = first as Sent;
    expect([second, third]).toEqual([
      { sequenceNumber: start.sequenceNumber + 1, timestamp: (start.timestamp + 3000) >>> 0 },
      { sequenceNumber: start.sequenceNumber + 2, timestamp: (start.timestamp + 5700) >>> 0 },
    ]);
    expect(rewriter.source).toBe(2);
  });

  test('until the first packet of the new source comes, the old one goes on', () => {
    const rewriter = rewriterOf();
    rewriter.switchTo(1);
    const first = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 10 })) as Sent;
    rewriter.switchTo(2);
    const still = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 11 })) as Sent;
    expect(still.sequenceNumber - first.sequenceNumber).toBe(1);
    rewriter.switchTo(1); // Changed its mind.
    expect(send(rewriter, rtpPacket({ ssrc: 2, sequenceNumber: 11 }))).toBeUndefined();
    expect(rewriter.counters).toMatchObject({ switches: 1, packetsForeign: 1 });
  });

  test('late packets of the source before fill their places, or have none', () => {
    const rewriter = rewriterOf();
    rewriter.switchTo(1);
    const first = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 10 })) as Sent;
    send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 13 }));
    rewriter.switchTo(2);
    const next = send(rewriter, rtpPacket({ ssrc: 2, sequenceNumber: 500 }), 20) as Sent;
    expect(next.sequenceNumber - first.sequenceNumber).toBe(4);
    const late = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 11 })) as Sent;
    expect(late.sequenceNumber - first.sequenceNumber).toBe(1);
    expect(send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 14 }))).toBeUndefined();
    expect(send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 11 }))).toBeUndefined();
    expect(send(rewriter, rtpPacket({ ssrc: 2, sequenceNumber: 499 }))).toBeUndefined();
    expect(rewriter.counters).toMatchObject({ packetsLate: 2, packetsDuplicate: 1 });
  });

  test('says whose packets may have places', () => {
    const rewriter = rewriterOf();
    const taken = () => [0, 1, 2, 3].filter((ssrc) => rewriter.takes(ssrc));
    expect(taken()).toEqual([]);
    rewriter.switchTo(1);
    expect(taken()).toEqual([1]);
    send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 10 }));
    rewriter.switchTo(2);
    expect(taken()).toEqual([1, 2]);
    send(rewriter, rtpPacket({ ssrc: 2, sequenceNumber: 10 }));
    rewriter.switchTo(3);
    send(rewriter, rtpPacket({ ssrc: 3, sequenceNumber: 10 }));
    expect(taken()).toEqual([2, 3]);
  });

  test('sender reports tell how far apart sources really are (RFC 3550 §6.4.1)', () => {
    const unixMs = Date.UTC(2026, 0, 1);
    const report = (ssrc: number, rtpTimestamp: number, after: number) =>
      ({
        type: 'sender-report',
        ssrc,
        ntpTime: ntpTimeFromUnixMs(unixMs + after),
        rtpTimestamp,
        packetCount: 0,
        octetCount: 0,
        reportBlocks: [],
      }) as const;
    for (const [clockShiftMs, elapsed] of [
      [0, 3600], // 40 ms by the reports, 70 ms by arrival.
      [60_000, 6300], // Clocks that have nothing to do with each other.
    ] as const) {
      const rewriter = rewriterOf();
      rewriter.handleSenderReport(report(1, 1000, 0));
      rewriter.handleSenderReport(report(2, 0xffff_f000, 10 + clockShiftMs));
      rewriter.switchTo(1);
      const first = send(
        rewriter,
        rtpPacket({ ssrc: 1, sequenceNumber: 1, timestamp: 1000 }),
        100,
      ) as Sent;
      rewriter.switchTo(2);
      const timestamp = (0xffff_f000 + 90 * 30) >>> 0;
      const second = send(
        rewriter,
        rtpPacket({ ssrc: 2, sequenceNumber: 1, timestamp }),
        170,
      ) as Sent;
      expect(serialDistance32(second.timestamp, first.timestamp)).toBe(elapsed);
      rewriter.forgetSource(2);
    }
  });

  test('a source that restarts far off goes on as if switched to (RFC 3550 §A.1)', () => {
    const rewriter = rewriterOf({ maxReordering: 64 });
    rewriter.switchTo(1);
    const first = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 30_000 })) as Sent;
    expect(send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 5000 }), 10)).toBeUndefined();
    const again = send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 5001 }), 20) as Sent;
    expect(again.sequenceNumber - first.sequenceNumber).toBe(1);
    expect(serialDistance32(again.timestamp, first.timestamp)).toBe(1800);
  });

  test.each([
    ['a clock of its own', 0x2000_0000],
    ['the same clock', 3000],
  ])('a source that restarts with numbers from before, and %s, goes on', (_, ticks) => {
    const rewriter = rewriterOf();
    rewriter.switchTo(1);
    let timestamp = 0;
    let now = 0;
    const sendNumber = (sequenceNumber: number): Sent | undefined => {
      timestamp += 3000;
      now += 33;
      return send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber, timestamp }), now);
    };
    for (let i = 1000; i < 1200; i++) expect(sendNumber(i)).toBeDefined();
    timestamp += ticks;
    // From before its first number and through those that were sent already.
    let taken = 0;
    for (let i = 900; i < 1100; i++) if (sendNumber(i) !== undefined) taken++;
    expect(taken).toBeGreaterThan(200 - 35);
    expect(rewriter.counters.switches).toBe(2);
    // What comes again, with its own timestamp, does not.
    for (let i = 0; i < 20; i++) {
      const packet = rtpPacket({
        ssrc: 1,
        sequenceNumber: 1050 + i,
        timestamp: timestamp - 3000 * (49 - i),
      });
      expect(rewriter.rewrite(packet, now)).toBe(false);
    }
    expect(rewriter.counters.switches).toBe(2);
  });

  test('payload types are mapped, and a switch is marked where that is wanted (RFC 3551 §4.1)', () => {
    const rewriter = rewriterOf({ payloadTypes: new Map([[96, 120]]), markSwitch: true });
    rewriter.switchTo(1);
    const markers = [1, 2].map((sequenceNumber) => {
      const packet = rtpPacket({ ssrc: 1, sequenceNumber });
      rewriter.rewrite(packet, 0);
      expect(packet.payloadType).toBe(120);
      return packet.marker;
    });
    expect(markers).toEqual([true, false]);
    const packet = rtpPacket({ ssrc: 1, sequenceNumber: 3, payloadType: 97 });
    expect(rewriter.rewrite(packet, 0, true)).toBe(true);
    expect([packet.payloadType, packet.marker]).toEqual([97, true]);
  });

  test("names the caller's fault", () => {
    expect(() => rewriterOf({ clockRate: 0 })).toThrow(/clockRate is 0/);
    expect(() => rewriterOf({ maxReordering: 100 })).toThrow(/maxReordering is 100/);
    expect(() => rewriterOf({ payloadTypes: new Map([[96, 128]]) })).toThrow(/maps 96 to 128/);
  });
});

describe('running numbers of pictures', () => {
  test('VP8: a temporal layer is taken out without a trace, and a switch runs on', () => {
    const rewriter = rewriterOf({ codec: 'vp8' });
    rewriter.switchTo(1);
    const outputs: (number | undefined)[][] = [];
    for (let i = 0; i < 8; i++) {
      const temporalId = i % 2;
      const payload = vp8(32_764 + i, 250 + (i >> 1), temporalId);
      const packet = rtpPacket({ ssrc: 1, sequenceNumber: i, timestamp: 3000 * i }, payload);
      if (temporalId === 1) {
        rewriter.drop(packet);
        continue;
      }
      expect(rewriter.rewrite(packet, 33 * i)).toBe(true);
      outputs.push([
        packet.sequenceNumber,
        vp8PictureId(packet.payload),
        vp8Tl0PicIdx(packet.payload),
      ]);
    }
    rewriter.switchTo(2);
    for (let i = 0; i < 2; i++) {
      const packet = rtpPacket({ ssrc: 2, sequenceNumber: i }, vp8(5 + i, 77 + i));
      expect(rewriter.rewrite(packet, 300)).toBe(true);
      outputs.push([
        packet.sequenceNumber,
        vp8PictureId(packet.payload),
        vp8Tl0PicIdx(packet.payload),
      ]);
    }
    const [start, picture, tl0] = outputs[0] as [number, number, number];
    expect(outputs).toEqual(
      outputs.map((_, i) => [start + i, (picture + i) & 0x7fff, (tl0 + i) & 0xff]),
    );
  });

  test('VP8: what is left of a picture that was taken out goes the same way', () => {
    const rewriter = rewriterOf({ codec: 'vp8' });
    rewriter.switchTo(1);
    const first = rtpPacket({ ssrc: 1, sequenceNumber: 1 }, vp8(1, 1));
    rewriter.rewrite(first, 0);
    rewriter.drop(rtpPacket({ ssrc: 1, sequenceNumber: 2 }, vp8(2, 1, 1)));
    expect(send(rewriter, rtpPacket({ ssrc: 1, sequenceNumber: 3 }, vp8(2, 1, 1)))).toBeUndefined();
    const next = rtpPacket({ ssrc: 1, sequenceNumber: 4 }, vp8(3, 2));
    expect(rewriter.rewrite(next, 0)).toBe(true);
    expect(next.sequenceNumber - first.sequenceNumber).toBe(1);
  });

  test('VP9: picture IDs run on across a switch, and keep their gaps, which references count', () => {
    const rewriter = rewriterOf({ codec: 'vp9' });
    const packets = (
      [
        [1, 100, 9],
        [1, 101, 9],
        [1, 102, 10],
        [2, 7, 200],
      ] as const
    ).map(([ssrc, pictureId, tl0PicIdx], i) =>
      rtpPacket({ ssrc, sequenceNumber: i }, vp9(pictureId, tl0PicIdx)),
    );
    rewriter.switchTo(1);
    const outputs: unknown[] = [];
    for (const [i, packet] of packets.entries()) {
      if (i === 1) {
        rewriter.drop(packet);
        continue;
      }
      if (i === 3) rewriter.switchTo(2);
      expect(rewriter.rewrite(packet, i)).toBe(true);
      outputs.push([vp9PictureId(packet.payload), vp9Tl0PicIdx(packet.payload)]);
    }
    expect(outputs).toEqual([
      [0, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test.each([
    ['far back', 5000, 100],
    ['a little back, before its first', 5000, 4990],
    ['far ahead', 5000, 30_000],
  ])('an encoder that begins its picture IDs anew, %s, goes on', (_, first, again) => {
    for (const codec of ['vp8', 'vp9'] as const) {
      const rewriter = rewriterOf({ codec });
      const payload = codec === 'vp8' ? vp8 : vp9;
      rewriter.switchTo(1);
      const ids = [first, first + 1, first + 2, again, again + 1, again + 2];
      const outputs = ids.map((pictureId, i) => {
        const packet = rtpPacket(
          { ssrc: 1, sequenceNumber: i, timestamp: 3000 * i },
          payload(pictureId, i),
        );
        expect(send(rewriter, packet, 33 * i)).toBeDefined();
        return (codec === 'vp8' ? vp8PictureId : vp9PictureId)(packet.payload) as number;
      });
      expect(new Set(outputs).size).toBe(ids.length);
      // A packet of a picture from before it that comes late has no place any more.
      const late = rtpPacket({ ssrc: 1, sequenceNumber: 0xffff }, payload(first + 1, 1));
      expect(rewriter.rewrite(late, 200)).toBe(false);
    }
  });

  test('7-bit picture IDs wrap in their own bits', () => {
    const rewriter = rewriterOf({ codec: 'vp8' });
    rewriter.switchTo(1);
    const ids = Array.from({ length: 300 }, (_, i) => {
      const packet = rtpPacket(
        { ssrc: 1, sequenceNumber: i },
        Uint8Array.of(0x90, 0x80, (100 + i) & 0x7f, 0, 1),
      );
      expect(rewriter.rewrite(packet, i)).toBe(true);
      return vp8PictureId(packet.payload);
    });
    expect(ids).toEqual(ids.map((_, i) => i & 0x7f));
  });
});

describe('any interleaving of switches, drops, loss, doubles and reordering', () => {
  interface Fate {
    readonly lost: boolean;
    readonly twice: boolean;
    readonly drop: boolean;
    readonly late: number;
    readonly switches: boolean;
    readonly source: number;
  }
  const fates: fc.Arbitrary<Fate[]> = fc.array(
    fc.record({
      lost: fc.nat(9).map((n) => n === 0),
      twice: fc.nat(9).map((n) => n === 0),
      drop: fc.nat(4).map((n) => n === 0),
      late: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(12)),
      switches: fc.nat(15).map((n) => n === 0),
      source: fc.nat(2),
    }),
    { minLength: 1, maxLength: 200 },
  );

  interface Arrival extends Fate {
    readonly tick: number;
    readonly ssrc: number;
    readonly sequenceNumber: number;
    readonly timestamp: number;
    readonly pictureId: number;
  }

  /** Three sources that send at the same time; the link in front of us does what the fates say. */
  function arrivals(list: readonly Fate[], starts: readonly number[]): Arrival[] {
    const all: (Arrival & { at: number })[] = [];
    list.forEach((fate, tick) => {
      for (const ssrc of [1, 2, 3]) {
        if (fate.lost && ssrc === fate.source + 1) continue;
        const start = starts[ssrc - 1] as number;
        const arrival = {
          ...fate,
          tick,
          ssrc,
          sequenceNumber: (start + tick) & 0xffff,
          timestamp: (start * 70_001 + 3000 * tick) >>> 0,
          pictureId: (start + (tick >> 1)) & 0x7fff,
          at: tick + (ssrc === fate.source + 1 ? fate.late : 0),
        };
        all.push(arrival);
        if (fate.twice) all.push({ ...arrival, at: arrival.at + 3 });
      }
    });
    return all.sort((a, b) => a.at - b.at);
  }

  test('no sequence number twice, one packet one number, order kept, later timestamps at switches', () => {
    const starts = fc.array(fc.nat(0xffff), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fates, starts, fc.boolean(), (list, first, isVp8) => {
        const rewriter = rewriterOf(isVp8 ? { codec: 'vp8' } : {});
        const given = new Map<number, Arrival>();
        const pictures = new Map<number, string>();
        let highest: Sent | undefined;
        let source = 0;
        let wanted = 1;
        let runSwitches = 0;
        for (const [i, arrival] of arrivals(list, first).entries()) {
          if (arrival.switches) wanted = arrival.source + 1;
          const starts = wanted !== source && arrival.ssrc === wanted;
          if (starts) rewriter.switchTo(wanted);
          const packet = rtpPacket(
            { ...arrival, marker: false, csrcs: [] },
            isVp8 ? vp8(arrival.pictureId, 0) : new Uint8Array(10),
          );
          if (arrival.drop && !starts) {
            rewriter.drop(packet);
            continue;
          }
          const sent = send(rewriter, packet, i);
          if (rewriter.counters.switches > runSwitches) {
            runSwitches = rewriter.counters.switches;
            source = arrival.ssrc;
            // The first packet of a run is the next one, and later than all before.
            if (highest !== undefined && sent !== undefined) {
              const ahead = ((sent.sequenceNumber - highest.sequenceNumber) << 16) >> 16;
              expect(ahead).toBeGreaterThan(0);
              expect(serialDistance32(sent.timestamp, highest.timestamp)).toBeGreaterThan(0);
            }
          }
          if (sent === undefined) continue;
          expect(given.has(sent.sequenceNumber)).toBe(false);
          given.set(sent.sequenceNumber, arrival);
          if (
            highest === undefined ||
            ((sent.sequenceNumber - highest.sequenceNumber) << 16) >> 16 > 0
          ) {
            highest = sent;
          }
          if (isVp8) {
            const pictureId = vp8PictureId(packet.payload) as number;
            const name = `${runSwitches > 0 ? arrival.ssrc : 0} ${arrival.pictureId}`;
            // One picture ID belongs to one picture of one source.
            if (pictures.has(pictureId)) expect(pictures.get(pictureId)).toBe(name);
            pictures.set(pictureId, name);
            expect(vp8TemporalId(packet.payload)).toBe(0);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('where nothing is lost or late there are no gaps at all', () => {
    fc.assert(
      fc.property(
        fates.map((list) => list.map((each) => ({ ...each, lost: false, late: 0, twice: false }))),
        (list) => {
          const rewriter = rewriterOf({ codec: 'vp8' });
          const numbers: number[] = [];
          let source = 0;
          let wanted = 1;
          for (const arrival of arrivals(list, [65_500, 3, 40_000])) {
            if (arrival.switches) wanted = arrival.source + 1;
            if (wanted !== source && arrival.ssrc === wanted) {
              rewriter.switchTo(wanted);
              source = wanted;
            } else if (arrival.drop) {
              if (arrival.ssrc === source)
                rewriter.drop(rtpPacket(arrival, vp8(arrival.pictureId, 0)));
              continue;
            }
            const sent = send(
              rewriter,
              rtpPacket({ ...arrival, csrcs: [] }, vp8(arrival.pictureId, 0)),
              arrival.tick,
            );
            if (sent !== undefined) numbers.push(sent.sequenceNumber);
          }
          expect(numbers).toEqual(numbers.map((_, i) => ((numbers[0] as number) + i) & 0xffff));
        },
      ),
    );
  });
});

test('allocates nothing for a packet', () => {
  const rewriter = rewriterOf({ codec: 'vp8' });
  const packet = rtpPacket({}, vp8(1, 1));
  rewriter.switchTo(0xf000_0001);
  let n = 0;
  let now = 0.5;
  const perCall = allocatedBytesPerCall(() => {
    n++;
    now += 0.25;
    packet.ssrc = 0xf000_0001;
    packet.sequenceNumber = n & 0xffff;
    packet.timestamp = (3000 * n) >>> 0;
    packet.bytes[packet.payloadStart + 2] = 0x80 | ((n >> 8) & 0x7f);
    packet.bytes[packet.payloadStart + 3] = n & 0xff;
    if ((n & 7) === 0) rewriter.drop(packet);
    else rewriter.rewrite(packet, now);
  });
  expect(rewriter.counters.packetsRewritten).toBeGreaterThan(1000);
  // The clock's fraction is boxed in this test itself.
  expect(perCall).toBeLessThan(20);
});
