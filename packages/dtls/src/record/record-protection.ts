// Seals and opens the records of one direction and epoch with an AEAD.
// https://www.rfc-editor.org/rfc/rfc5246#section-6.2.3.3 https://www.rfc-editor.org/rfc/rfc5288#section-3
// https://www.rfc-editor.org/rfc/rfc7905#section-2

import type { PacketKey, PacketOpener, PacketSealer } from '@kaon/crypto';
import { readUint16, readUint48, writeUint16, writeUint48 } from '@kaon/wire';
import { encodeRecordHeader, RECORD_HEADER_LENGTH, type RecordHeader } from './record.ts';

/** How records of an epoch are sent. DTLS 1.2's way is below; another version brings another one. */
export interface RecordSealer {
  /** Bytes that a record is longer than its content, header included. */
  readonly overhead: number;
  /**
   * Writes a whole record at `offset` of `out`; returns the offset behind it. Sequence numbers rise.
   *
   * @throws CryptoError if the sequence number is not higher than the last one.
   */
  seal(
    type: number,
    version: number,
    sequenceNumber: number,
    content: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number;
  /** Wipes the key. */
  destroy(): void;
}

/** How records of an epoch are received. */
export interface RecordOpener {
  /** Bytes of the content of a record with `header`; negative if it is too short to be one. */
  contentLength(header: RecordHeader): number;
  /** Writes the content of the record at `start` to all of `out`; false if it is not genuine. */
  open(header: RecordHeader, datagram: Uint8Array, start: number, out: Uint8Array): boolean;
  /** Wipes the key. */
  destroy(): void;
}

/** How a cipher suite makes nonces, and the secret part of them. */
export interface NonceScheme {
  /** The part of the nonce from the key block: 4 bytes, or all 12 without an explicit nonce. */
  readonly fixedIv: Uint8Array;
  /** Bytes of the nonce that each record carries: 8 for GCM, 0 for ChaCha20. */
  readonly explicitNonceLength: number;
}

// The additional data is needed for the length of one call, so all connections share its memory.
const additionalData = new Uint8Array(13);
const NONCE_LENGTH = 12;
/** What is in front of the 48 bits of a nonce that count. */
const PREFIX_LENGTH = 6;

/** Sending in DTLS 1.2 with GCM or ChaCha20-Poly1305. */
export class AeadRecordSealer implements RecordSealer {
  readonly overhead: number;
  readonly #key: PacketKey;
  readonly #sealer: PacketSealer;
  readonly #epoch: number;
  readonly #explicitNonceLength: number;

  constructor(key: PacketKey, { fixedIv, explicitNonceLength }: NonceScheme, epoch: number) {
    this.#key = key;
    this.#epoch = epoch;
    this.#explicitNonceLength = explicitNonceLength;
    // RFC 5288 §3: the explicit part is any value that never repeats; epoch and sequence number are one.
    // RFC 7905 §2: the same eight bytes are added to the IV.
    this.#sealer = key.createSealer(packetIv(fixedIv, epoch));
    this.overhead = RECORD_HEADER_LENGTH + explicitNonceLength + key.tagLength;
  }

  seal(
    type: number,
    version: number,
    sequenceNumber: number,
    content: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const epoch = this.#epoch;
    const length = this.overhead - RECORD_HEADER_LENGTH + content.length;
    let at = encodeRecordHeader(out, offset, type, version, epoch, sequenceNumber, length);
    if (this.#explicitNonceLength > 0) {
      writeUint16(out, at, epoch);
      at = writeUint48(out, at + 2, sequenceNumber);
    }
    setAdditionalData(type, version, epoch, sequenceNumber, content.length);
    return this.#sealer.seal(sequenceNumber, additionalData, content, out, at);
  }

  destroy(): void {
    this.#key.destroy();
  }
}

/** Receiving in DTLS 1.2 with GCM or ChaCha20-Poly1305. */
export class AeadRecordOpener implements RecordOpener {
  readonly #key: PacketKey;
  readonly #fixedIv: Uint8Array;
  readonly #explicitNonceLength: number;
  readonly #protectionLength: number;
  /** For nonces with this prefix: all that there are, as a rule. */
  #opener: PacketOpener;
  #prefix: number;

  constructor(key: PacketKey, { fixedIv, explicitNonceLength }: NonceScheme, epoch: number) {
    this.#key = key;
    this.#fixedIv = fixedIv;
    this.#explicitNonceLength = explicitNonceLength;
    this.#protectionLength = explicitNonceLength + key.tagLength;
    this.#prefix = epoch;
    this.#opener = key.createOpener(packetIv(fixedIv, epoch));
  }

  contentLength(header: RecordHeader): number {
    return header.length - this.#protectionLength;
  }

  open(header: RecordHeader, datagram: Uint8Array, start: number, out: Uint8Array): boolean {
    const { type, version, epoch, sequenceNumber, length } = header;
    const explicit = start + RECORD_HEADER_LENGTH;
    const sealed = explicit + this.#explicitNonceLength;
    const end = explicit + length;
    // RFC 5288 §3: the sender chooses the explicit part as it likes; many count from a random number.
    const hasExplicit = this.#explicitNonceLength > 0;
    const prefix = hasExplicit ? readUint16(datagram, explicit) : epoch;
    const number = hasExplicit ? readUint48(datagram, explicit + 2) : sequenceNumber;
    const isKnown = prefix === this.#prefix;
    const opener = isKnown ? this.#opener : this.#key.createOpener(packetIv(this.#fixedIv, prefix));
    setAdditionalData(type, version, epoch, sequenceNumber, this.contentLength(header));
    const isGenuine = opener.open(number, additionalData, datagram, sealed, end, out, 0) >= 0;
    if (!isKnown) {
      // Only a genuine record says where the sender counts.
      (isGenuine ? this.#opener : opener).destroy();
      if (isGenuine) {
        this.#opener = opener;
        this.#prefix = prefix;
      }
    }
    return isGenuine;
  }

  destroy(): void {
    this.#key.destroy();
  }
}

/** The IV of nonces whose bytes in front of the counting ones are made with `prefix` (RFC 5288 §3, RFC 7905 §2). */
function packetIv(fixedIv: Uint8Array, prefix: number): Uint8Array {
  const iv = new Uint8Array(NONCE_LENGTH);
  iv.set(fixedIv);
  writeUint16(iv, PREFIX_LENGTH - 2, readUint16(iv, PREFIX_LENGTH - 2) ^ prefix);
  return iv;
}

// RFC 5246 §6.2.3.3: seq_num (in DTLS epoch and sequence number), type, version, length of the content.
function setAdditionalData(
  type: number,
  version: number,
  epoch: number,
  sequenceNumber: number,
  length: number,
): void {
  writeUint16(additionalData, 0, epoch);
  writeUint48(additionalData, 2, sequenceNumber);
  additionalData[8] = type;
  writeUint16(additionalData, 9, version);
  writeUint16(additionalData, 11, length);
}
