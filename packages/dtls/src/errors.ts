// The errors of this package: one class with a stable code, for callers' faults and failed connections.

/** What went wrong, as a value that programs may rely on. */
export type DtlsErrorCode =
  /** An option is of no use: what it is stands in the message. */
  | 'DTLS_INVALID_OPTION'
  /** The call does not fit the connection's state. */
  | 'DTLS_INVALID_STATE'
  /** More application data than one record can carry (RFC 6347 §4.1). */
  | 'DTLS_DATA_TOO_LARGE'
  /** A certificate or private key could not be read. */
  | 'DTLS_INVALID_CERTIFICATE'
  /** The peer ended the connection with a fatal alert. */
  | 'DTLS_ALERT_RECEIVED'
  /** The peer's certificate has none of the expected fingerprints (RFC 8122 §5). */
  | 'DTLS_FINGERPRINT_MISMATCH'
  /** The peer broke the protocol, or there is nothing that both sides support. */
  | 'DTLS_HANDSHAKE_FAILED'
  /** The handshake was not done in time. */
  | 'DTLS_HANDSHAKE_TIMEOUT'
  /** All sequence numbers of the epoch were used (RFC 6347 §4.1). */
  | 'DTLS_SEQUENCE_EXHAUSTED';

/** Alerts that went with a failure, by their numbers (RFC 5246 §7.2). */
export interface DtlsErrorAlerts {
  /** The fatal alert that we sent. */
  readonly sentAlert?: number;
  /** The fatal alert that the peer sent. */
  readonly receivedAlert?: number;
}

/** An error of this package. Its message never holds key material. */
export class DtlsError extends Error {
  override readonly name = 'DtlsError';
  readonly code: DtlsErrorCode;
  /** The fatal alert that we sent because of it, if any. */
  readonly sentAlert: number | undefined;
  /** The fatal alert of the peer that it tells of, if any. */
  readonly receivedAlert: number | undefined;

  constructor(code: DtlsErrorCode, message: string, alerts: DtlsErrorAlerts = {}) {
    super(message);
    this.code = code;
    this.sentAlert = alerts.sentAlert;
    this.receivedAlert = alerts.receivedAlert;
  }
}
