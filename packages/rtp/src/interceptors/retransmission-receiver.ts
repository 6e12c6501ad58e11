// Asks for lost packets of all received streams, and restores those that come again (RFC 4585 §6.2.1, RFC 4588, https://www.rfc-editor.org/rfc/rfc4588).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { SsrcTable } from '../packet/ssrc-table.ts';
import {
  NackGenerator,
  type NackGeneratorCounters,
  type NackGeneratorOptions,
} from '../repair/nack-generator.ts';
import { RtxReceiver, type RtxReceiverCounters } from '../repair/rtx-receiver.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';
import type { Interceptor, RtpStreamDescription } from './interceptor.ts';

/** How lost packets of received streams are asked for. */
export interface RetransmissionReceiverOptions
  extends Omit<NackGeneratorOptions, 'mediaSsrc' | 'senderSsrc'> {
  /** The SSRC that speaks in the NACKs: one of ours. */
  readonly senderSsrc: number;
  /** Streams at most; those announced beyond it are not repaired. 256 by default. */
  readonly maxStreams?: number;
}

/**
 * The receiving side of repair: a {@link NackGenerator} for each announced stream with `nack`, and a
 * {@link RtxReceiver} for those with `rtx`. It stands on the application's side of whatever has to see
 * retransmissions as they are on the wire, such as reports and transport-wide feedback.
 */
export class RetransmissionReceiver implements Interceptor {
  readonly #options: RetransmissionReceiverOptions;
  readonly #generators: SsrcTable<NackGenerator>;
  readonly #rtx: RtxReceiver;
  // Not later than any generator has something to ask for.
  #nextAt = Number.POSITIVE_INFINITY;

  /** @throws RangeError if an option is out of range. */
  constructor(options: RetransmissionReceiverOptions) {
    const { maxStreams = 256 } = options;
    this.#options = options;
    this.#generators = new SsrcTable(maxStreams);
    this.#rtx = new RtxReceiver({ maxStreams });
    // Tells faults in the options now and not when the first stream comes.
    new NackGenerator({ ...options, mediaSsrc: 0 });
  }

  get nextTimeout(): number {
    return this.#nextAt;
  }

  /** What came as retransmission, of all streams. */
  get rtxCounters(): Readonly<RtxReceiverCounters> {
    return this.#rtx.counters;
  }

  /** What was asked for of a stream; undefined if it is not one that is repaired. */
  nackCounters(ssrc: number): Readonly<NackGeneratorCounters> | undefined {
    return this.#generators.get(ssrc)?.counters;
  }

  addRemoteStream(stream: RtpStreamDescription): void {
    this.#rtx.addStream(stream);
    if (stream.nack !== true || this.#generators.get(stream.ssrc) !== undefined) return;
    this.#generators.set(
      stream.ssrc,
      new NackGenerator({ ...this.#options, mediaSsrc: stream.ssrc }),
    );
  }

  removeRemoteStream(ssrc: number): void {
    this.#rtx.removeStream(ssrc);
    this.#generators.delete(ssrc);
  }

  /** A key frame of the stream that begins with this packet is whole: what is missing before it is not asked for any more. */
  handleKeyFrame(ssrc: number, sequenceNumber: number): void {
    this.#generators.get(ssrc)?.handleKeyFrame(sequenceNumber);
  }

  handleIncomingRtp(packet: RtpPacket, now: number): boolean {
    const verdict = this.#rtx.handlePacket(packet);
    if (verdict === 'dropped') return false;
    const generator = this.#generators.get(packet.ssrc);
    if (generator !== undefined) {
      generator.handlePacket(packet.sequenceNumber, now, verdict === 'restored');
      if (generator.nextTimeout < this.#nextAt) this.#nextAt = generator.nextTimeout;
    }
    return true;
  }

  pollRtcp(now: number): RtcpPacket | undefined {
    if (now < this.#nextAt) return undefined;
    let nextAt = Number.POSITIVE_INFINITY;
    for (const generator of this.#generators.values()) {
      const nack = generator.pollNack(now);
      if (nack !== undefined) return nack;
      if (generator.nextTimeout < nextAt) nextAt = generator.nextTimeout;
    }
    this.#nextAt = nextAt;
    return undefined;
  }
}
