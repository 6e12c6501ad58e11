// Puts H.264 access units together from payloads (RFC 6184 §7.1, https://www.rfc-editor.org/rfc/rfc6184#section-7.1).
import { readUint16 } from '@kaon/wire';
import type { FrameAssembly } from '../frame-assembly.ts';
import { NalUnitAssembly } from '../nal-unit-assembly.ts';
import type { NalUnitFormat } from '../nal-units.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';
import { H264_NAL_UNIT_TYPE, h264NalUnitType } from './nal-unit-type.ts';
import { h264Resolution } from './sequence-parameter-set.ts';

/** A whole access unit. */
export interface H264Frame extends AssembledFrame {
  /** Width and height by the last sequence parameter set, where the frame is an IDR picture. */
  readonly resolution: Resolution | undefined;
}

export interface H264DepacketizerOptions {
  /** Frames larger than this are dropped; 4 MiB by default. */
  readonly maxFrameBytes?: number;
  /** How NAL units stand in a frame; `annexb` by default. */
  readonly format?: NalUnitFormat;
  /**
   * SPS and PPS, without start code, that are put into each IDR picture that came without an SPS: those
   * of `sprop-parameter-sets` (RFC 6184 §8.1).
   */
  readonly parameterSets?: readonly Uint8Array[];
}

/** Payloads of packetization modes 0 and 1 in, whole access units out. */
export class H264Depacketizer implements Depacketizer<H264Frame> {
  readonly #assembly: NalUnitAssembly<H264Frame>;
  readonly #frame: FrameAssembly<H264Frame>;
  readonly #parameterSets: readonly Uint8Array[];
  #startUncertain = false;
  #hasIdr = false;
  #hasSps = false;
  #fragmentType = 0;
  #resolution: Resolution | undefined;

  constructor(options: H264DepacketizerOptions = {}) {
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
    if (!frame.isDropping) this.#handle(payload, timestamp);
    if (!marker) return;
    if (frame.isOpen) this.#finish();
    else frame.close();
  }

  pollFrame(): H264Frame | undefined {
    return this.#frame.pollFrame();
  }

  reset(): void {
    this.#frame.reset();
  }

