// A sender of one stream and its receiver, as machines for the simulated network.
import type { Machine, SeededRandom } from '@kaon/simnet';
import { equalBytes } from '@kaon/wire';
import { expect } from 'vitest';
import {
  type AssembledFrame,
  type FlexFecReceiver,
  FrameBuffer,
  type FrameBufferEvent,
  type FrameBufferOptions,
  type InterceptorChain,
  isRtcp,
  type Packetizer,
  RTP_FIXED_HEADER_LENGTH,
  RtpPacket,
  type UlpFecReceiver,
  writeRtpHeader,
} from '../../src/index.ts';
import type { MediaFormat } from './media-formats.ts';

export const SSRC = 0xcafe_f00d;
/** Stands for a PLI. */
const PICTURE_LOSS = Uint8Array.of(0xff);

export interface SentFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
  readonly at: number;
  readonly packets: number;
}

export interface MediaSenderOptions {
  /** What packets pass on their way to the network. */
  readonly chain?: InterceptorChain;
  /**
   * Gives what is sent for the packets of a frame, in their place; `next` is the sequence number behind
   * them. Those that it gives with the media's SSRC follow each other.
   */
  readonly protect?: (packets: readonly RtpPacket[], next: number) => RtpPacket[];
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
  readonly #options: MediaSenderOptions;
  #now = 0;
  #sequenceNumber: number;
  #timestamp: number;
  #wantsKey = true;

  constructor(
    format: MediaFormat,
    random: SeededRandom,
    count: number,
    start: number,
    options: MediaSenderOptions = {},
  ) {
    this.format = format;
    this.#options = options;
    this.#random = random;
    this.#packetizer = format.packetizer(random);
    this.#count = count;
    this.#start = start;
    // Both wrap in every run.
    this.#sequenceNumber = 0x1_0000 - 1 - random.below(count);
    this.#timestamp = 2 ** 32 - format.ticksPerFrame * (1 + random.below(count - 1));
  }

  get nextTimeout(): number {
    return Math.min(this.#nextFrame, this.#options.chain?.nextTimeout ?? Number.POSITIVE_INFINITY);
  }

  get #nextFrame(): number {
    const n = this.frames.size;
    if (n === this.#count) return Number.POSITIVE_INFINITY;
    return this.#start + (n * this.format.ticksPerFrame * 1000) / this.format.clockRate;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    if (!isRtcp(datagram)) this.#wantsKey = true;
    else this.#options.chain?.handleIncomingRtcp(datagram, 0, datagram.length, now);
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.#options.chain?.handleTimeout(now);
    if (this.#nextFrame <= now) this.#sendFrame(now);
  }

  #sendFrame(now: number): void {
    const key = this.#wantsKey || this.format.kind === 'audio';
    const data = this.format.frame(this.#random, key);
    this.#wantsKey = false;
    const packets = this.#packetsOf(data);
    this.frames.set(this.#timestamp, { data, key, at: now, packets: packets.length });
    this.#timestamp = (this.#timestamp + this.format.ticksPerFrame) % 2 ** 32;
    const sent = this.#options.protect?.(packets, this.#sequenceNumber) ?? packets;
    for (const packet of sent.slice(packets.length)) {
      if (packet.ssrc === SSRC) this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    }
    for (const packet of sent) {
      if (this.#options.chain?.handleOutgoingRtp(packet, now) === false) continue;
      this.#queue.push(packet.bytes.slice(packet.start, packet.end));
    }
  }

  #packetsOf(data: Uint8Array): RtpPacket[] {
    const packets: RtpPacket[] = [];
    this.#packetizer.start({ data });
    for (;;) {
      const bytes = new Uint8Array(RTP_FIXED_HEADER_LENGTH + 1400);
      const end = this.#packetizer.writePayload(bytes, RTP_FIXED_HEADER_LENGTH);
      if (end === RTP_FIXED_HEADER_LENGTH) return packets;
      const header = {
        marker: this.#packetizer.marker,
        payloadType: 96,
        sequenceNumber: this.#sequenceNumber,
        timestamp: this.#timestamp,
        ssrc: SSRC,
      };
      writeRtpHeader(header, bytes, 0);
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      const packet = new RtpPacket();
      packet.parse(bytes, 0, end);
      packets.push(packet);
    }
  }

  pollDatagram(): Uint8Array | undefined {
    return this.#queue.shift() ?? pollChain(this.#options.chain, this.#now);
  }

  pollEvent(): undefined {
    return undefined;
  }
}

/** What a chain has to send. */
function pollChain(chain: InterceptorChain | undefined, now: number): Uint8Array | undefined {
  if (chain === undefined) return undefined;
  const out = new Uint8Array(1500);
  const end = chain.pollRtp(out, 0, now) || chain.pollRtcp(out, 0, now);
  return end === 0 ? undefined : out.subarray(0, end);
}

export interface MediaReceiverOptions extends Partial<FrameBufferOptions<AssembledFrame>> {
  /** What packets pass on their way from the network. */
  readonly chain?: InterceptorChain;
  readonly fec?: UlpFecReceiver | FlexFecReceiver;
}

/** A {@link FrameBuffer} that asks the sender for key frames. */
export class MediaReceiver implements Machine<Uint8Array, FrameBufferEvent<AssembledFrame>> {
  readonly buffer: FrameBuffer<AssembledFrame>;
  readonly #chain: InterceptorChain | undefined;
  readonly #fec: UlpFecReceiver | FlexFecReceiver | undefined;
  readonly #packet = new RtpPacket();
  #requests = 0;
  #mostBytes = 0;
  #now = 0;

  constructor(format: MediaFormat, options: MediaReceiverOptions = {}) {
    const { kind, clockRate } = format;
    this.#chain = options.chain;
    this.#fec = options.fec;
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
    return Math.min(this.buffer.nextTimeout, this.#chain?.nextTimeout ?? Number.POSITIVE_INFINITY);
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    this.#handlePacket(datagram, now);
    datagram.fill(0xee);
    this.#mostBytes = Math.max(this.#mostBytes, this.buffer.packets.allocatedBytes);
  }

  #handlePacket(datagram: Uint8Array, now: number): void {
    const packet = this.#packet;
    const fec = this.#fec;
    if (!packet.parse(datagram)) return;
    if (this.#chain?.handleIncomingRtp(packet, now) === false) return;
    if (fec?.handlePacket(packet, packet.isRestored) ?? true) this.buffer.handlePacket(packet, now);
    for (let back = fec?.pollRecovered(); back; back = fec?.pollRecovered()) {
      this.buffer.handlePacket(back, now, true);
    }
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.#chain?.handleTimeout(now);
    this.buffer.handleTimeout(now);
  }

  pollDatagram(): Uint8Array | undefined {
    if (this.#requests === 0) return pollChain(this.#chain, this.#now);
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
