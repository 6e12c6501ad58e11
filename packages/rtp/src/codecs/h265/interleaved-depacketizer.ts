// Puts H.265 access units together from payloads with decoding order numbers (RFC 7798 §4.5 and §6, https://www.rfc-editor.org/rfc/rfc7798#section-6).
import { readUint16, serialAdd16 } from '@kaon/wire';
import { DecodingOrder } from '../decoding-order.ts';
import { FrameAssembly } from '../frame-assembly.ts';
import type { Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import { H265Depacketizer, type H265DepacketizerOptions, type H265Frame } from './depacketizer.ts';
import { H265_HEADER_LENGTH, H265_NAL_UNIT_TYPE, h265NalUnitType } from './nal-unit-type.ts';
import { isH265Paci, unwrapH265Paci } from './paci.ts';

export interface H265InterleavedDepacketizerOptions extends H265DepacketizerOptions {
  /** `sprop-depack-buf-nalus` (RFC 7798 §7.1): 0 to 32767. */
  readonly depackBufNalus: number;
}

const DONL_LENGTH = 2;
const FU_HEADER_LENGTH = 1;

/**
 * Payloads of a stream whose `sprop-max-don-diff` is greater than 0 in, whole access units in decoding
 * order out. A frame comes out when enough has come after it; {@link flush} gives the last ones.
 */
export class H265InterleavedDepacketizer implements Depacketizer<H265Frame> {
  readonly #inner: H265Depacketizer;
  readonly #order: DecodingOrder<H265Frame>;
  // The NAL unit that comes in fragments.
  readonly #fragments: FrameAssembly<H265Frame>;
  #fragmentDon = 0;

  constructor(options: H265InterleavedDepacketizerOptions) {
    this.#inner = new H265Depacketizer(options);
    this.#order = new DecodingOrder(this.#inner, options.depackBufNalus, options.maxFrameBytes);
    this.#fragments = new FrameAssembly(options.maxFrameBytes);
  }

  get counters(): Readonly<DepacketizerCounters> {
    return this.#order.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number, _marker: boolean, missing = 0): void {
    if (missing > 0) this.#lose();
    if (payload.length === 0) return;
    const inner = isH265Paci(payload) ? unwrapH265Paci(payload) : payload;
    const type = inner === undefined ? 0 : h265NalUnitType(inner[0] as number);
    // §4.4.3: nothing comes between the fragments of a NAL unit.
    if (type !== H265_NAL_UNIT_TYPE.fragmentationUnit && this.#fragments.isOpen) this.#lose();
    let isWellFormed = false;
    if (inner !== undefined && inner.length > H265_HEADER_LENGTH + DONL_LENGTH) {
      if (type === H265_NAL_UNIT_TYPE.aggregationPacket) {
        isWellFormed = this.#handleAggregate(inner, timestamp);
      } else if (type === H265_NAL_UNIT_TYPE.fragmentationUnit) {
        isWellFormed = this.#handleFragment(inner, timestamp);
      } else if (type <= H265_NAL_UNIT_TYPE.lastSingle) {
        isWellFormed = this.#handleSingle(inner, timestamp);
      }
    } else if (inner !== undefined && type === H265_NAL_UNIT_TYPE.fragmentationUnit) {
      // A later fragment has no order number, and may hold a single byte.
      isWellFormed = this.#handleFragment(inner, timestamp);
    }
    if (!isWellFormed) this.#order.noteMalformed();
  }

  pollFrame(): H265Frame | undefined {
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

  /** §4.4.1: DONL stands behind the header. */
  #handleSingle(payload: Uint8Array, timestamp: number): boolean {
    const bytes = new Uint8Array(payload.length - DONL_LENGTH);
    bytes[0] = payload[0] as number;
    bytes[1] = payload[1] as number;
    bytes.set(payload.subarray(H265_HEADER_LENGTH + DONL_LENGTH), H265_HEADER_LENGTH);
    this.#order.add(bytes, readUint16(payload, H265_HEADER_LENGTH), timestamp, true);
    return true;
  }

  /** §4.4.2: DONL before the first NAL unit, DOND before each of the others. */
  #handleAggregate(payload: Uint8Array, timestamp: number): boolean {
    let don = readUint16(payload, H265_HEADER_LENGTH);
    let at = H265_HEADER_LENGTH + DONL_LENGTH;
    for (let isFirst = true; isFirst || at < payload.length; isFirst = false) {
      if (!isFirst) don = serialAdd16(don, 1 + (payload[at++] as number));
      const start = at + 2;
      if (start >= payload.length) return false;
      const size = readUint16(payload, at);
      const type = h265NalUnitType(payload[start] as number);
      at = start + size;
      if (size <= H265_HEADER_LENGTH || at > payload.length) return false;
      if (type > H265_NAL_UNIT_TYPE.lastSingle) return false;
      // A copy, as it stays until its turn comes.
      this.#order.add(new Uint8Array(payload.subarray(start, at)), don, timestamp, true);
    }
    return true;
  }

  /** §4.4.3: DONL in the first fragment only. */
  #handleFragment(payload: Uint8Array, timestamp: number): boolean {
    const fragments = this.#fragments;
    let at = H265_HEADER_LENGTH + FU_HEADER_LENGTH;
    if (payload.length <= at) return false;
    const fuHeader = payload[H265_HEADER_LENGTH] as number;
    const type = fuHeader & 0x3f;
    if ((fuHeader & 0x80) !== 0) {
      if (fragments.isOpen) this.#lose();
      if (type > H265_NAL_UNIT_TYPE.lastSingle) return false;
      if (payload.length <= at + DONL_LENGTH) return false;
      this.#fragmentDon = readUint16(payload, at);
      at += DONL_LENGTH;
      fragments.begin(timestamp);
      fragments.appendByte(((payload[0] as number) & 0x81) | (type << 1));
      if (fragments.isOpen) fragments.appendByte(payload[1] as number);
      if (fragments.isOpen) fragments.append(payload, at, payload.length);
      if ((fuHeader & 0x40) !== 0) this.#endFragments(timestamp);
      return true;
    }
    // Its start is lost, which has been noted.
    if (!fragments.isOpen) return true;
    const isSame =
      timestamp === fragments.timestamp && type === h265NalUnitType(fragments.bytes[0] as number);
    if (!isSame || !fragments.append(payload, at, payload.length)) {
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
    this.#order.add(bytes, this.#fragmentDon, timestamp, true);
  }

  #lose(): void {
    this.#fragments.close();
    this.#order.noteLoss();
  }
}
