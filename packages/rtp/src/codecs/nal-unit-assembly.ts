// Puts NAL units, whole or in fragments, together to access units (RFC 6184 §5, RFC 7798 §4.4).
import { FrameAssembly } from './frame-assembly.ts';
import type { NalUnitFormat } from './nal-units.ts';
import type { AssembledFrame } from './payload-format.ts';

const START_CODE = 1;

/** An access unit that grows by NAL units, in the format that the decoder wants. */
export class NalUnitAssembly<Frame extends AssembledFrame> {
  readonly frame: FrameAssembly<Frame>;
  readonly #format: NalUnitFormat;
  // Where the length or start code of the fragmented NAL unit under way stands; -1 if there is none.
  #fragmentAt = -1;

  constructor(format: NalUnitFormat, maxFrameBytes: number | undefined) {
    if (format !== 'annexb' && format !== 'length-prefixed') {
      throw new RangeError(`format is ${String(format)}; expected 'annexb' or 'length-prefixed'`);
    }
    this.frame = new FrameAssembly(maxFrameBytes);
    this.#format = format;
  }

  /** Whether a NAL unit has begun and not yet ended. */
  get isFragmentOpen(): boolean {
    return this.#fragmentAt >= 0;
  }

  begin(timestamp: number): void {
    this.frame.begin(timestamp);
    this.#fragmentAt = -1;
  }

  /** Adds the whole NAL unit `bytes[start..end)`; false if the frame grew too large. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const prefix = this.#format === 'annexb' ? START_CODE : end - start;
    return this.frame.appendUint32(prefix) && this.frame.append(bytes, start, end);
  }

  /** Begins a NAL unit that comes in fragments. */
  beginFragments(): boolean {
    this.#fragmentAt = this.frame.length;
    return this.frame.appendUint32(START_CODE);
  }

  /** Ends it. */
  endFragments(): void {
    if (this.#format === 'length-prefixed') {
      this.frame.patchUint32(this.#fragmentAt, this.frame.length - this.#fragmentAt - 4);
    }
    this.#fragmentAt = -1;
  }
}
