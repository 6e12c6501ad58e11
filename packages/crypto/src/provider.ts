// The seam: every cryptographic operation that Kaon's protocols use, as one synchronous interface.

import type { RandomSource } from '@kaon/wire';
import type { CounterKey } from './packet/counter-key.ts';
import type { PacketKey } from './packet/packet-key.ts';

/** Authenticated encryption (RFC 5116): AES-GCM (RFC 5288) and ChaCha20-Poly1305 (RFC 8439). */
export type AeadAlgorithm = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** Hash functions; `md5` and `sha1` only where STUN (RFC 8489) and SRTP (RFC 3711) demand them. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Groups for ephemeral key agreement, by their TLS names (RFC 8422 §5.1.1). */
export type KeyAgreementGroup = 'x25519' | 'secp256r1' | 'secp384r1';

/**
 * Signatures. ECDSA signatures are DER-encoded as in TLS, and the curve is that of the key
 * (RFC 5246 §7.4.1.4.1); `rsa-pss` uses a salt as long as the hash (RFC 8446 §4.2.3).
 */
export type SignatureAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
  | 'ed25519';

/** One key for authenticated encryption. Keys of both directions are two objects. */
export interface Aead {
  readonly algorithm: AeadAlgorithm;
  /** Bytes of the nonce; 12 for all algorithms here. */
  readonly nonceLength: number;
  /** Bytes of the tag; 16 for all algorithms here. */
  readonly tagLength: number;
  /**
   * Encrypts `plaintext` and writes ciphertext and tag to `out` from `offset` on. `plaintext` may lie at
   * that very place in `out`. A nonce must never be used twice with one key.
   *
   * @returns the offset behind the tag.
   */
  seal(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number;
  /**
   * Checks and decrypts `sealed` (ciphertext and tag) and writes the plaintext to `out` from `offset` on.
   *
   * @returns the offset behind the plaintext, or -1 if the tag is wrong; what `out` then holds past
   * `offset` must not be used.
   */
  open(
    nonce: Uint8Array,
    additionalData: Uint8Array,
    sealed: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number;
}

/** A running hash whose value can be taken in between. */
export interface Hash {
  update(data: Uint8Array): this;
  /** The hash of all so far; more may follow. */
  digest(): Uint8Array;
  /** An independent hash that starts where this one is. */
  clone(): Hash;
}

/** A message authentication code with its key set up once (RFC 2104). */
export interface Hmac {
  readonly algorithm: HashAlgorithm;
  /**
   * The code of all `parts` one after the other.
   *
   * @throws CryptoError with code `CRYPTO_KEY_DESTROYED`.
   */
  compute(...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * Writes the code of `message[start..end)` to `out` from `offset` on: for packets, without garbage where
   * the packet kernel does it.
   *
   * @returns the offset behind the code.
   * @throws RangeError if an argument is out of range; CryptoError with code `CRYPTO_KEY_DESTROYED`.
   */
  computeInto(
    message: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): number;
  /** Wipes what can be wiped of the key, which is of no use any more. */
  destroy(): void;
}

/** One side's ephemeral key of a Diffie-Hellman exchange. */
export interface KeyAgreement {
  readonly group: KeyAgreementGroup;
  /** As TLS sends it: 32 bytes for X25519, the uncompressed point for the others (RFC 8422 §5.4). */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret: the u-coordinate or the x-coordinate.
   *
   * @returns undefined if the peer's key is no valid point, or the secret would be all zeros
   * (RFC 7748 §6.1).
   */
  computeSecret(peerPublicKey: Uint8Array): Uint8Array | undefined;
}

/** A private key that signs. */
export interface SigningKey {
  /** The key's kind; `curve` tells EC keys apart. */
  readonly type: 'ec' | 'rsa' | 'ed25519';
  readonly curve?: 'secp256r1' | 'secp384r1' | 'secp521r1';
  /** Bits of an RSA key's modulus, which must have room for the hash and salt of `rsa-pss`. */
  readonly modulusLength?: number;
  /** @throws CryptoError with code `CRYPTO_KEY_MISMATCH` if the algorithm does not go with the key. */
  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array;
}

/** Both halves of a key that signs. */
export interface SigningKeyPair {
  /** PKCS #8 in DER, as {@link CryptoProvider.importSigningKey} takes it. */
  readonly privateKey: Uint8Array;
  /** SubjectPublicKeyInfo in DER, as {@link CryptoProvider.verify} takes it. */
  readonly publicKey: Uint8Array;
}

/** One implementation of all of it. */
export interface CryptoProvider {
  /** `kernel`, `node`, `noble` or `deterministic`. */
  readonly name: string;
  /** What does the work for each packet: `wasm-simd`, `node` or `noble`; reported in statistics. */
  readonly packetKernel: 'wasm-simd' | 'node' | 'noble';
  /** The operating system's randomness. */
  readonly random: RandomSource;
  /** @throws RangeError if the key has not the algorithm's length. */
  createAead(algorithm: AeadAlgorithm, key: Uint8Array): Aead;
  createHash(algorithm: HashAlgorithm): Hash;
  /** The hash of all `parts` one after the other. */
  hash(algorithm: HashAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array;
  createHmac(algorithm: HashAlgorithm, key: Uint8Array): Hmac;
  /**
   * Each message's code with its own key, one after the other in `out`: for a packet that goes to many.
   * Message `i` is `messages[i]` from `ranges[2 * i]` to `ranges[2 * i + 1]`. The codes of four HMAC-SHA1
   * in a row may be computed together.
   *
   * @param count how many of `hmacs` and `messages` there are to be taken.
   * @throws RangeError if a range lies outside of its message, or `out` has no room for all.
   */
  computeHmacs(
    count: number,
    hmacs: readonly Hmac[],
    messages: readonly Uint8Array[],
    ranges: Uint32Array,
    out: Uint8Array,
  ): void;
  /**
   * A key for one direction of packets with rising numbers, to be destroyed in the end.
   *
   * @throws RangeError if the key has not the algorithm's length.
   */
  createPacketKey(algorithm: AeadAlgorithm, key: Uint8Array): PacketKey;
  /**
   * An AES key in counter mode for one direction of packets with rising numbers, to be destroyed in the end.
   *
   * @throws RangeError if the key has not 16, 24 or 32 bytes.
   */
  createCounterKey(key: Uint8Array): CounterKey;
  /** The CRC32c of `bytes[start..end)`, behind bytes whose CRC32c is `previous`; an unsigned integer. */
  crc32c(bytes: Uint8Array, start?: number, end?: number, previous?: number): number;
  /** A fresh ephemeral key, made from `random` alone: the same randomness gives the same key. */
  generateKeyAgreement(group: KeyAgreementGroup, random: RandomSource): KeyAgreement;
  /** A fresh ECDSA key, made from `random` alone: the same randomness gives the same key. */
  generateSigningKeyPair(curve: 'secp256r1' | 'secp384r1', random: RandomSource): SigningKeyPair;
  /**
   * A private key from its PKCS #8 DER form.
   *
   * @throws CryptoError with code `CRYPTO_INVALID_KEY` if it is none, or of a kind not supported.
   */
  importSigningKey(pkcs8: Uint8Array): SigningKey;
  /**
   * Whether `signature` over `data` was made by the private key that belongs to the public key in
   * SubjectPublicKeyInfo DER form. False too for a malformed key or signature, and for an algorithm that
   * does not go with the key.
   */
  verify(
    algorithm: SignatureAlgorithm,
    spki: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}
