// Cuts H.264 access units into payloads (RFC 6184 §5.6 to §5.8, https://www.rfc-editor.org/rfc/rfc6184#section-5.6).
import { writeUint16 } from '@kaon/wire';
import type { NalUnitFormat } from '../nal-units.ts';
import { OutgoingNalUnits } from '../outgoing-nal-units.ts';
import {
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import { H264_NAL_UNIT_TYPE, h264NalUnitType } from './nal-unit-type.ts';

/** An access unit to send. */
export interface H264OutgoingFrame {
  /** All NAL units of one picture, in the packetizer's `format`. */
  readonly data: Uint8Array;
}

export interface H264PacketizerOptions {
  /** Largest payload in bytes; 1100 by default, at least 8. */
  readonly maxPayloadBytes?: number;
  /**
   * 1, the default: small NAL units share packets (STAP-A) and large ones are cut up (FU-A). 0: each NAL
   * unit is a packet, so that an encoder has to keep them small (RFC 6184 §6.2).
   */
  readonly packetizationMode?: 0 | 1;
  /** How NAL units stand in a frame; `annexb` by default. */
  readonly format?: NalUnitFormat;
  /** SPS and PPS, without start code, that are sent with each IDR picture that has no SPS of its own. */
  readonly parameterSets?: readonly Uint8Array[];
}

const LEAST_PAYLOAD_BYTES = 8;
const STAP_HEADER_LENGTH = 1;
const FU_HEADER_LENGTH = 2;

/** H.264 access units in, payloads out. */
export class H264Packetizer implements Packetizer<H264OutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  /** As in the options; takes effect with the next frame. */
  parameterSets: readonly Uint8Array[];
  readonly #mode: 0 | 1;
  readonly #format: NalUnitFormat;
  readonly #units = new OutgoingNalUnits({
    isKeySlice: (bytes, start) => typeAt(bytes, start) === H264_NAL_UNIT_TYPE.idrSlice,
    isParameterSet: (bytes, start) => typeAt(bytes, start) === H264_NAL_UNIT_TYPE.sps,
    isAccessUnitDelimiter: (bytes, start) =>
      typeAt(bytes, start) === H264_NAL_UNIT_TYPE.accessUnitDelimiter,
  });
  // The NAL unit that comes next, and how far it is sent already, if in fragments.
  #next = 0;
  #fragmentAt = 0;
  #fragmentsLeft = 0;
  // maxPayloadBytes as it was when the frame began.
  #limit = 0;
  #marker = false;

  constructor(options: H264PacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
    this.#mode = options.packetizationMode ?? 1;
    if (this.#mode !== 0 && this.#mode !== 1) {
      throw new RangeError(`packetizationMode is ${String(this.#mode)}; expected 0 or 1`);
    }
    this.#format = options.format ?? 'annexb';
    this.parameterSets = options.parameterSets ?? [];
  }

  get marker(): boolean {
    return this.#marker;
  }

  start(frame: H264OutgoingFrame): void {
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
    this.#limit = this.maxPayloadBytes;
    this.#units.clear();
    this.#next = 0;
    this.#fragmentsLeft = 0;
    this.#units.take(frame.data, this.#format, this.parameterSets);
    if (this.#mode === 0) this.#checkSizes();
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#next >= this.#units.count) return offset;
    const first = this.#next;
    const size = this.#units.size(first);
    let end: number;
    if (this.#fragmentsLeft > 0 || size > this.#limit) {
      end = this.#writeFragment(out, offset, first);
    } else {
      const behind = this.#mode === 0 ? first + 1 : this.#endOfAggregate(first);
      end = behind - first > 1 ? this.#writeStapA(out, offset, first, behind) : offset + size;
      if (behind - first === 1) {
        checkRoom(out, offset, size);
        this.#copy(first, this.#units.start(first), size, out, offset);
      }
      this.#next = behind;
    }
    this.#marker = this.#next >= this.#units.count;
    return end;
  }

  /** §5.8: FU-A, cut into fragments of nearly equal size; none has both S and E. */
  #writeFragment(out: Uint8Array, offset: number, index: number): number {
    const units = this.#units;
    const header = units.bytes(index)[units.start(index)] as number;
    const isStart = this.#fragmentsLeft === 0;
    if (isStart) {
      // The NAL unit's own header is not repeated.
      this.#fragmentAt = units.start(index) + 1;
      const room = this.#limit - FU_HEADER_LENGTH;
      this.#fragmentsLeft = Math.ceil((units.size(index) - 1) / room);
    }
    const length = Math.ceil((units.end(index) - this.#fragmentAt) / this.#fragmentsLeft);
    checkRoom(out, offset, FU_HEADER_LENGTH + length);
    const isEnd = this.#fragmentsLeft === 1;
    out[offset] = (header & 0xe0) | H264_NAL_UNIT_TYPE.fuA;
    out[offset + 1] = (isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | h264NalUnitType(header);
    this.#copy(index, this.#fragmentAt, length, out, offset + FU_HEADER_LENGTH);
    this.#fragmentAt += length;
    this.#fragmentsLeft--;
    if (isEnd) this.#next++;
    return offset + FU_HEADER_LENGTH + length;
  }

  /** §5.7.1: STAP-A of the NAL units `first` up to, not including, `behind`. */
  #writeStapA(out: Uint8Array, offset: number, first: number, behind: number): number {
    const units = this.#units;
    let forbidden = 0;
    let refIdc = 0;
    let total = STAP_HEADER_LENGTH;
    for (let i = first; i < behind; i++) {
      const header = units.bytes(i)[units.start(i)] as number;
      forbidden |= header & 0x80;
      refIdc = Math.max(refIdc, header & 0x60);
      total += 2 + units.size(i);
    }
    checkRoom(out, offset, total);
    // §5.7: F if any has it; NRI the highest of all.
    out[offset] = forbidden | refIdc | H264_NAL_UNIT_TYPE.stapA;
    let at = offset + STAP_HEADER_LENGTH;
    for (let i = first; i < behind; i++) {
      const size = units.size(i);
      at = writeUint16(out, at, size);
      this.#copy(i, units.start(i), size, out, at);
      at += size;
    }
    return at;
  }

  /** The index behind the NAL units that fit one packet with `first`. */
  #endOfAggregate(first: number): number {
    let total = STAP_HEADER_LENGTH;
    let index = first;
    while (index < this.#units.count) {
      total += 2 + this.#units.size(index);
      if (total > this.#limit) break;
      index++;
    }
    return Math.max(index, first + 1);
  }

  #copy(index: number, start: number, length: number, out: Uint8Array, at: number): void {
    out.set(this.#units.bytes(index).subarray(start, start + length), at);
  }

  #checkSizes(): void {
    for (let i = 0; i < this.#units.count; i++) {
      const size = this.#units.size(i);
      if (size > this.#limit) {
        this.#units.clear();
        throw new RangeError(
          `frame.data has a NAL unit of ${size} bytes; expected at most maxPayloadBytes, ${this.#limit}, in packetization mode 0`,
        );
      }
    }
  }
}

function typeAt(bytes: Uint8Array, start: number): number {
  return h264NalUnitType(bytes[start] as number);
}
