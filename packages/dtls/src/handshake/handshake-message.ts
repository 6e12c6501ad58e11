// Handshake messages and their fragments. https://www.rfc-editor.org/rfc/rfc6347#section-4.2.2
//
//   struct {
//     HandshakeType msg_type;    uint24 length;
//     uint16 message_seq;        uint24 fragment_offset;    uint24 fragment_length;
//     opaque body[fragment_length];
//   } Handshake;

import { readUint16, readUint24, writeUint16, writeUint24 } from '@kaon/wire';

/** Kinds of handshake messages (RFC 5246 §7.4, RFC 6347 §4.3.2). */
export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** Bytes in front of each fragment. */
export const HANDSHAKE_HEADER_LENGTH = 12;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(HandshakeType).map(([name, type]) => [
    type,
    (name[0] as string).toUpperCase() + name.slice(1),
  ]),
);

/** A whole message. */
export interface HandshakeMessage {
  readonly type: number;
  readonly messageSeq: number;
  /** The epoch of the records that carried it; from 1 on they were authenticated. */
  readonly epoch: number;
  /** Header and body as if sent in one fragment: what the transcript takes (RFC 6347 §4.2.6). */
  readonly bytes: Uint8Array;
  /** The part of {@link bytes} behind the header. */
  readonly body: Uint8Array;
}

/** A piece of a message. */
export interface HandshakeFragment {
  readonly type: number;
  /** Bytes of the whole message's body. */
  readonly length: number;
  readonly messageSeq: number;
  readonly fragmentOffset: number;
  /** A view of the piece. */
  readonly fragment: Uint8Array;
}

/**
 * The fragment at `start` of a record's content; the next one begins behind its piece.
 *
 * @returns undefined if it is cut short or reaches past its message's end.
 */
export function decodeHandshakeFragment(
  content: Uint8Array,
  start: number,
): HandshakeFragment | undefined {
  if (content.length - start < HANDSHAKE_HEADER_LENGTH) return undefined;
  const length = readUint24(content, start + 1);
  const fragmentOffset = readUint24(content, start + 6);
  const fragmentLength = readUint24(content, start + 9);
  const body = start + HANDSHAKE_HEADER_LENGTH;
  if (fragmentLength > content.length - body) return undefined;
  if (fragmentOffset + fragmentLength > length) return undefined;
  return {
    type: content[start] as number,
    length,
    messageSeq: readUint16(content, start + 4),
    fragmentOffset,
    fragment: content.subarray(body, body + fragmentLength),
  };
}

/** Writes a fragment's header at `offset`; returns the offset behind it. */
export function encodeHandshakeHeader(
  out: Uint8Array,
  offset: number,
  type: number,
  length: number,
  messageSeq: number,
  fragmentOffset: number,
  fragmentLength: number,
): number {
  out[offset] = type;
  let at = writeUint24(out, offset + 1, length);
  at = writeUint16(out, at, messageSeq);
  at = writeUint24(out, at, fragmentOffset);
  return writeUint24(out, at, fragmentLength);
}

/** The whole message with `body`, in one fragment. */
export function encodeHandshakeMessage(
  type: number,
  messageSeq: number,
  body: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_HEADER_LENGTH + body.length);
  const at = encodeHandshakeHeader(bytes, 0, type, body.length, messageSeq, 0, body.length);
  bytes.set(body, at);
  return bytes;
}

/** The RFC's name of a kind of message, such as `ClientHello`. */
export function handshakeTypeName(type: number): string {
  return NAMES.get(type) ?? `handshake message ${type}`;
}
