// Puts AV1 temporal units together from payloads (AV1 RTP §4 and §5, https://aomediacodec.github.io/av1-rtp-spec/#4-payload-format).
import { FrameAssembly } from '../frame-assembly.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import type { Resolution } from '../resolution.ts';
import { AV1_N, AV1_Y, AV1_Z, av1ElementCount } from './aggregation-header.ts';
import {
  isObuLeftOut,
  leb128End,
  leb128Length,
  leb128Value,
  OBU_EXTENSION,
  OBU_FORBIDDEN,
  OBU_HAS_SIZE,
  OBU_TYPE,
  obuHeaderLength,
  obuType,
  writeLeb128,
} from './obu.ts';
import { decodeAv1SequenceHeader, isAv1KeyFrameHeader } from './sequence-header.ts';

/** A whole temporal unit: OBUs with their size fields, without temporal delimiter unless asked for. */
export interface Av1Frame extends AssembledFrame {
  /** N: the first of a coded video sequence, by its sender. */
  readonly startsCodedVideoSequence: boolean;
  /** Width and height by the last sequence header, where the temporal unit opens with a key frame. */
  readonly resolution: Resolution | undefined;
  /** temporal_id of its OBUs; 0 if they have none. */
  readonly temporalId: number;
  /** The highest spatial_id of its OBUs; 0 if they have none. */
  readonly spatialId: number;
}

export interface Av1DepacketizerOptions {
  /** Temporal units larger than this are dropped; 4 MiB by default. */
  readonly maxFrameBytes?: number;
  /** Whether each temporal unit opens with a delimiter, as decoders of files want it; false by default. */
  readonly temporalDelimiters?: boolean;
}

/** AV1 payloads in, whole temporal units out. */
export class Av1Depacketizer implements Depacketizer<Av1Frame> {
  readonly #frame: FrameAssembly<Av1Frame>;
  readonly #temporalDelimiters: boolean;
  // Where the OBU stands whose end has not arrived; -1 if there is none.
  #openObu = -1;
  #startUncertain = false;
  #startsSequence = false;
  #hasSequenceHeader = false;
  #isKey: boolean | undefined;
  #temporalId = 0;
  #spatialId = 0;
  // By the last sequence header.
  #resolution: Resolution | undefined;
  #reducedStillPicture = false;

  constructor(options: Av1DepacketizerOptions = {}) {
    this.#frame = new FrameAssembly(options.maxFrameBytes);
    this.#temporalDelimiters = options.temporalDelimiters ?? false;
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
    if (!frame.isDropping) this.#handleElements(payload, timestamp);
    if (!marker) return;
    if (frame.isOpen) this.#finish();
    else frame.close();
  }

  pollFrame(): Av1Frame | undefined {
    return this.#frame.pollFrame();
  }

  reset(): void {
    this.#frame.reset();
  }

