// Sends each audio frame again with the frames that follow it (RFC 2198 §4, https://www.rfc-editor.org/rfc/rfc2198#section-4).
import { serialDistance32, writeUint32 } from '@kaon/wire';
import type { OutgoingAudioFrame } from '../audio-frame.ts';
import {
  checkField,
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import {
  RED_BLOCK_HEADER_LENGTH,
  RED_MAX_BLOCK_BYTES,
  RED_MAX_OFFSET,
  RED_PRIMARY_HEADER_LENGTH,
} from './red.ts';

/** A frame to send. */
export interface RedOutgoingFrame extends OutgoingAudioFrame {
  /** RTP timestamp. */
  readonly timestamp: number;
}

export interface RedPacketizerOptions {
  /** Payload type of the frames themselves. */
  readonly payloadType: number;
  /** How many earlier frames go with each; 1 by default, 0 to 9. */
  readonly redundancy?: number;
  /** Largest payload in bytes; 1100 by default. Redundancy that does not fit is left out, the oldest first. */
  readonly maxPayloadBytes?: number;
}

const MAX_REDUNDANCY = 9;

/** An earlier frame; its memory is used again and again. */
interface SentFrame {
  readonly bytes: Uint8Array;
  length: number;
  timestamp: number;
}

/** Audio frames in, payloads with redundancy out: one for each frame. */
export class RedPacketizer implements Packetizer<RedOutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  readonly #payloadType: number;
  // A ring: the frame before the one at hand is at #newest.
  readonly #sent: SentFrame[];
  #newest = 0;
  #frame: RedOutgoingFrame | undefined;
  #marker = false;

  constructor(options: RedPacketizerOptions) {
    this.#payloadType = checkField('payloadType', options.payloadType, 127);
    const redundancy = checkField('redundancy', options.redundancy ?? 1, MAX_REDUNDANCY);
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    checkMaxPayloadBytes(this.maxPayloadBytes, 2);
    this.#sent = Array.from({ length: redundancy }, () => ({
      bytes: new Uint8Array(RED_MAX_BLOCK_BYTES),
      length: 0,
      timestamp: 0,
    }));
  }

  get marker(): boolean {
    return this.#marker;
  }

  /** @throws RangeError if the frame itself does not fit. */
  start(frame: RedOutgoingFrame): void {
    this.#frame = undefined;
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, 2);
    if (frame.data.length + RED_PRIMARY_HEADER_LENGTH > this.maxPayloadBytes) {
      throw new RangeError(
        `frame.data has ${frame.data.length} bytes; expected at most maxPayloadBytes - 1, ${this.maxPayloadBytes - 1}`,
      );
    }
    this.#frame = frame;
  }

  writePayload(out: Uint8Array, offset: number): number {
    const frame = this.#frame;
    if (frame === undefined) return offset;
    const count = this.#fitting(frame);
    let length = RED_PRIMARY_HEADER_LENGTH + frame.data.length;
    for (let age = 1; age <= count; age++) length += RED_BLOCK_HEADER_LENGTH + this.#at(age).length;
    checkRoom(out, offset, length);
    let at = offset;
    for (let age = count; age > 0; age--) {
      const sent = this.#at(age);
      const distance = serialDistance32(frame.timestamp, sent.timestamp);
      // The F bit is the highest.
      const header = (0x80 | this.#payloadType) * 2 ** 24 + distance * 2 ** 10 + sent.length;
      at = writeUint32(out, at, header);
    }
    out[at++] = this.#payloadType;
    for (let age = count; age > 0; age--) {
      const sent = this.#at(age);
      out.set(sent.bytes.subarray(0, sent.length), at);
      at += sent.length;
    }
    out.set(frame.data, at);
    this.#marker = frame.startOfTalkspurt ?? false;
    this.#remember(frame);
    this.#frame = undefined;
    return at + frame.data.length;
  }

  /** How many of the newest earlier frames fit with `frame`, in fields and in bytes. */
  #fitting(frame: RedOutgoingFrame): number {
    let room = this.maxPayloadBytes - RED_PRIMARY_HEADER_LENGTH - frame.data.length;
    for (let age = 1; age <= this.#sent.length; age++) {
      const sent = this.#at(age);
      const distance = serialDistance32(frame.timestamp, sent.timestamp);
      room -= RED_BLOCK_HEADER_LENGTH + sent.length;
      if (sent.length === 0 || distance <= 0 || distance > RED_MAX_OFFSET || room < 0) {
        return age - 1;
      }
    }
    return this.#sent.length;
  }

  /** The frame `age` before the one at hand. */
  #at(age: number): SentFrame {
    const count = this.#sent.length;
    return this.#sent[(this.#newest - age + 1 + count) % count] as SentFrame;
  }

  #remember(frame: RedOutgoingFrame): void {
    if (this.#sent.length === 0) return;
    this.#newest = (this.#newest + 1) % this.#sent.length;
    const slot = this.#sent[this.#newest] as SentFrame;
    // A frame too large for a block is not repeated; length 0 stands for that.
    slot.length = frame.data.length > RED_MAX_BLOCK_BYTES ? 0 : frame.data.length;
    slot.bytes.set(frame.data.subarray(0, slot.length));
    slot.timestamp = frame.timestamp;
  }
}
