// Takes ULPFEC as browsers send it: media and repair packets in RED, in one stream (RFC 5109 §14, https://www.rfc-editor.org/rfc/rfc5109#section-14).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { FecDecoder, type FecDecoderCounters, type FecDecoderOptions } from './fec-decoder.ts';
import { decodeUlpFec } from './ulpfec-payload.ts';

export interface UlpFecReceiverOptions extends Omit<FecDecoderOptions, 'ssrcs'> {
  readonly ssrc: number;
  /** Payload type of RED (RFC 2198). */
  readonly redPayloadType: number;
  /** Payload type of ULPFEC within RED. */
  readonly ulpFecPayloadType: number;
}

/**
 * Takes the packets of one stream before its jitter buffer does.
 *
 * ```ts
 * if (!fec.handlePacket(packet, isRetransmission)) return;
 * buffer.handlePacket(packet, now, isRetransmission);
 * for (let back = fec.pollRecovered(); back; back = fec.pollRecovered()) {
 *   buffer.handlePacket(back, now, true);
 * }
 * ```
 */
export class UlpFecReceiver {
  readonly #redPayloadType: number;
  readonly #ulpFecPayloadType: number;
  readonly #ssrc: number;
  readonly #decoder: FecDecoder;

  /** @throws RangeError if an option is out of range. */
  constructor(options: UlpFecReceiverOptions) {
    this.#redPayloadType = options.redPayloadType;
    this.#ulpFecPayloadType = options.ulpFecPayloadType;
    this.#ssrc = options.ssrc;
    this.#decoder = new FecDecoder({ ...options, ssrcs: [options.ssrc] });
  }

  get counters(): Readonly<FecDecoderCounters> {
    return this.#decoder.counters;
  }

  /** Bytes of memory for packets. */
  get allocatedBytes(): number {
    return this.#decoder.allocatedBytes;
  }

  /**
   * Takes a packet and unwraps it in place: of a media packet in RED is left what was wrapped, of a repair
   * packet an empty one, because its sequence number is one of the stream's all the same.
   *
   * @param recovered whether it came by retransmission: its extensions may be others than those for which
   * FEC was made, so that it is unwrapped, but helps to recover nothing.
   * @returns false if it is to be dropped: in RED, but malformed or with redundancy, which video has not.
   */
  handlePacket(packet: RtpPacket, recovered = false): boolean {
    if (packet.ssrc !== this.#ssrc) return true;
    if (packet.payloadType === this.#redPayloadType) {
      if (packet.payloadLength < 1) return true;
      const header = packet.bytes[packet.payloadStart] as number;
      // RFC 2198 §3: F says that another block follows.
      if ((header & 0x80) !== 0) return false;
      unwrap(packet, header);
      if (header === this.#ulpFecPayloadType) {
        if (!recovered) this.#decoder.handleEquations(decodeUlpFec(packet.payload, this.#ssrc));
        empty(packet);
        return true;
      }
    }
    if (!recovered) this.#decoder.handleMedia(packet);
    return true;
  }

  /** The next packet that came back, in memory of its own; undefined if there is none. */
  pollRecovered(): RtpPacket | undefined {
    return this.#decoder.pollRecovered();
  }
}

/** Takes RED's header of one byte out: the RTP header moves up to the block. */
function unwrap(packet: RtpPacket, payloadType: number): void {
  const { bytes, start, end, payloadStart } = packet;
  bytes.copyWithin(start + 1, start, payloadStart);
  packet.parse(bytes, start + 1, end);
  packet.payloadType = payloadType;
}

/** Cuts payload and padding off. */
function empty(packet: RtpPacket): void {
  const { bytes, start, payloadStart } = packet;
  bytes[start] = (bytes[start] as number) & ~0x20;
  packet.parse(bytes, start, payloadStart);
}
