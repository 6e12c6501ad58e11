// The one error class of @kaon/ice.

/** What the caller did wrong, stable across versions. */
export type IceErrorCode =
  | 'ICE_CLOSED'
  | 'ICE_INVALID_CANDIDATE'
  | 'ICE_INVALID_CREDENTIALS'
  | 'ICE_INVALID_STATE';

/** A fault of the caller's. What a peer does wrong is counted, never thrown. */
export class IceError extends Error {
  override readonly name = 'IceError';
  readonly code: IceErrorCode;

  constructor(code: IceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
