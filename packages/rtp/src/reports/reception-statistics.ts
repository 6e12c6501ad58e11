// What a receiver knows of one source: sequence numbers, loss, jitter (RFC 3550 §6.4.1, §A.1, §A.3, §A.8, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).
import { serialAdd16, serialDistance32 } from '@kaon/wire';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import type { ReportBlock } from '../rtcp/report-block.ts';
import type { SenderReport } from '../rtcp/sender-report.ts';
import { compactNtpDuration, compactNtpTime } from '../timing/ntp-time.ts';

/** A source that is received. */
export interface ReceptionStatisticsOptions {
  readonly ssrc: number;
  /** Units of the timestamp a second. */
  readonly clockRate: number;
  /** How many packets in sequence make a source valid (§A.1, MIN_SEQUENTIAL); 2 by default, 1 to trust the first. */
  readonly probation?: number;
}

/** §A.1: a jump forward of less than this is a loss. */
const MAX_DROPOUT = 3000;
/** §A.1: a number behind by no more than this is late. */
const MAX_MISORDER = 100;
const SEQUENCE_MOD = 0x1_0000;
const TIMESTAMP_MOD = 0x1_0000_0000;
/** §A.1: a bad_seq that no sequence number equals. */
const NO_SEQUENCE = SEQUENCE_MOD + 1;

/** Follows one source and makes report blocks about it. Nothing is allocated for a packet. */
export class ReceptionStatistics {
  readonly ssrc: number;
  readonly #probationLength: number;
  #clockRate: number;
  // The names of §A.1.
  #probation: number;
  #maxSeq = 0;
  #cycles = 0;
  #baseSeq = 0;
  #badSeq = NO_SEQUENCE;
  #received = 0;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #hasPackets = false;
  // §A.8
  #jitter = 0;
  #hasTransit = false;
  #lastArrival = 0;
  #lastTimestamp = 0;
  #lastPacketAt = Number.NEGATIVE_INFINITY;
  #hasNews = false;
  #payloadBytes = 0;
  #fractionLost = 0;
  // The last sender report: LSR, and when it came.
  #lastSenderReport = 0;
  #lastSenderReportAt = 0;

  /** @throws RangeError if an option is out of range. */
  constructor(options: ReceptionStatisticsOptions) {
    const { clockRate, probation = 2 } = options;
    if (!(Number.isInteger(probation) && probation >= 1)) {
      throw new RangeError(`probation is ${probation}; expected an integer of 1 or more`);
    }
    this.ssrc = options.ssrc;
    this.#clockRate = checkClockRate(clockRate);
    this.#probationLength = probation;
    this.#probation = probation;
  }

  /** Units of the timestamp a second; a change begins the jitter anew (RFC 7160 §4). */
  get clockRate(): number {
    return this.#clockRate;
  }

