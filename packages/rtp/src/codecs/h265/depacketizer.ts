// Puts H.265 access units together from payloads (RFC 7798 §4.4, https://www.rfc-editor.org/rfc/rfc7798#section-4.4).
import { readUint16 } from '@kaon/wire';
import type { FrameAssembly } from '../frame-assembly.ts';
import { NalUnitAssembly } from '../nal-unit-assembly.ts';
import type { NalUnitFormat } from '../nal-units.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';
import {
  H265_HEADER_LENGTH,
  H265_NAL_UNIT_TYPE,
  h265NalUnitType,
  isH265Irap,
} from './nal-unit-type.ts';
import { isH265Paci, unwrapH265Paci } from './paci.ts';
import { h265Resolution } from './sequence-parameter-set.ts';

/** A whole access unit. */
export interface H265Frame extends AssembledFrame {
  /** Width and height by the last sequence parameter set, where the frame is an IRAP picture. */
  readonly resolution: Resolution | undefined;
  /** The temporal layer: TemporalId of the first slice. */
  readonly temporalId: number;
}

export interface H265DepacketizerOptions {
  /** Frames larger than this are dropped; 4 MiB by default. */
  readonly maxFrameBytes?: number;
  /** How NAL units stand in a frame; `annexb` by default. */
  readonly format?: NalUnitFormat;
  /**
   * VPS, SPS and PPS, without start code, that are put into each IRAP picture that came without an SPS:
   * those of `sprop-vps`, `sprop-sps` and `sprop-pps` (RFC 7798 §7.1).
   */
  readonly parameterSets?: readonly Uint8Array[];
}

/** Payloads without decoding order numbers (`sprop-max-don-diff` 0) in, whole access units out. */
export class H265Depacketizer implements Depacketizer<H265Frame> {
  readonly #assembly: NalUnitAssembly<H265Frame>;
  readonly #frame: FrameAssembly<H265Frame>;
  readonly #parameterSets: readonly Uint8Array[];
  #startUncertain = false;
  #hasIrap = false;
  #hasSps = false;
  #temporalId = -1;
  #fragmentType = 0;
  #resolution: Resolution | undefined;

  constructor(options: H265DepacketizerOptions = {}) {
    this.#assembly = new NalUnitAssembly(options.format ?? 'annexb', options.maxFrameBytes);
    this.#frame = this.#assembly.frame;
    this.#parameterSets = options.parameterSets ?? [];
    this.#resolution = resolutionOf(this.#parameterSets);
  }

  get counters(): Readonly<DepacketizerCounters> {
    return this.#frame.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, marker: boolean, missing = 0): void {
    const frame = this.#frame;
    if (payload.length === 0) {
      frame.passPadding(missing);
      return;
    }
    if (frame.arrive(timestamp, marker, missing)) this.#finish();
    if (!frame.isDropping) {
      const inner = isH265Paci(payload) ? unwrapH265Paci(payload) : payload;
      if (inner === undefined) frame.dropMalformed(timestamp);
      else this.#handle(inner, timestamp);
    }
    if (!marker) return;
    if (frame.isOpen) this.#finish();
    else frame.close();
  }

  pollFrame(): H265Frame | undefined {
    return this.#frame.pollFrame();
  }

  reset(): void {
    this.#frame.reset();
  }

