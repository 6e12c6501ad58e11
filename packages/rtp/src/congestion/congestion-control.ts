// What a sender asks of congestion control, whatever the algorithm (RFC 8836, https://www.rfc-editor.org/rfc/rfc8836).
import type { FeedbackReport } from './packet-result.ts';

/** Packets to be sent at a certain rate, to learn whether the path carries it. */
export interface ProbeCluster {
  /** To be given back with each of its packets; 0 and up. */
  readonly id: number;
  readonly bitrateBps: number;
  /** It is complete when as many packets and bytes as these have been sent. */
  readonly minPackets: number;
  readonly minBytes: number;
}

/** What congestion control has decided. */
export type CongestionEvent =
  | {
      readonly type: 'target-bitrate';
      /** What media, retransmissions and FEC may take together, bits a second of packets as they were counted. */
      readonly targetBitrateBps: number;
      /** How fast the pacer may send. */
      readonly pacingBitrateBps: number;
      /** Up to what rate padding is to fill what media leaves; 0 for none. */
      readonly paddingBitrateBps: number;
    }
  | { readonly type: 'probe'; readonly cluster: ProbeCluster };

/** The limits within which a target is sought, bits a second. */
export interface BitrateLimits {
  readonly minBitrateBps: number;
  readonly maxBitrateBps: number;
}

/**
 * Decides how much may be sent: a machine that sees what was sent and what feedback says of it.
 *
 * After every call, {@link pollEvent} until it gives nothing, then read {@link nextTimeout}.
 */
export interface CongestionControl {
  readonly targetBitrateBps: number;
  readonly pacingBitrateBps: number;
  readonly paddingBitrateBps: number;
  /** When {@link handleTimeout} is due; Infinity if not at all. */
  readonly nextTimeout: number;
  /** A packet left, of whatever kind. */
  onPacketSent(sizeBytes: number, now: number): void;
  /** Feedback came; the report is not kept. */
  onFeedback(report: FeedbackReport): void;
  /** RTCP reports gave a round-trip time. */
  onRoundTripTime(roundTripMs: number, now: number): void;
  /** The receiver allows so much: REMB or TMMBR; Infinity lifts the limit. */
  onRemoteBitrate(bitrateBps: number, now: number): void;
  /** @throws RangeError if they are negative or the wrong way round. */
  setLimits(limits: BitrateLimits, now: number): void;
  /** {@link nextTimeout} has come. */
  handleTimeout(now: number): void;
  /** What was decided; undefined if nothing new was. */
  pollEvent(): CongestionEvent | undefined;
}
