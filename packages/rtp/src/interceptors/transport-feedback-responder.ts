// Tells the sender when its packets arrived, for all received streams together (draft-holmer-rmcat-transport-wide-cc-extensions-01, https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01).
import { TransportFeedbackReceiver } from '../congestion/feedback-receiver.ts';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import {
  decodeTransportFeedbackRequest,
  decodeTransportSequenceNumber,
} from '../header-extensions/transport-sequence-number.ts';
import { TRANSPORT_WIDE_CC_02_URI, TRANSPORT_WIDE_CC_URI } from '../header-extensions/uris.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';
import type { Interceptor, RtpStreamDescription } from './interceptor.ts';

/** Who reports, and how large a report may be. */
export interface TransportFeedbackResponderOptions {
  /** The SSRC that speaks in the reports: one of ours. */
  readonly senderSsrc: number;
  /** Largest report as an RTCP packet, bytes; 1200 by default. */
  readonly maxPacketBytes?: number;
}

/**
 * The receiving side of congestion control: a {@link TransportFeedbackReceiver} for all packets of the
 * transport, also those of retransmissions and of streams that nobody announced. It begins when a stream
 * with the header extension is announced, whose identifier is the same for all streams of a transport
 * (RFC 9143 §9.1); with version 02 it reports on request only. It stands next to the network.
 */
export class TransportFeedbackResponder implements Interceptor {
  readonly #options: TransportFeedbackResponderOptions;
  readonly #cursor: HeaderExtensionCursor = new HeaderExtensionCursor();
  #receiver: TransportFeedbackReceiver;
  #isPeriodic = true;
  /** 0 if the extension was not agreed on. */
  #extensionId = 0;

  /** @throws RangeError if an option is out of range. */
  constructor(options: TransportFeedbackResponderOptions) {
    this.#options = options;
    this.#receiver = new TransportFeedbackReceiver(options);
  }

  get nextTimeout(): number {
    return this.#receiver.nextTimeout;
  }

  /** Fits the interval of reports to what may be sent, bits a second. */
  setSendBitrate(bitrateBps: number): void {
    this.#receiver.setSendBitrate(bitrateBps);
  }

  addRemoteStream(stream: RtpStreamDescription): void {
    const ids = stream.headerExtensionIds;
    const periodicId = ids?.get(TRANSPORT_WIDE_CC_URI);
    const id = periodicId ?? ids?.get(TRANSPORT_WIDE_CC_02_URI);
    if (id === undefined) return;
    this.#extensionId = id;
    if (this.#isPeriodic === (periodicId !== undefined)) return;
    this.#isPeriodic = periodicId !== undefined;
    const mode = this.#isPeriodic ? 'periodic' : 'on-request';
    this.#receiver = new TransportFeedbackReceiver({ ...this.#options, mode });
  }

  handleIncomingRtp(packet: RtpPacket, now: number): boolean {
    const cursor = this.#cursor;
    if (this.#extensionId !== 0 && cursor.find(packet, this.#extensionId)) {
      const { bytes, end, start } = cursor;
      const number = decodeTransportSequenceNumber(bytes, start, end);
      if (number !== undefined) {
        const request = this.#isPeriodic
          ? undefined
          : decodeTransportFeedbackRequest(bytes, start, end);
        this.#receiver.onPacket(number, packet.ssrc, now, request);
      }
    }
    return true;
  }

  handleTimeout(now: number): void {
    this.#receiver.handleTimeout(now);
  }

  pollRtcp(): RtcpPacket | undefined {
    return this.#receiver.pollFeedback();
  }
}
