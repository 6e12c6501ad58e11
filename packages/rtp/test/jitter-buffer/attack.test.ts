// Streams made to hurt: floods, numbers and timestamps that jump and lie, frames without end.
import { SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import {
  type AssembledFrame,
  Av1Depacketizer,
  type Depacketizer,
  FrameBuffer,
  H264Depacketizer,
  JitterBuffer,
  type JitterBufferOptions,
  OpusDepacketizer,
  RtpPacket,
  Vp8Depacketizer,
  Vp9Depacketizer,
} from '../../src/index.ts';
import { packetBytes, rtpPacket, SSRC } from './rtp-stream.ts';

const MAX_BYTES = 300_000;
const MAX_PACKETS = 128;

/** A buffer under attack, with how many steps it took to drain it. */
class Target {
  readonly buffer: JitterBuffer;
  now = 1000;
  released = 0;
  mostBytes = 0;
  mostTimeouts = 0;

  constructor(options: Partial<JitterBufferOptions> = {}) {
    this.buffer = new JitterBuffer({
      kind: 'video',
      clockRate: 90_000,
      maxBytes: MAX_BYTES,
      maxPackets: MAX_PACKETS,
      ...options,
    });
  }

  send(packet: RtpPacket, passMs = 1): void {
    this.now += passMs;
    let timeouts = 0;
    while (this.buffer.nextTimeout <= this.now) {
      this.buffer.handleTimeout(Math.max(this.buffer.nextTimeout, 0));
      this.drain();
      timeouts++;
    }
    this.mostTimeouts = Math.max(this.mostTimeouts, timeouts);
    this.buffer.handlePacket(packet, this.now);
    this.drain();
    this.mostBytes = Math.max(this.mostBytes, this.buffer.allocatedBytes);
    expect(this.buffer.packetsHeld).toBeLessThanOrEqual(MAX_PACKETS);
  }

  drain(): void {
    while (this.buffer.pollPacket() !== undefined) this.released++;
  }

  /** All bounds held, everything is accounted for, and the stream still works. */
  check(): void {
    expect(this.mostBytes).toBeLessThanOrEqual(MAX_BYTES);
    // A deadline is passed once, not again and again; one for each packet that was held at most.
    expect(this.mostTimeouts).toBeLessThanOrEqual(MAX_PACKETS + 1);
    const before = this.released;
    for (let n = 0; n < 50; n++) {
      this.send(rtpPacket({ sequenceNumber: 30_000 + n, timestamp: n * 3000, ssrc: 0x5555 }), 20);
    }
    this.now += 2000;
    this.buffer.handleTimeout(this.now);
    this.drain();
    // The first of two that confirm a new source is kept too.
    expect(this.released - before).toBeGreaterThanOrEqual(50);
    const { counters } = this.buffer;
    expect(counters.packetsReceived).toBe(
      counters.packetsReleased +
        counters.packetsLate +
        counters.packetsDuplicate +
        counters.packetsDropped +
        counters.packetsUnconfirmed +
        counters.packetsDiscarded,
    );
  }
}

describe('attacks on a jitter buffer', () => {
  test('a flood of packets with a gap before them', () => {
    const target = new Target({ repairWaitMs: 10_000, maxDelayMs: 10_000 });
    target.send(rtpPacket({ sequenceNumber: 0, timestamp: 0 }));
    const payload = new Uint8Array(1200);
    for (let n = 2; n < 20_000; n++) {
      target.send(rtpPacket({ sequenceNumber: n & 0xffff, timestamp: 0, payload }), 0);
    }
    target.check();
  });

  test('numbers that jump back and forth', () => {
    for (const stride of [2, 97, 250, 255, 257, 1000, 16_383, 32_767, 32_768, 32_769, 65_535]) {
      const target = new Target();
      for (let n = 0; n < 3000; n++) {
        const sequenceNumber = (n * stride + (n % 3) * 7) & 0xffff;
        target.send(rtpPacket({ sequenceNumber, timestamp: n * 90 }));
      }
      target.check();
    }
  });

  test('pairs of numbers in a row, each far from the last: a restart for each pair', () => {
    const target = new Target();
    for (let n = 0; n < 4000; n++) {
      const sequenceNumber = ((n >> 1) * 20_011 + (n & 1)) & 0xffff;
      target.send(rtpPacket({ sequenceNumber, timestamp: n * 90 }));
    }
    expect(target.buffer.counters.restarts).toBeGreaterThan(1000);
    target.check();
  });

  test('random numbers, timestamps, sizes, sources and times', () => {
    const random = new SeededRandom('attack');
    const sizes = [1, 100, 1200, 1500, 9000, 65_000];
    const target = new Target();
    for (let n = 0; n < 20_000; n++) {
      const isNear = random.chance(0.8);
      const packet = rtpPacket({
        sequenceNumber: (isNear ? n + random.below(40) - 20 : random.below(65_536)) & 0xffff,
        timestamp: random.chance(0.9) ? n * 90 : random.uint32(),
        ssrc: random.chance(0.98) ? SSRC : random.below(3),
        payload: new Uint8Array(sizes[random.below(random.chance(0.98) ? 3 : 6)] as number),
        marker: random.chance(0.3),
      });
      target.send(packet, random.chance(0.01) ? random.below(5000) : random.below(3));
    }
    target.check();
  });

  test('gaps of the greatest length, filled from their middle', () => {
    const target = new Target();
    for (let n = 0; n < 400; n++) {
      const base = n * 250;
      for (const step of [0, 200, 100, 50, 25, 12, 6, 3, 101, 51]) {
        const sequenceNumber = (base + step) & 0xffff;
        target.send(rtpPacket({ sequenceNumber, timestamp: n * 3000 }), 0);
      }
      target.now += 10;
    }
    target.check();
  });

  for (const kind of ['audio', 'video'] as const) {
    test(`timestamps that lie hold nothing longer than the greatest delay (${kind})`, () => {
      const random = new SeededRandom(kind);
      const target = new Target({ kind, maxDelayMs: 250, repairWaitMs: 100 });
      for (let n = 0; n < 5000; n++) {
        const timestamp = [n * 1800, random.uint32(), 0, 0xffff_ffff][random.below(4)] as number;
        target.send(rtpPacket({ sequenceNumber: n & 0xffff, timestamp }), 5);
        // 250 ms at 5 ms a packet.
        expect(target.buffer.packetsHeld).toBeLessThanOrEqual(52);
      }
      expect(target.buffer.targetDelayMs).toBeLessThanOrEqual(250);
      target.check();
    });
  }

  test('playout delays that lie are kept within the bounds of the receiver', () => {
    // Two-byte profile, one element with identifier 3: any three bytes, of which some are no bounds.
    const target = new Target({ kind: 'audio', playoutDelayId: 3, maxDelayMs: 300 });
    const random = new SeededRandom('bounds');
    for (let n = 0; n < 2000; n++) {
      const plain = packetBytes({ sequenceNumber: n, timestamp: n * 1800 });
      const bytes = new Uint8Array(plain.length + 12);
      bytes.set(plain.subarray(0, 12));
      bytes[0] = 0x90;
      bytes.set([0x10, 0x00, 0x00, 0x02, 3, 3], 12);
      random.fill(bytes.subarray(18, 21));
      const packet = new RtpPacket();
      packet.parse(bytes);
      target.send(packet, 20);
      expect(target.buffer.targetDelayMs).toBeLessThanOrEqual(300);
      expect(target.buffer.packetsHeld).toBeLessThanOrEqual(17);
    }
    target.check();
  });
});

describe.each([
  ['VP8', () => new Vp8Depacketizer({ maxFrameBytes: 100_000 })],
  ['VP9', () => new Vp9Depacketizer({ maxFrameBytes: 100_000 })],
  ['H.264', () => new H264Depacketizer({ maxFrameBytes: 100_000 })],
  ['AV1', () => new Av1Depacketizer({ maxFrameBytes: 100_000 })],
  ['Opus', () => new OpusDepacketizer()],
] as [string, () => Depacketizer<AssembledFrame>][])('attacks on frames of %s', (_name, make) => {
  test('random payloads, and frames without end, give nothing larger than allowed and never throw', () => {
    const random = new SeededRandom(_name);
    const frames = new FrameBuffer({
      kind: _name === 'Opus' ? 'audio' : 'video',
      clockRate: 90_000,
      depacketizer: make(),
      maxBytes: MAX_BYTES,
    });
    let now = 0;
    let requests = 0;
    for (let n = 0; n < 6000; n++) {
      now += random.below(8);
      const payload = random.fill(new Uint8Array(random.below(1200)));
      // Begins like a frame of each format often enough, and goes on with the same timestamp.
      if (payload.length > 2) payload[0] = [0x10, 0x90, 0x08, 0x8c, 0x65, 0x7c, 0x41, 0x18][n & 7]!;
      const packet = rtpPacket({
        sequenceNumber: (n + (random.chance(0.05) ? random.below(100) : 0)) & 0xffff,
        timestamp: (n >> (n & 0x800 ? 9 : 2)) * 3000,
        marker: random.chance(0.05),
        payload,
      });
      frames.handlePacket(packet, now);
      for (let event = frames.pollEvent(); event; event = frames.pollEvent()) {
        if (event.type === 'frame') expect(event.frame.data.length).toBeLessThanOrEqual(100_064);
        if (event.type === 'key-frame-needed') requests++;
      }
      expect(frames.packets.allocatedBytes).toBeLessThanOrEqual(MAX_BYTES);
    }
    // At most every half second, whatever comes.
    expect(requests).toBeLessThanOrEqual(1 + now / 500);
  });
});
