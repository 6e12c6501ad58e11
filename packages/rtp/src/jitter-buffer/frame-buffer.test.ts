import { describe, expect, test } from 'vitest';
import { rtpPacket, SSRC } from '../../test/jitter-buffer/rtp-stream.ts';
import { OpusDepacketizer } from '../codecs/opus/payload.ts';
import type { AssembledFrame } from '../codecs/payload-format.ts';
import { RedDepacketizer } from '../codecs/red/depacketizer.ts';
import { RedPacketizer } from '../codecs/red/packetizer.ts';
import { Vp8Depacketizer, type Vp8Frame } from '../codecs/vp8/depacketizer.ts';
import { isVp8KeyFrame } from '../codecs/vp8/descriptor.ts';
import { Vp8Packetizer } from '../codecs/vp8/packetizer.ts';
import { RetransmissionReceiver } from '../interceptors/retransmission-receiver.ts';
import { FrameBuffer, type FrameBufferEvent, type FrameBufferOptions } from './frame-buffer.ts';
import { Vp8Continuity } from './vp8-continuity.ts';

const KEY = Uint8Array.of(0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01);
const DELTA = Uint8Array.of(0x11, 1);

interface LayeredFrame {
  readonly data: Uint8Array;
  readonly temporalId?: number;
  readonly layerSync?: boolean;
}

/** VP8 payloads, one for each frame. */
function vp8Payloads(frames: readonly LayeredFrame[]): Uint8Array[] {
  const packetizer = new Vp8Packetizer({
    temporalLayers: true,
    firstPictureId: 0x7ffe,
    firstTl0PicIdx: 254,
  });
  return frames.map((frame) => {
    const out = new Uint8Array(1200);
    packetizer.start(frame);
    return out.slice(0, packetizer.writePayload(out, 0));
  });
}

/** Feeds a frame buffer with payloads by number, 20 ms apart, and keeps what comes out. */
class Bench<Frame extends AssembledFrame> {
  readonly buffer: FrameBuffer<Frame>;
  readonly events: { readonly at: number; readonly event: FrameBufferEvent<Frame> }[] = [];
  readonly payloads: readonly Uint8Array[];
  now = 0;

  constructor(options: FrameBufferOptions<Frame>, payloads: readonly Uint8Array[]) {
    this.buffer = new FrameBuffer(options);
    this.payloads = payloads;
  }

  passTo(now: number): void {
    while (this.buffer.nextTimeout <= now) {
      this.now = this.buffer.nextTimeout;
      this.buffer.handleTimeout(this.now);
      this.drain();
    }
    this.now = now;
  }

  send(n: number, ssrc = SSRC, payloadType = 96, sequenceNumber = 0xfffe + n): void {
    this.passTo(20 * n);
    const timestamp = 0xffff_ff00 + n * 1800;
    const payload = this.payloads[n] as Uint8Array;
    const packet = { sequenceNumber, timestamp, payload, marker: true, ssrc, payloadType };
    this.buffer.handlePacket(rtpPacket(packet), this.now);
    this.drain();
  }

  drain(): void {
    for (let event = this.buffer.pollEvent(); event; event = this.buffer.pollEvent()) {
      this.events.push({ at: this.now, event });
    }
  }

  /** Numbers of the frames that came out. */
  get frames(): number[] {
    return this.events.flatMap(({ event }) =>
      event.type === 'frame' ? [((event.frame.timestamp - 0xffff_ff00) >>> 0) / 1800] : [],
    );
  }

  /** When a key frame was asked for. */
  get requests(): number[] {
    return this.events.flatMap(({ at, event }) => (event.type === 'key-frame-needed' ? [at] : []));
  }
}

const VIDEO = { kind: 'video', clockRate: 90_000 } as const;

