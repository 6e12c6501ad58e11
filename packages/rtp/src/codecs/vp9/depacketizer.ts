// Puts VP9 layer frames together from payloads (RFC 9628 §4, https://www.rfc-editor.org/rfc/rfc9628#section-4).
import { FrameAssembly } from '../frame-assembly.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';
import {
  decodeVp9Descriptor,
  isVp9FrameEnd,
  isVp9FrameStart,
  type Vp9Descriptor,
  vp9DescriptorLength,
} from './descriptor.ts';
import { decodeVp9FrameHeader } from './uncompressed-header.ts';

/**
 * A whole layer frame; without spatial layers, that is a whole picture. `joinVp9LayerFrames` makes one
 * piece for a decoder of all layer frames of a picture.
 */
export interface Vp9Frame extends AssembledFrame {
  /** The descriptor of the frame's first payload. */
  readonly descriptor: Vp9Descriptor;
  /** Whether this is the last layer frame of its picture. */
  readonly endOfPicture: boolean;
  /** Width and height, where the frame is a key frame. */
  readonly resolution: Resolution | undefined;
}

export interface Vp9DepacketizerOptions {
  /** Layer frames larger than this are dropped; 4 MiB by default. */
  readonly maxFrameBytes?: number;
}

/** VP9 payloads in, whole layer frames out. */
export class Vp9Depacketizer implements Depacketizer<Vp9Frame> {
  readonly #assembly: FrameAssembly<Vp9Frame>;
  #descriptor: Vp9Descriptor | undefined;

  constructor(options: Vp9DepacketizerOptions = {}) {
    this.#assembly = new FrameAssembly(options.maxFrameBytes);
  }

  get counters(): Readonly<DepacketizerCounters> {
    return this.#assembly.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, marker: boolean, missing = 0): void {
    const assembly = this.#assembly;
    if (payload.length === 0) {
      assembly.passPadding(missing);
      return;
    }
    if (assembly.arrive(timestamp, marker, missing)) this.#finish(true);
    const length = vp9DescriptorLength(payload);
    if (length === 0) {
      assembly.dropMalformed(timestamp);
    } else if (isVp9FrameStart(payload)) {
      // Another layer of the same picture; that a lower one was lost does not spoil it.
      if (assembly.isOpen) this.#finish(false);
      assembly.begin(timestamp);
      this.#descriptor = decodeVp9Descriptor(payload);
    } else if (!assembly.isOpen) {
      assembly.drop(timestamp);
    }
    if (assembly.isOpen) assembly.append(payload, length, payload.length);
    if (assembly.isOpen && (marker || isVp9FrameEnd(payload))) this.#finish(marker);
    else if (marker) assembly.close();
  }

  pollFrame(): Vp9Frame | undefined {
    return this.#assembly.pollFrame();
  }

  reset(): void {
    this.#assembly.reset();
  }

  #finish(endOfPicture: boolean): void {
    const data = this.#assembly.bytes.slice();
    const descriptor = this.#descriptor as Vp9Descriptor;
    const header = decodeVp9FrameHeader(data);
    this.#assembly.finish({
      data,
      timestamp: this.#assembly.timestamp,
      // Some senders never set P, so that the frame's own header has to agree.
      key: header?.key === true && !descriptor.interPicturePredicted,
      // B tells for sure.
      startUncertain: false,
      descriptor,
      endOfPicture,
      resolution: header?.resolution,
    });
  }
}