  #handle(payload: Uint8Array, timestamp: number): void {
    const type = h265NalUnitType(payload[0] as number);
    if (payload.length <= H265_HEADER_LENGTH) {
      this.#frame.dropMalformed(timestamp);
    } else if (type === H265_NAL_UNIT_TYPE.fragmentationUnit) {
      this.#handleFragment(payload, timestamp);
    } else if (type === H265_NAL_UNIT_TYPE.aggregationPacket) {
      this.#handleAggregate(payload, timestamp);
    } else if (type <= H265_NAL_UNIT_TYPE.lastSingle) {
      this.#add(payload, 0, payload.length, timestamp);
    } else {
      // §4.4: types from 51 up are not defined; what they carry is not of this frame.
      this.#frame.counters.payloadsMalformed++;
    }
  }

  #handleAggregate(payload: Uint8Array, timestamp: number): void {
    let at = H265_HEADER_LENGTH;
    do {
      const start = at + 2;
      const size = start < payload.length ? readUint16(payload, at) : 0;
      const type = h265NalUnitType(payload[start] ?? 0);
      at = start + size;
      // §4.4.2: aggregation packets and fragmentation units are not nested.
      if (
        size < H265_HEADER_LENGTH ||
        at > payload.length ||
        type > H265_NAL_UNIT_TYPE.lastSingle
      ) {
        this.#frame.dropMalformed(timestamp);
        return;
      }
      if (!this.#add(payload, start, at, timestamp)) return;
    } while (at < payload.length);
  }

  #handleFragment(payload: Uint8Array, timestamp: number): void {
    if (payload.length < 4) {
      this.#frame.dropMalformed(timestamp);
      return;
    }
    const fuHeader = payload[2] as number;
    const type = fuHeader & 0x3f;
    const isStart = (fuHeader & 0x80) !== 0;
    const isEnd = (fuHeader & 0x40) !== 0;
    if (isStart) {
      if (type > H265_NAL_UNIT_TYPE.lastSingle) {
        this.#frame.dropMalformed(timestamp);
        return;
      }
      if (!this.#open(type, payload[1] as number, payload[3] as number, timestamp)) return;
      this.#fragmentType = type;
      this.#assembly.beginFragments();
      const high = ((payload[0] as number) & 0x81) | (type << 1);
      if (this.#frame.isOpen) this.#frame.appendByte(high);
      if (this.#frame.isOpen) this.#frame.appendByte(payload[1] as number);
      if (this.#frame.isOpen) this.#frame.append(payload, 3, payload.length);
      // Deviation: §4.4.3 never has both S and E set; cameras send so what just does not fit without.
      if (this.#frame.isOpen && isEnd) this.#assembly.endFragments();
    } else if (!this.#frame.isOpen || !this.#assembly.isFragmentOpen) {
      this.#frame.drop(timestamp);
    } else if (type !== this.#fragmentType) {
      this.#frame.dropMalformed(timestamp);
    } else if (this.#frame.append(payload, 3, payload.length) && isEnd) {
      this.#assembly.endFragments();
    }
  }

  /** Adds a whole NAL unit; false if the frame was given up for it. */
  #add(payload: Uint8Array, start: number, end: number, timestamp: number): boolean {
    const type = h265NalUnitType(payload[start] as number);
    const first = end > start + 2 ? (payload[start + 2] as number) : 0;
    if (!this.#open(type, payload[start + 1] as number, first, timestamp)) return false;
    if (type === H265_NAL_UNIT_TYPE.sps) {
      this.#hasSps = true;
      this.#resolution = h265Resolution(payload, start, end) ?? this.#resolution;
    }
    return this.#assembly.add(payload, start, end);
  }

  /**
   * Makes room for a NAL unit of `type`, `low` being the second byte of its header and `first` the byte
   * behind: opens a frame if none is open. False if the frame has to be given up.
   */
  #open(type: number, low: number, first: number, timestamp: number): boolean {
    const frame = this.#frame;
    if (frame.isOpen && this.#assembly.isFragmentOpen) {
      // The NAL unit before has no end.
      frame.dropMalformed(timestamp);
      return false;
    }
    const isSlice = type <= H265_NAL_UNIT_TYPE.lastVcl;
    if (!frame.isOpen) {
      if (frame.startUncertain && isSlice && (first & 0x80) === 0) {
        // first_slice_segment_in_pic_flag is not set: the slices before this one are lost.
        frame.drop(timestamp);
        return false;
      }
      this.#assembly.begin(timestamp);
      this.#startUncertain = frame.startUncertain && !this.#opensAccessUnit(type, isSlice);
      this.#hasIrap = false;
      this.#hasSps = false;
      this.#temporalId = -1;
    }
    if (isSlice && this.#temporalId < 0) this.#temporalId = Math.max(0, (low & 0x07) - 1);
    if (!isH265Irap(type) || this.#hasIrap) return true;
    this.#hasIrap = true;
    if (!this.#hasSps) {
      for (const unit of this.#parameterSets) {
        if (!this.#assembly.add(unit, 0, unit.length)) return false;
      }
    }
    return true;
  }

  /**
   * Whether nothing that a decoder needs stands before a NAL unit of this type, where it is the first
   * slice if it is one: before a delimiter nothing (H.265 §7.4.2.4.4), before a VPS a delimiter at most,
   * and before a slice whose parameter sets are known SEI.
   */
  #opensAccessUnit(type: number, isSlice: boolean): boolean {
    if (type === H265_NAL_UNIT_TYPE.accessUnitDelimiter) return true;
    return type === H265_NAL_UNIT_TYPE.vps || (isSlice && this.#parameterSets.length > 0);
  }

  #finish(): void {
    if (this.#assembly.isFragmentOpen) {
      this.#frame.dropMalformed(this.#frame.timestamp);
      this.#frame.close();
      return;
    }
    this.#frame.finish({
      data: this.#frame.bytes.slice(),
      timestamp: this.#frame.timestamp,
      key: this.#hasIrap,
      startUncertain: this.#startUncertain,
      resolution: this.#hasIrap ? this.#resolution : undefined,
      temporalId: Math.max(0, this.#temporalId),
    });
  }
}

function resolutionOf(parameterSets: readonly Uint8Array[]): Resolution | undefined {
  const isSps = (unit: Uint8Array): boolean =>
    h265NalUnitType(unit[0] ?? 0) === H265_NAL_UNIT_TYPE.sps;
  const sps = parameterSets.find(isSps);
  return sps === undefined ? undefined : h265Resolution(sps);
}
