// Sends the packets of all streams at the pace that congestion control sets, and numbers them (draft-holmer-rmcat-transport-wide-cc-extensions-01, https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01).
import type { CongestionControl, CongestionEvent } from '../congestion/congestion-control.ts';
import {
  type FeedbackCounters,
  TransportFeedbackSender,
  type TransportFeedbackSenderOptions,
} from '../congestion/feedback-sender.ts';
import type { FeedbackReport } from '../congestion/packet-result.ts';
import { encodeTransportSequenceNumber } from '../header-extensions/transport-sequence-number.ts';
import { TRANSPORT_WIDE_CC_02_URI, TRANSPORT_WIDE_CC_URI } from '../header-extensions/uris.ts';
import { Pacer, type PacerCounters, type PacerOptions } from '../pacer/pacer.ts';
import { PACKET_PRIORITY, type PacedPacket, type PacketPriority } from '../pacer/packet-queue.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { SsrcTable } from '../packet/ssrc-table.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';
import type { Interceptor, RtpStreamDescription } from './interceptor.ts';
import { NO_ROOM, SequenceNumberRoom } from './sequence-number-room.ts';

/** IPv4, UDP, and the authentication tag of SRTP. */
const DEFAULT_OVERHEAD_BYTES = 38;
/** A padding packet may be as long. */
const PADDING_BYTES = 2048;

/** What congestion control allows. */
export type TargetBitrateEvent = Extract<CongestionEvent, { type: 'target-bitrate' }>;

/** What makes packets to fill the path with, such as a `RetransmissionSender`. */
export interface PaddingSource {
  /**
   * Writes a packet that a receiver can do without at `offset` of `out`.
   *
   * @returns the offset behind it; `offset` itself if there is none.
   */
  pollPadding(out: Uint8Array, offset: number, now: number): number;
}

/** With what and how packets are sent. */
export interface PacedSenderOptions {
  readonly control: CongestionControl;
  /** Where padding comes from; without it only media is there to probe with. */
  readonly padding?: PaddingSource;
  /** Bytes that travel with each packet and count; 38 by default: IPv4, UDP and SRTP's tag. */
  readonly overheadBytes?: number;
  readonly feedback?: TransportFeedbackSenderOptions;
  readonly pacer?: Pick<PacerOptions, 'maxPackets' | 'maxQueueTimeMs' | 'paceAudio'>;
  /** Streams at most; those announced beyond it are sent as video. 256 by default. */
  readonly maxStreams?: number;
}

/** A packet that waits for its turn. */
interface WaitingPacket extends PacedPacket {
  readonly bytes: Uint8Array;
  readonly sequenceNumber: number;
  readonly numberAt: number;
}

/**
 * The sending side of congestion control: {@link Pacer}, {@link TransportFeedbackSender} and a
 * {@link CongestionControl} of your choice. It stands next to the network, behind retransmission.
 *
 * Every packet is copied and waits for its turn. It leaves with a transport-wide sequence number in the
 * header extension, if that was agreed on; without it, feedback of RFC 8888 finds packets by their own
 * numbers. What congestion control decides comes from {@link pollEvent}.
 */
export class PacedSender implements Interceptor {
  readonly #control: CongestionControl;
  readonly #feedback: TransportFeedbackSender;
  readonly #pacer: Pacer<WaitingPacket>;
  readonly #padding: PaddingSource | undefined;
  readonly #overheadBytes: number;
  readonly #room: SequenceNumberRoom = new SequenceNumberRoom();
  /** How urgent the packets of a stream are. */
  readonly #priorities: SsrcTable<{ readonly priority: PacketPriority }>;
  readonly #rtxSsrcs: Map<number, number> = new Map();
  readonly #paddingBytes: Uint8Array = new Uint8Array(PADDING_BYTES);
  readonly #paddingPacket: RtpPacket = new RtpPacket();
  #event: TargetBitrateEvent | undefined;
  /** A packet that was due when there was no room for it. */
  #held: WaitingPacket | undefined;
  /** 0 if the extension was not agreed on. */
  #extensionId = 0;

