// The error class of this package; its codes are stable.

/** What went wrong; the first group are faults of the caller, the second ends an association. */
export type SctpErrorCode =
  | 'SCTP_INVALID_STATE'
  | 'SCTP_INVALID_STREAM'
  | 'SCTP_EMPTY_MESSAGE'
  | 'SCTP_MESSAGE_TOO_LARGE'
  | 'SCTP_SEND_BUFFER_FULL'
  | 'SCTP_RESET_NOT_SUPPORTED'
  | 'SCTP_CONNECT_TIMEOUT'
  | 'SCTP_PEER_UNREACHABLE'
  | 'SCTP_ABORTED_BY_PEER'
  | 'SCTP_PROTOCOL_VIOLATION';

/** Thrown for faults of the caller, and part of the event `failed`. */
export class SctpError extends Error {
  override readonly name = 'SctpError';
  readonly code: SctpErrorCode;
  /** The error cause code that the peer gave (RFC 9260 §3.3.10), if it ended the association. */
  readonly causeCode: number | undefined;

  constructor(code: SctpErrorCode, message: string, causeCode?: number) {
    super(message);
    this.code = code;
    this.causeCode = causeCode;
  }
}
