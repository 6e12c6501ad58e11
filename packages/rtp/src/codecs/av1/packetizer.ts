// Cuts AV1 temporal units into payloads (AV1 RTP §4 and §5, https://aomediacodec.github.io/av1-rtp-spec/#5-packetization-rules).
import {
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import { AV1_MAX_W, AV1_N, AV1_Y, AV1_Z } from './aggregation-header.ts';
import {
  isObuLeftOut,
  leb128End,
  leb128Length,
  leb128Value,
  OBU_EXTENSION,
  OBU_HAS_SIZE,
  OBU_TYPE,
  obuHeaderLength,
  obuType,
  writeLeb128,
} from './obu.ts';
import { decodeAv1SequenceHeader, isAv1KeyFrameHeader } from './sequence-header.ts';

/** A temporal unit to send. */
export interface Av1OutgoingFrame {
  /** Its OBUs, each with a size field but perhaps the last, as encoders give them out. */
  readonly data: Uint8Array;
  /** Whether more OBUs of this temporal unit follow in another frame, as those of a higher spatial layer. */
  readonly moreToCome?: boolean;
}

export interface Av1PacketizerOptions {
  /** Largest payload in bytes; 1100 by default, at least 8. */
  readonly maxPayloadBytes?: number;
}

const LEAST_PAYLOAD_BYTES = 8;
/** An OBU is not cut for the sake of fewer bytes than this at the end of a packet. */
const LEAST_FRAGMENT = 16;

/** Where an OBU lies in the frame. */
interface OutgoingObu {
  /** Offset of the header. */
  readonly header: number;
  /** Offset of what follows header and size. */
  readonly payload: number;
  readonly end: number;
}

/** AV1 temporal units in, payloads out, the OBUs without their size fields. */
export class Av1Packetizer implements Packetizer<Av1OutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  #data: Uint8Array = new Uint8Array(0);
  #obus: OutgoingObu[] = [];
  #moreToCome = false;
  #startsSequence = false;
  // The OBU that comes next, and how many of its bytes are sent already.
  #next = 0;
  #sent = 0;
  #limit = 0;
  #marker = false;
  // How many bytes of each OBU go into the payload at hand.
  readonly #sizes: number[] = [];

  constructor(options: Av1PacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
  }

  get marker(): boolean {
    return this.#marker;
  }

  start(frame: Av1OutgoingFrame): void {
    checkFrameData(frame.data);
    checkMaxPayloadBytes(this.maxPayloadBytes, LEAST_PAYLOAD_BYTES);
    this.#limit = this.maxPayloadBytes;
    this.#next = 0;
    this.#sent = 0;
    this.#obus = [];
    const obus = splitObus(frame.data);
    if (obus.length === 0) {
      throw new RangeError('frame.data holds no OBU to send; expected one that is no delimiter');
    }
    this.#obus = obus;
    this.#data = frame.data;
    this.#moreToCome = frame.moreToCome ?? false;
    this.#startsSequence = startsCodedVideoSequence(frame.data, obus);
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#next >= this.#obus.length) return offset;
    const length = this.#plan();
    checkRoom(out, offset, length);
    const count = this.#sizes.length;
    const startsSequence = this.#startsSequence && this.#next === 0 && this.#sent === 0;
    const continues = this.#sent > 0 ? AV1_Z : 0;
    let at = offset + 1;
    for (let i = 0; i < count; i++) {
      const size = this.#sizes[i] as number;
      if (count > AV1_MAX_W || i < count - 1) at = writeLeb128(out, at, size);
      at = this.#writeElement(out, at, size);
    }
    out[offset] =
      continues |
      (this.#sent > 0 ? AV1_Y : 0) |
      (count > AV1_MAX_W ? 0 : count << 4) |
      (startsSequence ? AV1_N : 0);
    this.#marker = this.#next >= this.#obus.length && !this.#moreToCome;
    return at;
  }

  /** Decides which OBUs and how much of them the next payload takes; returns its length. */
  #plan(): number {
    this.#sizes.length = 0;
    // With a length before each element so far.
    let used = 1;
    let length = 1;
    let layer = -1;
    for (let i = this.#next; i < this.#obus.length; i++) {
      const obu = this.#obus[i] as OutgoingObu;
      const obuLayer = this.#layer(obu);
      // §5: OBUs of different layers do not share a packet.
      if (layer >= 0 && obuLayer >= 0 && obuLayer !== layer) break;
      const left = this.#elementLength(obu) - (i === this.#next ? this.#sent : 0);
      let room = this.#limit - used;
      const needsLength = this.#sizes.length >= AV1_MAX_W;
      if (needsLength) room -= leb128Length(Math.min(left, Math.max(0, room)));
      const size = Math.min(left, room);
      if (size < left && this.#sizes.length > 0 && size < LEAST_FRAGMENT) break;
      this.#sizes.push(size);
      length = used + size + (needsLength ? leb128Length(size) : 0);
      used += leb128Length(size) + size;
      if (size < left) break;
      if (obuLayer >= 0) layer = obuLayer;
    }
    return length;
  }

  /** Writes the next `size` bytes of the OBU under way, and moves on. */
  #writeElement(out: Uint8Array, offset: number, size: number): number {
    const obu = this.#obus[this.#next] as OutgoingObu;
    const headerLength = obuHeaderLength(this.#data[obu.header] as number);
    let at = offset;
    let left = size;
    while (left > 0 && this.#sent < headerLength) {
      const byte = this.#data[obu.header + this.#sent] as number;
      out[at++] = this.#sent === 0 ? byte & ~OBU_HAS_SIZE : byte;
      this.#sent++;
      left--;
    }
    const start = obu.payload + this.#sent - headerLength;
    out.set(this.#data.subarray(start, start + left), at);
    this.#sent += left;
    if (this.#sent === this.#elementLength(obu)) {
      this.#next++;
      this.#sent = 0;
    }
    return at + left;
  }

  /** Bytes of `obu` without its size field. */
  #elementLength(obu: OutgoingObu): number {
    return obuHeaderLength(this.#data[obu.header] as number) + obu.end - obu.payload;
  }

  /** The extension byte of `obu`, which tells its layer; -1 if it has none. */
  #layer(obu: OutgoingObu): number {
    const header = this.#data[obu.header] as number;
    return (header & OBU_EXTENSION) === 0 ? -1 : (this.#data[obu.header + 1] as number) & 0xf8;
  }
}

/** The OBUs of `data` that are to be sent. @throws RangeError if one is cut off. */
function splitObus(data: Uint8Array): OutgoingObu[] {
  const obus: OutgoingObu[] = [];
  for (let at = 0; at < data.length; ) {
    const header = data[at] as number;
    const sizeAt = at + obuHeaderLength(header);
    let payload = sizeAt;
    let end = data.length;
    if ((header & OBU_HAS_SIZE) !== 0) {
      payload = leb128End(data, sizeAt, data.length);
      end = payload < 0 ? Infinity : payload + leb128Value(data, sizeAt, payload);
    }
    if (end > data.length || payload > end) {
      throw new RangeError(`frame.data has an OBU at offset ${at} that is cut off`);
    }
    if (!isObuLeftOut(obuType(header))) obus.push({ header: at, payload, end });
    at = end;
  }
  return obus;
}

/** Whether a sequence header stands before a key frame. */
function startsCodedVideoSequence(data: Uint8Array, obus: readonly OutgoingObu[]): boolean {
  let reducedStillPicture: boolean | undefined;
  for (const { header, payload, end } of obus) {
    const type = obuType(data[header] as number);
    if (type === OBU_TYPE.sequenceHeader) {
      reducedStillPicture =
        decodeAv1SequenceHeader(data, payload, end)?.reducedStillPicture ?? false;
    } else if (type === OBU_TYPE.frame || type === OBU_TYPE.frameHeader) {
      if (reducedStillPicture === undefined) return false;
      return isAv1KeyFrameHeader(data, payload, end, reducedStillPicture);
    }
  }
  return false;
}