  /** @throws RangeError if an option is out of range. */
  constructor(options: PacedSenderOptions) {
    const { control, overheadBytes = DEFAULT_OVERHEAD_BYTES } = options;
    if (!(overheadBytes >= 0)) {
      throw new RangeError(`overheadBytes: 0 or more, not ${overheadBytes}.`);
    }
    this.#control = control;
    this.#padding = options.padding;
    this.#overheadBytes = overheadBytes;
    this.#priorities = new SsrcTable(options.maxStreams ?? 256);
    this.#feedback = new TransportFeedbackSender(options.feedback);
    this.#pacer = new Pacer({
      ...options.pacer,
      pacingBitrateBps: control.pacingBitrateBps,
      paddingBitrateBps: control.paddingBitrateBps,
    });
  }

  /** What feedback said. */
  get feedbackCounters(): Readonly<FeedbackCounters> {
    return this.#feedback.counters;
  }

  /** What the pacer did. */
  get pacerCounters(): Readonly<PacerCounters> {
    return this.#pacer.counters;
  }

  /** How many packets wait for their turn. */
  get queuedPackets(): number {
    return this.#pacer.queuedPackets;
  }

  get nextTimeout(): number {
    return Math.min(this.#pacer.nextTimeout, this.#control.nextTimeout);
  }

  /** The newest target, if it was not polled yet; undefined if it was. */
  pollEvent(): TargetBitrateEvent | undefined {
    const event = this.#event;
    this.#event = undefined;
    return event;
  }

  addLocalStream(stream: RtpStreamDescription): void {
    const ids = stream.headerExtensionIds;
    const id = ids?.get(TRANSPORT_WIDE_CC_URI) ?? ids?.get(TRANSPORT_WIDE_CC_02_URI);
    // RFC 9143 §9.1: in a transport an identifier means the same for all streams.
    if (id !== undefined) this.#extensionId = id;
    if (stream.kind === 'audio') {
      this.#priorities.set(stream.ssrc, { priority: PACKET_PRIORITY.audio });
    }
    const rtxSsrc = stream.rtx?.ssrc;
    if (rtxSsrc !== undefined) {
      this.#rtxSsrcs.set(stream.ssrc, rtxSsrc);
      this.#priorities.set(rtxSsrc, { priority: PACKET_PRIORITY.retransmission });
    }
  }

  removeLocalStream(ssrc: number): void {
    for (const each of [ssrc, this.#rtxSsrcs.get(ssrc)]) {
      if (each === undefined) continue;
      this.#priorities.delete(each);
      this.#pacer.removeStream(each);
    }
    this.#rtxSsrcs.delete(ssrc);
  }

  handleOutgoingRtp(packet: RtpPacket, now: number): boolean {
    const priority = this.#priorities.get(packet.ssrc)?.priority ?? PACKET_PRIORITY.video;
    this.#enqueue(packet, priority, now);
    return false;
  }

  handleIncomingRtcp(packet: RtcpPacket, now: number): void {
    if (packet.type === 'transport-feedback') {
      this.#onReport(this.#feedback.onTransportFeedback(packet, now), now);
    } else if (packet.type === 'congestion-control-feedback') {
      this.#onReport(this.#feedback.onCongestionControlFeedback(packet, now), now);
    } else if (packet.type === 'remb') {
      this.#control.onRemoteBitrate(packet.bitrateBps, now);
      this.#obey(now);
    }
  }

  handleTimeout(now: number): void {
    if (this.#control.nextTimeout <= now) this.#control.handleTimeout(now);
    this.#obey(now);
  }

  pollRtp(out: Uint8Array, offset: number, now: number): number {
    this.#obey(now);
    let packet = this.#held ?? this.#pacer.poll(now);
    if (packet === undefined && this.#pad(now)) packet = this.#pacer.poll(now);
    if (packet === undefined) return offset;
    if (offset + packet.bytes.length > out.length) {
      this.#held = packet;
      return offset;
    }
    this.#held = undefined;
    return this.#send(packet, out, offset, now);
  }

  #onReport(report: FeedbackReport | undefined, now: number): void {
    if (report === undefined) return;
    this.#control.onFeedback(report);
    this.#obey(now);
  }

  #enqueue(packet: RtpPacket, priority: PacketPriority, now: number): void {
    const bytes = this.#room.copy(packet, this.#extensionId);
    this.#pacer.enqueue(
      {
        ssrc: packet.ssrc,
        priority,
        sizeBytes: bytes.length + this.#overheadBytes,
        bytes,
        sequenceNumber: packet.sequenceNumber,
        numberAt: this.#room.numberAt,
      },
      now,
    );
  }

  /** Answers the pacer's wish for padding; whether there was any. */
  #pad(now: number): boolean {
    const wanted = this.#pacer.pollPadding(now);
    const source = this.#padding;
    let bytes = 0;
    while (source !== undefined && bytes < wanted) {
      const end = source.pollPadding(this.#paddingBytes, 0, now);
      if (end === 0 || !this.#paddingPacket.parse(this.#paddingBytes, 0, end)) break;
      this.#enqueue(this.#paddingPacket, PACKET_PRIORITY.padding, now);
      bytes += end;
    }
    return bytes > 0;
  }

  #send(packet: WaitingPacket, out: Uint8Array, offset: number, now: number): number {
    const { bytes, numberAt, sequenceNumber, sizeBytes, ssrc } = packet;
    out.set(bytes, offset);
    const probeClusterId = this.#pacer.probeClusterId;
    const number = this.#feedback.onPacketSent(
      now,
      sizeBytes,
      ssrc,
      sequenceNumber,
      probeClusterId,
    );
    if (numberAt !== NO_ROOM) encodeTransportSequenceNumber(number, out, offset + numberAt);
    this.#control.onPacketSent(sizeBytes, now);
    this.#obey(now);
    return offset + bytes.length;
  }

  #obey(now: number): void {
    for (let event = this.#control.pollEvent(); event; event = this.#control.pollEvent()) {
      if (event.type === 'probe') {
        this.#pacer.addProbe(event.cluster, now);
      } else {
        this.#pacer.setBitrates(event.pacingBitrateBps, event.paddingBitrateBps, now);
        this.#event = event;
      }
    }
  }
}
