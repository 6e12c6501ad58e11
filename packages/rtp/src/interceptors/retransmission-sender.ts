// Sends again what receivers of our streams ask for (RFC 4585 §6.2.1, RFC 4588, https://www.rfc-editor.org/rfc/rfc4588).
import { Queue, type RandomSource } from '@kaon/wire';
import { REPAIRED_RTP_STREAM_ID_URI, RTP_STREAM_ID_URI } from '../header-extensions/uris.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { SsrcTable } from '../packet/ssrc-table.ts';
import {
  NackResponder,
  type NackResponderCounters,
  type NackResponderOptions,
} from '../repair/nack-responder.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';
import type { Interceptor, RtpStreamDescription } from './interceptor.ts';

/** How packets of sent streams are sent again. */
export interface RetransmissionSenderOptions extends Omit<NackResponderOptions, 'rtx'> {
  /** Where the first sequence numbers of retransmissions come from. */
  readonly random: RandomSource;
  /** Streams at most; those announced beyond it are not repaired. 256 by default. */
  readonly maxStreams?: number;
}

interface RepairedStream {
  readonly ssrc: number;
  readonly responder: NackResponder;
  /** Whether it stands in the queue of those that have something to send. */
  isQueued: boolean;
}

/**
 * The sending side of repair: a {@link NackResponder} for each announced stream with `nack`. It stands on the
 * application's side of what sees, paces and counts retransmissions.
 */
export class RetransmissionSender implements Interceptor {
  readonly #options: RetransmissionSenderOptions;
  readonly #streams: SsrcTable<RepairedStream>;
  readonly #queue: Queue<RepairedStream> = new Queue();

  /** @throws RangeError if an option is out of range. */
  constructor(options: RetransmissionSenderOptions) {
    this.#options = options;
    this.#streams = new SsrcTable(options.maxStreams ?? 256);
    // Tells faults in the options now and not when the first stream comes.
    new NackResponder(options);
  }

  /** What was asked for and sent of a stream; undefined if it is not one that is repaired. */
  nackCounters(ssrc: number): Readonly<NackResponderCounters> | undefined {
    return this.#streams.get(ssrc)?.responder.counters;
  }

  /** @throws TypeError if the stream has `rtx` without an SSRC: one that sends chooses it. */
  addLocalStream(stream: RtpStreamDescription): void {
    const { rtx, headerExtensionIds } = stream;
    if (stream.nack !== true || this.#streams.get(stream.ssrc) !== undefined) return;
    if (rtx !== undefined && rtx.ssrc === undefined) {
      throw new TypeError('stream.rtx.ssrc is undefined; expected the SSRC to send with');
    }
    const ridExtensionId = headerExtensionIds?.get(RTP_STREAM_ID_URI);
    const repairedRidExtensionId = headerExtensionIds?.get(REPAIRED_RTP_STREAM_ID_URI);
    const responder = new NackResponder({
      ...this.#options,
      ...(rtx?.ssrc !== undefined && {
        rtx: {
          ssrc: rtx.ssrc,
          apt: rtx.apt,
          random: this.#options.random,
          ...(ridExtensionId !== undefined && { ridExtensionId }),
          ...(repairedRidExtensionId !== undefined && { repairedRidExtensionId }),
        },
      }),
    });
    this.#streams.set(stream.ssrc, { ssrc: stream.ssrc, responder, isQueued: false });
  }

  removeLocalStream(ssrc: number): void {
    this.#streams.delete(ssrc);
  }

  handleOutgoingRtp(packet: RtpPacket, now: number): boolean {
    this.#streams.get(packet.ssrc)?.responder.handlePacketSent(packet, now);
    return true;
  }

  handleIncomingRtcp(packet: RtcpPacket, now: number): void {
    if (packet.type !== 'generic-nack') return;
    const stream = this.#streams.get(packet.mediaSsrc);
    if (stream === undefined) return;
    stream.responder.handleNack(packet, now);
    if (stream.responder.length > 0 && !stream.isQueued) {
      stream.isQueued = true;
      this.#queue.push(stream);
    }
  }

  /**
   * Writes a packet that was sent before, as RTX, to fill or probe the path with: a `PaddingSource`.
   *
   * @returns the offset behind it; `offset` itself if no stream has one.
   */
  pollPadding(out: Uint8Array, offset: number, now: number): number {
    for (const { responder } of this.#streams.values()) {
      const end = responder.pollPadding(out, offset, now);
      if (end > offset) return end;
    }
    return offset;
  }

  pollRtp(out: Uint8Array, offset: number, now: number): number {
    for (;;) {
      const stream = this.#queue.peek();
      if (stream === undefined) return offset;
      // A stream that was removed meanwhile sends nothing more.
      if (this.#streams.get(stream.ssrc) === stream) {
        const end = stream.responder.pollRtp(out, offset, now);
        if (end > offset || stream.responder.length > 0) return end;
      }
      stream.isQueued = false;
      this.#queue.shift();
    }
  }
}
