// Reports when the packets of each stream arrived, for senders without transport-wide sequence numbers (RFC 8888, https://www.rfc-editor.org/rfc/rfc8888#section-3).
import { Queue } from '@kaon/wire';
import { SsrcTable } from '../packet/ssrc-table.ts';
import type {
  CongestionControlFeedback,
  CongestionControlMetric,
  CongestionControlStream,
} from '../rtcp/congestion-control-feedback.ts';
import { compactNtpTimeFromUnixMs } from '../timing/ntp-time.ts';
import { SequenceUnwrapper } from '../timing/unwrapper.ts';
import { ArrivalWindow } from './arrival-window.ts';

const DEFAULT_INTERVAL_MS = 100;
const DEFAULT_MAX_STREAMS = 256;
const DEFAULT_MAX_PACKET_BYTES = 1200;
const MIN_PACKET_BYTES = 64;
/** Header, SSRC and report timestamp; then of each stream. */
const FIXED_BYTES = 12;
const STREAM_BYTES = 8;
const METRIC_BYTES = 2;
/** So long a packet is kept for another report, if one from before it comes late. */
const BACK_WINDOW_MS = 500;
/** §3.1: what arrived longer ago than can be said; one more would be that it is not known. */
const MAX_OFFSET = 8190;
const OFFSETS_PER_MS = 1024 / 1000;
/**
 * A metric is two bytes for a packet that need not have come: one packet could claim 32768 before it. So far
 * back a report of a stream reaches, and its memory with it, and so many metrics there are at a time for all.
 */
const MAX_SPAN = 2048;
const MAX_METRICS = 8192;

/** How packets are reported. */
export interface CongestionFeedbackReceiverOptions {
  /** SSRC that the reports come from. */
  readonly senderSsrc: number;
  /**
   * What the caller's clock is at 0, in milliseconds since 1970: §3.1 wants reports on the clock of sender
   * reports. 0 by default, which every sender that looks at differences only takes as well.
   */
  readonly timeOrigin?: number;
  /** Milliseconds between reports; 100 by default. */
  readonly intervalMs?: number;
  /** Largest report as an RTCP packet, bytes; 1200 by default. More to say makes more reports. */
  readonly maxPacketBytes?: number;
  /** Streams at most; packets of others are not reported. 256 by default. */
  readonly maxStreams?: number;
}

interface Stream {
  readonly ssrc: number;
  readonly unwrapper: SequenceUnwrapper;
  readonly arrivals: ArrivalWindow;
  /** The first sequence number of the next report; -1 before the first packet. */
  reportFrom: number;
}

/**
 * Makes the feedback of RFC 8888: say {@link onPacket} for each RTP packet, send what {@link pollFeedback}
 * gives, and call {@link handleTimeout} at {@link nextTimeout}.
 *
 * A report goes on where the one before ended. A packet that comes late makes the next one begin with it
 * (§3.1: a sender takes a packet that was reported to have arrived as arrived). ECN marks are 0, because
 * sockets in Node.js do not tell them.
 */
export class CongestionFeedbackReceiver {
  readonly #senderSsrc: number;
  readonly #timeOrigin: number;
  readonly #intervalMs: number;
  readonly #maxPacketBytes: number;
  readonly #streams: SsrcTable<Stream>;
  readonly #reports = new Queue<CongestionControlFeedback>();
  #lastReportTime = Number.NEGATIVE_INFINITY;
  #nextTimeout = Number.POSITIVE_INFINITY;

  /** @throws RangeError if `maxPacketBytes` is less than 64, `intervalMs` not above 0, or `maxStreams` no positive integer. */
  constructor(options: CongestionFeedbackReceiverOptions) {
    const { intervalMs = DEFAULT_INTERVAL_MS, maxPacketBytes = DEFAULT_MAX_PACKET_BYTES } = options;
    if (!(maxPacketBytes >= MIN_PACKET_BYTES)) {
      throw new RangeError(`maxPacketBytes: ${MIN_PACKET_BYTES} or more, not ${maxPacketBytes}.`);
    }
    if (!(intervalMs > 0)) throw new RangeError(`intervalMs: more than 0, not ${intervalMs}.`);
    const { maxStreams = DEFAULT_MAX_STREAMS } = options;
    if (!Number.isInteger(maxStreams) || maxStreams < 1) {
      throw new RangeError(`maxStreams: a positive integer, not ${maxStreams}.`);
    }
    this.#senderSsrc = options.senderSsrc;
    this.#timeOrigin = options.timeOrigin ?? 0;
    this.#intervalMs = intervalMs;
    this.#maxPacketBytes = maxPacketBytes;
    this.#streams = new SsrcTable(maxStreams);
  }

