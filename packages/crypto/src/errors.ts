// What @kaon/crypto throws when its caller is at fault.

/**
 * - `CRYPTO_INVALID_KEY`: the bytes are no private key, or of a kind not supported.
 * - `CRYPTO_KEY_MISMATCH`: the signature algorithm does not go with the key.
 * - `CRYPTO_BAD_RANDOM`: the random source gives no usable key, however often it is asked.
 */
export type CryptoErrorCode = 'CRYPTO_INVALID_KEY' | 'CRYPTO_KEY_MISMATCH' | 'CRYPTO_BAD_RANDOM';

/** A caller's fault; {@link code} is stable, the message is for people. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  /** What went wrong, in a form that never changes. */
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
