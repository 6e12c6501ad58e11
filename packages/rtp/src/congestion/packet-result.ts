// What feedback says of the packets of a transport: the results that congestion control works on (RFC 8888 §1, https://www.rfc-editor.org/rfc/rfc8888#section-1).

/** The cluster of a packet that belongs to no probe. */
export const NO_PROBE_CLUSTER = -1;

/** A packet that left. */
export interface SentPacket {
  /** Transport-wide sequence number, extended beyond its 16 bits. */
  readonly sequenceNumber: number;
  /** When it left, milliseconds. */
  readonly sendTime: number;
  readonly sizeBytes: number;
  /** The probe that it is part of; {@link NO_PROBE_CLUSTER} if none. */
  readonly probeClusterId: number;
}

/** What became of a packet. */
export interface PacketResult extends SentPacket {
  readonly received: boolean;
  /**
   * When it arrived: milliseconds on the receiver's clock, which started anywhere. NaN if it did not arrive,
   * or if the receiver did not say when.
   */
  readonly arrivalTime: number;
  /** It had been reported lost before: it came late. */
  readonly wasLost: boolean;
  /** The two ECN bits it arrived with (RFC 3168 §5); 0 if the feedback does not say. */
  readonly ecn: number;
}

/** The news in one piece of feedback, whatever its format. */
export interface FeedbackReport {
  /** When it came. */
  readonly feedbackTime: number;
  /** Each packet whose fate was not known before, in order of sequence numbers. */
  readonly packets: readonly PacketResult[];
  /** Bytes of packets that nothing is known of, now that this came. */
  readonly bytesInFlight: number;
}
