// A sender of simulated video with everything that congestion control takes, as one machine.
import {
  type CongestionControl,
  decodeCompoundPacket,
  encodeTransportSequenceNumber,
  HeaderExtensionWriter,
  PACKET_PRIORITY,
  type PacedPacket,
  Pacer,
  TransportFeedbackSender,
  writeRtpHeader,
} from '../../../src/index.ts';
import type { VideoSource } from './video-source.ts';

export const EXTENSION_ID = 5;
/** IPv4 and UDP. */
export const IP_BYTES = 28;
const MAX_RTP_BYTES = 1200;
/** Where a packet says when it left, and when its frame was made, as doubles. */
const TIMES_AT = 20;
const HEADER_BYTES = TIMES_AT + 16;
const SSRC = 0xcafe;

interface VideoPacket extends PacedPacket {
  readonly rtpBytes: number;
  readonly frameTime: number;
}

/** Frames in, RTP out; feedback in, the encoder's target out. */
export class MediaSender {
  readonly control: CongestionControl;
  readonly source: VideoSource;
  readonly pacer: Pacer<VideoPacket>;
  readonly feedback: TransportFeedbackSender = new TransportFeedbackSender();
  /** Every target, with its time. */
  readonly targets: { at: number; bitrateBps: number }[] = [];
  readonly #extensions = new HeaderExtensionWriter();
  readonly #hasPadding: boolean;
  #now = 0;
  #rtpSequenceNumber = 0;

  constructor(control: CongestionControl, source: VideoSource, hasPadding = true) {
    this.control = control;
    this.source = source;
    this.#hasPadding = hasPadding;
    this.pacer = new Pacer({ pacingBitrateBps: control.pacingBitrateBps });
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    for (const packet of decodeCompoundPacket(datagram)?.packets ?? []) {
      const report =
        packet.type === 'transport-feedback'
          ? this.feedback.onTransportFeedback(packet, now)
          : packet.type === 'congestion-control-feedback'
            ? this.feedback.onCongestionControlFeedback(packet, now)
            : undefined;
      if (report !== undefined) this.control.onFeedback(report);
      if (packet.type === 'remb') this.control.onRemoteBitrate(packet.bitrateBps, now);
    }
    this.#obey();
  }

  handleTimeout(now: number): void {
    this.#now = now;
    while (this.source.nextFrameAt <= now) this.#packetize(this.source.next(), now);
    if (this.control.nextTimeout <= now) this.control.handleTimeout(now);
    this.#obey();
  }

  pollDatagram(): Uint8Array | undefined {
    const now = this.#now;
    let packet = this.pacer.poll(now);
    if (packet === undefined) {
      this.#pad(this.pacer.pollPadding(now));
      packet = this.pacer.poll(now);
    }
    return packet === undefined ? undefined : this.#write(packet, now);
  }

  pollEvent(): undefined {
    return undefined;
  }

  get nextTimeout(): number {
    return Math.min(this.source.nextFrameAt, this.pacer.nextTimeout, this.control.nextTimeout);
  }

  #obey(): void {
    for (let event = this.control.pollEvent(); event; event = this.control.pollEvent()) {
      if (event.type === 'probe') {
        this.pacer.addProbe(event.cluster, this.#now);
      } else {
        this.source.targetBitrateBps = event.targetBitrateBps;
        this.pacer.setBitrates(event.pacingBitrateBps, event.paddingBitrateBps, this.#now);
        this.targets.push({ at: this.#now, bitrateBps: event.targetBitrateBps });
      }
    }
  }

  #packetize(frameBytes: number, now: number): void {
    const count = Math.ceil(frameBytes / (MAX_RTP_BYTES - HEADER_BYTES));
    const rtpBytes = Math.ceil(frameBytes / count) + HEADER_BYTES;
    for (let i = 0; i < count; i++) this.#enqueue(rtpBytes, PACKET_PRIORITY.video, now);
  }

  #pad(bytes: number): void {
    if (!this.#hasPadding) return;
    for (let left = bytes; left > 0; left -= 300)
      this.#enqueue(300, PACKET_PRIORITY.padding, this.#now);
  }

  #enqueue(rtpBytes: number, priority: PacedPacket['priority'], now: number): void {
    const sizeBytes = rtpBytes + IP_BYTES;
    this.pacer.enqueue({ ssrc: SSRC, priority, sizeBytes, rtpBytes, frameTime: now }, now);
  }

  #write(packet: VideoPacket, now: number): Uint8Array {
    const { frameTime, rtpBytes, sizeBytes } = packet;
    const bytes = new Uint8Array(rtpBytes);
    const sequenceNumber = this.#rtpSequenceNumber;
    this.#rtpSequenceNumber = (sequenceNumber + 1) & 0xffff;
    const header = { payloadType: 96, sequenceNumber, timestamp: 0, ssrc: SSRC };
    this.#extensions.begin(bytes, 0, writeRtpHeader(header, bytes, 0));
    const probe = this.pacer.probeClusterId;
    const number = this.feedback.onPacketSent(now, sizeBytes, SSRC, sequenceNumber, probe);
    encodeTransportSequenceNumber(number, bytes, this.#extensions.add(EXTENSION_ID, 2));
    const view = new DataView(bytes.buffer, this.#extensions.finish());
    view.setFloat64(0, now);
    view.setFloat64(8, frameTime);
    this.control.onPacketSent(sizeBytes, now);
    this.#obey();
    return bytes;
  }
}
