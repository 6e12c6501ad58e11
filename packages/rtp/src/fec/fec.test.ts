import { concatBytes, equalBytes, formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SSRC } from '../../test/jitter-buffer/rtp-stream.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket, writeRtpPadding } from '../packet/rtp-packet.ts';
import { decodeFlexFec03, writeFlexFec03 } from './flexfec-03-payload.ts';
import { FlexFecReceiver } from './flexfec-receiver.ts';
import { decodeUlpFec, type UlpFecLevel, writeUlpFec } from './ulpfec-payload.ts';
import { UlpFecReceiver } from './ulpfec-receiver.ts';

const REPAIR_SSRC = 0x0123_4567;
const OTHER_SSRC = 0x89ab_cdef;
const RED = 120;
const ULPFEC = 121;
const ABS_SEND_TIME_ID = 3;

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', '')) as Uint8Array;

function parsed(bytes: Uint8Array): RtpPacket {
  const packet = new RtpPacket();
  if (!packet.parse(bytes)) throw new Error('This is no RTP packet.');
  return packet;
}

interface Shape {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  readonly csrcs: readonly number[];
  /** Absolute send time, which is zeros for FEC. */
  readonly sendTime: Uint8Array | undefined;
  readonly padding: number;
  readonly timestamp: number;
}

/** A media packet with everything that a header may have. */
function media(sequenceNumber: number, shape: Shape, ssrc = SSRC): Uint8Array {
  const { marker, csrcs, timestamp } = shape;
  const out = new Uint8Array(1500);
  const header = { marker, payloadType: 96, sequenceNumber, timestamp, ssrc, csrcs };
  let at = writeRtpHeader(header, out, 0);
  if (shape.sendTime !== undefined) {
    const writer = new HeaderExtensionWriter();
    writer.begin(out, 0, at);
    out.set(shape.sendTime, writer.add(ABS_SEND_TIME_ID, 3));
    at = writer.finish();
  }
  out.set(shape.payload, at);
  at += shape.payload.length;
  if (shape.padding > 0) at = writeRtpPadding(shape.padding, out, 0, at);
  return out.slice(0, at);
}

/** The packet as FEC sees it, with zeros for what is set on sending. */
function protectedForm(sequenceNumber: number, shape: Shape, ssrc = SSRC): Uint8Array {
  const sendTime = shape.sendTime === undefined ? undefined : new Uint8Array(3);
  return media(sequenceNumber, { ...shape, sendTime }, ssrc);
}

const shapes = fc.record({
  payload: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  marker: fc.boolean(),
  csrcs: fc.array(fc.nat(0xffff_ffff), { maxLength: 3 }),
  sendTime: fc.option(fc.uint8Array({ minLength: 3, maxLength: 3 }), { nil: undefined }),
  padding: fc.constantFrom(0, 0, 1, 7),
  timestamp: fc.nat(0xffff_ffff),
});

/** Media packets, groups that protect some of them each, what is lost, and in which order the rest comes. */
const scenes = (most: number): fc.Arbitrary<Scene> =>
  fc
    .record({
      shapes: fc.array(shapes, { minLength: 1, maxLength: most }),
      first: fc.constantFrom(0, 1, 0xfff0, 0xffff, 30_000),
      groups: fc.array(fc.array(fc.nat(most - 1), { minLength: 1, maxLength: 12 }), {
        minLength: 1,
        maxLength: 8,
      }),
      lost: fc.array(fc.nat(most - 1), { maxLength: 8 }),
      order: fc.array(fc.nat(1000), { minLength: 70, maxLength: 70 }),
    })
    .map(({ shapes: list, first, groups, lost, order }) => ({
      shapes: list,
      first,
      groups: groups.map((group) => [...new Set(group.map((i) => i % list.length))]),
      lost: new Set(lost.map((i) => i % list.length)),
      order,
    }));

interface Scene {
  readonly shapes: readonly Shape[];
  readonly first: number;
  readonly groups: readonly (readonly number[])[];
  readonly lost: ReadonlySet<number>;
  readonly order: readonly number[];
}

