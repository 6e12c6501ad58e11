// Opus in RTP: each packet of the encoder is a payload (RFC 7587 §4.2, https://www.rfc-editor.org/rfc/rfc7587#section-4.2).
import { type AudioFrame, AudioFrameQueue, type OutgoingAudioFrame } from '../audio-frame.ts';
import {
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  type Depacketizer,
  type DepacketizerCounters,
  type Packetizer,
} from '../payload-format.ts';
import { decodeOpusPacket, type OpusPacket } from './packet.ts';

/** The largest single Opus frame with its first byte. */
const LARGEST_FRAME = 1276;

export interface OpusPacketizerOptions {
  /** Largest payload in bytes; 1276 by default, as an Opus packet cannot be cut. */
  readonly maxPayloadBytes?: number;
}

/** Opus packets in, payloads out. */
export class OpusPacketizer implements Packetizer<OutgoingAudioFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  #data: Uint8Array | undefined;
  #startOfTalkspurt = false;
  #marker = false;

  constructor(options: OpusPacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? LARGEST_FRAME;
    checkMaxPayloadBytes(this.maxPayloadBytes, 1);
  }

  get marker(): boolean {
    return this.#marker;
  }

  /** @throws RangeError if the packet is too large or no Opus packet (RFC 6716 §3.4). */
  start(frame: OutgoingAudioFrame): void {
    this.#data = undefined;
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, 1);
    if (frame.data.length > this.maxPayloadBytes) {
      throw new RangeError(
        `frame.data has ${frame.data.length} bytes; expected at most maxPayloadBytes, ${this.maxPayloadBytes}`,
      );
    }
    if (decodeOpusPacket(frame.data) === undefined) {
      throw new RangeError('frame.data breaks the rules of RFC 6716 §3.4; expected an Opus packet');
    }
    this.#data = frame.data;
    this.#startOfTalkspurt = frame.startOfTalkspurt ?? false;
  }

  writePayload(out: Uint8Array, offset: number): number {
    const data = this.#data;
    if (data === undefined) return offset;
    checkRoom(out, offset, data.length);
    out.set(data, offset);
    this.#marker = this.#startOfTalkspurt;
    this.#data = undefined;
    return offset + data.length;
  }
}

/** An Opus packet received. */
export interface OpusFrame extends AudioFrame {
  /** What the packet tells of itself. */
  readonly packet: OpusPacket;
}

/** Opus payloads in; packets with their duration out. */
export class OpusDepacketizer implements Depacketizer<OpusFrame> {
  readonly #queue = new AudioFrameQueue<OpusFrame>();

  get counters(): Readonly<DepacketizerCounters> {
    return this.#queue.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, marker: boolean): void {
    if (payload.length === 0) return;
    const packet = decodeOpusPacket(payload);
    if (packet === undefined) {
      this.#queue.dropMalformed();
      return;
    }
    this.#queue.push({
      // The payload's memory is lent; the frame's is the caller's.
      data: new Uint8Array(payload),
      timestamp,
      key: true,
      startUncertain: false,
      durationTicks: packet.durationTicks,
      startOfTalkspurt: marker,
      packet,
    });
  }

  pollFrame(): OpusFrame | undefined {
    return this.#queue.poll();
  }

  reset(): void {
    this.#queue.clear();
  }
}