  /** Bytes of memory for arrival times, of all streams. */
  get allocatedBytes(): number {
    let bytes = 0;
    for (const { arrivals } of this.#streams.values()) bytes += arrivals.allocatedBytes;
    return bytes;
  }

  /** When {@link handleTimeout} is due; Infinity if there is nothing to report. */
  get nextTimeout(): number {
    return this.#nextTimeout;
  }

  /** A packet arrived, with its RTP sequence number. */
  onPacket(ssrc: number, sequenceNumber: number, now: number): void {
    const stream = this.#streams.get(ssrc) ?? this.#addStream(ssrc);
    if (stream === undefined) return;
    const { arrivals } = stream;
    const extended = stream.unwrapper.unwrap(sequenceNumber);
    if (stream.reportFrom >= arrivals.end) {
      arrivals.forgetOlder(now - BACK_WINDOW_MS, extended);
    }
    if (!arrivals.add(extended, now)) return;
    if (stream.reportFrom < 0 || extended < stream.reportFrom) stream.reportFrom = extended;
    if (this.#nextTimeout === Number.POSITIVE_INFINITY) {
      this.#nextTimeout = Math.max(now, this.#lastReportTime + this.#intervalMs);
    }
  }

  /** The stream has ended: its state is forgotten. */
  removeStream(ssrc: number): void {
    this.#streams.delete(ssrc);
  }

  /** Makes the report that is due. */
  handleTimeout(now: number): void {
    if (now < this.#nextTimeout) return;
    this.#nextTimeout = Number.POSITIVE_INFINITY;
    this.#lastReportTime = now;
    let streams: CongestionControlStream[] = [];
    let room = this.#maxPacketBytes - FIXED_BYTES;
    let metrics = MAX_METRICS;
    for (const stream of this.#streams.values()) {
      const { arrivals } = stream;
      stream.reportFrom = Math.max(stream.reportFrom, arrivals.first);
      while (stream.reportFrom < arrivals.end && metrics > 0) {
        // Metrics fill whole words.
        const fitting = Math.floor((room - STREAM_BYTES) / (2 * METRIC_BYTES)) * 2;
        if (fitting <= 0) {
          this.#push(streams, now);
          streams = [];
          room = this.#maxPacketBytes - FIXED_BYTES;
          continue;
        }
        const count = Math.min(arrivals.end - stream.reportFrom, fitting, metrics);
        streams.push(streamReport(stream, stream.reportFrom + count, now));
        room -= STREAM_BYTES + ((METRIC_BYTES * count + 3) & ~3);
        metrics -= count;
        stream.reportFrom += count;
      }
      // The others wait for the next time.
      if (metrics === 0) this.#nextTimeout = now + this.#intervalMs;
    }
    this.#push(streams, now);
  }

  /** The next report to send; undefined if there is none. */
  pollFeedback(): CongestionControlFeedback | undefined {
    return this.#reports.shift();
  }

  #addStream(ssrc: number): Stream | undefined {
    const stream = {
      ssrc: ssrc >>> 0,
      unwrapper: new SequenceUnwrapper(),
      arrivals: new ArrivalWindow(MAX_SPAN),
      reportFrom: -1,
    };
    return this.#streams.set(ssrc, stream) ? stream : undefined;
  }

  #push(streams: readonly CongestionControlStream[], now: number): void {
    if (streams.length === 0) return;
    this.#reports.push({
      type: 'congestion-control-feedback',
      senderSsrc: this.#senderSsrc,
      streams,
      reportTimestamp: compactNtpTimeFromUnixMs(this.#timeOrigin + now),
    });
  }
}

function streamReport(stream: Stream, end: number, now: number): CongestionControlStream {
  const metrics: (CongestionControlMetric | undefined)[] = [];
  for (let at = stream.reportFrom; at < end; at++) {
    const time = stream.arrivals.arrivalTime(at);
    metrics.push(
      Number.isNaN(time)
        ? undefined
        : {
            ecn: 0,
            arrivalTimeOffset: Math.min(Math.round((now - time) * OFFSETS_PER_MS), MAX_OFFSET),
          },
    );
  }
  return { ssrc: stream.ssrc, beginSequenceNumber: stream.reportFrom & 0xffff, metrics };
}
