// The receiver of transport-wide sequence numbers: notes when packets arrived and reports it (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3, https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01#section-3).
import { Queue } from '@kaon/wire';
import type { TransportFeedbackRequest } from '../header-extensions/transport-sequence-number.ts';
import {
  DELTA_UNIT_MS,
  REFERENCE_TIME_UNIT_MS,
  type TransportFeedback,
} from '../rtcp/transport-feedback.ts';
import { SequenceUnwrapper } from '../timing/unwrapper.ts';
import { ArrivalWindow } from './arrival-window.ts';

const TICKS_PER_REFERENCE = REFERENCE_TIME_UNIT_MS / DELTA_UNIT_MS;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 250;
const DEFAULT_INTERVAL_MS = 100;
/** What a report costs with IP, UDP and SRTP, and what share of the bitrate may go into reports. */
const REPORT_BYTES = 68;
const REPORT_SHARE = 0.05;
/** So long a packet is kept for another report, if one from before it comes late. */
const BACK_WINDOW_MS = 500;
const DEFAULT_MAX_PACKET_BYTES = 1200;
const FIXED_BYTES = 20;
const MAX_DELTA = 0x7fff;
const MAX_SMALL_DELTA = 0xff;

/** How packets are reported. */
export interface TransportFeedbackReceiverOptions {
  /** SSRC that the reports come from. */
  readonly senderSsrc: number;
  /**
   * `periodic` (default): every 50 to 250 ms while packets come. `on-request`: only when a packet asks for
   * it, as version 02 of the header extension does.
   */
  readonly mode?: 'periodic' | 'on-request';
  /** Largest report as an RTCP packet, bytes; 1200 by default. More to say makes more reports. */
  readonly maxPacketBytes?: number;
}

/**
 * Makes transport-wide feedback: say {@link onPacket} for each packet with the header extension, send what
 * {@link pollFeedback} gives, and call {@link handleTimeout} at {@link nextTimeout}.
 *
 * A packet that comes late, after others behind it were reported, makes the next report begin with it, so
 * that the sender learns of it; the others are reported once more.
 */
export class TransportFeedbackReceiver {
  readonly #senderSsrc: number;
  readonly #isPeriodic: boolean;
  readonly #maxPacketBytes: number;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #arrivals = new ArrivalWindow();
  readonly #reports = new Queue<TransportFeedback>();
  #mediaSsrc = 0;
  #intervalMs = DEFAULT_INTERVAL_MS;
  #lastReportTime = Number.NEGATIVE_INFINITY;
  /** The first sequence number of the next periodic report; -1 before the first packet. */
  #reportFrom = -1;
  #feedbackCount = 0;
  #nextTimeout = Number.POSITIVE_INFINITY;

  /** @throws RangeError if `maxPacketBytes` is less than 64. */
  constructor(options: TransportFeedbackReceiverOptions) {
    const { maxPacketBytes = DEFAULT_MAX_PACKET_BYTES } = options;
    if (!(maxPacketBytes >= 64)) {
      throw new RangeError(`maxPacketBytes: 64 or more, not ${maxPacketBytes}.`);
    }
    this.#senderSsrc = options.senderSsrc;
    this.#isPeriodic = options.mode !== 'on-request';
    this.#maxPacketBytes = maxPacketBytes;
  }

  /** When {@link handleTimeout} is due; Infinity if there is nothing to report. */
  get nextTimeout(): number {
    return this.#nextTimeout;
  }

