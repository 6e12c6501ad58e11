// One continuous stream out of several sources, for a receiver behind a forwarding unit (RFC 7667 §3.7, RFC 8853 §6.2, https://www.rfc-editor.org/rfc/rfc7667#section-3.7).
import {
  type RandomSource,
  serialAdd16,
  serialAdd32,
  serialDistance32,
  unwrapSerial16,
} from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import type { SenderReport } from '../rtcp/sender-report.ts';
import { isUnrelatedTimestamp } from '../timing/unrelated-timestamp.ts';
import { ContinuousNumbers, NO_NUMBER } from './continuous-numbers.ts';
import { type NumberedCodec, PictureFields } from './picture-fields.ts';
import { SourceClocks } from './source-clocks.ts';

/** The stream that is sent. */
export interface StreamRewriterOptions {
  /** SSRC of the stream sent. */
  readonly ssrc: number;
  /** Units of the timestamp a second, of the stream sent and of all its sources. */
  readonly clockRate: number;
  /** Where the first sequence number and timestamp come from (RFC 3550 §5.1). */
  readonly random: RandomSource;
  /** Payload types of the sources and what becomes of them; others stay as they are. */
  readonly payloadTypes?: ReadonlyMap<number, number>;
  /** The codec, where it has running numbers in its payloads. */
  readonly codec?: NumberedCodec;
  /** Whether the first packet of a source gets the marker: right for audio (RFC 3551 §4.1). False by default. */
  readonly markSwitch?: boolean;
  /**
   * How many sequence numbers are remembered so that late packets find their places: a power of two from 64
   * to 16384, 1024 by default.
   */
  readonly maxReordering?: number;
}

/** What became of the packets. */
export interface StreamRewriterCounters {
  packetsRewritten: number;
  /** Taken out by {@link StreamRewriter.drop}, or parts of pictures that were. */
  packetsDropped: number;
  /** Not sent: had come before. */
  packetsDuplicate: number;
  /** Not sent: came when their place was given to others, or is forgotten. */
  packetsLate: number;
  /** Not sent: from a source that was not switched to. */
  packetsForeign: number;
  switches: number;
}

/** How many pictures are remembered. */
const PICTURE_SPAN = 256;
/** Sources whose clocks are known. */
const MAX_CLOCKS = 16;
/** Sender reports of two sources that disagree with arrival by more than this are of different clocks. */
const MAX_CLOCK_DISAGREEMENT_MS = 500;
/** One cycle, so that extended numbers from before the first are not negative. */
const CYCLE = 0x1_0000;

/** What is known of one source while it is the stream: from one switch to the next. */
class Run {
  ssrc = 0;
  timestampOffset = 0;
  // The highest timestamp sent, as the source has it.
  lastTimestamp = 0;
  readonly sequence: ContinuousNumbers;
  readonly pictures: ContinuousNumbers = new ContinuousNumbers(PICTURE_SPAN);
  hasPictures = false;
  hasTl0PicIdx = false;
  tl0PicIdxOffset = 0;

  constructor(maxReordering: number) {
    this.sequence = new ContinuousNumbers(maxReordering);
  }
}

/**
 * Rewrites packets of one source after the other, in place, so that their receiver sees one stream: sequence
 * numbers without a gap where the source had none, timestamps that go on at the pace of time, picture IDs and
 * TL0PICIDX that run on.
 *
 * The caller decides what is sent: {@link switchTo} a source just before the first packet of its key frame,
 * {@link rewrite} what is to be sent, {@link drop} what is not. No sequence number is given twice, whatever
 * comes in whatever order, so each packet may be encrypted with its own.
 *
 * ```ts
 * if (startsKeyFrame) rewriter.switchTo(packet.ssrc);
 * packet.copyTo(out, 0, copy);
 * if (rewriter.rewrite(copy, now)) send(copy);
 * ```
 *
 * Nothing is allocated for a packet.
 */
