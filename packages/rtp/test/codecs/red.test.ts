import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRed, RedDepacketizer, RedPacketizer } from '../../src/index.ts';
import { payloadsOf, type SentPayload } from './payload-stream.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

interface Sent extends SentPayload {
  readonly data: Uint8Array;
}

/** One frame each 960 units. */
function send(
  packetizer: RedPacketizer,
  frames: readonly Uint8Array[],
  first = 0xffff_fc00,
): Sent[] {
  return frames.flatMap((data, i) => {
    const timestamp = (first + 960 * i) >>> 0;
    return payloadsOf(packetizer, { data, timestamp }, timestamp, i).map((p) => ({ ...p, data }));
  });
}

describe('redundant audio data (RFC 2198)', () => {
  test('the packet of RFC 2198 §5: primary DVI4 (PT 5), redundant LPC (PT 7) one packet before', () => {
    // Headers as in the RFC's figure, 14 bytes of LPC and, cut short here, DVI4 of 4 bytes.
    const lpc = '000102030405060708090a0b0c0d';
    const payload = hex(`87 0280 0e 05 ${lpc} aabbccdd`.replace('0280 0e', '02800e'));
    expect(decodeRed(payload, 1000)).toEqual([
      { payloadType: 7, timestamp: 840, redundant: true, data: hex(lpc) },
      { payloadType: 5, timestamp: 1000, redundant: false, data: hex('aabbccdd') },
    ]);
  });

  test('frames go with up to N of those before them, oldest first', () => {
    const packetizer = new RedPacketizer({ payloadType: 111, redundancy: 2 });
    const sent = send(packetizer, ['a1', 'b1b2', 'c1', 'd1'].map(hex), 0);
    expect(sent.map(({ payload }) => formatHex(payload))).toEqual([
      '6fa1',
      'ef0f00016fa1b1b2',
      'ef1e0001ef0f00026fa1b1b2c1',
      'ef1e0002ef0f00016fb1b2c1d1',
    ]);
  });

  test('what does not fit is left out: the oldest first, long frames, and gaps beyond 14 bits', () => {
    const packetizer = new RedPacketizer({ payloadType: 1, redundancy: 2, maxPayloadBytes: 1100 });
    const sizes = (frames: number[], first = 0): number[] =>
      send(
        packetizer,
        frames.map((n) => new Uint8Array(n)),
        first,
      ).map((p) => p.payload.length);
    expect(sizes([500, 500, 500])).toEqual([501, 1005, 1005]);
    expect(sizes([1024, 10], 10_000)).toEqual([1025, 11]);
    expect(sizes([10], 40_000)).toEqual([11]);
    expect(() => packetizer.start({ data: new Uint8Array(1100), timestamp: 0 })).toThrow(/at most/);
  });

  test('without redundancy a payload is the frame behind its type', () => {
    const sent = send(new RedPacketizer({ payloadType: 0, redundancy: 0 }), ['aa', 'bb'].map(hex));
    expect(sent.map(({ payload }) => formatHex(payload))).toEqual(['00aa', '00bb']);
  });

  test('as long as no more than N packets are lost in a row, every frame comes out once, in order', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 80, size: 'max' }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        frames,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean()),
        (data, n, drops) => {
          const sent = send(new RedPacketizer({ payloadType: 63, redundancy: n }), data);
          const depacketizer = new RedDepacketizer();
          const received: [number, Uint8Array][] = [];
          let inARow = 0;
          for (const [i, { payload, timestamp }] of sent.entries()) {
            const isLost = drops[i] === true && inARow < n && i < sent.length - 1;
            inARow = isLost ? inARow + 1 : 0;
            if (isLost) continue;
            depacketizer.handlePayload(payload, timestamp);
            for (let f = depacketizer.pollFrame(); f; f = depacketizer.pollFrame()) {
              received.push([f.timestamp, f.data]);
            }
          }
          expect(received).toEqual(sent.map(({ timestamp, data: frame }) => [timestamp, frame]));
        },
      ),
    );
  });

  test('a sender whose clock jumps back is followed', () => {
    const depacketizer = new RedDepacketizer();
    depacketizer.handlePayload(hex('6faa'), 1_000_000);
    depacketizer.handlePayload(hex('6fbb'), 5);
    const frames = [depacketizer.pollFrame(), depacketizer.pollFrame()];
    expect(frames.map((frame) => frame?.timestamp)).toEqual([1_000_000, 5]);
  });

  test.each([
    ['nothing', ''],
    ['a header that is cut off', '87028 0'.replace(' ', '')],
    ['no primary header', '8702800e'],
    ['a block longer than the payload', '8702800e05aabb'],
  ])('%s is no payload', (_, text) => {
    const payload = hex(text);
    expect(decodeRed(payload, 0)).toBeUndefined();
    const depacketizer = new RedDepacketizer();
    depacketizer.handlePayload(payload, 0);
    expect(depacketizer.pollFrame()).toBeUndefined();
    expect(depacketizer.counters.payloadsMalformed).toBe(payload.length === 0 ? 0 : 1);
  });

  test('no bytes make the reader throw or give more than was there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (payload) => {
        const total = (decodeRed(payload, 0) ?? []).reduce((sum, { data }) => sum + data.length, 0);
        expect(total).toBeLessThanOrEqual(payload.length);
      }),
      { numRuns: 500 },
    );
  });
});
