// A receiver of simulated video: reports what arrives, and notes it for the experiment.
import {
  CongestionFeedbackReceiver,
  decodeTransportSequenceNumber,
  encodeCompoundPacket,
  HeaderExtensionCursor,
  RtpPacket,
  TransportFeedbackReceiver,
} from '../../../src/index.ts';
import { EXTENSION_ID, IP_BYTES } from './media-sender.ts';

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
  readonly #ccfb = new CongestionFeedbackReceiver({ senderSsrc: 1, intervalMs: 50 });

  constructor(format: FeedbackFormat) {
    this.#format = format;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    if (!this.#packet.parse(datagram) || !this.#cursor.find(this.#packet, EXTENSION_ID)) return;
    const { bytes, end, start } = this.#cursor;
    const number = decodeTransportSequenceNumber(bytes, start, end) as number;
    const { sequenceNumber, ssrc } = this.#packet;
    if (this.#format === 'transport-wide') {
      this.#twcc.onPacket(number, ssrc, now);
    } else {
      this.#ccfb.onPacket(ssrc, sequenceNumber, now);
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
    if (this.#ccfb.nextTimeout <= now) this.#ccfb.handleTimeout(now);
  }

  pollDatagram(): Uint8Array | undefined {
    const feedback = this.#twcc.pollFeedback() ?? this.#ccfb.pollFeedback();
    return feedback === undefined ? undefined : encodeCompoundPacket([feedback]);
  }

  pollEvent(): undefined {
    return undefined;
  }

  get nextTimeout(): number {
    return Math.min(this.#twcc.nextTimeout, this.#ccfb.nextTimeout);
  }
}
