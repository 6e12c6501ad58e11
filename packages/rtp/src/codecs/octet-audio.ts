// Audio of one octet a timestamp unit and channel, which may be cut anywhere (RFC 3551 §4.2, https://www.rfc-editor.org/rfc/rfc3551#section-4.2).
import { type AudioFrame, AudioFrameQueue, type OutgoingAudioFrame } from './audio-frame.ts';
import {
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Depacketizer,
  type DepacketizerCounters,
  type Packetizer,
} from './payload-format.ts';

/** Octets and timestamp units in a millisecond of one channel. */
const TICKS_PER_MS = 8;

export interface OctetAudioPacketizerOptions {
  /** Largest payload in bytes; 1100 by default. */
  readonly maxPayloadBytes?: number;
  /** Channels, interleaved octet by octet; 1 by default. */
  readonly channels?: number;
  /** Milliseconds a packet; 20 by default (RFC 3551 §4.2). */
  readonly packetTimeMs?: number;
}

/** Cuts any number of octets into packets of equal time; the last one may be shorter. */
export class OctetAudioPacketizer implements Packetizer<OutgoingAudioFrame> {
  maxPayloadBytes: number;
  readonly #channels: number;
  readonly #packetTimeMs: number;
  #data: Uint8Array = new Uint8Array(0);
  #at = 0;
  #payloadBytes = 0;
  #startOfTalkspurt = false;
  #marker = false;
  #timestampOffset = 0;

  constructor(options: OctetAudioPacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    this.#channels = checkChannels(options.channels);
    this.#packetTimeMs = options.packetTimeMs ?? 20;
    if (!(this.#packetTimeMs > 0 && this.#packetTimeMs <= 1000)) {
      throw new RangeError(
        `packetTimeMs is ${this.#packetTimeMs}; expected more than 0, up to 1000`,
      );
    }
    checkMaxPayloadBytes(this.maxPayloadBytes, this.#channels);
  }

  get marker(): boolean {
    return this.#marker;
  }

  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /** @throws RangeError if the octets are not the same number for each channel. */
  start(frame: OutgoingAudioFrame): void {
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, this.#channels);
    if (frame.data.length % this.#channels !== 0) {
      throw new RangeError(
        `frame.data has ${frame.data.length} bytes; expected a multiple of ${this.#channels} channels`,
      );
    }
    const ticks = Math.max(1, Math.floor(this.#packetTimeMs * TICKS_PER_MS));
    const fitting = Math.floor(this.maxPayloadBytes / this.#channels);
    this.#payloadBytes = this.#channels * Math.min(ticks, fitting);
    this.#data = frame.data;
    this.#at = 0;
    this.#startOfTalkspurt = frame.startOfTalkspurt ?? false;
  }

  writePayload(out: Uint8Array, offset: number): number {
    const end = Math.min(this.#at + this.#payloadBytes, this.#data.length);
    const length = end - this.#at;
    if (length === 0) return offset;
    checkRoom(out, offset, length);
    out.set(this.#data.subarray(this.#at, end), offset);
    this.#marker = this.#startOfTalkspurt && this.#at === 0;
    this.#timestampOffset = this.#at / this.#channels;
    this.#at = end;
    return offset + length;
  }
}

export interface OctetAudioDepacketizerOptions {
  /** Channels; 1 by default. */
  readonly channels?: number;
}

/** Payloads in, the same octets with their duration out. */
export class OctetAudioDepacketizer implements Depacketizer<AudioFrame> {
  readonly #channels: number;
  readonly #queue = new AudioFrameQueue<AudioFrame>();

  constructor(options: OctetAudioDepacketizerOptions = {}) {
    this.#channels = checkChannels(options.channels);
  }

  get counters(): Readonly<DepacketizerCounters> {
    return this.#queue.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, marker: boolean): void {
    if (payload.length === 0) return;
    if (payload.length % this.#channels !== 0) {
      this.#queue.dropMalformed();
      return;
    }
    this.#queue.push({
      // The payload's memory is lent; the frame's is the caller's.
      data: new Uint8Array(payload),
      timestamp,
      key: true,
      startUncertain: false,
      durationTicks: payload.length / this.#channels,
      startOfTalkspurt: marker,
    });
  }

  pollFrame(): AudioFrame | undefined {
    return this.#queue.poll();
  }

  reset(): void {
    this.#queue.clear();
  }
}

function checkChannels(channels = 1): number {
  if (!Number.isInteger(channels) || channels < 1 || channels > 255) {
    throw new RangeError(`channels is ${channels}; expected an integer from 1 to 255`);
  }
  return channels;
}