  /** Milliseconds between reports. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /**
   * Fits the interval to what may be sent back, in bits a second: reports take 5% of it, every 50 ms at
   * most and every 250 ms at least. Until it is called, the interval is 100 ms.
   */
  setSendBitrate(bitrateBps: number): void {
    const intervalMs = (REPORT_BYTES * 8 * 1000) / (REPORT_SHARE * Math.max(bitrateBps, 1));
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, intervalMs));
  }

  /**
   * A packet arrived.
   *
   * @param sequenceNumber of the header extension
   * @param ssrc of the packet
   * @param request in the header extension, if any
   */
  onPacket(
    sequenceNumber: number,
    ssrc: number,
    now: number,
    request?: TransportFeedbackRequest,
  ): void {
    const extended = this.#unwrapper.unwrap(sequenceNumber);
    this.#mediaSsrc = ssrc;
    if (this.#isPeriodic && this.#reportFrom >= this.#arrivals.end) {
      // Everything was reported; what is old cannot become part of a report again.
      this.#arrivals.forgetOlder(now - BACK_WINDOW_MS, extended);
    }
    if (!this.#arrivals.add(extended, now)) return;
    if (request !== undefined) {
      this.#reportOnRequest(extended, request);
    } else if (this.#isPeriodic) {
      if (this.#reportFrom < 0 || extended < this.#reportFrom) this.#reportFrom = extended;
      if (this.#nextTimeout === Number.POSITIVE_INFINITY) {
        this.#nextTimeout = Math.max(now, this.#lastReportTime + this.#intervalMs);
      }
    }
  }

  /** Makes the report that is due. */
  handleTimeout(now: number): void {
    if (now < this.#nextTimeout) return;
    this.#nextTimeout = Number.POSITIVE_INFINITY;
    this.#lastReportTime = now;
    this.#reportFrom = Math.max(this.#reportFrom, this.#arrivals.first);
    while (this.#reportFrom < this.#arrivals.end) {
      this.#reportFrom = this.#report(this.#reportFrom, this.#arrivals.end, true);
    }
  }

  /** The next report to send; undefined if there is none. */
  pollFeedback(): TransportFeedback | undefined {
    return this.#reports.shift();
  }

  #reportOnRequest(last: number, request: TransportFeedbackRequest): void {
    const { sequenceCount, includeTimestamps } = request;
    const first = Math.max(last + 1 - sequenceCount, this.#arrivals.first);
    for (let from = first; from <= last; ) from = this.#report(from, last + 1, includeTimestamps);
    this.#arrivals.forgetBefore(first);
  }

  /** One report from `from` on, of what fits into it; returns where the next one begins. */
  #report(from: number, end: number, includeTimestamps: boolean): number {
    const offsets: number[] = [];
    const deltas: number[] = [];
    let referenceTime = 0;
    let ticks = 0;
    let next = from;
    let bytes = FIXED_BYTES;
    for (let at = from; at < end; at++) {
      const time = this.#arrivals.arrivalTime(at);
      if (Number.isNaN(time)) continue;
      if (offsets.length === 0) {
        referenceTime = Math.floor(time / REFERENCE_TIME_UNIT_MS);
        ticks = referenceTime * TICKS_PER_REFERENCE;
      }
      const arrivalTicks = Math.round(time / DELTA_UNIT_MS);
      const delta = arrivalTicks - ticks;
      if (Math.abs(delta) > MAX_DELTA) break; // The next report has a reference time of its own.
      // A chunk for a gap, and this packet's share of a vector at its worst: 7 symbols in 2 bytes.
      bytes += (at === next ? 2 / 7 : 4) + (delta >= 0 && delta <= MAX_SMALL_DELTA ? 1 : 2);
      if (bytes > this.#maxPacketBytes - 8) break; // The last chunks may be half empty; and the padding.
      ticks = arrivalTicks;
      offsets.push(at - from);
      if (includeTimestamps) deltas.push(delta);
      next = at + 1;
    }
    if (offsets.length === 0) return end; // Nothing of it arrived.
    this.#reports.push({
      type: 'transport-feedback',
      senderSsrc: this.#senderSsrc,
      mediaSsrc: this.#mediaSsrc,
      baseSequenceNumber: from & 0xffff,
      statusCount: next - from,
      referenceTime: referenceTime & 0xff_ffff,
      feedbackCount: this.#feedbackCount,
      offsets,
      deltas,
    });
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    return next;
  }
}
