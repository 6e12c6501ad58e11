// Takes `flexfec-03` as browsers send it: repair packets in a stream of their own (draft-ietf-payload-flexible-fec-scheme-03 §5, https://datatracker.ietf.org/doc/html/draft-ietf-payload-flexible-fec-scheme-03#section-5).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { FecDecoder, type FecDecoderCounters, type FecDecoderOptions } from './fec-decoder.ts';
import { decodeFlexFec03 } from './flexfec-03-payload.ts';

export interface FlexFecReceiverOptions extends FecDecoderOptions {
  /** SSRC of the repair stream: the second of `a=ssrc-group:FEC-FR` (RFC 5956). */
  readonly repairSsrc: number;
}

/**
 * Takes the packets of the streams protected, and of the stream that protects them.
 *
 * Deviation: RFC 8627 has another layout than draft 03, which browsers send.
 *
 * ```ts
 * const isRepair = !fec.handlePacket(packet, isRetransmission);
 * if (!isRepair) buffer.handlePacket(packet, now, isRetransmission);
 * for (let back = fec.pollRecovered(); back; back = fec.pollRecovered()) {
 *   buffer.handlePacket(back, now, true);
 * }
 * ```
 */
export class FlexFecReceiver {
  readonly #repairSsrc: number;
  readonly #decoder: FecDecoder;

  /** @throws RangeError if an option is out of range. */
  constructor(options: FlexFecReceiverOptions) {
    this.#repairSsrc = options.repairSsrc;
    this.#decoder = new FecDecoder(options);
  }

  get counters(): Readonly<FecDecoderCounters> {
    return this.#decoder.counters;
  }

  /** Bytes of memory for packets. */
  get allocatedBytes(): number {
    return this.#decoder.allocatedBytes;
  }

  /**
   * Takes a packet; it is not changed.
   *
   * @param recovered whether it came by retransmission: its extensions may be others than those for which
   * FEC was made, so that it helps to recover nothing.
   * @returns whether it is media; false if it was of the repair stream.
   */
  handlePacket(packet: RtpPacket, recovered = false): boolean {
    if (packet.ssrc === this.#repairSsrc) {
      this.#decoder.handleEquations(asList(decodeFlexFec03(packet.payload)));
      return false;
    }
    if (!recovered) this.#decoder.handleMedia(packet);
    return true;
  }

  /** The next packet that came back, in memory of its own; undefined if there is none. */
  pollRecovered(): RtpPacket | undefined {
    return this.#decoder.pollRecovered();
  }
}

function asList<T>(value: T | undefined): T[] | undefined {
  return value === undefined ? undefined : [value];
}
