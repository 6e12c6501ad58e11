// Brings interleaved NAL units back into decoding order (RFC 6184 §7.2, RFC 7798 §6, https://www.rfc-editor.org/rfc/rfc7798#section-6).
import { unwrapSerial16 } from '@kaon/wire';
import {
  type AssembledFrame,
  DEFAULT_MAX_FRAME_BYTES,
  type Depacketizer,
  type DepacketizerCounters,
} from './payload-format.ts';

/** Largest depth that either format can signal. */
const MAX_DEPTH = 32767;

/** More missing packets than any rule of a depacketizer can explain away. */
const SOME_MISSING = 2;

const NO_PAYLOAD = new Uint8Array(0);

interface BufferedNalUnit {
  readonly bytes: Uint8Array;
  /** DON without wrap-around: AbsDon. */
  readonly don: number;
  readonly timestamp: number;
  /** Whether it counts for the depth. */
  readonly isCounted: boolean;
}

/**
 * Holds NAL units until no earlier one can come any more, then hands them, in decoding order and as
 * payloads of their own, to a depacketizer that needs no order numbers.
 */
export class DecodingOrder<Frame extends AssembledFrame> {
  payloadsMalformed = 0;
  readonly #inner: Depacketizer<Frame>;
  readonly #depth: number;
  readonly #maxBytes: number;
  // By DON, the lowest first.
  #buffer: BufferedNalUnit[] = [];
  #bytes = 0;
  #counted = 0;
  #newestDon: number | undefined;
  #lastDon: number | undefined;
  // How many in a row had a place that was passed.
  #passed = 0;
  // How many more NAL units may have lost their neighbour.
  #suspects = 0;

  /** Holds back up to `depth` counted NAL units, and at least one. */
  constructor(
    inner: Depacketizer<Frame>,
    depth: number,
    maxBytes: number = DEFAULT_MAX_FRAME_BYTES,
  ) {
    if (!Number.isInteger(depth) || depth < 0 || depth > MAX_DEPTH) {
      throw new RangeError(`depth is ${depth}; expected an integer from 0 to ${MAX_DEPTH}`);
    }
    this.#inner = inner;
    this.#depth = Math.max(1, depth);
    this.#maxBytes = maxBytes;
  }

  /** The counters of the frames, and the malformed payloads of both layers. */
  get counters(): Readonly<DepacketizerCounters> {
    const { counters } = this.#inner;
    return {
      ...counters,
      payloadsMalformed: counters.payloadsMalformed + this.payloadsMalformed,
    };
  }

  /** Takes a NAL unit, whose memory is the buffer's from now on. */
  add(bytes: Uint8Array, don: number, timestamp: number, isCounted: boolean): void {
    const absolute = this.#newestDon === undefined ? don : unwrapSerial16(don, this.#newestDon);
    this.#newestDon = absolute;
    if (this.#lastDon !== undefined && absolute < this.#lastDon) {
      // Its place has been passed: the depth that was signalled is not kept.
      this.noteLoss();
      if (++this.#passed <= 2 * this.#depth) return;
      // So many in a row: the sender began its numbers anew.
      this.flush();
      this.#lastDon = undefined;
    }
    this.#passed = 0;
    let at = this.#buffer.length;
    while (at > 0 && (this.#buffer[at - 1] as BufferedNalUnit).don > absolute) at--;
    this.#buffer.splice(at, 0, { bytes, don: absolute, timestamp, isCounted });
    this.#bytes += bytes.length;
    if (isCounted) this.#counted++;
    while (this.#isFull()) this.#handNext();
  }

  /** Notes that one or more NAL units, from anywhere near in decoding order, will not come. */
  noteLoss(): void {
    this.#suspects = this.#buffer.length + this.#depth + 1;
  }

  /** Notes a payload that the format does not allow. */
  noteMalformed(): void {
    this.payloadsMalformed++;
    this.noteLoss();
  }

  /** Hands on all that is held, as at the end of a stream. */
  flush(): void {
    while (this.#buffer.length > 0) this.#handNext();
  }

  reset(): void {
    this.#inner.reset();
    this.#buffer = [];
    this.#bytes = 0;
    this.#counted = 0;
    this.#newestDon = undefined;
    this.#lastDon = undefined;
    this.#passed = 0;
    this.#suspects = 0;
  }

  #isFull(): boolean {
    if (this.#buffer.length < 2) return false;
    return (
      this.#counted > this.#depth ||
      // NAL units that do not count are few; a peer that sends nothing else is not to fill memory.
      this.#buffer.length > 2 * this.#depth + 16 ||
      this.#bytes > this.#maxBytes
    );
  }

  #handNext(): void {
    const unit = this.#buffer.shift() as BufferedNalUnit;
    this.#bytes -= unit.bytes.length;
    if (unit.isCounted) this.#counted--;
    const isSuspect = this.#suspects > 0;
    if (isSuspect) this.#suspects--;
    // Order numbers that follow on each other tell that nothing is missing between them.
    const follows = this.#lastDon !== undefined && unit.don <= this.#lastDon + 1;
    const next = this.#buffer[0];
    const isLast =
      next === undefined
        ? !isSuspect
        : next.timestamp !== unit.timestamp && (!isSuspect || next.don <= unit.don + 1);
    this.#lastDon = unit.don;
    const missing = isSuspect && !follows ? SOME_MISSING : 0;
    this.#inner.handlePayload(unit.bytes, unit.timestamp, isLast, missing);
    if (next === undefined && isSuspect) {
      // What is held is all handed on, and the end of this frame may be what was lost.
      this.#inner.handlePayload(NO_PAYLOAD, unit.timestamp, false, SOME_MISSING);
    }
  }
}
