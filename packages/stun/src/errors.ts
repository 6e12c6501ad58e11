// The one error class of @kaon/stun.

/** What went wrong, stable across versions. */
export type StunErrorCode =
  | 'STUN_ATTRIBUTE_TOO_LONG'
  | 'STUN_INVALID_ARGUMENT'
  | 'STUN_INVALID_URI'
  | 'STUN_TIMEOUT'
  | 'STUN_TRANSPORT'
  | 'STUN_ERROR_RESPONSE'
  | 'STUN_MALFORMED_RESPONSE';

/** A fault of the caller's, or a transaction that came to nothing. */
export class StunError extends Error {
  override readonly name = 'StunError';
  readonly code: StunErrorCode;
  /** The number in an error response (RFC 8489 §14.8), where there was one. */
  readonly errorCode: number | undefined;

  constructor(
    code: StunErrorCode,
    message: string,
    options?: { errorCode?: number; cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errorCode = options?.errorCode;
  }
}
