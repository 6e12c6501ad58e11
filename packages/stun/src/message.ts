// The STUN message: header, attribute list, integrity and fingerprint (RFC 8489 §5, §14).
// https://www.rfc-editor.org/rfc/rfc8489#section-5

import type { Hmac } from '@kaon/crypto';
import { crc32, equalBytes, readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import type { OutgoingAttribute, RawAttribute } from './attribute.ts';
import { StunError } from './errors.ts';

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0 0|     STUN Message Type     |         Message Length        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                         Magic Cookie                          |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                     Transaction ID (96 bits)                  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** Bytes of the header before the attributes. */
export const HEADER_LENGTH = 20;
/** Bytes of a transaction ID. */
export const TRANSACTION_ID_LENGTH = 12;
/** What bytes 4 to 7 of every message hold (RFC 8489 §5). */
export const MAGIC_COOKIE = 0x2112a442;
/** The Binding method, the only one of RFC 8489 itself (§18.2). */
export const BINDING_METHOD = 0x001;

const MESSAGE_INTEGRITY = 0x0008;
const MESSAGE_INTEGRITY_SHA256 = 0x001c;
const FINGERPRINT = 0x8028;
const FINGERPRINT_XOR = 0x5354554e; // RFC 8489 §14.7: "STUN" in ASCII
const MAX_ATTRIBUTE_LENGTH = 0xffff;

/** The four kinds of message (RFC 8489 §5). */
export type StunClass = 'request' | 'indication' | 'success' | 'error';

const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

/** A message as received. Everything in it is a view of the datagram it came in. */
export interface StunMessage {
  readonly class: StunClass;
  /** 12 bits; {@link BINDING_METHOD} or one of TURN's. */
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  /**
   * In order of arrival, without integrity, fingerprint, and whatever an attacker could have put
   * behind them (RFC 8489 §14.5: it must be ignored).
   */
  readonly attributes: readonly RawAttribute[];
  /** The whole message. */
  readonly bytes: Uint8Array;
  /** Where MESSAGE-INTEGRITY starts in {@link bytes}, or -1. */
  readonly integrityOffset: number;
  /** Where MESSAGE-INTEGRITY-SHA256 starts in {@link bytes}, or -1. */
  readonly integritySha256Offset: number;
  /** Where FINGERPRINT starts in {@link bytes}, or -1. */
  readonly fingerprintOffset: number;
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly class: StunClass;
  readonly method: number;
  /** 12 bytes: random in a request, the request's in a response. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly OutgoingAttribute[];
}

/** What {@link encodeMessage} puts behind the attributes, in the order that RFC 8489 §14 demands. */
export interface MessageProtection {
  /** HMAC-SHA1 with the key of RFC 8489 §9.1.1 or §9.2.2: adds MESSAGE-INTEGRITY. */
  readonly integrity?: Hmac | undefined;
  /** HMAC-SHA256 with such a key: adds MESSAGE-INTEGRITY-SHA256. */
  readonly integritySha256?: Hmac | undefined;
  /** Adds FINGERPRINT. */
  readonly fingerprint?: boolean | undefined;
}

/**
 * Whether a datagram is taken for STUN where it shares a port with others: first byte 0 to 3
 * (RFC 7983 §7), the magic cookie, and a length that fits (RFC 8489 §6.3).
 */
export function isStunMessage(datagram: Uint8Array): boolean {
  return (datagram[0] as number) < 4 && hasHeader(datagram);
}

/**
 * Reads one whole message.
 *
 * Nothing is verified here but the layout: see {@link verifyIntegrity} and {@link verifyFingerprint}.
 *
 * @returns undefined if the bytes are no well-formed STUN message.
 */
export function decodeMessage(bytes: Uint8Array): StunMessage | undefined {
  if (!hasHeader(bytes) || bytes.length % 4 !== 0) return undefined;
  const attributes: RawAttribute[] = [];
  let integrityOffset = -1;
  let integritySha256Offset = -1;
  let fingerprintOffset = -1;
  let offset = HEADER_LENGTH;
  while (offset < bytes.length) {
    if (fingerprintOffset >= 0) return undefined; // §14.7: it must be the last
    const type = readUint16(bytes, offset);
    const length = readUint16(bytes, offset + 2);
    const start = offset + 4;
    const end = start + length;
    if (end > bytes.length) return undefined;
    if (type === FINGERPRINT) {
      if (length !== 4) return undefined;
      fingerprintOffset = offset;
    } else if (type === MESSAGE_INTEGRITY_SHA256 && integritySha256Offset < 0) {
      // §14.6: 32 bytes, or truncated to no less than 16, in whole words.
      if (length < 16 || length > 32 || length % 4 !== 0) return undefined;
      integritySha256Offset = offset;
    } else if (integritySha256Offset < 0 && integrityOffset < 0) {
      if (type === MESSAGE_INTEGRITY) {
        if (length !== 20) return undefined;
        integrityOffset = offset;
      } else {
        attributes.push({ type, value: bytes.subarray(start, end) });
      }
    }
    offset = start + paddedLength(length);
  }
  const type = readUint16(bytes, 0);
  return {
    class: CLASSES[((type >> 7) & 2) | ((type >> 4) & 1)] as StunClass,
    method: (type & 0x0f) | ((type >> 1) & 0x70) | ((type >> 2) & 0xf80),
    transactionId: bytes.subarray(8, HEADER_LENGTH),
    attributes,
    bytes,
    integrityOffset,
    integritySha256Offset,
    fingerprintOffset,
  };
}

/**
 * Writes a message into new memory.
 *
 * @throws StunError `STUN_INVALID_ARGUMENT` if the transaction ID has not 12 bytes or the method is
 * beyond 12 bits, `STUN_ATTRIBUTE_TOO_LONG` if the attributes do not fit the 16-bit lengths.
 */
export function encodeMessage(
  message: OutgoingMessage,
  protection: MessageProtection = {},
): Uint8Array {
  const { transactionId, attributes, method } = message;
  if (transactionId.length !== TRANSACTION_ID_LENGTH) {
    throw new StunError(
      'STUN_INVALID_ARGUMENT',
      `transactionId must have ${TRANSACTION_ID_LENGTH} bytes, not ${transactionId.length}.`,
    );
  }
  if (!Number.isInteger(method) || method < 0 || method > 0xfff) {
    throw new StunError('STUN_INVALID_ARGUMENT', `method must be 0 to 0xfff, not ${method}.`);
  }
  const out = new Uint8Array(encodedLength(attributes, protection));
  const classBits = CLASSES.indexOf(message.class);
  writeUint16(
    out,
    0,
    (method & 0x0f) |
      ((classBits & 1) << 4) |
      ((method & 0x70) << 1) |
      ((classBits & 2) << 7) |
      ((method & 0xf80) << 2),
  );
  writeUint32(out, 4, MAGIC_COOKIE);
  out.set(transactionId, 8);
  let offset = HEADER_LENGTH;
  for (const item of attributes) {
    writeUint16(out, offset, item.type);
    writeUint16(out, offset + 2, item.byteLength);
    item.encode(out, offset + 4, transactionId);
    offset += 4 + paddedLength(item.byteLength);
  }
  if (protection.integrity !== undefined) {
    offset = encodeIntegrity(MESSAGE_INTEGRITY, protection.integrity, 20, out, offset);
  }
  if (protection.integritySha256 !== undefined) {
    offset = encodeIntegrity(MESSAGE_INTEGRITY_SHA256, protection.integritySha256, 32, out, offset);
  }
  writeUint16(out, 2, out.length - HEADER_LENGTH);
  if (protection.fingerprint === true) {
    writeUint16(out, offset, FINGERPRINT);
    writeUint16(out, offset + 2, 4);
    writeUint32(out, offset + 4, (crc32(out, 0, offset) ^ FINGERPRINT_XOR) >>> 0);
  }
  return out;
}

/**
 * Whether MESSAGE-INTEGRITY (with an HMAC-SHA1) or MESSAGE-INTEGRITY-SHA256 (with an HMAC-SHA256) is
 * there and right (RFC 8489 §14.5, §14.6). Takes the same time for every wrong code.
 */
export function verifyIntegrity(message: StunMessage, hmac: Hmac): boolean {
  const offset =
    hmac.algorithm === 'sha1' ? message.integrityOffset : message.integritySha256Offset;
  if (offset < 0) return false;
  const { bytes } = message;
  const length = readUint16(bytes, offset + 2);
  // The code covers the message up to the attribute, with a header that says the attribute is the last.
  // The header is copied because the datagram is not ours to write to.
  const header = new Uint8Array(bytes.subarray(0, HEADER_LENGTH));
  writeUint16(header, 2, offset + 4 + length - HEADER_LENGTH);
  const expected = hmac.compute(header, bytes.subarray(HEADER_LENGTH, offset));
  return equalBytes(expected.subarray(0, length), bytes.subarray(offset + 4, offset + 4 + length));
}

/** Whether FINGERPRINT is there and right (RFC 8489 §14.7). */
export function verifyFingerprint(message: StunMessage): boolean {
  const offset = message.fingerprintOffset;
  if (offset < 0) return false;
  const expected = (crc32(message.bytes, 0, offset) ^ FINGERPRINT_XOR) >>> 0;
  return readUint32(message.bytes, offset + 4) === expected;
}

function hasHeader(bytes: Uint8Array): boolean {
  return (
    bytes.length >= HEADER_LENGTH &&
    (bytes[0] as number) < 0x40 && // §5: the two top bits are zero
    readUint32(bytes, 4) === MAGIC_COOKIE &&
    readUint16(bytes, 2) === bytes.length - HEADER_LENGTH
  );
}

function encodedLength(
  attributes: readonly OutgoingAttribute[],
  protection: MessageProtection,
): number {
  let length = HEADER_LENGTH;
  for (const { type, byteLength } of attributes) {
    if (byteLength > MAX_ATTRIBUTE_LENGTH) {
      throw new StunError(
        'STUN_ATTRIBUTE_TOO_LONG',
        `Attribute 0x${type.toString(16)} has ${byteLength} bytes; at most ${MAX_ATTRIBUTE_LENGTH} fit.`,
      );
    }
    length += 4 + paddedLength(byteLength);
  }
  if (protection.integrity !== undefined) length += 24;
  if (protection.integritySha256 !== undefined) length += 36;
  if (protection.fingerprint === true) length += 8;
  if (length - HEADER_LENGTH > MAX_ATTRIBUTE_LENGTH) {
    throw new StunError(
      'STUN_ATTRIBUTE_TOO_LONG',
      `The attributes have ${length - HEADER_LENGTH} bytes; at most ${MAX_ATTRIBUTE_LENGTH} fit.`,
    );
  }
  return length;
}

function encodeIntegrity(
  type: number,
  hmac: Hmac,
  length: number,
  out: Uint8Array,
  offset: number,
): number {
  const end = offset + 4 + length;
  writeUint16(out, 2, end - HEADER_LENGTH); // §14.5: the length up to and with this attribute
  writeUint16(out, offset, type);
  writeUint16(out, offset + 2, length);
  out.set(hmac.compute(out.subarray(0, offset)), offset + 4);
  return end;
}

/** Attributes start on 4-byte boundaries (RFC 8489 §14). */
function paddedLength(length: number): number {
  return (length + 3) & ~3;
}
