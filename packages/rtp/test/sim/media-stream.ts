// A sender of one stream and its receiver, as machines for the simulated network.
import type { Machine, SeededRandom } from '@kaon/simnet';
import { equalBytes } from '@kaon/wire';
import { expect } from 'vitest';
import {
  type AssembledFrame,
  FrameBuffer,
  type FrameBufferEvent,
  type FrameBufferOptions,
  type Packetizer,
  RTP_FIXED_HEADER_LENGTH,
  RtpPacket,
  writeRtpHeader,
} from '../../src/index.ts';
import type { MediaFormat } from './media-formats.ts';

const SSRC = 0xcafe_f00d;
/** Stands for a PLI. */
const PICTURE_LOSS = Uint8Array.of(0xff);

export interface SentFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
  readonly at: number;
  readonly packets: number;
}

/** Sends `count` frames at an even pace; a key frame first, and when it is asked for. */
export class MediaSender implements Machine<Uint8Array, never> {
  /** By timestamp. */
  readonly frames: Map<number, SentFrame> = new Map();
  readonly format: MediaFormat;
  readonly #random: SeededRandom;
  readonly #packetizer: Packetizer<{ data: Uint8Array }>;
  readonly #queue: Uint8Array[] = [];
  readonly #count: number;
  readonly #start: number;
  #sequenceNumber: number;
  #timestamp: number;
  #wantsKey = true;

  constructor(format: MediaFormat, random: SeededRandom, count: number, start: number) {
    this.format = format;
    this.#random = random;
    this.#packetizer = format.packetizer(random);
    this.#count = count;
    this.#start = start;
    // Both wrap in every run.
    this.#sequenceNumber = 0x1_0000 - 1 - random.below(count);
    this.#timestamp = 2 ** 32 - format.ticksPerFrame * (1 + random.below(count - 1));
  }

  get nextTimeout(): number {
    const n = this.frames.size;
    if (n === this.#count) return Number.POSITIVE_INFINITY;
    return this.#start + (n * this.format.ticksPerFrame * 1000) / this.format.clockRate;
  }

  handleDatagram(): void {
    this.#wantsKey = true;
  }

  handleTimeout(now: number): void {
    const key = this.#wantsKey || this.format.kind === 'audio';
    const data = this.format.frame(this.#random, key);
    this.#wantsKey = false;
    this.#packetizer.start({ data });
    let packets = 0;
    for (;;) {
      const packet = new Uint8Array(RTP_FIXED_HEADER_LENGTH + 1400);
      const end = this.#packetizer.writePayload(packet, RTP_FIXED_HEADER_LENGTH);
      if (end === RTP_FIXED_HEADER_LENGTH) break;
      writeRtpHeader(
        {
          marker: this.#packetizer.marker,
          payloadType: 96,
          sequenceNumber: this.#sequenceNumber,
          timestamp: this.#timestamp,
          ssrc: SSRC,
        },
        packet,
        0,
      );
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      this.#queue.push(packet.subarray(0, end));
      packets++;
    }
    this.frames.set(this.#timestamp, { data, key, at: now, packets });
    this.#timestamp = (this.#timestamp + this.format.ticksPerFrame) % 2 ** 32;
  }

  pollDatagram(): Uint8Array | undefined {
    return this.#queue.shift();
  }

  pollEvent(): undefined {
    return undefined;
  }
}

/** A {@link FrameBuffer} that asks the sender for key frames. */
export class MediaReceiver implements Machine<Uint8Array, FrameBufferEvent<AssembledFrame>> {
  readonly buffer: FrameBuffer<AssembledFrame>;
  readonly #packet = new RtpPacket();
  #requests = 0;
  #mostBytes = 0;

  constructor(format: MediaFormat, options: Partial<FrameBufferOptions<AssembledFrame>> = {}) {
    const { kind, clockRate } = format;
    this.buffer = new FrameBuffer({
      kind,
      clockRate,
      depacketizer: format.depacketizer(),
      ...options,
    });
  }

  /** The most memory for packets that there ever was. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  get nextTimeout(): number {
    return this.buffer.nextTimeout;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    if (this.#packet.parse(datagram)) this.buffer.handlePacket(this.#packet, now);
    datagram.fill(0xee);
    this.#mostBytes = Math.max(this.#mostBytes, this.buffer.packets.allocatedBytes);
  }

  handleTimeout(now: number): void {
    this.buffer.handleTimeout(now);
  }

  pollDatagram(): Uint8Array | undefined {
    if (this.#requests === 0) return undefined;
    this.#requests--;
    return PICTURE_LOSS.slice();
  }

  pollEvent(): FrameBufferEvent<AssembledFrame> | undefined {
    const event = this.buffer.pollEvent();
    if (event?.type === 'key-frame-needed') this.#requests++;
    return event;
  }
}

export interface DeliveredFrame {
  /** How many frames were sent before it. */
  readonly index: number;
  readonly at: number;
  readonly sentAt: number;
}

/** Holds each frame that comes out against what was sent. */
export class DeliveryCheck {
  readonly delivered: DeliveredFrame[] = [];
  readonly #sender: MediaSender;
  // Index by timestamp, as far as looked at.
  readonly #index = new Map<number, number>();
  keyFrameRequests = 0;

  constructor(sender: MediaSender) {
    this.#sender = sender;
  }

  onEvent(event: FrameBufferEvent<AssembledFrame>, now: number): void {
    if (event.type === 'key-frame-needed') this.keyFrameRequests++;
    expect(event.type).not.toBe('restarted');
    if (event.type !== 'frame') return;
    const { frame } = event;
    const sent = this.#sender.frames.get(frame.timestamp);
    if (sent === undefined) throw new Error(`A frame with timestamp ${frame.timestamp} came out.`);
    if (!equalBytes(frame.data, sent.data)) {
      throw new Error(`Frame ${this.#indexOf(frame.timestamp)} came out with other bytes.`);
    }
    const index = this.#indexOf(frame.timestamp);
    const before = this.delivered.at(-1)?.index ?? -1;
    // In order, none twice; and of video none that lacks what it builds upon.
    expect(index).toBeGreaterThan(before);
    if (index > before + 1 && this.#sender.format.kind === 'video') expect(sent.key).toBe(true);
    expect(frame.startUncertain).toBe(false);
    expect(event.packets).toBe(sent.packets);
    expect(event.arrival).toBeGreaterThanOrEqual(sent.at);
    expect(event.completed).toBeGreaterThanOrEqual(event.arrival);
    expect(event.completed).toBeLessThanOrEqual(now);
    expect(event.playoutTime).toBeGreaterThanOrEqual(now);
    this.delivered.push({ index, at: now, sentAt: sent.at });
  }

  #indexOf(timestamp: number): number {
    if (this.#index.size < this.#sender.frames.size) {
      let index = 0;
      for (const each of this.#sender.frames.keys()) this.#index.set(each, index++);
    }
    return this.#index.get(timestamp) as number;
  }
}
