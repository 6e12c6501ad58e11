// APP: what an application defines for itself (RFC 3550 §6.7, https://www.rfc-editor.org/rfc/rfc3550#section-6.7).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P| subtype |   PT=APP=204  |             length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           SSRC/CSRC                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                          name (ASCII)                         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                   application-dependent data                ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32, writeUint32 } from '@kaon/wire';
import { RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

const FIXED_LENGTH = 12;

/** A packet of an application's own. */
export interface ApplicationDefined {
  readonly type: 'application-defined';
  /** 5 bits. */
  readonly subtype: number;
  readonly ssrc: number;
  /** Four characters, U+0000 to U+00FF. */
  readonly name: string;
  /** A multiple of four bytes; a view of the packet. */
  readonly data: Uint8Array;
}

/** Decodes the APP packet in `bytes[start..end)`. */
export function decodeApplicationDefined(
  bytes: Uint8Array,
  start: number,
  end: number,
  subtype: number,
): ApplicationDefined | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  return {
    type: 'application-defined',
    subtype,
    ssrc: readUint32(bytes, start + 4),
    name: String.fromCharCode(...bytes.subarray(start + 8, start + FIXED_LENGTH)),
    data: bytes.subarray(start + FIXED_LENGTH, end),
  };
}

/** Bytes that {@link encodeApplicationDefined} writes. */
export function applicationDefinedLength(packet: ApplicationDefined): number {
  return FIXED_LENGTH + packet.data.length;
}

/**
 * Writes `packet` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if the name has not four characters or the data no multiple of four bytes.
 */
export function encodeApplicationDefined(
  packet: ApplicationDefined,
  out: Uint8Array,
  offset: number,
): number {
  const { name, data, subtype } = packet;
  if (name.length !== 4) throw new RangeError(`name: four characters, not "${name}".`);
  if (data.length % 4 !== 0) {
    throw new RangeError(`data: a multiple of four bytes, not ${data.length}.`);
  }
  const length = applicationDefinedLength(packet);
  let at = writeRtcpHeader(out, offset, subtype, RTCP_PACKET_TYPE.applicationDefined, length);
  at = writeUint32(out, at, packet.ssrc);
  for (let i = 0; i < 4; i++) out[at++] = name.charCodeAt(i);
  out.set(data, at);
  return at + data.length;
}