  #handleElements(payload: Uint8Array, timestamp: number): void {
    const frame = this.#frame;
    const header = payload[0] as number;
    const count = av1ElementCount(header);
    let at = 1;
    for (let i = 0; i === 0 || at < payload.length; i++) {
      let start = at;
      let end = payload.length;
      if (count === 0 || i < count - 1) {
        start = leb128End(payload, at, payload.length);
        end = start < 0 ? Infinity : start + leb128Value(payload, at, start);
      }
      if (end > payload.length || start >= end) {
        frame.dropMalformed(timestamp);
        return;
      }
      at = end;
      const continues = i === 0 && (header & AV1_Z) !== 0;
      if (i === 0 && !this.#open(header, payload[start] as number, timestamp)) return;
      const isLast = at === payload.length;
      if (isLast && count > 0 && i !== count - 1) {
        // Fewer elements than W counts.
        frame.dropMalformed(timestamp);
        return;
      }
      if (!continues) this.#openObu = frame.length;
      if (!frame.append(payload, start, end)) return;
      if ((isLast && (header & AV1_Y) !== 0) || this.#closeObu()) continue;
      if (frame.isOpen) frame.dropMalformed(timestamp);
      return;
    }
  }

  /** Opens a frame if none is open; false if this payload cannot go on with it, or cannot begin one. */
  #open(aggregationHeader: number, obuHeader: number, timestamp: number): boolean {
    const frame = this.#frame;
    const continues = (aggregationHeader & AV1_Z) !== 0;
    if (frame.isOpen) {
      if (continues === this.#openObu >= 0) return true;
      frame.dropMalformed(timestamp);
      return false;
    }
    const startsSequence = (aggregationHeader & AV1_N) !== 0;
    const uncertain = frame.startUncertain && !startsSequence;
    const type = obuType(obuHeader);
    // A tile group before any frame header: the header is lost.
    if (continues || (uncertain && type === OBU_TYPE.tileGroup)) {
      frame.drop(timestamp);
      return false;
    }
    frame.begin(timestamp);
    this.#openObu = -1;
    this.#startUncertain = uncertain;
    this.#startsSequence = startsSequence;
    this.#hasSequenceHeader = false;
    this.#isKey = undefined;
    this.#temporalId = 0;
    this.#spatialId = 0;
    if (!this.#temporalDelimiters) return true;
    return (
      frame.appendByte((OBU_TYPE.temporalDelimiter << 3) | OBU_HAS_SIZE) && frame.appendByte(0)
    );
  }

  /** Gives the OBU that has just been completed its size field; false if it is malformed. */
  #closeObu(): boolean {
    const frame = this.#frame;
    const start = this.#openObu;
    this.#openObu = -1;
    const bytes = frame.bytes;
    const header = bytes[start] as number;
    const type = obuType(header);
    let payload = start + obuHeaderLength(header);
    if ((header & OBU_FORBIDDEN) !== 0 || payload > bytes.length) return false;
    if (isObuLeftOut(type)) {
      frame.truncate(start);
      return true;
    }
    if ((header & OBU_HAS_SIZE) !== 0) {
      // The sender left the size field in, which has to agree then.
      const end = leb128End(bytes, payload, bytes.length);
      if (end < 0 || end + leb128Value(bytes, payload, end) !== bytes.length) return false;
      payload = end;
    } else {
      const size = bytes.length - payload;
      if (!frame.insert(payload, leb128Length(size))) return false;
      const out = frame.bytes;
      out[start] = header | OBU_HAS_SIZE;
      payload = writeLeb128(out, payload, size);
    }
    this.#note(type, header, start, payload);
    return true;
  }

  /** Keeps what metadata needs of the OBU whose payload stands last in the frame. */
  #note(type: number, header: number, start: number, payload: number): void {
    const bytes = this.#frame.bytes;
    if ((header & OBU_EXTENSION) !== 0) {
      const extension = bytes[start + 1] as number;
      this.#temporalId = extension >> 5;
      this.#spatialId = Math.max(this.#spatialId, (extension >> 3) & 0x03);
    }
    if (type === OBU_TYPE.sequenceHeader) {
      this.#hasSequenceHeader = true;
      const sequence = decodeAv1SequenceHeader(bytes, payload, bytes.length);
      this.#resolution = sequence?.resolution;
      this.#reducedStillPicture = sequence?.reducedStillPicture ?? false;
    } else if (type === OBU_TYPE.frame || type === OBU_TYPE.frameHeader) {
      const reduced = this.#reducedStillPicture;
      this.#isKey ??= isAv1KeyFrameHeader(bytes, payload, bytes.length, reduced);
    }
  }

  #finish(): void {
    const frame = this.#frame;
    const hasObus = frame.length > (this.#temporalDelimiters ? 2 : 0);
    if (this.#openObu >= 0) frame.dropMalformed(frame.timestamp);
    if (!frame.isOpen || !hasObus) {
      // An OBU without end, or nothing but delimiters.
      frame.close();
      return;
    }
    // A decoder can start only where it has a sequence header.
    const key = this.#hasSequenceHeader && this.#isKey === true;
    frame.finish({
      data: frame.bytes.slice(),
      timestamp: frame.timestamp,
      key,
      startUncertain: this.#startUncertain,
      startsCodedVideoSequence: this.#startsSequence,
      resolution: key ? this.#resolution : undefined,
      temporalId: this.#temporalId,
      spatialId: this.#spatialId,
    });
  }
}
