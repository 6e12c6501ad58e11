import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCompoundPacket, encodeCompoundPacket } from './compound-packet.ts';
import type { TransportFeedback } from './transport-feedback.ts';

const HEADER = { type: 'transport-feedback', senderSsrc: 1, mediaSsrc: 2 } as const;

function decode(text: string): TransportFeedback | undefined {
  const packet = decodeCompoundPacket(parseHex(text) as Uint8Array)?.packets[0];
  return packet?.type === 'transport-feedback' ? packet : undefined;
}

/** Feedback with `chunks` and `deltas` behind the fixed part, padded with zeros. */
function feedback(statusCount: number, rest: string): string {
  const body = rest.replace(/\s/g, '');
  const padded = body.padEnd(8 * Math.ceil(body.length / 8), '0');
  const words = (4 + padded.length / 8).toString(16).padStart(4, '0');
  return `8fcd${words} 00000001 00000002 0100${statusCount.toString(16).padStart(4, '0')} 00000a07 ${padded}`;
}

describe('transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1)', () => {
  test('a run of small deltas: chunk S=01, length 3', () => {
    expect(decode(feedback(3, '2003 04 00 ff'))).toEqual({
      ...HEADER,
      baseSequenceNumber: 0x100,
      statusCount: 3,
      referenceTime: 10,
      feedbackCount: 7,
      offsets: [0, 1, 2],
      deltas: [4, 0, 255],
    });
  });

  test('the run length example of §3.1.3: 221 packets not received', () => {
    expect(decode(feedback(222, '00dd a000 08'))).toMatchObject({
      statusCount: 222,
      offsets: [221],
      deltas: [8],
    });
  });

  test('the one-bit vector example of §3.1.4: 0 11111 000 111 00', () => {
    expect(decode(feedback(14, '9f1c 0102030405060708'))).toMatchObject({
      offsets: [1, 2, 3, 4, 5, 9, 10, 11],
      deltas: [1, 2, 3, 4, 5, 6, 7, 8],
    });
  });

  test('the two-bit vector example of §3.1.4: 00 11 01 01 01 00 00 has the reserved symbol', () => {
    expect(decode(feedback(7, 'cd50 01020304'))).toBeUndefined();
    // The same with a large negative delta in its place.
    expect(decode(feedback(7, 'c950 fffe 02 03 04'))).toMatchObject({
      offsets: [1, 2, 3, 4],
      deltas: [-2, 2, 3, 4],
    });
  });

  test.each([
    ['its chunks end too soon', feedback(300, '2003 0101')],
    ['its deltas end too soon', feedback(7, '2007 0101')],
    ['it speaks of no packet', feedback(0, '')],
    ['a run has no length', feedback(1, '2000 0001')],
    ['it is shorter than its fixed part', '8fcd0003 00000001 00000002 01000001'],
  ])('is malformed if %s', (_, text) => {
    expect(decode(text)).toBeUndefined();
  });

  test('has no deltas if it was asked for without times (transport-wide-cc-02)', () => {
    const without = { ...HEADER, baseSequenceNumber: 9, statusCount: 3, referenceTime: 1 };
    const packet = { ...without, feedbackCount: 0, offsets: [0, 2], deltas: [] };
    const datagram = encodeCompoundPacket([packet]);
    expect(datagram).toHaveLength(24);
    expect(decodeCompoundPacket(datagram)).toEqual({ packets: [packet], malformed: 0 });
  });

  test('an attack by runs of losses costs no more than its bytes', () => {
    // Nine chunks claim 65535 lost packets, in every one of the datagram's 1500 packets.
    const one = parseHex(feedback(65535, `${'1fff'.repeat(8)} 0007`)) as Uint8Array;
    const datagram = new Uint8Array(1500 * one.length);
    for (let i = 0; i < 1500; i++) datagram.set(one, i * one.length);
    const { packets } = decodeCompoundPacket(datagram)!;
    expect(packets).toHaveLength(1500);
    expect(
      packets.every((each) => each.type === 'transport-feedback' && each.offsets.length === 0),
    ).toBe(true);
  });

  test('an attack by runs of arrivals without times costs little more', () => {
    // Such a run has no deltas behind it, and takes two bytes however long it is.
    expect(decode(feedback(2048, '2400 2400'))?.offsets).toHaveLength(2048);
    expect(decode(feedback(2049, '2400 2401'))).toBeUndefined();
    const all = parseHex(feedback(65532, `${'3fff'.repeat(8)} 2002 2002`)) as Uint8Array;
    expect(decodeCompoundPacket(all)).toMatchObject({ packets: [], malformed: 1 });
  });

  test('takes the shortest kind of chunk: runs where it can, vectors where it must', () => {
    const encode = (statusCount: number, offsets: number[], delta = 1): string =>
      formatHex(
        encodeCompoundPacket([
          {
            ...HEADER,
            baseSequenceNumber: 0,
            statusCount,
            referenceTime: 0,
            feedbackCount: 0,
            offsets,
            deltas: offsets.map(() => delta),
          },
        ]),
      ).slice(40);
    const all = Array.from({ length: 100 }, (_, i) => i);
    expect(encode(100, all).slice(0, 4)).toBe('2064');
    expect(encode(14, [0, 2, 4, 6, 8, 10, 12]).slice(0, 4)).toBe('aaaa');
    expect(encode(7, [0, 2, 4, 6], 300).slice(0, 4)).toBe('e222');
    expect(encode(9000, [8999]).slice(0, 8)).toBe('1fff0328');
  });

  const feedbacks: fc.Arbitrary<TransportFeedback> = fc
    .record({
      baseSequenceNumber: fc.nat(0xffff),
      referenceTime: fc.nat(0xff_ffff),
      feedbackCount: fc.nat(0xff),
      // Runs of one kind: lengths, and whether they arrived with small or large deltas or not at all.
      runs: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(2)), {
        minLength: 1,
        maxLength: 30,
      }),
      deltas: fc.infiniteStream(fc.tuple(fc.nat(255), fc.integer({ min: -0x8000, max: 0x7fff }))),
    })
    .map(({ runs, deltas: stream, ...rest }) => {
      const offsets: number[] = [];
      const deltas: number[] = [];
      let statusCount = 0;
      for (const [length, kind] of runs) {
        for (let i = 0; i < length; i++, statusCount++) {
          if (kind === 0) continue;
          const [small, large] = stream.next().value as [number, number];
          offsets.push(statusCount);
          deltas.push(kind === 1 ? small : large);
        }
      }
      return { ...HEADER, ...rest, statusCount, offsets, deltas };
    });

  test('gives back what was encoded', () => {
    fc.assert(
      fc.property(feedbacks, (packet) => {
        const datagram = encodeCompoundPacket([packet, packet]);
        expect(decodeCompoundPacket(datagram)).toEqual({ packets: [packet, packet], malformed: 0 });
      }),
    );
  });

  test("what the format cannot say is the caller's fault", () => {
    const good: TransportFeedback = {
      ...HEADER,
      baseSequenceNumber: 0,
      statusCount: 2,
      referenceTime: 0,
      feedbackCount: 0,
      offsets: [0, 1],
      deltas: [0, 0],
    };
    for (const [change, words] of [
      [{ statusCount: 0 }, /statusCount/],
      [{ offsets: [1, 0] }, /ascending/],
      [{ offsets: [0, 2] }, /below 2/],
      [{ deltas: [0] }, /one for each/],
      [{ deltas: [0, 0, 0] }, /one for each/],
      [{ deltas: [0, 0x8000] }, /16 bits/],
    ] as const) {
      expect(() => encodeCompoundPacket([{ ...good, ...change }])).toThrow(words);
    }
  });
});
