// Puts H.264 access units together from payloads of the interleaved mode (RFC 6184 §6.4 and §7.2, https://www.rfc-editor.org/rfc/rfc6184#section-7.2).
//
// STAP-B:   | STAP-B NAL HDR | DON (16) | size (16) | NAL unit | size | NAL unit ...
// MTAP16:   | MTAP16 NAL HDR | DONB (16) | size (16) | DOND (8) | TS offset (16) | NAL unit ...
// MTAP24:   the same with a TS offset of 24 bits
// FU-B:     | FU indicator | FU header | DON (16) | first fragment; FU-As follow
import { readUint16, readUint24, serialAdd16, serialAdd32 } from '@kaon/wire';
import { DecodingOrder } from '../decoding-order.ts';
import { FrameAssembly } from '../frame-assembly.ts';
import type { Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import { H264Depacketizer, type H264DepacketizerOptions, type H264Frame } from './depacketizer.ts';
import { H264_NAL_UNIT_TYPE, h264NalUnitType } from './nal-unit-type.ts';

export interface H264InterleavedDepacketizerOptions extends H264DepacketizerOptions {
  /** `sprop-interleaving-depth` (RFC 6184 §8.1): 0 to 32767. */
  readonly interleavingDepth: number;
}

/**
 * Payloads of packetization mode 2 in, whole access units in decoding order out. A frame comes out when
 * enough has come after it; {@link flush} gives the last ones.
 */
export class H264InterleavedDepacketizer implements Depacketizer<H264Frame> {
  readonly #inner: H264Depacketizer;
  readonly #order: DecodingOrder<H264Frame>;
  // The NAL unit that comes in fragments.
  readonly #fragments: FrameAssembly<H264Frame>;
  #fragmentDon = 0;

  constructor(options: H264InterleavedDepacketizerOptions) {
    this.#inner = new H264Depacketizer(options);
    this.#order = new DecodingOrder(this.#inner, options.interleavingDepth, options.maxFrameBytes);
    this.#fragments = new FrameAssembly(options.maxFrameBytes);
  }

  get counters(): Readonly<DepacketizerCounters> {
    return this.#order.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, _marker: boolean, missing = 0): void {
    if (missing > 0) this.#lose();
    if (payload.length === 0) return;
    const type = h264NalUnitType(payload[0] as number);
    const isFragment =
      type === H264_NAL_UNIT_TYPE.fuA &&
      payload.length > 2 &&
      ((payload[1] as number) & 0x80) === 0;
    // §5.8: nothing comes between the fragments of a NAL unit.
    if (!isFragment && this.#fragments.isOpen) this.#lose();
    let isWellFormed = false;
    if (isFragment) isWellFormed = this.#handleFuA(payload, timestamp);
    else if (type === H264_NAL_UNIT_TYPE.fuB) isWellFormed = this.#handleFuB(payload, timestamp);
    else if (type === H264_NAL_UNIT_TYPE.stapB)
      isWellFormed = this.#handleStapB(payload, timestamp);
    else if (type === H264_NAL_UNIT_TYPE.mtap16)
      isWellFormed = this.#handleMtap(payload, timestamp, 2);
    else if (type === H264_NAL_UNIT_TYPE.mtap24)
      isWellFormed = this.#handleMtap(payload, timestamp, 3);
    // §6.4: no other type is allowed in this mode.
    if (!isWellFormed) this.#order.noteMalformed();
  }

  pollFrame(): H264Frame | undefined {
    return this.#inner.pollFrame();
  }

  /** Gives out all frames that are held back, as at the end of the stream. */
  flush(): void {
    this.#order.flush();
  }

  reset(): void {
    this.#order.reset();
    this.#fragments.reset();
  }

  #handleStapB(payload: Uint8Array, timestamp: number): boolean {
    if (payload.length < 3) return false;
    let don = readUint16(payload, 1);
    let at = 3;
    do {
      const start = at + 2;
      at = start + (start < payload.length ? readUint16(payload, at) : 0);
      if (!this.#add(payload, start, at, don, timestamp)) return false;
      // §5.7.1: order numbers go up by one in a STAP-B.
      don = serialAdd16(don, 1);
    } while (at < payload.length);
    return true;
  }

  #handleMtap(payload: Uint8Array, timestamp: number, offsetLength: 2 | 3): boolean {
    if (payload.length < 3) return false;
    const donBase = readUint16(payload, 1);
    let at = 3;
    do {
      const start = at + 2 + 1 + offsetLength;
      if (start >= payload.length) return false;
      const size = readUint16(payload, at);
      const don = serialAdd16(donBase, payload[at + 2] as number);
      const offset = offsetLength === 2 ? readUint16(payload, at + 3) : readUint24(payload, at + 3);
      at = start + size;
      if (!this.#add(payload, start, at, don, serialAdd32(timestamp, offset))) return false;
    } while (at < payload.length);
    return true;
  }

  /** §5.8: the first fragment, and the only one with an order number. */
  #handleFuB(payload: Uint8Array, timestamp: number): boolean {
    if (payload.length < 5) return false;
    const fuHeader = payload[1] as number;
    const type = h264NalUnitType(fuHeader);
    if ((fuHeader & 0x80) === 0 || type > H264_NAL_UNIT_TYPE.lastSingle) return false;
    this.#fragmentDon = readUint16(payload, 2);
    this.#fragments.begin(timestamp);
    this.#fragments.appendByte(((payload[0] as number) & 0xe0) | type);
    if (this.#fragments.isOpen) this.#fragments.append(payload, 4, payload.length);
    if ((fuHeader & 0x40) !== 0) this.#endFragments(timestamp);
    return true;
  }

  #handleFuA(payload: Uint8Array, timestamp: number): boolean {
    const fragments = this.#fragments;
    // Its start is lost, which has been noted.
    if (!fragments.isOpen) return true;
    const fuHeader = payload[1] as number;
    const isSame =
      timestamp === fragments.timestamp &&
      h264NalUnitType(fuHeader) === h264NalUnitType(fragments.bytes[0] as number);
    if (!isSame || !fragments.append(payload, 2, payload.length)) {
      this.#lose();
      return isSame;
    }
    if ((fuHeader & 0x40) !== 0) this.#endFragments(timestamp);
    return true;
  }

  #endFragments(timestamp: number): void {
    if (!this.#fragments.isOpen) return;
    const bytes = this.#fragments.bytes.slice();
    this.#fragments.close();
    this.#order.add(bytes, this.#fragmentDon, timestamp, isVcl(bytes[0] as number));
  }

  #add(payload: Uint8Array, start: number, end: number, don: number, timestamp: number): boolean {
    const header = payload[start] ?? 0;
    const type = h264NalUnitType(header);
    if (end <= start || end > payload.length) return false;
    if (type === 0 || type > H264_NAL_UNIT_TYPE.lastSingle) return false;
    // A copy, as it stays until its turn comes.
    this.#order.add(new Uint8Array(payload.subarray(start, end)), don, timestamp, isVcl(header));
    return true;
  }

  #lose(): void {
    this.#fragments.close();
    this.#order.noteLoss();
  }
}

/** Whether a NAL unit counts for the interleaving depth: only slices do. */
function isVcl(header: number): boolean {
  const type = h264NalUnitType(header);
  return type >= H264_NAL_UNIT_TYPE.slice && type <= H264_NAL_UNIT_TYPE.idrSlice;
}