  #handle(payload: Uint8Array, timestamp: number): void {
    const type = h264NalUnitType(payload[0] as number);
    if (type === H264_NAL_UNIT_TYPE.fuA) {
      this.#handleFuA(payload, timestamp);
    } else if (type === H264_NAL_UNIT_TYPE.stapA) {
      this.#handleStapA(payload, timestamp);
    } else if (type > 0 && type <= H264_NAL_UNIT_TYPE.lastSingle) {
      this.#add(payload, 0, payload.length, timestamp);
    } else if (type >= H264_NAL_UNIT_TYPE.stapB && type <= H264_NAL_UNIT_TYPE.fuB) {
      // §6.3: of the interleaved mode only.
      this.#frame.dropMalformed(timestamp);
    } else {
      // §5.2: types 0, 30 and 31 are undefined; what they carry is not of this frame.
      this.#frame.counters.payloadsMalformed++;
    }
  }

  #handleStapA(payload: Uint8Array, timestamp: number): void {
    let at = 1;
    do {
      const start = at + 2;
      const size = start < payload.length ? readUint16(payload, at) : 0;
      const type = h264NalUnitType(payload[start] ?? 0);
      at = start + size;
      // §5.7: aggregation packets and fragmentation units are not nested.
      if (size === 0 || at > payload.length || type > H264_NAL_UNIT_TYPE.lastSingle) {
        this.#frame.dropMalformed(timestamp);
        return;
      }
      if (!this.#add(payload, start, at, timestamp)) return;
    } while (at < payload.length);
  }

  #handleFuA(payload: Uint8Array, timestamp: number): void {
    if (payload.length < 3) {
      this.#frame.dropMalformed(timestamp);
      return;
    }
    const fuHeader = payload[1] as number;
    const type = h264NalUnitType(fuHeader);
    const isStart = (fuHeader & 0x80) !== 0;
    const isEnd = (fuHeader & 0x40) !== 0;
    if (isStart) {
      if (type > H264_NAL_UNIT_TYPE.lastSingle) {
        this.#frame.dropMalformed(timestamp);
        return;
      }
      if (!this.#open(payload, 1, 2, timestamp)) return;
      this.#fragmentType = type;
      this.#assembly.beginFragments();
      if (this.#frame.isOpen) this.#frame.appendByte(((payload[0] as number) & 0xe0) | type);
      if (this.#frame.isOpen) this.#frame.append(payload, 2, payload.length);
      // Deviation: §5.8 never has both S and E set; cameras send so what just does not fit without.
      if (this.#frame.isOpen && isEnd) this.#assembly.endFragments();
    } else if (!this.#frame.isOpen || !this.#assembly.isFragmentOpen) {
      this.#frame.drop(timestamp);
    } else if (type !== this.#fragmentType) {
      this.#frame.dropMalformed(timestamp);
    } else if (this.#frame.append(payload, 2, payload.length) && isEnd) {
      this.#assembly.endFragments();
    }
  }

  /** Adds a whole NAL unit; false if the frame was given up for it. */
  #add(payload: Uint8Array, start: number, end: number, timestamp: number): boolean {
    if (!this.#open(payload, start, start + 1, timestamp)) return false;
    if (h264NalUnitType(payload[start] as number) === H264_NAL_UNIT_TYPE.sps) {
      this.#hasSps = true;
      this.#resolution = h264Resolution(payload, start, end) ?? this.#resolution;
    }
    return this.#assembly.add(payload, start, end);
  }

  /**
   * Makes room for a NAL unit whose type stands at `header` and whose first byte behind the header at
   * `first`: opens a frame if none is open. False if the frame has to be given up.
   */
  #open(payload: Uint8Array, header: number, first: number, timestamp: number): boolean {
    const frame = this.#frame;
    const type = h264NalUnitType(payload[header] as number);
    if (frame.isOpen && this.#assembly.isFragmentOpen) {
      // The NAL unit before has no end.
      frame.dropMalformed(timestamp);
      return false;
    }
    if (!frame.isOpen) {
      const isSlice = type === H264_NAL_UNIT_TYPE.slice || type === H264_NAL_UNIT_TYPE.idrSlice;
      if (frame.startUncertain && isSlice && ((payload[first] ?? 0) & 0x80) === 0) {
        // first_mb_in_slice is not 0: the slices before this one are lost.
        frame.drop(timestamp);
        return false;
      }
      this.#assembly.begin(timestamp);
      this.#startUncertain = frame.startUncertain && !this.#opensAccessUnit(type, isSlice);
      this.#hasIdr = false;
      this.#hasSps = false;
    }
    if (type !== H264_NAL_UNIT_TYPE.idrSlice || this.#hasIdr) return true;
    this.#hasIdr = true;
    if (!this.#hasSps) {
      for (const unit of this.#parameterSets) {
        if (!this.#assembly.add(unit, 0, unit.length)) return false;
      }
    }
    return true;
  }

  /**
   * Whether nothing that a decoder needs stands before a NAL unit of this type, where it is the first
   * slice if it is one: before a delimiter nothing (H.264 §7.4.1.2.3), before an SPS a delimiter at most,
   * and before a slice whose parameter sets are known SEI.
   */
  #opensAccessUnit(type: number, isSlice: boolean): boolean {
    if (type === H264_NAL_UNIT_TYPE.accessUnitDelimiter) return true;
    return type === H264_NAL_UNIT_TYPE.sps || (isSlice && this.#parameterSets.length > 0);
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
      key: this.#hasIdr,
      startUncertain: this.#startUncertain,
      resolution: this.#hasIdr ? this.#resolution : undefined,
    });
  }
}

function resolutionOf(parameterSets: readonly Uint8Array[]): Resolution | undefined {
  const isSps = (unit: Uint8Array): boolean =>
    h264NalUnitType(unit[0] ?? 0) === H264_NAL_UNIT_TYPE.sps;
  const sps = parameterSets.find(isSps);
  return sps === undefined ? undefined : h264Resolution(sps);
}
