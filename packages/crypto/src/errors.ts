// What @kaon/crypto throws when its caller is at fault.

/**
 * - `CRYPTO_INVALID_KEY`: the bytes are no private key, or of a kind not supported.
 * - `CRYPTO_KEY_MISMATCH`: the signature algorithm does not go with the key.
 * - `CRYPTO_BAD_RANDOM`: the random source gives no usable key, however often it is asked.
 * - `CRYPTO_NUMBER_REUSED`: a packet number is not higher than the last one.
 * - `CRYPTO_IV_REUSED`: two senders under one key could have the same nonces.
 * - `CRYPTO_KEY_DESTROYED`: the key was destroyed before.
 */
export type CryptoErrorCode =
  | 'CRYPTO_INVALID_KEY'
  | 'CRYPTO_KEY_MISMATCH'
  | 'CRYPTO_BAD_RANDOM'
  | 'CRYPTO_NUMBER_REUSED'
  | 'CRYPTO_IV_REUSED'
  | 'CRYPTO_KEY_DESTROYED';

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
