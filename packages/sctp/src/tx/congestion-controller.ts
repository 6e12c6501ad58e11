// How much may be in flight: the seam that congestion control algorithms stand behind (RFC 9260 §7, https://www.rfc-editor.org/rfc/rfc9260#section-7).

/** What a SACK brought, in bytes of chunks with header and padding. */
export interface Acknowledgement {
  readonly now: number;
  /** Newly acknowledged, cumulatively or in gap ack blocks. */
  readonly ackedBytes: number;
  /** In flight before the SACK. */
  readonly flightBytes: number;
  /** Whether the cumulative TSN moved on. */
  readonly isCumulative: boolean;
  /** Whether the sender is in fast recovery. */
  readonly isInRecovery: boolean;
}

/** One algorithm, for one association. */
export interface CongestionController {
  /** The name that statistics report. */
  readonly name: string;
  /** Bytes that may be in flight. */
  readonly cwnd: number;
  /** The slow start threshold; Infinity before the first loss. */
  readonly ssthresh: number;
  /** The path takes packets with `packetBytes` of chunks now (PMDCS, RFC 9260 §7.3). */
  setPacketBytes(packetBytes: number): void;
  onAcknowledgement(acknowledgement: Acknowledgement): void;
  /** Loss was found and fast recovery begins. */
  onFastRetransmit(now: number): void;
  /** T3-rtx expired. */
  onRetransmissionTimeout(now: number): void;
  /** Data is about to be sent after nothing was in flight for `idleMs`. */
  onIdle(idleMs: number, rtoMs: number): void;
}
