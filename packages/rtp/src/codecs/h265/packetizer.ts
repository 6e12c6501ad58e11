// Cuts H.265 access units into payloads (RFC 7798 §4.4, https://www.rfc-editor.org/rfc/rfc7798#section-4.4).
import { writeUint16 } from '@kaon/wire';
import type { NalUnitFormat } from '../nal-units.ts';
import { OutgoingNalUnits } from '../outgoing-nal-units.ts';
import {
  checkField,
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import {
  H265_HEADER_LENGTH,
  H265_NAL_UNIT_TYPE,
  h265NalUnitType,
  isH265Irap,
} from './nal-unit-type.ts';

/** An access unit to send. */
export interface H265OutgoingFrame {
  /** All NAL units of one picture, in the packetizer's `format`. */
  readonly data: Uint8Array;
}

export interface H265PacketizerOptions {
  /** Largest payload in bytes; 1100 by default, at least 16. */
  readonly maxPayloadBytes?: number;
  /** How NAL units stand in a frame; `annexb` by default. */
  readonly format?: NalUnitFormat;
  /** VPS, SPS and PPS, without start code, that are sent with each IRAP picture that has no SPS of its own. */
  readonly parameterSets?: readonly Uint8Array[];
  /**
   * Whether payloads carry decoding order numbers, as they must if `sprop-max-don-diff` is greater than 0
   * (RFC 7798 §4.4.1); false by default. NAL units are sent in decoding order in either case.
   */
  readonly decodingOrderNumbers?: boolean;
  /** The first of them, 0 by default. */
  readonly firstDecodingOrderNumber?: number;
}

const LEAST_PAYLOAD_BYTES = 16;
const FU_HEADER_LENGTH = 1;
const DONL_LENGTH = 2;
const DOND_LENGTH = 1;

/** H.265 access units in, payloads out. */
export class H265Packetizer implements Packetizer<H265OutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  /** As in the options; takes effect with the next frame. */
  parameterSets: readonly Uint8Array[];
  readonly #format: NalUnitFormat;
  readonly #donlLength: number;
  readonly #dondLength: number;
  #don: number;
  readonly #units = new OutgoingNalUnits({
    isKeySlice: (bytes, start) => isH265Irap(typeAt(bytes, start)),
    isParameterSet: (bytes, start) => typeAt(bytes, start) === H265_NAL_UNIT_TYPE.sps,
    isAccessUnitDelimiter: (bytes, start) =>
      typeAt(bytes, start) === H265_NAL_UNIT_TYPE.accessUnitDelimiter,
  });
  // The NAL unit that comes next, and how far it is sent already, if in fragments.
  #next = 0;
  #fragmentAt = 0;
  #fragmentsLeft = 0;
  // maxPayloadBytes as it was when the frame began.
  #limit = 0;
  #marker = false;

  constructor(options: H265PacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
    this.#format = options.format ?? 'annexb';
    this.parameterSets = options.parameterSets ?? [];
    const hasDon = options.decodingOrderNumbers ?? false;
    this.#donlLength = hasDon ? DONL_LENGTH : 0;
    this.#dondLength = hasDon ? DOND_LENGTH : 0;
    const firstDon = options.firstDecodingOrderNumber ?? 0;
    this.#don = checkField('firstDecodingOrderNumber', firstDon, 0xffff);
  }

  get marker(): boolean {
    return this.#marker;
  }

  start(frame: H265OutgoingFrame): void {
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
    this.#limit = this.maxPayloadBytes;
    this.#units.clear();
    this.#next = 0;
    this.#fragmentsLeft = 0;
    this.#units.take(frame.data, this.#format, this.parameterSets);
    for (let i = 0; i < this.#units.count; i++) {
      const size = this.#units.size(i);
      if (size < H265_HEADER_LENGTH) {
        this.#units.clear();
        throw new RangeError(`frame.data has a NAL unit of ${size} byte; expected at least 2`);
      }
    }
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#next >= this.#units.count) return offset;
    const first = this.#next;
    let end: number;
    if (this.#fragmentsLeft > 0 || this.#units.size(first) + this.#donlLength > this.#limit) {
      end = this.#writeFragment(out, offset, first);
    } else {
      const behind = this.#endOfAggregate(first);
      end =
        behind - first > 1
          ? this.#writeAggregate(out, offset, first, behind)
          : this.#writeSingle(out, offset, first);
      this.#next = behind;
      this.#don = (this.#don + behind - first) & 0xffff;
    }
    this.#marker = this.#next >= this.#units.count;
    return end;
  }

  /** §4.4.1: a NAL unit as it is, but for the DONL behind its header. */
  #writeSingle(out: Uint8Array, offset: number, index: number): number {
    const units = this.#units;
    const start = units.start(index);
    const size = units.size(index);
    checkRoom(out, offset, size + this.#donlLength);
    this.#copy(index, start, H265_HEADER_LENGTH, out, offset);
    const at = this.#writeDonl(out, offset + H265_HEADER_LENGTH);
    const rest = size - H265_HEADER_LENGTH;
    this.#copy(index, start + H265_HEADER_LENGTH, rest, out, at);
    return at + rest;
  }

  /** §4.4.2: an aggregation packet of the NAL units `first` up to, not including, `behind`. */
  #writeAggregate(out: Uint8Array, offset: number, first: number, behind: number): number {
    const units = this.#units;
    let forbidden = 0;
    let layerId = 0x3f;
    let temporalIdPlus1 = 7;
    let total = H265_HEADER_LENGTH + this.#donlLength - this.#dondLength;
    for (let i = first; i < behind; i++) {
      const bytes = units.bytes(i);
      const high = bytes[units.start(i)] as number;
      const low = bytes[units.start(i) + 1] as number;
      forbidden |= high & 0x80;
      layerId = Math.min(layerId, ((high & 0x01) << 5) | (low >> 3));
      temporalIdPlus1 = Math.min(temporalIdPlus1, low & 0x07);
      total += this.#dondLength + 2 + units.size(i);
    }
    checkRoom(out, offset, total);
    // F if any has it; LayerId and TID the lowest of all.
    out[offset] = forbidden | (H265_NAL_UNIT_TYPE.aggregationPacket << 1) | (layerId >> 5);
    out[offset + 1] = ((layerId & 0x1f) << 3) | temporalIdPlus1;
    let at = this.#writeDonl(out, offset + H265_HEADER_LENGTH);
    for (let i = first; i < behind; i++) {
      // DOND: how far DON moves on beyond the 1 that it moves in any case.
      if (i > first && this.#dondLength > 0) out[at++] = 0;
      const size = units.size(i);
      at = writeUint16(out, at, size);
      this.#copy(i, units.start(i), size, out, at);
      at += size;
    }
    return at;
  }

  /** §4.4.3: a fragmentation unit, all of nearly equal size; none has both S and E. */
  #writeFragment(out: Uint8Array, offset: number, index: number): number {
    const units = this.#units;
    const bytes = units.bytes(index);
    const start = units.start(index);
    const isStart = this.#fragmentsLeft === 0;
    const room = this.#limit - H265_HEADER_LENGTH - FU_HEADER_LENGTH;
    const donlLength = isStart ? this.#donlLength : 0;
    if (isStart) {
      // The NAL unit's own header is not repeated.
      this.#fragmentAt = start + H265_HEADER_LENGTH;
      const rest = units.size(index) - H265_HEADER_LENGTH;
      this.#fragmentsLeft = Math.ceil((rest + donlLength) / room);
    }
    const left = units.end(index) - this.#fragmentAt;
    const length = Math.ceil((left + donlLength) / this.#fragmentsLeft) - donlLength;
    checkRoom(out, offset, H265_HEADER_LENGTH + FU_HEADER_LENGTH + donlLength + length);
    const isEnd = this.#fragmentsLeft === 1;
    const high = bytes[start] as number;
    out[offset] = (high & 0x81) | (H265_NAL_UNIT_TYPE.fragmentationUnit << 1);
    out[offset + 1] = bytes[start + 1] as number;
    out[offset + 2] = (isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | h265NalUnitType(high);
    let at = offset + H265_HEADER_LENGTH + FU_HEADER_LENGTH;
    // Only the first fragment tells the DON.
    if (isStart) at = this.#writeDonl(out, at);
    this.#copy(index, this.#fragmentAt, length, out, at);
    this.#fragmentAt += length;
    this.#fragmentsLeft--;
    if (isEnd) {
      this.#next++;
      this.#don = (this.#don + 1) & 0xffff;
    }
    return at + length;
  }

  /** The index behind the NAL units that fit one packet with `first`. */
  #endOfAggregate(first: number): number {
    let total = H265_HEADER_LENGTH + this.#donlLength - this.#dondLength;
    let index = first;
    while (index < this.#units.count) {
      total += this.#dondLength + 2 + this.#units.size(index);
      if (total > this.#limit) break;
      index++;
    }
    return Math.max(index, first + 1);
  }

  #writeDonl(out: Uint8Array, at: number): number {
    return this.#donlLength === 0 ? at : writeUint16(out, at, this.#don);
  }

  #copy(index: number, start: number, length: number, out: Uint8Array, at: number): void {
    out.set(this.#units.bytes(index).subarray(start, start + length), at);
  }
}

function typeAt(bytes: Uint8Array, start: number): number {
  return h265NalUnitType(bytes[start] as number);
}
