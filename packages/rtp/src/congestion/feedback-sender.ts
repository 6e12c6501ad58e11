// The sender's side of feedback: numbers packets, remembers them, and makes one kind of report out of transport-wide feedback and RFC 8888 (draft-holmer-rmcat-transport-wide-cc-extensions-01, https://www.rfc-editor.org/rfc/rfc8888).
import { unwrapSerial16, unwrapSerial32 } from '@kaon/wire';
import type {
  CongestionControlFeedback,
  CongestionControlMetric,
} from '../rtcp/congestion-control-feedback.ts';
import {
  DELTA_UNIT_MS,
  REFERENCE_TIME_UNIT_MS,
  type TransportFeedback,
} from '../rtcp/transport-feedback.ts';
import { type FeedbackReport, NO_PROBE_CLUSTER, type PacketResult } from './packet-result.ts';
import { PACKET_STATE, SentPacketHistory } from './sent-packet-history.ts';

/** What is not reported within it counts for nothing any more. */
const DEFAULT_HISTORY_MS = 10_000;
/** Results that are kept for use in the next report. */
const MAX_POOLED = 1024;
/** RFC 8888 §3.1: from these offsets on there is no arrival time: too long ago, or unknown. */
const FIRST_OFFSET_WITHOUT_TIME = 8190;

/** What feedback has done, and what of it was of no use. */
export interface FeedbackCounters {
  /** Reports that had news. */
  reports: number;
  /** Reports of whose packets nothing was new, or none was known. */
  uselessReports: number;
  /** Packets first reported to have arrived, first reported lost, and arrived after being reported lost. */
  received: number;
  lost: number;
  recovered: number;
  /** Reports of packets that were reported before. */
  duplicates: number;
  /** Reports of packets that were sent too long ago, of streams or numbers never sent. */
  unknown: number;
  /** Reports of transport-wide sequence numbers not sent yet. */
  future: number;
}

/** How long and from which number on. */
export interface TransportFeedbackSenderOptions {
  /** The first transport-wide sequence number, 16 bits; 1 by default. */
  readonly firstSequenceNumber?: number;
  /** How long packets are remembered, milliseconds; 10000 by default. */
  readonly historyMs?: number;
}

interface MutablePacketResult extends PacketResult {
  sequenceNumber: number;
  sendTime: number;
  sizeBytes: number;
  probeClusterId: number;
  received: boolean;
  arrivalTime: number;
  wasLost: boolean;
  ecn: number;
}

/**
 * Numbers the packets of a transport and digests what the other side reports of them.
 *
 * The report that {@link onTransportFeedback} and {@link onCongestionControlFeedback} return, and the
 * results in it, are views that the next call writes to again: nothing is allocated for a packet. It never
 * speaks twice of a packet, except that one reported lost may arrive after all.
 */