/** What the groups can bring back, by nothing but their sets. */
function recoverable({ groups, lost }: Scene): Set<number> {
  const missing = new Set(lost);
  for (let before = -1; before !== missing.size; ) {
    before = missing.size;
    for (const group of groups) {
      const [only, ...others] = group.filter((i) => missing.has(i));
      if (only !== undefined && others.length === 0) missing.delete(only);
    }
  }
  return new Set([...lost].filter((i) => !missing.has(i)));
}

/** Shuffled, but the first packet stays: a receiver has to know where the stream is. */
function shuffled<T>(list: readonly T[], order: readonly number[]): T[] {
  return list
    .map((value, i) => ({ value, rank: i === 0 ? -1 : (order[i % order.length] as number) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

describe('FlexFEC as browsers send it (flexfec-03)', () => {
  test('any loss that the masks can repair is repaired exactly, in any order of arrival', () => {
    let repaired = 0;
    fc.assert(
      fc.property(scenes(60), fc.boolean(), (scene, hasTwoStreams) => {
        const ssrcOf = (i: number): number => (hasTwoStreams && i % 3 === 1 ? OTHER_SSRC : SSRC);
        const number = (i: number): number => (scene.first + i) & 0xffff;
        const protectedForms = scene.shapes.map((shape, i) =>
          protectedForm(number(i), shape, ssrcOf(i)),
        );
        const repairs = scene.groups.map((group, i) => {
          const out = new Uint8Array(2000);
          const header = { payloadType: 110, sequenceNumber: i, timestamp: 0, ssrc: REPAIR_SSRC };
          const at = writeRtpHeader(header, out, 0);
          const packets = group.map((n) => parsed(protectedForms[n] as Uint8Array));
          return out.slice(0, writeFlexFec03(packets, out, at));
        });
        const receiver = new FlexFecReceiver({
          repairSsrc: REPAIR_SSRC,
          ssrcs: [SSRC, OTHER_SSRC],
          mutableExtensionIds: [ABS_SEND_TIME_ID],
        });
        // Both streams are under way.
        const [shape] = scene.shapes as [Shape];
        for (const ssrc of [SSRC, OTHER_SSRC]) {
          receiver.handlePacket(parsed(media((scene.first - 1) & 0xffff, shape, ssrc)));
        }
        const arriving = shuffled(
          [
            ...scene.shapes.flatMap((each, i) =>
              scene.lost.has(i) ? [] : [media(number(i), each, ssrcOf(i))],
            ),
            ...repairs,
          ],
          scene.order,
        );
        const back: Uint8Array[] = [];
        for (const bytes of arriving) {
          const packet = parsed(bytes);
          expect(receiver.handlePacket(packet)).toBe(packet.ssrc !== REPAIR_SSRC);
          bytes.fill(0xee);
          for (let p = receiver.pollRecovered(); p; p = receiver.pollRecovered()) {
            back.push(p.bytes.slice(p.start, p.end));
          }
        }
        const expected = [...recoverable(scene)].map((i) => formatHex(protectedForms[i]!));
        // What comes back before it arrives, by reordering, is right as well.
        const all = new Set(protectedForms.map(formatHex));
        const received = back.map(formatHex);
        for (const each of received) expect(all).toContain(each);
        expect(new Set(received).size).toBe(received.length);
        for (const each of expected) expect(received).toContain(each);
        expect(receiver.counters.recoveriesRefused).toBe(0);
        repaired += expected.length;
      }),
      { numRuns: 300 },
    );
    expect(repaired).toBeGreaterThan(100);
  });

  test('a payload byte by byte', () => {
    const a = media(10, { ...plain(hex('01 02 03 04')), timestamp: 0x100 });
    const b = media(12, { ...plain(hex('10 20')), marker: true, timestamp: 0x300 });
    const out = new Uint8Array(100);
    const end = writeFlexFec03([parsed(a), parsed(b)], out, 0);
    // Flags, M and PT, length 4 ^ 2, timestamp; one SSRC; its number, base 10, mask 101 and k; parity.
    expect(formatHex(out.subarray(0, end))).toBe(
      formatHex(hex('00 80 0006 00000200 01000000 feedbeef 000a d000 11 22 03 04')),
    );
  });

  test.each([
    [14, 20],
    [15, 24],
    [45, 24],
    [46, 32],
    [108, 32],
  ])('a mask up to packet %d makes a header of %d bytes, and is read back', (offset, length) => {
    const packets = [0, offset].map((i) => parsed(media((0xffe0 + i) & 0xffff, plain(hex('aa')))));
    const out = new Uint8Array(100);
    const end = writeFlexFec03(packets, out, 3);
    expect(end).toBe(3 + length + 1);
    expect(decodeFlexFec03(out.subarray(3, end))?.sequenceNumbers).toEqual([
      0xffe0,
      (0xffe0 + offset) & 0xffff,
    ]);
  });

  test('refuses what does not fit its masks', () => {
    const far = [0, 109].map((i) => parsed(media(i, plain(hex('aa')))));
    const out = new Uint8Array(100);
    expect(() => writeFlexFec03(far, out, 0)).toThrow(/they span 110 numbers/);
    expect(() => writeFlexFec03([], out, 0)).toThrow(/packets: 0 of them/);
    expect(() => writeFlexFec03(far.slice(1), new Uint8Array(10), 0)).toThrow(/the memory at 10/);
  });
});

function plain(payload: Uint8Array): Shape {
  return { payload, marker: false, csrcs: [], sendTime: undefined, padding: 0, timestamp: 0 };
}

/** The packet in RED, as a block without redundancy (RFC 2198 §3). */
function inRed(bytes: Uint8Array): Uint8Array {
  const packet = parsed(bytes);
  const wrapped = concatBytes(
    bytes.subarray(0, packet.payloadStart),
    Uint8Array.of(packet.payloadType),
    bytes.subarray(packet.payloadStart),
  );
  parsed(wrapped).payloadType = RED;
  return wrapped;
}

function ulpFecPacket(sequenceNumber: number, levels: readonly UlpFecLevel[]): Uint8Array {
  const out = new Uint8Array(2000);
  const header = { payloadType: ULPFEC, sequenceNumber, timestamp: 0, ssrc: SSRC };
  const at = writeRtpHeader(header, out, 0);
  return inRed(out.slice(0, writeUlpFec(levels, out, at)));
}

function ulpFecReceiver(): UlpFecReceiver {
  return new UlpFecReceiver({
    ssrc: SSRC,
    redPayloadType: RED,
    ulpFecPayloadType: ULPFEC,
    mutableExtensionIds: [ABS_SEND_TIME_ID],
  });
}

function recoveredBy(receiver: UlpFecReceiver, datagrams: readonly Uint8Array[]): Uint8Array[] {
  const back: Uint8Array[] = [];
  for (const bytes of datagrams) {
    receiver.handlePacket(parsed(bytes));
    bytes.fill(0xee);
    for (let p = receiver.pollRecovered(); p; p = receiver.pollRecovered()) {
      back.push(p.bytes.slice(p.start, p.end));
    }
  }
  return back;
}

describe('ULPFEC in RED (RFC 5109)', () => {
  test('any loss that the masks can repair is repaired exactly, in any order of arrival', () => {
    let repaired = 0;
    fc.assert(
      fc.property(scenes(30), fc.boolean(), (scene, isLong) => {
        // In a longer span some numbers are of others, so that masks of 48 bits are needed.
        const number = (i: number): number => (scene.first + (isLong ? i : i % 16)) & 0xffff;
        const count = isLong ? scene.shapes.length : Math.min(16, scene.shapes.length);
        const narrow: Scene = {
          ...scene,
          shapes: scene.shapes.slice(0, count),
          groups: scene.groups.map((group) => [...new Set(group.map((i) => i % count))]),
          lost: new Set([...scene.lost].map((i) => i % count)),
        };
        const protectedForms = narrow.shapes.map((shape, i) => protectedForm(number(i), shape));
        const repairs = narrow.groups.map((group, i) => {
          const packets = group.map((n) => parsed(protectedForms[n] as Uint8Array));
          return ulpFecPacket((scene.first + 40 + i) & 0xffff, [{ packets }]);
        });
        const [shape] = scene.shapes as [Shape];
        const arriving = shuffled(
          [
            inRed(media((scene.first - 1) & 0xffff, shape)),
            ...narrow.shapes.flatMap((each, i) =>
              narrow.lost.has(i) ? [] : [inRed(media(number(i), each))],
            ),
            ...repairs,
          ],
          scene.order,
        );
        const received = recoveredBy(ulpFecReceiver(), arriving).map(formatHex);
        const all = new Set(protectedForms.map(formatHex));
        for (const each of received) expect(all).toContain(each);
        expect(new Set(received).size).toBe(received.length);
        for (const i of recoverable(narrow)) {
          expect(received).toContain(formatHex(protectedForms[i]!));
          repaired++;
        }
      }),
      { numRuns: 300 },
    );
    expect(repaired).toBeGreaterThan(100);
  });

  test('a payload byte by byte, with two levels (§7.3, §7.4)', () => {
    const a = parsed(media(8, { ...plain(hex('01 02 03 04')), timestamp: 3 }));
    const b = parsed(media(9, { ...plain(hex('10 20')), marker: true, timestamp: 5 }));
    const out = new Uint8Array(100);
    const levels = [{ packets: [a], protectionLength: 2 }, { packets: [a, b] }];
    const end = writeUlpFec(levels, out, 0);
    // E L P X CC, M PT, SN base, timestamp, length; level 0: 2 bytes, mask 1; level 1: 2 bytes, mask 11.
    expect(formatHex(out.subarray(0, end))).toBe(
      formatHex(hex('00 60 0008 00000003 0004  0002 8000 0102  0002 c000 0304')),
    );
  });

  test('two levels together bring back what either alone does not (§8, figure 5)', () => {
    const payloads = [0, 1, 2, 3].map((n) =>
      Uint8Array.from({ length: 20 + 7 * n }, (_, i) => i * n),
    );
    const packets = payloads.map((payload, n) => parsed(media(100 + n, plain(payload))));
    const [a, b, c, d] = packets as [RtpPacket, RtpPacket, RtpPacket, RtpPacket];
    const first = [{ packets: [a, b], protectionLength: 10 }];
    const second = [{ packets: [c, d], protectionLength: 10 }, { packets: [a, b, c, d] }];
    const bytesOf = (packet: RtpPacket): Uint8Array => packet.bytes.slice(packet.start, packet.end);
    const received = [b, c, d].map((packet) => inRed(bytesOf(packet)));
    for (const [one, two] of [
      [first, second],
      [second, first],
    ] as const) {
      const receiver = ulpFecReceiver();
      expect(
        recoveredBy(
          receiver,
          received.map((bytes) => bytes.slice()),
        ),
      ).toEqual([]);
      expect(recoveredBy(receiver, [ulpFecPacket(104, one)])).toEqual([]);
      expect(recoveredBy(receiver, [ulpFecPacket(105, two)])).toEqual([bytesOf(a)]);
    }
  });

  test('media is unwrapped in place, and of a repair packet its number is left', () => {
    const receiver = ulpFecReceiver();
    const shape = { ...plain(hex('aabbcc')), csrcs: [7], sendTime: hex('010203'), padding: 3 };
    const original = media(5, shape);
    const packet = parsed(inRed(original));
    expect(receiver.handlePacket(packet)).toBe(true);
    expect(formatHex(packet.bytes.subarray(packet.start, packet.end))).toBe(formatHex(original));
    const repair = parsed(ulpFecPacket(6, [{ packets: [parsed(original)] }]));
    expect(receiver.handlePacket(repair)).toBe(true);
    expect(repair.sequenceNumber).toBe(6);
    expect(repair.payloadLength).toBe(0);
  });

  test('what was sent again is unwrapped, but helps to recover nothing', () => {
    const receiver = ulpFecReceiver();
    const [a, b, c] = [1, 2, 3].map((n) => media(n, plain(Uint8Array.of(n)))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    receiver.handlePacket(parsed(inRed(a)));
    const again = parsed(inRed(b));
    expect(receiver.handlePacket(again, true)).toBe(true);
    expect(again.payloadType).toBe(96);
    receiver.handlePacket(parsed(ulpFecPacket(4, [{ packets: [a, b, c].map(parsed) }])));
    expect(receiver.pollRecovered()).toBeUndefined();
  });

  test('RED with redundancy is refused, packets of others pass', () => {
    const receiver = ulpFecReceiver();
    const packet = parsed(inRed(media(5, plain(hex('80aabbcc')))));
    packet.bytes[packet.payloadStart] = 0x80 | 96;
    expect(receiver.handlePacket(packet)).toBe(false);
    expect(receiver.handlePacket(parsed(media(5, plain(hex('aa')), OTHER_SSRC)))).toBe(true);
    expect(receiver.handlePacket(parsed(media(6, plain(hex('aa')))))).toBe(true);
  });

  test('refuses what does not fit its masks', () => {
    const packets = [0, 48].map((n) => parsed(media(n, plain(hex('aa')))));
    const out = new Uint8Array(100);
    expect(() => writeUlpFec([{ packets }], out, 0)).toThrow(/span 49 numbers/);
    expect(() => writeUlpFec([], out, 0)).toThrow(/at least one packet/);
    expect(() => writeUlpFec([{ packets: [packets[0]!] }], new Uint8Array(9), 0)).toThrow(
      /the memory at 9/,
    );
  });
});

describe('repair packets of an attacker', () => {
  test('no bytes make the decoders throw, and memory stays bounded', () => {
    const step = fc.record({
      bytes: fc.uint8Array({ maxLength: 80 }),
      sequenceNumber: fc.oneof(fc.nat(40), fc.nat(0xffff)),
      isRepair: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ulp = ulpFecReceiver();
        const flex = new FlexFecReceiver({ repairSsrc: REPAIR_SSRC, ssrcs: [SSRC] });
        for (const { bytes, sequenceNumber, isRepair } of steps) {
          const packet = media(sequenceNumber, plain(bytes), isRepair ? REPAIR_SSRC : SSRC);
          flex.handlePacket(parsed(packet));
          const red = media(sequenceNumber, plain(concatBytes(Uint8Array.of(ULPFEC), bytes)));
          parsed(red).payloadType = RED;
          ulp.handlePacket(parsed(isRepair ? red : inRed(packet)));
          while (flex.pollRecovered() ?? ulp.pollRecovered());
          expect(flex.allocatedBytes).toBeLessThanOrEqual(2 ** 20);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a flood of equations that never can be solved takes bounded memory', () => {
    const flex = new FlexFecReceiver({ repairSsrc: REPAIR_SSRC, ssrcs: [SSRC] });
    flex.handlePacket(parsed(media(100, plain(hex('aa')))));
    const out = new Uint8Array(1500);
    for (let n = 0; n < 5000; n++) {
      const packets = [1, 2].map((i) =>
        parsed(media(100 + i + (n % 90), plain(new Uint8Array(1000)))),
      );
      const header = {
        payloadType: 110,
        sequenceNumber: n & 0xffff,
        timestamp: 0,
        ssrc: REPAIR_SSRC,
      };
      const end = writeFlexFec03(packets, out, writeRtpHeader(header, out, 0));
      flex.handlePacket(parsed(out.slice(0, end)));
      expect(flex.allocatedBytes).toBeLessThan(64 * 1500 + 10_000);
    }
    expect(flex.pollRecovered()).toBeUndefined();
  });

  test.each([
    ['a length beyond what is protected', 3, 0x40],
    ['a length beyond any packet', 2, 0x80],
    ['bytes behind the end of the packet', -1, 0x01],
    ['a header with sources that are not there', 0, 0x0f],
  ])('what comes back with %s is refused', (_name, at, mask) => {
    const [a, b] = [1, 2].map((n) =>
      media(n, plain(Uint8Array.from({ length: 10 * n }, () => n))),
    ) as [Uint8Array, Uint8Array];
    const out = new Uint8Array(200);
    const end = writeFlexFec03([parsed(a), parsed(b)], out, 0);
    const payload = out.slice(0, end);
    const index = at < 0 ? payload.length + at : at;
    payload[index] = payload[index]! ^ mask;
    const flex = new FlexFecReceiver({ repairSsrc: REPAIR_SSRC, ssrcs: [SSRC] });
    flex.handlePacket(parsed(b));
    flex.handlePacket(parsed(media(1, plain(payload), REPAIR_SSRC)));
    expect(flex.pollRecovered()).toBeUndefined();
    const { recoveriesRefused, packetsRecovered } = flex.counters;
    expect(packetsRecovered).toBe(0);
    // One that is longer than what came may be meant for a higher level, which never comes.
    expect(recoveriesRefused).toBe(at === 3 ? 0 : 1);
  });

  test('equations about numbers far from the stream are dropped', () => {
    const flex = new FlexFecReceiver({ repairSsrc: REPAIR_SSRC, ssrcs: [SSRC] });
    flex.handlePacket(parsed(media(1000, plain(hex('aa')))));
    const out = new Uint8Array(100);
    for (const n of [2000, 500, 40_000]) {
      const end = writeFlexFec03([parsed(media(n, plain(hex('bb'))))], out, 0);
      flex.handlePacket(parsed(media(1, plain(out.slice(0, end)), REPAIR_SSRC)));
    }
    expect(flex.pollRecovered()).toBeUndefined();
    expect(flex.counters).toMatchObject({ fecPacketsReceived: 3, fecPacketsDropped: 3 });
  });

  test('a stream that begins anew far away is protected again', () => {
    const flex = new FlexFecReceiver({ repairSsrc: REPAIR_SSRC, ssrcs: [SSRC] });
    const packets = [1000, 40_000, 40_001, 40_002].map((n) =>
      media(n, plain(Uint8Array.of(n & 255))),
    );
    const out = new Uint8Array(100);
    const end = writeFlexFec03(
      [2, 3].map((i) => parsed(packets[i] as Uint8Array)),
      out,
      0,
    );
    for (const bytes of packets.slice(0, 3)) flex.handlePacket(parsed(bytes));
    flex.handlePacket(parsed(media(1, plain(out.slice(0, end)), REPAIR_SSRC)));
    const back = flex.pollRecovered();
    expect(back !== undefined && equalBytes(back.bytes, packets[3] as Uint8Array)).toBe(true);
  });

  test.each([
    ['cut off', '0060000800000003'],
    ['with the extension flag', '80600008000000030004 0002 8000 0102'],
    ['with a protection length that lies', '00600008000000030004 0003 8000 0102'],
    ['with an empty mask', '00600008000000030004 0002 0000 0102'],
    ['without levels', '00600008000000030004'],
    ['with a second level that is cut off', '00600008000000030004 0002 8000 0102 0002'],
  ])('ULPFEC %s is no equation', (_name, text) => {
    expect(decodeUlpFec(hex(text), SSRC)).toBeUndefined();
  });

  test.each([
    ['cut off', '0080000600000200010000'],
    ['with R set', '8080000600000200 01000000 feedbeef 000a d000 11'],
    ['with F set', '4080000600000200 01000000 feedbeef 000a d000 11'],
    ['without a stream', '0080000600000200 00000000 feedbeef 000a d000 11'],
    ['with fewer streams than it says', '0080000600000200 02000000 feedbeef 000a d000 11'],
    ['with an empty mask', '0080000600000200 01000000 feedbeef 000a 8000 11'],
    [
      'with a mask without end',
      '0080000600000200 01000000 feedbeef 000a 5000 00000000 0000000000000000 11',
    ],
  ])('FlexFEC %s is no equation', (_name, text) => {
    expect(decodeFlexFec03(hex(text))).toBeUndefined();
  });
});

test.each([
  [{ maxPacketBytes: 11 }, /maxPacketBytes is 11/],
  [{ maxBytes: 100 }, /maxBytes is 100/],
])('refuses %o', (options, message) => {
  expect(() => new FlexFecReceiver({ repairSsrc: 1, ssrcs: [2], ...options })).toThrow(message);
});
