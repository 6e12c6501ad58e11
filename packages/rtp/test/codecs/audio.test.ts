import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeOpusPacket,
  G711_CLOCK_RATE,
  G711Depacketizer,
  G711Packetizer,
  G722_CLOCK_RATE,
  G722_SAMPLE_RATE,
  G722Depacketizer,
  G722Packetizer,
  OpusDepacketizer,
  OpusPacketizer,
} from '../../src/index.ts';
import { payloadsOf, receive, streamOf } from './payload-stream.ts';

describe('Opus packets (RFC 6716 §3)', () => {
  const packet = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  const toc = (config: number, code: number, stereo = false): number =>
    (config << 3) | (stereo ? 4 : 0) | code;

  // The table of §3.1, a row for each mode and bandwidth, frame sizes in ms.
  test.each([
    [0, 'silk', 4000, [10, 20, 40, 60]],
    [4, 'silk', 6000, [10, 20, 40, 60]],
    [8, 'silk', 8000, [10, 20, 40, 60]],
    [12, 'hybrid', 12000, [10, 20]],
    [14, 'hybrid', 20000, [10, 20]],
    [16, 'celt', 4000, [2.5, 5, 10, 20]],
    [20, 'celt', 8000, [2.5, 5, 10, 20]],
    [24, 'celt', 12000, [2.5, 5, 10, 20]],
    [28, 'celt', 20000, [2.5, 5, 10, 20]],
  ])('configurations from %i on are %s at %i Hz', (first, mode, bandwidthHz, sizes) => {
    for (const [i, ms] of sizes.entries()) {
      expect(decodeOpusPacket(packet(toc(first + i, 0), 1, 2))).toEqual({
        mode,
        bandwidthHz,
        channels: 1,
        frameCount: 1,
        durationTicks: 48 * ms,
      });
    }
  });

  // Each code of §3.2 and each rule of §3.4.
  test.each([
    ['one frame of no bytes, as in discontinuous transmission', packet(toc(1, 0)), 1],
    ['two frames of equal size', packet(toc(1, 1, true), 1, 2), 2],
    ['two frames of unequal size', packet(toc(1, 2), 1, 9, 8, 8), 2],
    ['a frame length of two bytes', packet(toc(1, 2), 252, 0, ...new Uint8Array(253)), 2],
    ['three frames, constant bitrate', packet(toc(1, 3), 3, 1, 2, 3), 3],
    ['three frames, variable bitrate', packet(toc(1, 3), 0x83, 1, 0, 9, 8, 8), 3],
    ['two frames and two bytes of padding', packet(toc(1, 3), 0x42, 2, 1, 2, 0, 0), 2],
    ['padding of 254 bytes', packet(toc(1, 3), 0x41, 255, 0, 7, ...new Uint8Array(254)), 1],
  ])('%s', (_, bytes, frameCount) => {
    expect(decodeOpusPacket(bytes)).toMatchObject({ frameCount, durationTicks: 960 * frameCount });
  });

  test.each([
    ['R1: no byte', packet()],
    ['R2: a frame of more than 1275 bytes', new Uint8Array(1277).fill(8, 0, 1)],
    ['R3: an odd number of bytes for two equal frames', packet(toc(1, 1), 1)],
    ['R4: a first frame longer than the packet', packet(toc(1, 2), 3, 1)],
    ['R4: a length that is cut off', packet(toc(1, 2), 252)],
    ['R4: no length', packet(toc(1, 2))],
    ['R5: no frame count', packet(toc(1, 3))],
    ['R5: no frame', packet(toc(1, 3), 0)],
    ['R5: more than 120 ms', packet(toc(1, 3), 7, ...new Uint8Array(7))],
    ['R6: bytes that do not divide', packet(toc(1, 3), 2, 1)],
    ['R6: more padding than bytes', packet(toc(1, 3), 0x41, 9, 1)],
    ['R6: padding without end', packet(toc(1, 3), 0x41, 255)],
    ['R7: lengths beyond the packet', packet(toc(1, 3), 0x83, 9, 9, 1)],
  ])('%s is refused', (_, bytes) => {
    expect(decodeOpusPacket(bytes)).toBeUndefined();
  });

  test('no bytes make the reader throw, or tell more than 120 ms', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (bytes) => {
        expect(decodeOpusPacket(bytes)?.durationTicks ?? 120).toBeLessThanOrEqual(5760);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('Opus payloads (RFC 7587 §4.2)', () => {
  test('each packet is a payload, and comes out with its duration', () => {
    const data = fc.uint8Array({ minLength: 1, maxLength: 1275, size: 'max' }).map((bytes) => {
      bytes[0] = (bytes[0] as number) & 0xfc;
      return bytes;
    });
    const frames = fc.array(fc.record({ data, startOfTalkspurt: fc.boolean() }));
    fc.assert(
      fc.property(frames, (outgoing) => {
        const received = receive(new OpusDepacketizer(), streamOf(new OpusPacketizer(), outgoing));
        expect(
          received.map((frame) => ({ data: frame.data, startOfTalkspurt: frame.startOfTalkspurt })),
        ).toEqual(outgoing);
        for (const { durationTicks, packet } of received) {
          expect(durationTicks).toBe(packet.durationTicks);
        }
      }),
    );
  });

  test('what is no Opus packet is refused from the caller, and dropped from the network', () => {
    const packetizer = new OpusPacketizer();
    expect(() => packetizer.start({ data: Uint8Array.of(3) })).toThrow(/RFC 6716 §3.4/);
    expect(() => packetizer.start({ data: new Uint8Array(1277) })).toThrow(
      /at most maxPayloadBytes/,
    );
    expect(packetizer.writePayload(new Uint8Array(1), 0)).toBe(0);
    const depacketizer = new OpusDepacketizer();
    depacketizer.handlePayload(Uint8Array.of(3), 0, false);
    depacketizer.handlePayload(new Uint8Array(0), 0, false);
    expect(depacketizer.pollFrame()).toBeUndefined();
    expect(depacketizer.counters).toMatchObject({ framesDropped: 1, payloadsMalformed: 1 });
  });
});

describe.each([
  ['G.711', G711Packetizer, G711Depacketizer],
  ['G.722', G722Packetizer, G722Depacketizer],
])('%s (RFC 3551 §4.5)', (_, Packetizer, Depacketizer) => {
  test('is cut into packets of 20 ms, whose timestamps follow on each other', () => {
    const packetizer = new Packetizer();
    const offsets: number[] = [];
    const packet = new Uint8Array(1100);
    packetizer.start({ data: new Uint8Array(400), startOfTalkspurt: true });
    const markers: boolean[] = [];
    const sizes: number[] = [];
    for (let size = packetizer.writePayload(packet, 0); size > 0; ) {
      sizes.push(size);
      offsets.push(packetizer.timestampOffset);
      markers.push(packetizer.marker);
      size = packetizer.writePayload(packet, 0);
    }
    expect(sizes).toEqual([160, 160, 80]);
    expect(offsets).toEqual([0, 160, 320]);
    expect(markers).toEqual([true, false, false]);
  });

  test('any octets come out as they went in, in time and in place', () => {
    const options = fc.record({
      channels: fc.integer({ min: 1, max: 3 }),
      packetTimeMs: fc.integer({ min: 1, max: 60 }),
      maxPayloadBytes: fc.integer({ min: 3, max: 500 }),
    });
    fc.assert(
      fc.property(
        options,
        fc.uint8Array({ minLength: 1, maxLength: 900, size: 'max' }),
        (option, bytes) => {
          const data = bytes.slice(0, Math.floor(bytes.length / option.channels) * option.channels);
          if (data.length === 0) return;
          const payloads = payloadsOf(new Packetizer(option), { data });
          for (const { payload } of payloads) {
            expect(payload.length).toBeLessThanOrEqual(option.maxPayloadBytes);
          }
          const frames = receive(new Depacketizer(option), payloads);
          expect(frames.flatMap((frame) => [...frame.data])).toEqual([...data]);
          const ticks = frames.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
          expect(ticks).toBe(data.length / option.channels);
        },
      ),
    );
  });

  test('octets that do not divide among the channels are refused, and dropped', () => {
    const packetizer = new Packetizer({ channels: 2 });
    expect(() => packetizer.start({ data: new Uint8Array(3) })).toThrow(/a multiple of 2 channels/);
    const depacketizer = new Depacketizer({ channels: 2 });
    depacketizer.handlePayload(new Uint8Array(3), 0, false);
    expect(depacketizer.counters.payloadsMalformed).toBe(1);
  });
});

test('the RTP clock of G.722 runs at half its sampling rate (RFC 3551 §4.5.2)', () => {
  expect([G711_CLOCK_RATE, G722_CLOCK_RATE, G722_SAMPLE_RATE]).toEqual([8000, 8000, 16000]);
});