export class StreamRewriter {
  readonly counters: Readonly<StreamRewriterCounters>;
  readonly #counters: StreamRewriterCounters = {
    packetsRewritten: 0,
    packetsDropped: 0,
    packetsDuplicate: 0,
    packetsLate: 0,
    packetsForeign: 0,
    switches: 0,
  };
  readonly #ssrc: number;
  readonly #clockRate: number;
  readonly #codec: NumberedCodec | undefined;
  readonly #markSwitch: boolean;
  // At the index of a payload type: what becomes of it.
  readonly #payloadTypes: Uint8Array = Uint8Array.from({ length: 128 }, (_, i) => i);
  readonly #fields: PictureFields = new PictureFields();
  readonly #clocks: SourceClocks = new SourceClocks(MAX_CLOCKS);
  #current: Run;
  // The run before, whose late packets still have places.
  #previous: Run;
  #hasSource = false;
  #hasPrevious = false;
  #target = -1;
  #restartAt = -1;
  #nextSequence: number;
  #nextPicture = 0;
  #lastTl0PicIdx = 0;
  // The highest timestamp sent, and when.
  #lastTimestamp: number;
  #lastTimestampAt = Number.NaN;

  /** @throws RangeError if an option is out of range. */
  constructor(options: StreamRewriterOptions) {
    const { clockRate, maxReordering = 1024 } = options;
    if (!(clockRate > 0 && clockRate < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`clockRate is ${clockRate}; expected more than 0`);
    }
    if (
      !(
        maxReordering >= 64 &&
        maxReordering <= 16_384 &&
        (maxReordering & (maxReordering - 1)) === 0
      )
    ) {
      throw new RangeError(
        `maxReordering is ${maxReordering}; expected a power of two from 64 to 16384`,
      );
    }
    for (const [from, to] of options.payloadTypes ?? []) {
      if (!(from >= 0 && from <= 127 && to >= 0 && to <= 127)) {
        throw new RangeError(`payloadTypes maps ${from} to ${to}; expected 0 to 127`);
      }
      this.#payloadTypes[from] = to;
    }
    this.counters = this.#counters;
    this.#ssrc = options.ssrc;
    this.#clockRate = clockRate;
    this.#codec = options.codec;
    this.#markSwitch = options.markSwitch ?? false;
    this.#current = new Run(maxReordering);
    this.#previous = new Run(maxReordering);
    // RFC 3550 §5.1: random; in the lower half, so that SRTP's first packets do not wrap (RFC 3711 §3.3.1).
    this.#nextSequence = CYCLE + (options.random.uint32() & 0x7fff);
    this.#lastTimestamp = options.random.uint32();
  }

  /** The source that is sent; undefined before the first packet. */
  get source(): number | undefined {
    return this.#hasSource ? this.#current.ssrc : undefined;
  }

  /**
   * Whether packets of the source `ssrc` may have places: it is the one that is sent, the one before, or the
   * one that was switched to. Of others nothing need be copied.
   */
  takes(ssrc: number): boolean {
    if (ssrc === this.#target) return true;
    if (!this.#hasSource) return false;
    return ssrc === this.#current.ssrc || (this.#hasPrevious && ssrc === this.#previous.ssrc);
  }

  /** Lets the next packet of the source `ssrc` be the first of a new run. Until it comes, the source before goes on. */
  switchTo(ssrc: number): void {
    this.#target = this.#hasSource && this.#current.ssrc === ssrc ? -1 : ssrc;
  }

  /**
   * A source says how its timestamps relate to its wall clock. Where that is known of the sources on both
   * sides of a switch, timestamps go on by it, else by the time of arrival.
   */
  handleSenderReport(report: SenderReport): void {
    this.#clocks.handleSenderReport(report);
  }

  /** A source is gone. */
  forgetSource(ssrc: number): void {
    this.#clocks.delete(ssrc);
  }

  /**
   * Makes `packet` one of the stream, in place.
   *
   * @param marker Its marker bit: to be given where what is dropped had it, such as upper spatial layers.
   * @returns false if it has no place in the stream and is not to be sent; it was not changed then.
   */
  rewrite(packet: RtpPacket, now: number, marker: boolean = packet.marker): boolean {
    const isFirst = packet.ssrc === this.#target || this.#isRestart(packet);
    if (isFirst) this.#begin(packet, now);
    const run = this.#runOf(packet);
    if (run === undefined) return false;
    const sequence = unwrapSerial16(packet.sequenceNumber, run.sequence.highest);
    if (run.sequence.isKept(sequence)) {
      this.#counters.packetsDuplicate++;
      return false;
    }
    if (!run.sequence.hasPlace(sequence)) {
      this.#counters.packetsLate++;
      return false;
    }
    const isNewest = sequence > run.sequence.highest;
    if (this.#codec !== undefined && !this.#rewritePicture(this.#codec, run, packet, isNewest)) {
      run.sequence.drop(sequence);
      this.#counters.packetsDropped++;
      return false;
    }
    this.#writeFields(run, packet, now);
    packet.sequenceNumber = run.sequence.map(sequence) & 0xffff;
    packet.marker = marker || (isFirst && this.#markSwitch);
    this.#counters.packetsRewritten++;
    return true;
  }

  /**
   * Takes `packet` out of the stream: those behind it move up. With VP8 a picture that is taken out whole
   * leaves no gap in the picture IDs either; VP9's references count picture IDs, which therefore stay.
   */
  drop(packet: RtpPacket): void {
    const run = this.#runOf(packet);
    if (run === undefined || run === this.#previous) return;
    const sequence = unwrapSerial16(packet.sequenceNumber, run.sequence.highest);
    if (this.#codec === 'vp8' && run.hasPictures && sequence > run.sequence.highest) {
      const fields = this.#fields;
      fields.locate(this.#codec, packet.bytes, packet.payloadStart, packet.payloadEnd);
      if (fields.hasPictureId) run.pictures.drop(unwrapPicture(fields, run.pictures.highest));
    }
    run.sequence.drop(sequence);
    this.#counters.packetsDropped++;
  }

  #runOf(packet: RtpPacket): Run | undefined {
    if (this.#hasSource) {
      if (this.#current.ssrc === packet.ssrc) return this.#current;
      if (this.#hasPrevious && this.#previous.ssrc === packet.ssrc) return this.#previous;
    }
    this.#counters.packetsForeign++;
    return undefined;
  }

  /** Whether two packets in sequence came from far back, or from another time: the source has restarted (RFC 3550 §A.1). */
  #isRestart(packet: RtpPacket): boolean {
    if (!this.#hasSource || packet.ssrc !== this.#current.ssrc) return false;
    const { sequenceNumber } = packet;
    const { highest, span } = this.#current.sequence;
    const sequence = unwrapSerial16(sequenceNumber, highest);
    if (sequence > highest - span && (sequence > highest || !this.#isUnrelated(packet))) {
      this.#restartAt = -1;
      return false;
    }
    if (sequenceNumber === this.#restartAt) return true;
    this.#restartAt = serialAdd16(sequenceNumber, 1);
    return false;
  }

  #isUnrelated({ timestamp }: RtpPacket): boolean {
    return isUnrelatedTimestamp(timestamp, this.#current.lastTimestamp, this.#clockRate);
  }

  #begin(packet: RtpPacket, now: number): void {
    const last = this.#current;
    if (this.#hasSource) {
      this.#nextSequence = last.sequence.nextOutput;
      if (last.hasPictures) this.#nextPicture = last.pictures.nextOutput;
      last.sequence.seal();
      last.pictures.seal();
    }
    const run = this.#previous;
    run.ssrc = packet.ssrc;
    run.sequence.begin(CYCLE + packet.sequenceNumber, this.#nextSequence);
    run.hasPictures = false;
    run.hasTl0PicIdx = false;
    run.lastTimestamp = packet.timestamp;
    run.timestampOffset = serialAdd32(this.#firstTimestamp(last, packet, now), -packet.timestamp);
    this.#hasPrevious = this.#hasSource;
    this.#previous = last;
    this.#current = run;
    this.#hasSource = true;
    this.#target = -1;
    this.#restartAt = -1;
    this.#counters.switches++;
  }

  /** The timestamp that the first packet of a run gets: later than all before. */
  #firstTimestamp(last: Run, packet: RtpPacket, now: number): number {
    if (!this.#hasSource) return this.#lastTimestamp;
    const byArrival = ((now - this.#lastTimestampAt) * this.#clockRate) / 1000;
    const elapsedMs =
      this.#clocks.unixMs(packet.ssrc, packet.timestamp, this.#clockRate) -
      this.#clocks.unixMs(last.ssrc, last.lastTimestamp, this.#clockRate);
    const byReports = (elapsedMs * this.#clockRate) / 1000;
    const tolerance = (MAX_CLOCK_DISAGREEMENT_MS * this.#clockRate) / 1000;
    // NaN, where a clock is not known, is no smaller than anything.
    const elapsed = Math.abs(byReports - byArrival) <= tolerance ? byReports : byArrival;
    return serialAdd32(this.#lastTimestamp, Math.max(1, Math.round(elapsed)));
  }

  #writeFields(run: Run, packet: RtpPacket, now: number): void {
    const { timestamp } = packet;
    const output = serialAdd32(timestamp, run.timestampOffset);
    if (run === this.#current) {
      if (serialDistance32(timestamp, run.lastTimestamp) > 0) run.lastTimestamp = timestamp;
      if (
        serialDistance32(output, this.#lastTimestamp) > 0 ||
        Number.isNaN(this.#lastTimestampAt)
      ) {
        this.#lastTimestamp = output;
        this.#lastTimestampAt = now;
      }
    }
    packet.timestamp = output;
    packet.ssrc = this.#ssrc;
    packet.payloadType = this.#payloadTypes[packet.payloadType] as number;
  }

  /** False if the packet belongs to a picture that was taken out, or that has no place. */
  #rewritePicture(codec: NumberedCodec, run: Run, packet: RtpPacket, isNewest: boolean): boolean {
    const fields = this.#fields;
    fields.locate(codec, packet.bytes, packet.payloadStart, packet.payloadEnd);
    if (fields.hasPictureId) {
      if (!run.hasPictures) {
        // What comes behind has its numbers already.
        if (run !== this.#current) return false;
        run.hasPictures = true;
        run.pictures.begin(CYCLE + fields.pictureId, this.#nextPicture);
      }
      const { highest } = run.pictures;
      let picture = unwrapPicture(fields, highest);
      // Pictures come in the order of their packets: none is late in the newest, none new in a late one.
      if (!isNewest && picture > highest) return false;
      if (isNewest && run.pictures.isForgotten(picture)) {
        // The encoder began its numbers anew.
        picture = CYCLE + fields.pictureId;
        run.pictures.begin(picture, run.pictures.nextOutput);
      }
      const output = run.pictures.map(picture);
      if (output === NO_NUMBER) return false;
      fields.pictureId = output;
    }
    if (fields.hasTl0PicIdx) this.#rewriteTl0PicIdx(run, fields);
    return true;
  }

  #rewriteTl0PicIdx(run: Run, fields: PictureFields): void {
    if (!run.hasTl0PicIdx) {
      run.hasTl0PicIdx = true;
      run.tl0PicIdxOffset = this.#lastTl0PicIdx + 1 - fields.tl0PicIdx;
    }
    const output = (fields.tl0PicIdx + run.tl0PicIdxOffset) & 0xff;
    fields.tl0PicIdx = output;
    if (run === this.#current && ((output - this.#lastTl0PicIdx) << 24) >> 24 > 0) {
      this.#lastTl0PicIdx = output;
    }
  }
}

/** The extended picture ID that is nearest to `highest`. */
function unwrapPicture(fields: PictureFields, highest: number): number {
  const modulus = fields.pictureIdModulus;
  const ahead = (fields.pictureId - highest) & (modulus - 1);
  return highest + (ahead < modulus >> 1 ? ahead : ahead - modulus);
}
