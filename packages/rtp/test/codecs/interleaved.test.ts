import { concatBytes, formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssembledFrame,
  type Depacketizer,
  H264InterleavedDepacketizer,
  H265InterleavedDepacketizer,
  H265Packetizer,
} from '../../src/index.ts';
import { accessUnit, nalUnits } from './access-unit.ts';
import { type SentPayload, streamOf } from './payload-stream.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

type Flushing = Depacketizer<AssembledFrame> & { flush(): void };

/** Payloads that have to stay together and in order: those of one NAL unit, if it is cut up. */
type Group = readonly SentPayload[];

const H264_HEADERS = [0x67, 0x68, 0x06, 0x65, 0x41, 0x01].map((header) => [header]);
const H265_HEADERS = [0x4201, 0x4401, 0x4e01, 0x2601, 0x0201, 0x0202].map((header) => [
  header >> 8,
  header & 0xff,
]);

const uint16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];

/** H.264 in the interleaved mode: a NAL unit is a STAP-B, or an FU-B and FU-As. */
function h264Groups(frames: readonly Uint8Array[][], firstDon: number, size: number): Group[] {
  let don = firstDon;
  return frames.flatMap((units, frameIndex) =>
    units.map((unit) => {
      const payloads: Uint8Array[] = [];
      const header = unit[0]!;
      if (unit.length <= size + 1) {
        payloads.push(Uint8Array.of(0x79, ...uint16(don), ...uint16(unit.length), ...unit));
      }
      for (let at = 1; unit.length > size + 1 && at < unit.length; at += size) {
        const isEnd = at + size >= unit.length;
        const fuHeader = (at === 1 ? 0x80 : 0) | (isEnd ? 0x40 : 0) | (header & 0x1f);
        const indicator = (header & 0xe0) | (at === 1 ? 29 : 28);
        const head = at === 1 ? [indicator, fuHeader, ...uint16(don)] : [indicator, fuHeader];
        payloads.push(Uint8Array.of(...head, ...unit.subarray(at, at + size)));
      }
      don = (don + 1) & 0xffff;
      return payloads.map((payload) => ({
        payload,
        marker: false,
        timestamp: 3000 * frameIndex,
        frameIndex,
      }));
    }),
  );
}

/** H.265 with decoding order numbers, by our packetizer. */
function h265Groups(frames: readonly Uint8Array[][], firstDon: number, size: number): Group[] {
  const packetizer = new H265Packetizer({
    maxPayloadBytes: Math.max(16, size),
    decodingOrderNumbers: true,
    firstDecodingOrderNumber: firstDon,
  });
  const payloads = streamOf(
    packetizer,
    frames.map((units) => ({ data: accessUnit(units) })),
    0,
  );
  const groups: SentPayload[][] = [];
  for (const sent of payloads) {
    const isContinued = sent.payload[0]! >> 1 === 49 && (sent.payload[2]! & 0x80) === 0;
    if (isContinued) groups.at(-1)!.push(sent);
    else groups.push([sent]);
  }
  return groups;
}

/** Each group moves back by no more than `reach` places. */
function interleave(groups: readonly Group[], delays: readonly number[], reach: number): Group[] {
  return groups
    .map((group, i) => ({ group, place: i + ((delays[i % delays.length] ?? 0) % (reach + 1)) }))
    .sort((a, b) => a.place - b.place)
    .map(({ group }) => group);
}

function receiveAll(
  depacketizer: Flushing,
  payloads: readonly SentPayload[],
  lost: ReadonlySet<number>,
): AssembledFrame[] {
  let missing = 0;
  for (const [i, { payload, timestamp, marker }] of payloads.entries()) {
    if (lost.has(i)) {
      missing++;
      continue;
    }
    const lent = payload.slice();
    depacketizer.handlePayload(lent, timestamp, marker, missing);
    lent.fill(0xee);
    missing = 0;
  }
  depacketizer.flush();
  const frames: AssembledFrame[] = [];
  for (let f = depacketizer.pollFrame(); f; f = depacketizer.pollFrame()) frames.push(f);
  return frames;
}

const REACH = 4;
// An H.265 packet holds up to six NAL units here.
const DEPTH = 6 * (REACH + 1);

