// Puts the pieces of one frame together in bounded memory, and knows when a loss has spoilt it.
import { Queue } from '@kaon/wire';
import {
  type AssembledFrame,
  DEFAULT_MAX_FRAME_BYTES,
  type DepacketizerCounters,
  zeroCounters,
} from './payload-format.ts';

const FIRST_CAPACITY = 4096;

/**
 * The state that all video depacketizers share: `idle` between frames, `open` while a frame grows,
 * `dropping` while the rest of a spoilt frame passes by.
 *
 * The pieces gather in one buffer that is kept from frame to frame; each finished frame is a copy of
 * exactly its size, because it belongs to the caller.
 */
export class FrameAssembly<Frame extends AssembledFrame> {
  readonly counters: DepacketizerCounters = zeroCounters();
  readonly #maxFrameBytes: number;
  readonly #frames = new Queue<Frame>();
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #state: 'idle' | 'open' | 'dropping' = 'idle';
  #timestamp = 0;
  #startUncertain = false;
  // The payload before this one.
  #previousTimestamp = -1;
  #previousMarker = true;
  // False while frames end without a marker.
  #hasMarkers = true;
  #missingBeforePadding = 0;

  constructor(maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES) {
    if (!Number.isInteger(maxFrameBytes) || maxFrameBytes < 1) {
      throw new RangeError(`maxFrameBytes is ${maxFrameBytes}; expected a positive integer`);
    }
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame is growing. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Whether what arrives belongs to a frame that was given up. */
  get isDropping(): boolean {
    return this.#state === 'dropping';
  }

  /** Timestamp of the frame under way. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** Bytes of the frame so far. */
  get length(): number {
    return this.#length;
  }

  /** What has gathered so far; valid until the next append. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Whether packets are missing between the payload that arrived last and the one before, and at least
   * one of them may have belonged to the frame that starts here.
   */
  get startUncertain(): boolean {
    return this.#startUncertain;
  }

  /** Notes a packet of padding alone, which is of no frame, but may have packets missing before it. */
  passPadding(missing: number): void {
    this.#missingBeforePadding += missing;
    if (missing > 0 && this.#state === 'open') this.drop();
  }

  /**
   * Notes the next payload's place in the stream, before anything else is done with it. Gives up the
   * frame under way if a part of it is missing.
   *
   * @returns whether the frame under way has ended just before this payload, without a marker.
   */
  arrive(timestamp: number, marker: boolean, missingJustBefore: number): boolean {
    const missing = missingJustBefore + this.#missingBeforePadding;
    this.#missingBeforePadding = 0;
    const isNewTimestamp = timestamp !== this.#previousTimestamp;
    const endsUnmarked = isNewTimestamp && !this.#previousMarker;
    if (marker) this.#hasMarkers = true;
    else if (endsUnmarked && missing === 0) this.#hasMarkers = false;
    // One packet missing behind one without marker: it carried the marker and was the end of that frame.
    this.#startUncertain = missing > 0 && !(missing === 1 && endsUnmarked && this.#hasMarkers);
    this.#previousTimestamp = timestamp;
    this.#previousMarker = marker;
    if (this.#state === 'idle') return false;
    const isSameFrame = timestamp === this.#timestamp;
    if (this.#state === 'open' && missing > 0) {
      this.drop();
    } else if (this.#state === 'open' && !isSameFrame) {
      return true;
    }
    if (!isSameFrame) this.#state = 'idle';
    return false;
  }

  /** Starts a frame, empty so far. */
  begin(timestamp: number): void {
    this.#state = 'open';
    this.#timestamp = timestamp;
    this.#length = 0;
  }

  /** Adds `bytes[start..end)`; gives the frame up and returns false if it grows too large. */
  append(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#reserve(end - start)) return false;
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += end - start;
    return true;
  }

  /** Adds one byte. */
  appendByte(byte: number): boolean {
    if (!this.#reserve(1)) return false;
    this.#bytes[this.#length++] = byte;
    return true;
  }

  /** Adds a 32-bit big-endian number. */
  appendUint32(value: number): boolean {
    if (!this.#reserve(4)) return false;
    this.#length += 4;
    this.patchUint32(this.#length - 4, value);
    return true;
  }

  /** Makes room for `count` bytes at `at`, before what follows it. */
  insert(at: number, count: number): boolean {
    if (!this.#reserve(count)) return false;
    this.#bytes.copyWithin(at + count, at, this.#length);
    this.#length += count;
    return true;
  }

  /** Takes away everything from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Overwrites the 32-bit big-endian number at `at`. */
  patchUint32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }

  /** Gives up the frame under way, or, between frames, the one that `timestamp` belongs to. */
  drop(timestamp: number = this.#timestamp): void {
    if (this.#state !== 'dropping' || timestamp !== this.#timestamp) this.counters.framesDropped++;
    this.#state = 'dropping';
    this.#timestamp = timestamp;
    this.#length = 0;
  }

  /** Counts a payload that the format does not allow, and gives up its frame. */
  dropMalformed(timestamp: number): void {
    this.counters.payloadsMalformed++;
    this.drop(timestamp);
  }

  /** Notes that nothing more of the current frame will come. */
  close(): void {
    this.#state = 'idle';
    this.#length = 0;
  }

  /** Hands `frame` to the caller and closes the frame under way. */
  finish(frame: Frame): void {
    this.counters.framesAssembled++;
    this.#frames.push(frame);
    this.close();
  }

  pollFrame(): Frame | undefined {
    return this.#frames.shift();
  }

  reset(): void {
    this.close();
    this.#startUncertain = false;
    this.#previousTimestamp = -1;
    this.#previousMarker = true;
    this.#missingBeforePadding = 0;
    this.#frames.clear();
  }

  #reserve(count: number): boolean {
    const needed = this.#length + count;
    if (needed > this.#maxFrameBytes) {
      this.counters.framesTooLarge++;
      this.drop();
      return false;
    }
    if (needed > this.#bytes.length) {
      const doubled = Math.max(needed, 2 * this.#bytes.length, FIRST_CAPACITY);
      const grown = new Uint8Array(Math.min(doubled, this.#maxFrameBytes));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return true;
  }
}
