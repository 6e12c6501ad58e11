// A receiver of simulated video: reports what arrives, and notes it for the experiment.
import {
  type CongestionControlFeedback,
  compactNtpTimeFromUnixMs,
  decodeTransportSequenceNumber,
  encodeCompoundPacket,
  HeaderExtensionCursor,
  RtpPacket,
  TransportFeedbackReceiver,
} from '../../../src/index.ts';
import { EXTENSION_ID, IP_BYTES } from './media-sender.ts';

const REPORT_INTERVAL_MS = 50;

/** A packet as it arrived. */
export interface Arrival {
  readonly at: number;
  readonly ipBytes: number;
  /** From leaving the pacer, and from the frame's making, to here. */
  readonly networkMs: number;
  readonly totalMs: number;
}

/** Which feedback it sends. */
export type FeedbackFormat = 'transport-wide' | 'rfc8888';

/** RTP in, feedback out. */
export class MediaReceiver {
  readonly arrivals: Arrival[] = [];
  readonly #twcc = new TransportFeedbackReceiver({ senderSsrc: 1 });
  readonly #format: FeedbackFormat;
  readonly #packet = new RtpPacket();
  readonly #cursor = new HeaderExtensionCursor();
  /** For RFC 8888: sequence numbers and when they came. */
  #unreported: { number: number; at: number }[] = [];
  #nextReport = Number.POSITIVE_INFINITY;
  #ssrc = 0;
  #report: Uint8Array | undefined;

  constructor(format: FeedbackFormat) {
    this.#format = format;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    if (!this.#packet.parse(datagram) || !this.#cursor.find(this.#packet, EXTENSION_ID)) return;
    const { bytes, end, start } = this.#cursor;
    const number = decodeTransportSequenceNumber(bytes, start, end) as number;
    this.#ssrc = this.#packet.ssrc;
    if (this.#format === 'transport-wide') {
      this.#twcc.onPacket(number, this.#ssrc, now);
    } else {
      this.#unreported.push({ number: this.#packet.sequenceNumber, at: now });
      this.#nextReport = Math.min(this.#nextReport, now + REPORT_INTERVAL_MS);
    }
    const view = new DataView(datagram.buffer, datagram.byteOffset + this.#packet.payloadStart);
    this.arrivals.push({
      at: now,
      ipBytes: datagram.length + IP_BYTES,
      networkMs: now - view.getFloat64(0),
      totalMs: now - view.getFloat64(8),
    });
  }

  handleTimeout(now: number): void {
    if (this.#twcc.nextTimeout <= now) this.#twcc.handleTimeout(now);
    if (this.#nextReport <= now) {
      this.#report = encodeCompoundPacket([this.#congestionControlFeedback(now)]);
      this.#nextReport = Number.POSITIVE_INFINITY;
      this.#unreported = [];
    }
  }

  pollDatagram(): Uint8Array | undefined {
    const report = this.#report;
    this.#report = undefined;
    if (report !== undefined) return report;
    const feedback = this.#twcc.pollFeedback();
    return feedback === undefined ? undefined : encodeCompoundPacket([feedback]);
  }

  pollEvent(): undefined {
    return undefined;
  }

  get nextTimeout(): number {
    return Math.min(this.#twcc.nextTimeout, this.#nextReport);
  }

  // Packets of one stream that keep their order.
  #congestionControlFeedback(now: number): CongestionControlFeedback {
    const first = (this.#unreported[0] as { number: number }).number;
    const metrics: { ecn: number; arrivalTimeOffset: number }[] = [];
    for (const { number, at } of this.#unreported) {
      metrics[(number - first) & 0xffff] = {
        ecn: 0,
        arrivalTimeOffset: Math.round(((now - at) * 1024) / 1000),
      };
    }
    return {
      type: 'congestion-control-feedback',
      senderSsrc: 1,
      reportTimestamp: compactNtpTimeFromUnixMs(now),
      streams: [{ ssrc: this.#ssrc, beginSequenceNumber: first, metrics: Array.from(metrics) }],
    };
  }
}