  set clockRate(clockRate: number) {
    if (clockRate === this.#clockRate) return;
    this.#clockRate = checkClockRate(clockRate);
    this.#hasTransit = false;
    this.#jitter = 0;
  }

  /** Whether enough packets came in sequence. */
  get isValid(): boolean {
    return this.#hasPackets && this.#probation === 0;
  }

  /** Whether packets came since the last {@link reportBlock}. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** When the last packet came; -Infinity if none did. */
  get lastPacketAt(): number {
    return this.#lastPacketAt;
  }

  /** Packets that came, late and double ones included. */
  get packetsReceived(): number {
    return this.#received;
  }

  /** Bytes of their payloads, without padding. */
  get payloadBytesReceived(): number {
    return this.#payloadBytes;
  }

  /** The highest sequence number on the wire: 16 bits. */
  get highestSequenceNumber(): number {
    return this.#maxSeq;
  }

  /** The highest sequence number, with the count of its cycles in the upper 16 of 32 bits. */
  get extendedHighestSequenceNumber(): number {
    return (this.#cycles + this.#maxSeq) >>> 0;
  }

  /** Packets expected and not received: negative if more came than were sent (§6.4.1). */
  get cumulativeLost(): number {
    return this.#expected - this.#received;
  }

  /** Lost since the report before the last, over expected, in 1/256: what the last report said. */
  get fractionLost(): number {
    return this.#fractionLost;
  }

  /** Interarrival jitter in units of the timestamp (§A.8). */
  get jitter(): number {
    return this.#jitter;
  }

  /**
   * A packet of the source came.
   *
   * @returns whether it counts: not if the source is still on probation, or the number makes no sense (§A.1).
   */
  handlePacket(packet: RtpPacket, now: number): boolean {
    this.#lastPacketAt = now;
    if (!this.#updateSequence(packet.sequenceNumber)) return false;
    this.#hasNews = true;
    this.#payloadBytes += packet.payloadLength;
    this.#updateJitter(packet.timestamp, now);
    return true;
  }

  /** A sender report of the source came. */
  handleSenderReport(report: SenderReport, now: number): void {
    this.#lastSenderReport = compactNtpTime(report.ntpTime.seconds, report.ntpTime.fraction);
    this.#lastSenderReportAt = now;
  }

  /** The report about the source, for the time since the one before (§A.3). */
  reportBlock(now: number): ReportBlock {
    const expected = this.#expected;
    const expectedInterval = expected - this.#expectedPrior;
    const lostInterval = expectedInterval - (this.#received - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.#received;
    this.#hasNews = false;
    this.#fractionLost =
      expectedInterval === 0 || lostInterval <= 0
        ? 0
        : Math.min(Math.floor((lostInterval * 256) / expectedInterval), 255);
    const hasReport = this.#lastSenderReport !== 0;
    return {
      ssrc: this.ssrc,
      fractionLost: this.#fractionLost,
      // §A.3: it sticks at the ends of its 24 bits.
      cumulativeLost: Math.max(-0x80_0000, Math.min(expected - this.#received, 0x7f_ffff)),
      extendedHighestSequenceNumber: this.extendedHighestSequenceNumber,
      jitter: Math.min(Math.floor(this.#jitter), 0xffff_ffff),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: hasReport
        ? compactNtpDuration(now - this.#lastSenderReportAt)
        : 0,
    };
  }

  get #expected(): number {
    return this.isValid ? this.#cycles + this.#maxSeq - this.#baseSeq + 1 : 0;
  }

  // §A.1, update_seq
  #updateSequence(sequenceNumber: number): boolean {
    if (!this.#hasPackets) {
      this.#hasPackets = true;
      this.#maxSeq = serialAdd16(sequenceNumber, -1);
    }
    const delta = (sequenceNumber - this.#maxSeq) & 0xffff;
    if (this.#probation > 0) {
      this.#maxSeq = sequenceNumber;
      this.#probation = (delta === 1 ? this.#probation : this.#probationLength) - 1;
      if (this.#probation > 0) return false;
      this.#restart(sequenceNumber);
    } else if (delta < MAX_DROPOUT) {
      if (sequenceNumber < this.#maxSeq) this.#cycles += SEQUENCE_MOD;
      this.#maxSeq = sequenceNumber;
    } else if (delta <= SEQUENCE_MOD - MAX_MISORDER) {
      // A very large jump: two packets in sequence are a restart of the other side.
      if (sequenceNumber !== this.#badSeq) {
        this.#badSeq = serialAdd16(sequenceNumber, 1);
        return false;
      }
      this.#restart(sequenceNumber);
    }
    this.#received++;
    return true;
  }

  // §A.1, init_seq
  #restart(sequenceNumber: number): void {
    this.#baseSeq = sequenceNumber;
    this.#maxSeq = sequenceNumber;
    this.#badSeq = NO_SEQUENCE;
    this.#cycles = 0;
    this.#received = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#hasTransit = false;
  }

  // §A.8, with differences of the clocks instead of transit times, so that no wrap shows.
  #updateJitter(timestamp: number, now: number): void {
    if (this.#hasTransit) {
      const arrivedAfter = ((now - this.#lastArrival) * this.#clockRate) / 1000;
      const difference = arrivedAfter - serialDistance32(timestamp, this.#lastTimestamp);
      // Of 32 bits, as the transit times of §A.8 are: timestamps go around while nothing comes for hours.
      const wrapped = difference - TIMESTAMP_MOD * Math.round(difference / TIMESTAMP_MOD);
      this.#jitter += (Math.abs(wrapped) - this.#jitter) / 16;
    }
    this.#hasTransit = true;
    this.#lastArrival = now;
    this.#lastTimestamp = timestamp;
  }
}

function checkClockRate(clockRate: number): number {
  if (!(clockRate > 0 && clockRate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`clockRate is ${clockRate}; expected more than 0`);
  }
  return clockRate;
}
