// How many streams an association has, which can grow (RFC 6525 §5.1.5, https://www.rfc-editor.org/rfc/rfc6525#section-5.1.5).

/** Stream identifiers have 16 bits; this many streams there are at most (RFC 9260 §3.3.2, RFC 6525 §4.5). */
export const MAX_STREAMS = 65535;

/** The streams of one association. */
export interface StreamCounts {
  /** Those that may be sent on. */
  outbound: number;
  /** Those that the peer may send on. */
  inbound: number;
  /** The peer may add inbound streams up to this number: what our INIT said, or what was asked of it. */
  inboundLimit: number;
}

/** What events tell of them. */
export function countsOf({ outbound, inbound }: StreamCounts): {
  readonly outboundStreams: number;
  readonly inboundStreams: number;
} {
  return { outboundStreams: outbound, inboundStreams: inbound };
}
