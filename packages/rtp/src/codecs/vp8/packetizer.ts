// Cuts VP8 frames into payloads (RFC 7741 §4.4, https://www.rfc-editor.org/rfc/rfc7741#section-4.4).
import {
  checkField,
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import { isVp8KeyFrameData } from './frame-header.ts';

/** A frame to send. */
export interface Vp8OutgoingFrame {
  readonly data: Uint8Array;
  /** N: no other frame refers to this one. */
  readonly nonReference?: boolean;
  /** TID, 0 to 3; 0 by default. Sent if the packetizer has `temporalLayers`. */
  readonly temporalId?: number;
  /** Y: the frame refers only to frames of temporal layer 0. */
  readonly layerSync?: boolean;
}

export interface Vp8PacketizerOptions {
  /** Largest payload in bytes; 1100 by default, at least 8. */
  readonly maxPayloadBytes?: number;
  /** Bits of PictureID; 15 by default, 0 for none. */
  readonly pictureIdBits?: 0 | 7 | 15;
  /** PictureID of the first frame; should be random (RFC 7741 §4.2). 0 by default. */
  readonly firstPictureId?: number;
  /** Whether TID, Y and TL0PICIDX are sent; false by default. */
  readonly temporalLayers?: boolean;
  /** TL0PICIDX of the first frame; should be random. 0 by default. */
  readonly firstTl0PicIdx?: number;
  /** KEYIDX of the first key frame, 0 to 31; without it none is sent. */
  readonly firstKeyIndex?: number;
}

const LARGEST_DESCRIPTOR = 6;

/** VP8 frames in, payloads out; payloads of one frame are of nearly equal size. */
export class Vp8Packetizer implements Packetizer<Vp8OutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  readonly #pictureIdBits: 0 | 7 | 15;
  readonly #temporalLayers: boolean;
  #nextPictureId: number;
  #nextTl0PicIdx: number;
  #keyIndex: number | undefined;
  #sentKeyFrame = false;
  // The descriptor of the frame under way, but for S.
  readonly #descriptor = new Uint8Array(LARGEST_DESCRIPTOR);
  #descriptorLength = 0;
  #data: Uint8Array = new Uint8Array(0);
  #at = 0;
  #payloadsLeft = 0;
  #marker = false;

  constructor(options: Vp8PacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    checkMaxPayloadBytes(this.maxPayloadBytes, LARGEST_DESCRIPTOR + 2);
    this.#pictureIdBits = options.pictureIdBits ?? 15;
    this.#temporalLayers = options.temporalLayers ?? false;
    this.#nextPictureId = checkField('firstPictureId', options.firstPictureId ?? 0, 0x7fff);
    this.#nextTl0PicIdx = checkField('firstTl0PicIdx', options.firstTl0PicIdx ?? 0, 0xff);
    this.#keyIndex = options.firstKeyIndex;
    if (this.#keyIndex !== undefined) checkField('firstKeyIndex', this.#keyIndex, 31);
  }

  get marker(): boolean {
    return this.#marker;
  }

  start(frame: Vp8OutgoingFrame): void {
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, LARGEST_DESCRIPTOR + 2);
    const temporalId = checkField('frame.temporalId', frame.temporalId ?? 0, 3);
    this.#descriptorLength = this.#writeDescriptor(frame, temporalId);
    this.#data = frame.data;
    this.#at = 0;
    const room = this.maxPayloadBytes - this.#descriptorLength;
    this.#payloadsLeft = Math.ceil(frame.data.length / room);
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#payloadsLeft === 0) return offset;
    const length = Math.ceil((this.#data.length - this.#at) / this.#payloadsLeft);
    checkRoom(out, offset, this.#descriptorLength + length);
    for (let i = 0; i < this.#descriptorLength; i++)
      out[offset + i] = this.#descriptor[i] as number;
    // The packetizer does not look for partitions: S only where the frame starts, PID always 0.
    if (this.#at === 0) out[offset] = (out[offset] as number) | 0x10;
    out.set(this.#data.subarray(this.#at, this.#at + length), offset + this.#descriptorLength);
    this.#at += length;
    this.#payloadsLeft--;
    this.#marker = this.#payloadsLeft === 0;
    return offset + this.#descriptorLength + length;
  }

  /** Writes the frame's descriptor and moves the running numbers on; returns its length. */
  #writeDescriptor(frame: Vp8OutgoingFrame, temporalId: number): number {
    const out = this.#descriptor;
    const isKey = isVp8KeyFrameData(frame.data);
    if (isKey && this.#keyIndex !== undefined) {
      if (this.#sentKeyFrame) this.#keyIndex = (this.#keyIndex + 1) & 0x1f;
      this.#sentKeyFrame = true;
    }
    const extension =
      (this.#pictureIdBits > 0 ? 0x80 : 0) |
      (this.#temporalLayers ? 0x60 : 0) |
      (this.#keyIndex !== undefined ? 0x10 : 0);
    out[0] = (extension === 0 ? 0 : 0x80) | (frame.nonReference === true ? 0x20 : 0);
    if (extension === 0) return 1;
    out[1] = extension;
    let at = 2;
    if (this.#pictureIdBits === 15) out[at++] = 0x80 | (this.#nextPictureId >> 8);
    if (this.#pictureIdBits > 0) {
      out[at++] = this.#nextPictureId & (this.#pictureIdBits === 7 ? 0x7f : 0xff);
    }
    this.#nextPictureId = (this.#nextPictureId + 1) & 0x7fff;
    if (this.#temporalLayers) out[at++] = this.#tl0PicIdx(temporalId);
    if ((extension & 0x30) !== 0) {
      const layerSync = frame.layerSync === true ? 0x20 : 0;
      const layers = this.#temporalLayers ? (temporalId << 6) | layerSync : 0;
      out[at++] = layers | (this.#keyIndex ?? 0);
    }
    return at;
  }

  /** The number of this frame if it is of layer 0, otherwise that of the one before in layer 0. */
  #tl0PicIdx(temporalId: number): number {
    if (temporalId > 0) return (this.#nextTl0PicIdx - 1) & 0xff;
    const tl0PicIdx = this.#nextTl0PicIdx;
    this.#nextTl0PicIdx = (tl0PicIdx + 1) & 0xff;
    return tl0PicIdx;
  }
}
