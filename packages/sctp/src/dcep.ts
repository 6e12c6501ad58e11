// DCEP: the messages that open data channels, and the payload protocols of data (RFC 8832, https://www.rfc-editor.org/rfc/rfc8832#section-5).
//
// DATA_CHANNEL_OPEN:
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Message Type  | Channel Type  |           Priority            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Reliability Parameter                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Label Length          |        Protocol Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                             Label                             \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                           Protocol                            \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// DATA_CHANNEL_ACK is its message type alone.
import { ByteReader, encodeUtf8, parseUtf8, writeUint16, writeUint32 } from '@kaon/wire';

/**
 * Payload protocol identifiers of data channels (RFC 8831 §8). SCTP has no empty messages: `stringEmpty`
 * and `binaryEmpty` mark a message of one byte that stands for none.
 */
export const DATA_CHANNEL_PPID = {
  dcep: 50,
  string: 51,
  /** Deprecated (RFC 8831 §6.6); understood nowhere anymore. */
  binaryPartial: 52,
  binary: 53,
  stringPartial: 54,
  stringEmpty: 56,
  binaryEmpty: 57,
} as const;

const MESSAGE_TYPE_ACK = 0x02;
const MESSAGE_TYPE_OPEN = 0x03;
const OPEN_HEADER_LENGTH = 12;
const UNORDERED = 0x80;
const RELIABLE = 0x00;
const PARTIAL_RELIABLE_REXMIT = 0x01;
const PARTIAL_RELIABLE_TIMED = 0x02;

/** What a channel promises: at most one of the two limits is there. */
export interface DataChannelOpen {
  readonly type: 'data-channel-open';
  readonly isUnordered: boolean;
  /** Messages are sent again at most that often. */
  readonly maxRetransmits?: number;
  /** Messages are sent (again) for at most that long. */
  readonly maxPacketLifeTimeMs?: number;
  /** 128 below normal, 256 normal, 512 high, 1024 extra high (RFC 8832 §8.2.2 and RFC 8831 §6.4). */
  readonly priority: number;
  readonly label: string;
  readonly protocol: string;
}

/** Whether a message with the PPID `dcep` is DATA_CHANNEL_ACK. */
export function isDataChannelAck(message: Uint8Array): boolean {
  return message.length >= 1 && message[0] === MESSAGE_TYPE_ACK;
}

/** DATA_CHANNEL_ACK. */
export function encodeDataChannelAck(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(MESSAGE_TYPE_ACK);
}

/** Decodes DATA_CHANNEL_OPEN; undefined for anything else, or if its texts are not UTF-8. */
export function decodeDataChannelOpen(message: Uint8Array): DataChannelOpen | undefined {
  const reader = new ByteReader(message);
  const messageType = reader.uint8();
  const channelType = reader.uint8();
  const priority = reader.uint16();
  const reliability = reader.uint32();
  const labelLength = reader.uint16();
  const protocolLength = reader.uint16();
  const label = parseUtf8(reader.view(labelLength));
  const protocol = parseUtf8(reader.view(protocolLength));
  if (reader.failed || messageType !== MESSAGE_TYPE_OPEN) return undefined;
  if (label === undefined || protocol === undefined) return undefined;
  const open = {
    type: 'data-channel-open' as const,
    isUnordered: (channelType & UNORDERED) !== 0,
    priority,
    label,
    protocol,
  };
  switch (channelType & ~UNORDERED) {
    case RELIABLE:
      return open;
    case PARTIAL_RELIABLE_REXMIT:
      return { ...open, maxRetransmits: reliability };
    case PARTIAL_RELIABLE_TIMED:
      return { ...open, maxPacketLifeTimeMs: reliability };
    default:
      return undefined;
  }
}

/**
 * DATA_CHANNEL_OPEN as a message.
 *
 * @throws RangeError if label or protocol are longer than 65535 bytes in UTF-8.
 */
export function encodeDataChannelOpen(open: DataChannelOpen): Uint8Array<ArrayBuffer> {
  const label = encodeUtf8(open.label);
  const protocol = encodeUtf8(open.protocol);
  for (const [name, text] of [
    ['label', label],
    ['protocol', protocol],
  ] as const) {
    if (text.length > 0xffff) {
      throw new RangeError(`The ${name} has ${text.length} bytes, more than 65535.`);
    }
  }
  let channelType = open.isUnordered ? UNORDERED : 0;
  let reliability = 0;
  if (open.maxRetransmits !== undefined) {
    channelType |= PARTIAL_RELIABLE_REXMIT;
    reliability = open.maxRetransmits;
  } else if (open.maxPacketLifeTimeMs !== undefined) {
    channelType |= PARTIAL_RELIABLE_TIMED;
    reliability = open.maxPacketLifeTimeMs;
  }
  const out = new Uint8Array(OPEN_HEADER_LENGTH + label.length + protocol.length);
  out[0] = MESSAGE_TYPE_OPEN;
  out[1] = channelType;
  let at = writeUint16(out, 2, open.priority);
  at = writeUint32(out, at, reliability);
  at = writeUint16(out, at, label.length);
  at = writeUint16(out, at, protocol.length);
  out.set(label, at);
  out.set(protocol, at + label.length);
  return out;
}
