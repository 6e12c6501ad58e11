// What a connection counts and tells about itself.

/** Why something received was dropped. */
export type DtlsDropReason =
  /** No record, or cut short, or longer than any may be. */
  | 'malformed-record'
  /** A content type, version or epoch that has no place here. */
  | 'unexpected-record'
  /** The tag is wrong: forged or damaged. */
  | 'authentication-failed'
  /** Came before, or is too old to tell (RFC 6347 §4.1.2.6). */
  | 'replayed'
  /** Application data without protection. */
  | 'cleartext-data'
  /** Came before its time, and there is no room to keep it. */
  | 'early-over-limit'
  /** No handshake message, or one that contradicts its format. */
  | 'malformed-handshake'
  /** A handshake message out of turn. */
  | 'unexpected-handshake'
  /** A handshake message too large, too far ahead or in too many pieces. */
  | 'handshake-over-limit'
  /** An alert that anyone could have sent, to a connection that has keys. */
  | 'unauthenticated-alert'
  /** The connection is not there yet or not there any more. */
  | 'not-connected';

/** Numbers since the connection was made. */
export interface DtlsCounters {
  readonly datagramsReceived: number;
  readonly datagramsSent: number;
  readonly recordsReceived: number;
  readonly recordsSent: number;
  /** Flights sent again, by the clock or because the peer repeated itself. */
  readonly flightsRetransmitted: number;
  /** Records and handshake messages dropped, by reason. */
  readonly dropped: Readonly<Record<DtlsDropReason, number>>;
}

/** Counters as their connection writes them. */
export type MutableDtlsCounters = {
  -readonly [K in keyof DtlsCounters]: DtlsCounters[K] extends number
    ? number
    : Record<DtlsDropReason, number>;
};

/** Something that happened in a connection. */
export type DtlsTraceEvent =
  | {
      readonly type: 'record-received';
      readonly contentType: number;
      readonly epoch: number;
      readonly sequenceNumber: number;
      readonly length: number;
    }
  | {
      readonly type: 'handshake-sent' | 'handshake-received';
      /** The RFC's name, such as `ClientHello`. */
      readonly message: string;
      readonly messageSeq: number;
      readonly length: number;
    }
  | {
      readonly type: 'alert-sent' | 'alert-received';
      readonly level: number;
      readonly description: number;
      /** The RFC's name, such as `close_notify`. */
      readonly name: string;
    }
  | { readonly type: 'flight-retransmitted'; readonly cause: 'timeout' | 'peer-repeats' }
  | { readonly type: 'dropped'; readonly reason: DtlsDropReason }
  | { readonly type: 'state'; readonly state: string };

/** Counters at zero. */
export function createCounters(): MutableDtlsCounters {
  return {
    datagramsReceived: 0,
    datagramsSent: 0,
    recordsReceived: 0,
    recordsSent: 0,
    flightsRetransmitted: 0,
    dropped: {
      'malformed-record': 0,
      'unexpected-record': 0,
      'authentication-failed': 0,
      replayed: 0,
      'cleartext-data': 0,
      'early-over-limit': 0,
      'malformed-handshake': 0,
      'unexpected-handshake': 0,
      'handshake-over-limit': 0,
      'unauthenticated-alert': 0,
      'not-connected': 0,
    },
  };
}