describe('a lost video frame', () => {
  const payloads = vp8Payloads(
    Array.from({ length: 400 }, (_, n) => ({ data: n === 0 || n === 90 ? KEY : DELTA })),
  );
  const video = (): Bench<AssembledFrame> =>
    new Bench({ ...VIDEO, depacketizer: new Vp8Depacketizer(), repairWaitMs: 100 }, payloads);

  test('is waited for, then a key frame is asked for, again and again until it comes', () => {
    const bench = video();
    for (let n = 0; n <= 100; n++) if (n !== 10) bench.send(n);
    // Missed at 220; the key frame is sent at 1800.
    expect(bench.requests).toEqual([320, 820, 1320]);
    expect(bench.frames).toEqual([
      ...Array.from({ length: 10 }, (_, n) => n),
      ...Array.from({ length: 11 }, (_, n) => n + 90),
    ]);
    expect(bench.buffer.counters).toMatchObject({
      framesDelivered: 21,
      keyFramesDelivered: 2,
      framesUndecodable: 79,
      keyFrameRequests: 3,
    });
    expect(bench.buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not waited for any more before a key frame that is wanted', () => {
    const feed = (isKeyFrame: boolean): Bench<AssembledFrame> => {
      const depacketizer = new Vp8Depacketizer();
      const seen = isKeyFrame ? { isKeyFrame: isVp8KeyFrame } : {};
      const bench = new Bench({ ...VIDEO, depacketizer, repairWaitMs: 300, ...seen }, payloads);
      for (let n = 0; n <= 100; n++) if (n !== 10 && n !== 85 && n !== 88) bench.send(n);
      return bench;
    };
    const [patient, quick] = [feed(false), feed(true)];
    expect(patient.frames).not.toContain(90);
    expect(quick.frames).toEqual([
      ...Array(10).keys(),
      ...Array.from({ length: 11 }, (_, n) => n + 90),
    ]);
    const key = quick.events.find(({ at: time }) => time === 1800)?.event;
    expect(key).toMatchObject({ type: 'frame', sequenceNumber: (0xfffe + 90) & 0xffff });
    const { packetsLost, packetsReceived, packetsReleased, packetsDiscarded } =
      quick.buffer.packets.counters;
    expect(packetsLost).toBe(3);
    expect(packetsReceived).toBe(packetsReleased + packetsDiscarded);
  });

  test('does not bring requests closer together than their least distance', () => {
    const bench = video();
    // Every key frame is followed by a loss.
    const twice = vp8Payloads(
      Array.from({ length: 400 }, (_, n) => ({ data: n % 12 === 0 ? KEY : DELTA })),
    );
    const often = new Bench(
      { ...VIDEO, depacketizer: new Vp8Depacketizer(), repairWaitMs: 0 },
      twice,
    );
    for (let n = 0; n < 300; n++) if (n % 12 !== 4) often.send(n);
    for (const [i, at] of often.requests.slice(1).entries()) {
      expect(at - (often.requests[i] as number)).toBeGreaterThanOrEqual(500);
    }
    expect(often.requests.length).toBeGreaterThan(3);
    expect(bench.requests).toEqual([]);
  });

  test('a stream that fell silent is not asked for ever', () => {
    const bench = video();
    for (let n = 0; n < 20; n++) if (n !== 10) bench.send(n);
    bench.passTo(100_000);
    expect(bench.requests.length).toBeLessThanOrEqual(11);
    expect(bench.buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('a stream that is joined in its middle waits for a key frame', () => {
    const bench = video();
    for (let n = 80; n < 100; n++) bench.send(n);
    expect(bench.frames[0]).toBe(90);
    expect(bench.requests).toEqual([1620]);
  });
});

test('with a key frame that is whole, what was lost before it is asked for no more', () => {
  const frames = new FrameBuffer({
    ...VIDEO,
    depacketizer: new Vp8Depacketizer(),
    repairWaitMs: 50,
  });
  const receiver = new RetransmissionReceiver({ senderSsrc: 1 });
  receiver.addRemoteStream({ ssrc: SSRC, clockRate: 90_000, nack: true });
  const asked: [number, number][] = [];
  const payloads = vp8Payloads([KEY, DELTA, DELTA, KEY, DELTA].map((data) => ({ data })));
  for (const [n, payload] of payloads.entries()) {
    if (n === 1) continue; // Lost, and never sent again.
    const timestamp = 1800 * n;
    const packet = rtpPacket({ sequenceNumber: n, timestamp, payload, marker: true });
    receiver.handleIncomingRtp(packet, 100 * n);
    frames.handlePacket(packet, 100 * n);
    for (let event = frames.pollEvent(); event; event = frames.pollEvent()) {
      if (event.type !== 'frame' || !event.frame.key) continue;
      receiver.handleKeyFrame(SSRC, event.sequenceNumber);
    }
    const nack = receiver.pollRtcp(100 * n);
    if (nack?.type === 'generic-nack') {
      for (const number of nack.sequenceNumbers) asked.push([100 * n, number]);
    }
  }
  expect(asked).toEqual([[200, 1]]);
  expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  expect(receiver.nackCounters(SSRC)).toMatchObject({ packetsMoot: 1, packetsAbandoned: 0 });
});

describe('temporal layers of VP8 (RFC 7741 §4.2)', () => {
  // 0 2 1 2 and so on; both layers synchronise behind 16.
  const pattern = (n: number): LayeredFrame => {
    const temporalId = [0, 2, 1, 2][n % 4] as number;
    return { data: n === 0 ? KEY : DELTA, temporalId, layerSync: n === 17 || n === 18 };
  };
  const payloads = vp8Payloads(Array.from({ length: 40 }, (_, n) => pattern(n)));
  const layered = (): Bench<Vp8Frame> =>
    new Bench(
      {
        ...VIDEO,
        depacketizer: new Vp8Depacketizer(),
        continuity: new Vp8Continuity(),
        repairWaitMs: 0,
      },
      payloads,
    );
  const all = Array.from({ length: 40 }, (_, n) => n);

  test('a loss in the highest layer costs only that layer, until it synchronises', () => {
    const bench = layered();
    for (const n of all) if (n !== 9) bench.send(n);
    bench.passTo(5000);
    // 10 may build on 9's neighbours only below it: layer 1 is in doubt too, as the loss had no layer.
    expect(bench.frames).toEqual(all.filter((n) => n < 9 || n % 4 === 0 || n >= 17));
    expect(bench.requests).toEqual([]);
  });

  test('a loss in the base layer needs a key frame', () => {
    const bench = layered();
    for (const n of all) if (n !== 8) bench.send(n);
    bench.passTo(1000);
    expect(bench.frames).toEqual(all.filter((n) => n < 8));
    expect(bench.requests.length).toBeGreaterThan(0);
  });

  test('a lost packet without a frame in it, such as padding, costs nothing', () => {
    const bench = layered();
    for (const n of all) {
      const shift = n < 9 ? 0 : 1;
      bench.send(n, SSRC, 96, 0xfffe + n + shift);
    }
    bench.passTo(5000);
    expect(bench.frames).toEqual(all);
    expect(bench.requests).toEqual([]);
    expect(bench.buffer.packets.counters.packetsLost).toBe(1);
  });
});

test('another source is told of, and has to begin with a key frame', () => {
  const payloads = vp8Payloads(
    Array.from({ length: 30 }, (_, n) => ({ data: n === 0 || n === 20 ? KEY : DELTA })),
  );
  const bench = new Bench({ ...VIDEO, depacketizer: new Vp8Depacketizer() }, payloads);
  for (let n = 0; n < 10; n++) bench.send(n);
  for (let n = 10; n < 30; n++) bench.send(n, 0x1234);
  bench.passTo(2000);
  expect(bench.events.filter(({ event }) => event.type === 'restarted')).toMatchObject([
    { event: { ssrc: 0x1234 } },
  ]);
  expect(bench.frames).toEqual([
    ...Array(10).keys(),
    ...Array.from({ length: 10 }, (_, n) => n + 20),
  ]);
});

describe('audio', () => {
  const opus = Array.from({ length: 30 }, (_, n) => Uint8Array.of(0x98, n, n));

  test('says how many packets are missing before a frame, and asks for nothing', () => {
    const bench = new Bench(
      { kind: 'audio', clockRate: 90_000, depacketizer: new OpusDepacketizer() },
      opus,
    );
    for (let n = 0; n < 30; n++) if (n < 10 || n > 12) bench.send(n);
    bench.passTo(5000);
    const lost = bench.events.map(({ event }) => (event.type === 'frame' ? event.lost : -1));
    expect(lost).toEqual(Array.from({ length: 27 }, (_, i) => (i === 10 ? 3 : 0)));
    expect(bench.requests).toEqual([]);
  });

  test('what redundancy brings has the times of the packet that brought it (RFC 2198)', () => {
    const packetizer = new RedPacketizer({ payloadType: 111, redundancy: 1 });
    const red = opus.map((data, n) => {
      const out = new Uint8Array(1200);
      packetizer.start({ data, timestamp: (0xffff_ff00 + n * 1800) >>> 0 });
      return out.slice(0, packetizer.writePayload(out, 0));
    });
    const bench = new Bench(
      { kind: 'audio', clockRate: 90_000, depacketizer: new RedDepacketizer() },
      red,
    );
    for (let n = 0; n < 30; n++) if (n !== 10) bench.send(n);
    bench.passTo(5000);
    expect(bench.frames).toEqual([...Array(30).keys()]);
    const copy = bench.events[10]?.event;
    expect(copy).toMatchObject({ type: 'frame', arrival: 220, lost: 1 });
  });

  test('each payload type has its depacketizer; packets of others are passed over', () => {
    const depacketizer = new OpusDepacketizer();
    const bench = new Bench(
      {
        kind: 'audio',
        clockRate: 90_000,
        depacketizer: (payloadType) => (payloadType === 96 ? depacketizer : undefined),
      },
      opus,
    );
    for (let n = 0; n < 30; n++) bench.send(n, SSRC, n % 3 === 1 ? 13 : 96);
    bench.passTo(5000);
    expect(bench.frames).toEqual([...Array(30).keys()].filter((n) => n % 3 !== 1));
    expect(bench.buffer.counters.packetsIgnored).toBe(10);
  });
});

test('reset forgets the stream, and flush ends it', () => {
  const payloads = vp8Payloads([{ data: KEY }, { data: DELTA }, { data: DELTA }, { data: DELTA }]);
  const bench = new Bench({ ...VIDEO, depacketizer: new Vp8Depacketizer() }, payloads);
  bench.send(0);
  bench.send(2);
  bench.buffer.flush();
  bench.drain();
  expect(bench.frames).toEqual([0]);
  expect(bench.requests).toEqual([40]);
  bench.buffer.reset();
  expect(bench.buffer.nextTimeout).toBe(Number.POSITIVE_INFINITY);
});

test('refuses a distance between requests of 0', () => {
  const options = { ...VIDEO, depacketizer: new Vp8Depacketizer(), keyFrameRequestIntervalMs: 0 };
  expect(() => new FrameBuffer(options)).toThrow(/keyFrameRequestIntervalMs is 0/);
});
