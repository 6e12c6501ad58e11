// Seals and opens the records of one direction and epoch with an AEAD.
// https://www.rfc-editor.org/rfc/rfc5246#section-6.2.3.3 https://www.rfc-editor.org/rfc/rfc5288#section-3
// https://www.rfc-editor.org/rfc/rfc7905#section-2

import type { Aead } from '@kaon/crypto';
import { writeUint16, writeUint48 } from '@kaon/wire';
import { encodeRecordHeader, RECORD_HEADER_LENGTH, type RecordHeader } from './record.ts';

/** How records of an epoch are protected. DTLS 1.2's is below; another version brings another one. */
export interface RecordProtection {
  /** Bytes that a record is longer than its content, header included. */
  readonly overhead: number;
  /** Writes a whole record at `offset` of `out`; returns the offset behind it. */
  seal(
    type: number,
    version: number,
    epoch: number,
    sequenceNumber: number,
    content: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number;
  /** Bytes of the content of a record with `header`; negative if it is too short to be one. */
  contentLength(header: RecordHeader): number;
  /** Writes the content of the record at `start` to all of `out`; false if it is not genuine. */
  open(header: RecordHeader, datagram: Uint8Array, start: number, out: Uint8Array): boolean;
}

// Additional data and nonce are needed for the length of one call, so all connections share their memory.
const additionalData = new Uint8Array(13);
const nonce = new Uint8Array(12);

/** Protection of DTLS 1.2 with GCM (explicit nonces) or ChaCha20-Poly1305 (none). */
export class AeadProtection implements RecordProtection {
  readonly overhead: number;
  readonly #aead: Aead;
  readonly #iv: Uint8Array;
  readonly #explicitNonceLength: number;

  /**
   * @param iv the part of the nonce from the key block: 4 bytes, or all 12 without an explicit nonce.
   * @param explicitNonceLength bytes of the nonce that each record carries: 8 or 0.
   */
  constructor(aead: Aead, iv: Uint8Array, explicitNonceLength: number) {
    this.#aead = aead;
    this.#iv = iv;
    this.#explicitNonceLength = explicitNonceLength;
    this.overhead = RECORD_HEADER_LENGTH + explicitNonceLength + aead.tagLength;
  }

  seal(
    type: number,
    version: number,
    epoch: number,
    sequenceNumber: number,
    content: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const length = this.overhead - RECORD_HEADER_LENGTH + content.length;
    let at = encodeRecordHeader(out, offset, type, version, epoch, sequenceNumber, length);
    if (this.#explicitNonceLength > 0) {
      // RFC 5288 §3: any value that never repeats; the sequence number is one.
      writeUint16(out, at, epoch);
      at = writeUint48(out, at + 2, sequenceNumber);
      this.#setNonce(out, at - 8);
    } else {
      this.#setNonce(out, offset + 3);
    }
    setAdditionalData(type, version, epoch, sequenceNumber, content.length);
    return this.#aead.seal(nonce, additionalData, content, out, at);
  }

  contentLength(header: RecordHeader): number {
    return header.length - (this.overhead - RECORD_HEADER_LENGTH);
  }

  open(header: RecordHeader, datagram: Uint8Array, start: number, out: Uint8Array): boolean {
    const { type, version, epoch, sequenceNumber, length } = header;
    const end = start + RECORD_HEADER_LENGTH + length;
    const sealed = start + RECORD_HEADER_LENGTH + this.#explicitNonceLength;
    this.#setNonce(datagram, this.#explicitNonceLength > 0 ? sealed - 8 : start + 3);
    setAdditionalData(type, version, epoch, sequenceNumber, this.contentLength(header));
    return this.#aead.open(nonce, additionalData, datagram.subarray(sealed, end), out, 0) >= 0;
  }

  /** Builds the nonce from the IV and the 8 bytes at `at`: explicit nonce, or epoch and sequence number. */
  #setNonce(bytes: Uint8Array, at: number): void {
    const iv = this.#iv;
    for (let i = 0; i < 4; i++) nonce[i] = iv[i] as number;
    if (iv.length === 4) {
      for (let i = 0; i < 8; i++) nonce[4 + i] = bytes[at + i] as number;
    } else {
      for (let i = 0; i < 8; i++) nonce[4 + i] = (iv[4 + i] as number) ^ (bytes[at + i] as number);
    }
  }
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