export class TransportFeedbackSender {
  readonly counters: FeedbackCounters = {
    reports: 0,
    uselessReports: 0,
    received: 0,
    lost: 0,
    recovered: 0,
    duplicates: 0,
    unknown: 0,
    future: 0,
  };
  readonly #historyMs: number;
  readonly #history: SentPacketHistory;
  readonly #report: { feedbackTime: number; packets: PacketResult[]; bytesInFlight: number } = {
    feedbackTime: 0,
    packets: [],
    bytesInFlight: 0,
  };
  readonly #pool: MutablePacketResult[] = [];
  #inOrder = true;
  /** No packet before it is in flight. */
  #firstInFlight: number;
  /** The last reference time, extended; -1 before the first. */
  #referenceTime = -1;
  #reportTimestamp = -1;

  /** @throws RangeError if the first sequence number has not 16 bits or the time is not positive. */
  constructor(options: TransportFeedbackSenderOptions = {}) {
    const { firstSequenceNumber = 1, historyMs = DEFAULT_HISTORY_MS } = options;
    if (!(firstSequenceNumber >= 0 && firstSequenceNumber <= 0xffff)) {
      throw new RangeError(`firstSequenceNumber: 0 to 65535, not ${firstSequenceNumber}.`);
    }
    if (!(historyMs > 0)) throw new RangeError(`historyMs: more than 0, not ${historyMs}.`);
    const first = 0x1_0000 + firstSequenceNumber;
    this.#historyMs = historyMs;
    this.#history = new SentPacketHistory(first, historyMs);
    this.#firstInFlight = first;
  }

  /** Bytes of packets that nothing is known of yet. */
  get bytesInFlight(): number {
    return this.#history.bytesInFlight;
  }

  /** The transport-wide sequence number that the next packet gets, extended. */
  get nextSequenceNumber(): number {
    return this.#history.end;
  }

  /**
   * Remembers a packet that is sent now.
   *
   * @param sizeBytes with whatever headers shall count
   * @param ssrc and `sequenceNumber` of RTP: by these RFC 8888 finds it
   * @returns its transport-wide sequence number, 16 bits, for the header extension
   */
  onPacketSent(
    now: number,
    sizeBytes: number,
    ssrc: number,
    sequenceNumber: number,
    probeClusterId: number = NO_PROBE_CLUSTER,
  ): number {
    const number = this.#history.end;
    this.#history.add(now, sizeBytes, ssrc, sequenceNumber, probeClusterId);
    return number & 0xffff;
  }

  /** Digests transport-wide feedback; undefined if there is nothing new in it. */
  onTransportFeedback(feedback: TransportFeedback, now: number): FeedbackReport | undefined {
    this.#begin(now);
    const history = this.#history;
    const newest = history.end - 1;
    const base = unwrapSerial16(feedback.baseSequenceNumber, newest);
    const { offsets, deltas, statusCount } = feedback;
    const hasTimes = deltas.length === offsets.length;
    let arrivalTime = this.#unwrapReferenceTime(feedback.referenceTime) * REFERENCE_TIME_UNIT_MS;
    let silent = Math.max(base, this.#firstInFlight);
    for (let i = 0; i < offsets.length; i++) {
      const number = base + (offsets[i] as number);
      if (hasTimes) arrivalTime += (deltas[i] as number) * DELTA_UNIT_MS;
      if (number > newest) {
        this.counters.future += offsets.length - i;
        break;
      }
      for (; silent < number; silent++) this.#onLost(silent);
      silent = Math.max(silent, number + 1);
      if (history.has(number)) this.#onReceived(number, hasTimes ? arrivalTime : Number.NaN, 0);
      else this.counters.unknown++;
    }
    const end = Math.min(base + statusCount, history.end);
    for (; silent < end; silent++) this.#onLost(silent);
    return this.#finish(now);
  }

  /** Digests the feedback of RFC 8888; undefined if there is nothing new in it. */
  onCongestionControlFeedback(
    feedback: CongestionControlFeedback,
    now: number,
  ): FeedbackReport | undefined {
    this.#begin(now);
    const reportTime = this.#unwrapReportTimestamp(feedback.reportTimestamp);
    for (const { ssrc, beginSequenceNumber, metrics } of feedback.streams) {
      for (let i = 0; i < metrics.length; i++) {
        const number = this.#history.find(ssrc, (beginSequenceNumber + i) & 0xffff);
        if (number < 0) this.counters.unknown++;
        else this.#onMetric(number, metrics[i], reportTime);
      }
    }
    return this.#finish(now);
  }

  #onMetric(number: number, metric: CongestionControlMetric | undefined, reportTime: number): void {
    if (metric === undefined) {
      this.#onLost(number);
      return;
    }
    const { arrivalTimeOffset, ecn } = metric;
    const hasTime = arrivalTimeOffset < FIRST_OFFSET_WITHOUT_TIME;
    const arrivalTime = hasTime ? reportTime - (arrivalTimeOffset * 1000) / 1024 : Number.NaN;
    this.#onReceived(number, arrivalTime, ecn);
  }

  #begin(now: number): void {
    this.#history.forgetBefore(now - this.#historyMs);
    this.#firstInFlight = Math.max(this.#firstInFlight, this.#history.first);
    this.#report.packets.length = 0;
    this.#inOrder = true;
  }

  #onReceived(number: number, arrivalTime: number, ecn: number): void {
    const state = this.#history.state(number);
    if (state === PACKET_STATE.received) {
      this.counters.duplicates++;
      return;
    }
    const wasLost = state === PACKET_STATE.lost;
    this.counters.received++;
    if (wasLost) this.counters.recovered++;
    this.#history.resolve(number, true);
    this.#push(number, true, arrivalTime, wasLost, ecn);
  }

  #onLost(number: number): void {
    if (this.#history.state(number) !== PACKET_STATE.inFlight) return;
    this.counters.lost++;
    this.#history.resolve(number, false);
    this.#push(number, false, Number.NaN, false, 0);
  }

  #push(
    number: number,
    received: boolean,
    arrivalTime: number,
    wasLost: boolean,
    ecn: number,
  ): void {
    const { packets } = this.#report;
    const result = this.#result(packets.length);
    const last = packets.at(-1);
    if (last !== undefined && last.sequenceNumber > number) this.#inOrder = false;
    result.sequenceNumber = number;
    result.sendTime = this.#history.sendTime(number);
    result.sizeBytes = this.#history.sizeBytes(number);
    result.probeClusterId = this.#history.probeClusterId(number);
    result.received = received;
    result.arrivalTime = arrivalTime;
    result.wasLost = wasLost;
    result.ecn = ecn;
    packets.push(result);
  }

  #result(index: number): MutablePacketResult {
    const pooled = this.#pool[index];
    if (pooled !== undefined) return pooled;
    const result: MutablePacketResult = {
      sequenceNumber: 0,
      sendTime: 0,
      sizeBytes: 0,
      probeClusterId: NO_PROBE_CLUSTER,
      received: false,
      arrivalTime: 0,
      wasLost: false,
      ecn: 0,
    };
    if (index < MAX_POOLED) this.#pool.push(result);
    return result;
  }

  #finish(now: number): FeedbackReport | undefined {
    const history = this.#history;
    while (
      this.#firstInFlight < history.end &&
      history.state(this.#firstInFlight) !== PACKET_STATE.inFlight
    ) {
      this.#firstInFlight++;
    }
    const { packets } = this.#report;
    if (packets.length === 0) {
      this.counters.uselessReports++;
      return undefined;
    }
    this.counters.reports++;
    if (!this.#inOrder) packets.sort((a, b) => a.sequenceNumber - b.sequenceNumber);
    this.#report.feedbackTime = now;
    this.#report.bytesInFlight = history.bytesInFlight;
    return this.#report;
  }

  // 24 bits: it wraps after 12 days, and may step back when packets were reordered.
  #unwrapReferenceTime(referenceTime: number): number {
    if (this.#referenceTime < 0) this.#referenceTime = 0x100_0000 + referenceTime;
    else this.#referenceTime += ((referenceTime - this.#referenceTime) << 8) >> 8;
    // A receiver that keeps stepping back must not reach the numbers that mean "none".
    if (this.#referenceTime < 0) this.#referenceTime += 0x100_0000;
    return this.#referenceTime;
  }

  // Compact NTP time, 65536ths of a second; it wraps after 18 hours.
  #unwrapReportTimestamp(timestamp: number): number {
    const reference = this.#reportTimestamp;
    this.#reportTimestamp =
      reference < 0 ? 0x1_0000_0000 + timestamp : unwrapSerial32(timestamp, reference);
    return (this.#reportTimestamp / 0x1_0000) * 1000;
  }
}
