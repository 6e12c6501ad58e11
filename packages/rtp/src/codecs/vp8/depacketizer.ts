// Puts VP8 frames together from payloads (RFC 7741 §4.5, https://www.rfc-editor.org/rfc/rfc7741#section-4.5).
import { FrameAssembly } from '../frame-assembly.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';
import {
  decodeVp8Descriptor,
  isVp8FrameStart,
  type Vp8Descriptor,
  vp8DescriptorLength,
} from './descriptor.ts';
import { isVp8KeyFrameData, vp8Resolution } from './frame-header.ts';

/** A whole VP8 frame. */
export interface Vp8Frame extends AssembledFrame {
  /** The descriptor of the frame's first payload. */
  readonly descriptor: Vp8Descriptor;
  /** Width and height, where the frame is a key frame. */
  readonly resolution: Resolution | undefined;
}

export interface Vp8DepacketizerOptions {
  /** Frames larger than this are dropped; 4 MiB by default. */
  readonly maxFrameBytes?: number;
}

/** VP8 payloads in, whole frames out. */
export class Vp8Depacketizer implements Depacketizer<Vp8Frame> {
  readonly #assembly: FrameAssembly<Vp8Frame>;
  #descriptor: Vp8Descriptor | undefined;

  constructor(options: Vp8DepacketizerOptions = {}) {
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
    if (assembly.arrive(timestamp, marker, missing)) this.#finish();
    const length = vp8DescriptorLength(payload);
    if (length === 0) {
      assembly.dropMalformed(timestamp);
    } else if (isVp8FrameStart(payload) && !assembly.isDropping) {
      if (assembly.isOpen) this.#finish();
      assembly.begin(timestamp);
      this.#descriptor = decodeVp8Descriptor(payload);
    } else if (!assembly.isOpen) {
      // The start of this frame never came.
      assembly.drop(timestamp);
    }
    if (assembly.isOpen) assembly.append(payload, length, payload.length);
    if (!marker) return;
    if (assembly.isOpen) this.#finish();
    else assembly.close();
  }

  pollFrame(): Vp8Frame | undefined {
    return this.#assembly.pollFrame();
  }

  reset(): void {
    this.#assembly.reset();
  }

  #finish(): void {
    const data = this.#assembly.bytes.slice();
    this.#assembly.finish({
      data,
      timestamp: this.#assembly.timestamp,
      key: isVp8KeyFrameData(data),
      // S with PID 0 tells for sure.
      startUncertain: false,
      descriptor: this.#descriptor as Vp8Descriptor,
      resolution: vp8Resolution(data),
    });
  }
}