describe.each([
  {
    name: 'H.264 in packetization mode 2 (RFC 6184 §7.2)',
    headers: H264_HEADERS,
    groupsOf: h264Groups,
    depacketizer: (interleavingDepth = DEPTH): Flushing =>
      new H264InterleavedDepacketizer({ interleavingDepth }),
  },
  {
    name: 'H.265 with decoding order numbers (RFC 7798 §6)',
    headers: H265_HEADERS,
    groupsOf: h265Groups,
    depacketizer: (depackBufNalus = DEPTH): Flushing =>
      new H265InterleavedDepacketizer({ depackBufNalus }),
  },
])('$name', ({ headers, groupsOf, depacketizer }) => {
  const streams = fc.record({
    frames: fc.array(nalUnits(headers), { minLength: 1, maxLength: 8, size: 'max' }),
    firstDon: fc.constantFrom(0, 0xfff0, 0x7ff8),
    size: fc.integer({ min: 16, max: 200 }),
    delays: fc.array(fc.nat(REACH), { minLength: 1 }),
  });

  test('frames come out whole and in decoding order, however they were interleaved', () => {
    fc.assert(
      fc.property(streams, ({ frames, firstDon, size, delays }) => {
        const groups = interleave(groupsOf(frames, firstDon, size), delays, REACH);
        const receiver = depacketizer();
        const received = receiveAll(receiver, groups.flat(), new Set());
        expect(received.map(({ data }) => data)).toEqual(frames.map((units) => accessUnit(units)));
        expect(received.map(({ timestamp }) => timestamp)).toEqual(frames.map((_, i) => 3000 * i));
        expect(received.every(({ startUncertain }) => !startUncertain)).toBe(true);
        expect(receiver.counters.payloadsMalformed).toBe(0);
      }),
    );
  });

  test('after any losses, what comes out is what went in, or is marked as uncertain', () => {
    fc.assert(
      fc.property(
        streams,
        fc.array(fc.nat(40), { maxLength: 10, size: 'max' }),
        ({ frames, firstDon, size, delays }, picks) => {
          const payloads = interleave(groupsOf(frames, firstDon, size), delays, REACH).flat();
          // Not the last one: that it is missing shows by the next only.
          const lost = new Set(picks.filter((pick) => pick < payloads.length - 1));
          const spoilt = new Set(payloads.filter((_, i) => lost.has(i)).map((p) => p.frameIndex));
          for (const frame of receiveAll(depacketizer(), payloads, lost)) {
            const index = frame.timestamp / 3000;
            if (spoilt.has(index)) expect(frame.startUncertain).toBe(true);
            else expect(frame.data).toEqual(accessUnit(frames[index]!));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of packets in order, a lost one spoils its own frame, and at most the one before and the last', () => {
    fc.assert(
      fc.property(streams, fc.nat(), ({ frames, firstDon, size }, pick) => {
        const payloads = groupsOf(frames, firstDon, size).flat();
        const lost = pick % payloads.length;
        const spoilt = payloads[lost]!.frameIndex;
        const received = receiveAll(depacketizer(), payloads, new Set([lost]));
        const timestamps = received.map(({ timestamp }) => timestamp);
        // Its order number may have been that of the end of the frame before, or of the stream.
        const last = frames.length - 1;
        const others = frames
          .map((_, i) => i)
          .filter((i) => ![spoilt, spoilt - 1, last].includes(i));
        expect(timestamps).toEqual(expect.arrayContaining(others.map((i) => 3000 * i)));
      }),
      { numRuns: 200 },
    );
  });

  test('no bytes make it throw, and it holds no more than its depth says', () => {
    const payload = fc
      .tuple(
        fc.constantFrom(24, 25, 26, 27, 28, 29, 1, 5, 96, 98, 100, 2, 38),
        fc.uint8Array({ maxLength: 30, size: 'max' }),
      )
      .map(([first, rest]) => Uint8Array.of(first, ...rest));
    const stream = fc.array(fc.tuple(payload, fc.nat(3), fc.constantFrom(0, 0, 1)), {
      size: 'max',
      maxLength: 60,
    });
    fc.assert(
      fc.property(stream, (payloads) => {
        const receiver = depacketizer(2);
        for (const [bytes, timestamp, missing] of payloads) {
          receiver.handlePayload(bytes, timestamp, false, missing);
          while (receiver.pollFrame() !== undefined);
        }
        receiver.flush();
        receiver.reset();
        expect(receiver.pollFrame()).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('H.264 packets of the interleaved mode, byte by byte (RFC 6184 §5.7, §5.8)', () => {
  function framesOf(...payloads: (readonly [string, number])[]): string[] {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 4 });
    const sent = payloads.map(([text, timestamp]) => ({
      payload: hex(text),
      marker: false,
      timestamp,
      frameIndex: 0,
    }));
    return receiveAll(depacketizer, sent, new Set()).map(
      ({ timestamp, data }) => `${timestamp}: ${formatHex(data)}`,
    );
  }

  test('a STAP-B counts DON up (figure 8); an MTAP16 tells DON and time of each (figure 10)', () => {
    expect(
      framesOf(
        ['7a 0003 0002 01 0bb8 41c1 0002 00 0000 41b1', 3000],
        ['79 0001 0002 67aa 0002 6588', 0],
      ),
    ).toEqual(['0: 0000000167aa000000016588', '3000: 0000000141b1', '6000: 0000000141c1']);
  });

  test('an MTAP24 has offsets of 24 bits (figure 11)', () => {
    expect(framesOf(['7b 0001 0002 00 010000 41b1', 1])).toEqual(['65537: 0000000141b1']);
  });

  test('a fragmented NAL unit takes its number from the FU-B (figure 16)', () => {
    expect(
      framesOf(['79 0002 0002 41b1', 3000], ['7d85 0001 88', 0], ['7c05 02', 0], ['7c45 03', 0]),
    ).toEqual(['0: 0000000165880203', '3000: 0000000141b1']);
  });

  test('an FU-B, or first fragment, with S and E is the whole NAL unit', () => {
    expect(framesOf(['7dc5 0001 8801', 0], ['7d81 0002 9a', 3000], ['7c41 9b', 3000])).toEqual([
      '0: 00000001658801',
      '3000: 00000001619a9b',
    ]);
    const h265 = new H265InterleavedDepacketizer({ depackBufNalus: 0 });
    h265.handlePayload(hex('6201d3 0001 af01'), 0, true);
    h265.flush();
    expect(formatHex(h265.pollFrame()!.data)).toBe('000000012601af01');
  });

  test.each([
    ['a single NAL unit', '6588'],
    ['a STAP-A', '78 0002 6588'],
    ['an FU-A that starts a NAL unit', '7c85 8802'],
    ['a STAP-B without NAL unit', '79 0001'],
    ['a STAP-B that is cut off', '79 0001 0003 6588'],
    ['an MTAP16 that is cut off', '7a 0001 0003 00 0000 6588'],
    ['an MTAP24 without NAL unit', '7b 0001 0000 00 000000'],
    ['an FU-B without S', '7d05 0001 88'],
  ])('%s is not of this mode', (_, text) => {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 0 });
    depacketizer.handlePayload(hex(text), 0, true);
    depacketizer.flush();
    expect(depacketizer.pollFrame()).toBeUndefined();
    expect(depacketizer.counters.payloadsMalformed).toBe(1);
  });
});

describe('decoding order buffers against a peer', () => {
  test('NAL units beyond the signalled depth push the first ones out', () => {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 2 });
    const polled: number[] = [];
    for (let don = 0; don < 100; don++) {
      depacketizer.handlePayload(Uint8Array.of(0x79, 0, don, 0, 2, 0x65, 0x88), don, false);
      for (let f = depacketizer.pollFrame(); f; f = depacketizer.pollFrame())
        polled.push(f.timestamp);
    }
    // All but the two that may yet be preceded by another.
    expect(polled).toEqual(Array.from({ length: 98 }, (_, i) => i));
  });

  test('NAL units that do not count for the depth do not fill memory', () => {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 1 });
    let frames = 0;
    for (let i = 0; i < 1000; i++) {
      const payload = Uint8Array.of(0x79, i >> 8, i & 255, 0, 2, 0x06, 0x88);
      depacketizer.handlePayload(payload, i, false);
      while (depacketizer.pollFrame() !== undefined) frames++;
    }
    expect(frames).toBeGreaterThan(970);
  });

  test('large NAL units do not fill memory either, whatever depth was signalled', () => {
    const depacketizer = new H264InterleavedDepacketizer({
      interleavingDepth: 32767,
      maxFrameBytes: 10_000,
    });
    let frames = 0;
    const unit = new Uint8Array(1000).fill(0x88);
    for (let i = 0; i < 100; i++) {
      const payload = concatBytes(Uint8Array.of(0x79, 0, i, 0x03, 0xe9, 0x65), unit);
      depacketizer.handlePayload(payload, i, false);
      while (depacketizer.pollFrame() !== undefined) frames++;
    }
    expect(frames).toBeGreaterThanOrEqual(90);
  });

  test('a NAL unit whose place has been passed is left out', () => {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 0 });
    for (const don of [5, 6, 7, 2, 8, 9, 10, 11]) {
      depacketizer.handlePayload(Uint8Array.of(0x79, 0, don, 0, 2, 0x65, 0x88), don, false);
    }
    depacketizer.flush();
    const timestamps: number[] = [];
    for (let f = depacketizer.pollFrame(); f; f = depacketizer.pollFrame())
      timestamps.push(f.timestamp);
    expect(timestamps).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });

  test('a sender that begins its order numbers anew goes on', () => {
    const depacketizer = new H264InterleavedDepacketizer({ interleavingDepth: 2 });
    const dons = Array.from({ length: 200 }, (_, i) => (i < 100 ? 30_000 + i : 10 + i));
    for (const [i, don] of dons.entries()) {
      const payload = Uint8Array.of(0x79, don >> 8, don & 0xff, 0, 2, 0x65, 0x88);
      depacketizer.handlePayload(payload, i, false);
    }
    depacketizer.flush();
    let frames = 0;
    while (depacketizer.pollFrame() !== undefined) frames++;
    expect(frames).toBeGreaterThan(200 - 30);
  });

  test('a depth that cannot be signalled is refused', () => {
    expect(() => new H264InterleavedDepacketizer({ interleavingDepth: -1 })).toThrow(/depth is -1/);
    expect(() => new H265InterleavedDepacketizer({ depackBufNalus: 40_000 })).toThrow(/40000/);
  });
});
