// The laws that every payload format of video keeps, as one suite to run over each of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssembledFrame, Depacketizer, Packetizer } from '../../src/index.ts';
import { receive, type SentPayload, streamOf } from './payload-stream.ts';

export interface PayloadFormatUnderTest<Outgoing> {
  readonly name: string;
  readonly leastPayloadBytes: number;
  readonly frames: fc.Arbitrary<Outgoing>;
  /** How a frame's end shows besides the marker: by the next timestamp, or in the payload itself. */
  readonly endsBy?: 'timestamp' | 'payload';
  packetizer(maxPayloadBytes: number): Packetizer<Outgoing>;
  depacketizer(maxFrameBytes?: number): Depacketizer<AssembledFrame>;
  /** The bytes that come out for a frame that went in. */
  received(frame: Outgoing): Uint8Array;
}

export function describePayloadFormat<Outgoing>(format: PayloadFormatUnderTest<Outgoing>): void {
  const streams = fc.record({
    frames: fc.array(format.frames, { minLength: 1, maxLength: 5, size: 'max' }),
    maxPayloadBytes: fc.integer({ min: format.leastPayloadBytes, max: 400 }),
  });

  describe(`${format.name}, any frames and payload sizes`, () => {
    test('whole frames come out as they went in', () => {
      fc.assert(
        fc.property(streams, ({ frames, maxPayloadBytes }) => {
          const payloads = streamOf(format.packetizer(maxPayloadBytes), frames);
          const depacketizer = format.depacketizer();
          const received = receive(depacketizer, payloads);
          expect(received.map(({ data }) => data)).toEqual(frames.map(format.received));
          expect(received.every(({ startUncertain }) => !startUncertain)).toBe(true);
          expect(depacketizer.counters).toEqual({
            framesAssembled: frames.length,
            framesDropped: 0,
            framesTooLarge: 0,
            payloadsMalformed: 0,
          });
        }),
      );
    });

    test('a payload is never larger than allowed, and the marker is on the last of a frame', () => {
      fc.assert(
        fc.property(streams, ({ frames, maxPayloadBytes }) => {
          const payloads = streamOf(format.packetizer(maxPayloadBytes), frames);
          for (const [i, { payload, marker, frameIndex }] of payloads.entries()) {
            expect(payload.length).toBeLessThanOrEqual(maxPayloadBytes);
            expect(marker).toBe(payloads[i + 1]?.frameIndex !== frameIndex);
          }
        }),
      );
    });

    test('frames end without a marker too', () => {
      fc.assert(
        fc.property(streams, ({ frames, maxPayloadBytes }) => {
          const payloads = streamOf(format.packetizer(maxPayloadBytes), frames).map((each) => ({
            ...each,
            marker: false,
          }));
          const received = receive(format.depacketizer(), payloads);
          expect(received.map(({ data }) => data)).toEqual(
            frames.slice(0, format.endsBy === 'payload' ? undefined : -1).map(format.received),
          );
        }),
      );
    });

    test('one lost packet spoils its own frame only, and nothing is put together wrongly', () => {
      fc.assert(
        fc.property(streams, fc.nat(), ({ frames, maxPayloadBytes }, pick) => {
          const payloads = streamOf(format.packetizer(maxPayloadBytes), frames);
          const lost = pick % payloads.length;
          const spoilt = (payloads[lost] as SentPayload).frameIndex;
          const received = receive(format.depacketizer(), payloads, new Set([lost]));
          checkLosses(format, frames, payloads, received, new Set([spoilt]), true);
        }),
        { numRuns: 300 },
      );
    });

    test('any losses: what comes out is what went in, or is marked as uncertain', () => {
      fc.assert(
        fc.property(
          streams,
          fc.array(fc.nat(40), { maxLength: 10, size: 'max' }),
          ({ frames, maxPayloadBytes }, picks) => {
            const payloads = streamOf(format.packetizer(maxPayloadBytes), frames);
            const lost = new Set(picks.filter((pick) => pick < payloads.length));
            const spoilt = new Set([...lost].map((index) => payloads[index]!.frameIndex));
            const received = receive(format.depacketizer(), payloads, lost);
            checkLosses(format, frames, payloads, received, spoilt, false);
          },
        ),
        { numRuns: 300 },
      );
    });

    test('any losses in a stream without markers: nothing is put together wrongly', () => {
      fc.assert(
        fc.property(
          streams,
          fc.array(fc.nat(40), { maxLength: 10, size: 'max' }),
          ({ frames, maxPayloadBytes }, picks) => {
            const payloads = streamOf(format.packetizer(maxPayloadBytes), frames).map((each) => ({
              ...each,
              marker: false,
            }));
            // That there are no markers has to be seen once.
            const lost = new Set(picks.filter((pick) => (payloads[pick]?.frameIndex ?? 0) > 1));
            const spoilt = new Set([...lost].map((index) => payloads[index]!.frameIndex));
            const received = receive(format.depacketizer(), payloads, lost);
            checkLosses(format, frames, payloads, received, spoilt, false);
          },
        ),
        { numRuns: 300 },
      );
    });

    test('no bytes make the depacketizer throw or outgrow its limit', () => {
      const bytes = fc.uint8Array({ maxLength: 60, size: 'max' });
      const garbage = fc.array(
        fc.record({
          payload: bytes,
          timestamp: fc.nat(3),
          marker: fc.boolean(),
          missing: fc.constantFrom(0, 0, 0, 1, 5),
        }),
        { maxLength: 30, size: 'max' },
      );
      fc.assert(
        fc.property(garbage, (payloads) => {
          const depacketizer = format.depacketizer(200);
          for (const { payload, timestamp, marker, missing } of payloads) {
            depacketizer.handlePayload(payload, timestamp, marker, missing);
            for (let f = depacketizer.pollFrame(); f; f = depacketizer.pollFrame()) {
              expect(f.data.length).toBeLessThanOrEqual(200 + 64);
            }
          }
        }),
        { numRuns: 300 },
      );
    });

    test('no flipped bits in a real stream make the depacketizer throw', () => {
      const flips = fc.array(fc.tuple(fc.nat(60), fc.nat(20), fc.integer({ min: 1, max: 255 })));
      fc.assert(
        fc.property(streams, flips, ({ frames, maxPayloadBytes }, places) => {
          const payloads = streamOf(format.packetizer(maxPayloadBytes), frames);
          for (const [index, at, mask] of places) {
            const payload = payloads[index]?.payload;
            if (payload !== undefined && at < payload.length) payload[at] = payload[at]! ^ mask;
          }
          receive(format.depacketizer(), payloads);
        }),
      );
    });

    test('a frame larger than the limit is dropped, and the next one is fine', () => {
      fc.assert(
        fc.property(streams, format.frames, ({ frames, maxPayloadBytes }, last) => {
          const limit = 100;
          const all = [...frames, last];
          const payloads = streamOf(format.packetizer(maxPayloadBytes), all);
          const received = receive(format.depacketizer(limit), payloads);
          const fitting = all.map(format.received).filter((data) => data.length <= limit);
          // A format may count a few bytes that are not in the result, so the limit is not sharp.
          expect(received.length).toBeLessThanOrEqual(all.length);
          for (const { data } of received) expect(data.length).toBeLessThanOrEqual(limit + 64);
          const small = fitting.filter((data) => data.length <= limit - 40);
          const texts = received.map(({ data }) => data.join());
          for (const data of small) expect(texts).toContain(data.join());
        }),
      );
    });
  });
}

/** Every frame received is a frame sent, whole; those not spoilt all come, unless `strict` is false. */
function checkLosses<Outgoing>(
  format: PayloadFormatUnderTest<Outgoing>,
  frames: readonly Outgoing[],
  payloads: readonly SentPayload[],
  received: readonly AssembledFrame[],
  spoilt: ReadonlySet<number>,
  strict: boolean,
): void {
  const indexOf = new Map(payloads.map(({ timestamp, frameIndex }) => [timestamp, frameIndex]));
  const intact = new Set<number>();
  for (const frame of received) {
    const index = indexOf.get(frame.timestamp) as number;
    if (spoilt.has(index)) {
      expect(frame.startUncertain).toBe(true);
    } else {
      expect(frame.data).toEqual(format.received(frames[index] as Outgoing));
      intact.add(index);
    }
  }
  // The last frame's marker is there, so that each frame not spoilt comes out.
  if (strict) expect(intact.size).toBe(frames.length - spoilt.size);
}
