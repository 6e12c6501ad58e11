// What stands between an application and its transport and sees every RTP and RTCP packet (RFC 7656 §2.1, https://www.rfc-editor.org/rfc/rfc7656#section-2.1).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import type { RtcpPacket } from '../rtcp/compound-packet.ts';

/** What has been agreed on for one RTP stream, sent or received. */
export interface RtpStreamDescription {
  readonly ssrc: number;
  /** What it carries; audio is more urgent. Video by default. */
  readonly kind?: 'audio' | 'video';
  /** Units of the timestamp a second. */
  readonly clockRate: number;
  /** Whether lost packets are asked for, or sent again (`a=rtcp-fb:… nack`). False by default. */
  readonly nack?: boolean;
  /** How packets are sent again; without it they are sent as they were. */
  readonly rtx?: {
    /** Of the stream of retransmissions; undefined, for a received stream, if it is yet to be learnt. */
    readonly ssrc?: number;
    /** For each payload type of retransmissions the one that it stands for: the `apt` of RFC 4588 §8.1. */
    readonly apt: ReadonlyMap<number, number>;
  };
  /** The media section that it belongs to (RFC 9143 §15). */
  readonly mid?: string;
  /** The RtpStreamId, with simulcast (RFC 8852). */
  readonly rid?: string;
  /** Local identifiers of the header extensions, by their URIs (RFC 8285 §5). */
  readonly headerExtensionIds?: ReadonlyMap<string, number>;
}

/**
 * One duty on the way of the packets: retransmission, reports, pacing, congestion control, or something of
 * yours. An {@link InterceptorChain} puts several in a row. Each hook is optional: one that is not there
 * costs nothing.
 *
 * It is a machine like all others: no clocks, no sockets, `now` in milliseconds on the caller's clock. What
 * it wants to send it keeps until it is polled. Packets are views of memory that belongs to somebody else
 * and is valid during the call only: what is kept is copied.
 */
export interface Interceptor {
  /** A stream will be sent, before its first packet. */
  addLocalStream?(stream: RtpStreamDescription): void;

  /** The stream with this SSRC is no longer sent: its state is to be forgotten. */
  removeLocalStream?(ssrc: number): void;

  /** A stream will be received. Packets of streams that nobody announced come as well. */
  addRemoteStream?(stream: RtpStreamDescription): void;

  /** The stream with this SSRC is no longer received. */
  removeRemoteStream?(ssrc: number): void;

  /**
   * A packet on its way to the network. It may be rewritten in place, with `packet.start` where it is: to
   * the network go the bytes of `packet` as it is left.
   *
   * @returns whether it goes on. False if it is to be dropped, or was copied and will be polled later.
   */
  handleOutgoingRtp?(packet: RtpPacket, now: number): boolean;

  /**
   * A packet that came from the network, decrypted. It may be rewritten in place.
   *
   * @returns whether it goes on towards the application.
   */
  handleIncomingRtp?(packet: RtpPacket, now: number): boolean;

  /** One RTCP packet that came, of a compound packet one after the other. It may be kept. */
  handleIncomingRtcp?(packet: RtcpPacket, now: number): void;

  /** {@link nextTimeout} has come. */
  handleTimeout?(now: number): void;

  /**
   * Writes the next RTP packet of its own, or one that it held back, at `offset` of `out`.
   *
   * @returns the offset behind it; `offset` itself if there is none now, or it has no room.
   */
  pollRtp?(out: Uint8Array, offset: number, now: number): number;

  /** The next RTCP packet that it wants sent; undefined if there is none now. */
  pollRtcp?(now: number): RtcpPacket | undefined;

  /** When {@link handleTimeout} is to be called, in milliseconds; Infinity, or no such property, if not at all. */
  readonly nextTimeout?: number;
}
