// The State Cookie: all that an INIT leads to, kept by the peer and signed by us (RFC 9260 §5.1.3, https://www.rfc-editor.org/rfc/rfc9260#section-5.1.3).
import type { CryptoProvider, Hmac } from '@kaon/crypto';
import { ByteReader, equalBytes, type RandomSource, writeUint16, writeUint32 } from '@kaon/wire';

const KEY_BYTES = 32;
const MAC_BYTES = 32;
const BODY_BYTES = 42;
const FLAG_PARTIAL_RELIABILITY = 0x01;
const FLAG_RECONFIGURATION = 0x02;
const FLAG_INTERLEAVING = 0x04;
const FLAG_ZERO_CHECKSUM = 0x08;

/** What is in a cookie. */
export interface StateCookie {
  /** On the clock of the machine that made it, whole milliseconds. */
  readonly createdAt: number;
  readonly localTag: number;
  readonly peerTag: number;
  readonly localInitialTsn: number;
  readonly peerInitialTsn: number;
  readonly peerWindow: number;
  readonly peerOutboundStreams: number;
  readonly peerInboundStreams: number;
  /** Those of the association that was there when the cookie was made; 0 if there was none. */
  readonly localTieTag: number;
  readonly peerTieTag: number;
  readonly partialReliability: boolean;
  readonly reconfiguration: boolean;
  readonly interleaving: boolean;
  readonly zeroChecksum: boolean;
}

/** Signs and reads cookies with a key that never leaves it and dies with the association. */
export class CookieJar {
  readonly #crypto: CryptoProvider;
  readonly #random: RandomSource;
  #hmac: Hmac | undefined;

  constructor(crypto: CryptoProvider, random: RandomSource) {
    this.#crypto = crypto;
    this.#random = random;
  }

  /** The cookie as bytes. */
  seal(cookie: StateCookie): Uint8Array {
    const out = new Uint8Array(BODY_BYTES + MAC_BYTES);
    // Whole milliseconds of a monotonic clock fit into 53 bits: 32 low ones here, the rest above.
    let at = writeUint32(out, 0, Math.floor(cookie.createdAt / 0x1_0000_0000));
    at = writeUint32(out, at, cookie.createdAt >>> 0);
    at = writeUint32(out, at, cookie.localTag);
    at = writeUint32(out, at, cookie.peerTag);
    at = writeUint32(out, at, cookie.localInitialTsn);
    at = writeUint32(out, at, cookie.peerInitialTsn);
    at = writeUint32(out, at, cookie.peerWindow);
    at = writeUint16(out, at, cookie.peerOutboundStreams);
    at = writeUint16(out, at, cookie.peerInboundStreams);
    at = writeUint32(out, at, cookie.localTieTag);
    at = writeUint32(out, at, cookie.peerTieTag);
    const flags =
      (cookie.partialReliability ? FLAG_PARTIAL_RELIABILITY : 0) |
      (cookie.reconfiguration ? FLAG_RECONFIGURATION : 0) |
      (cookie.interleaving ? FLAG_INTERLEAVING : 0) |
      (cookie.zeroChecksum ? FLAG_ZERO_CHECKSUM : 0);
    writeUint16(out, at, flags);
    out.set(this.#sign(out.subarray(0, BODY_BYTES)), BODY_BYTES);
    return out;
  }

  /** What a cookie says; undefined if it is not one of ours, or was altered. */
  open(bytes: Uint8Array): StateCookie | undefined {
    if (bytes.length !== BODY_BYTES + MAC_BYTES) return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    if (!equalBytes(this.#sign(body), bytes.subarray(BODY_BYTES))) return undefined;
    const reader = new ByteReader(body);
    const createdAt = reader.uint32() * 0x1_0000_0000 + reader.uint32();
    const fields = {
      createdAt,
      localTag: reader.uint32(),
      peerTag: reader.uint32(),
      localInitialTsn: reader.uint32(),
      peerInitialTsn: reader.uint32(),
      peerWindow: reader.uint32(),
      peerOutboundStreams: reader.uint16(),
      peerInboundStreams: reader.uint16(),
      localTieTag: reader.uint32(),
      peerTieTag: reader.uint32(),
    };
    const flags = reader.uint16();
    return {
      ...fields,
      partialReliability: (flags & FLAG_PARTIAL_RELIABILITY) !== 0,
      reconfiguration: (flags & FLAG_RECONFIGURATION) !== 0,
      interleaving: (flags & FLAG_INTERLEAVING) !== 0,
      zeroChecksum: (flags & FLAG_ZERO_CHECKSUM) !== 0,
    };
  }

  #sign(body: Uint8Array): Uint8Array {
    this.#hmac ??= this.#crypto.createHmac('sha256', this.#random.fill(new Uint8Array(KEY_BYTES)));
    return this.#hmac.compute(body);
  }
}
