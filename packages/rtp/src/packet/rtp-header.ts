// The fixed RTP header: offsets, bits and a writer (RFC 3550 §5.1, https://www.rfc-editor.org/rfc/rfc3550#section-5.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           timestamp                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           synchronization source (SSRC) identifier            |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |            contributing source (CSRC) identifiers             |
// |                             ....                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { writeUint16, writeUint32 } from '@kaon/wire';

/** Bytes of a header without contributing sources and extension. */
export const RTP_FIXED_HEADER_LENGTH = 12;
/** Bytes in front of the elements of a header extension: profile and length. */
export const EXTENSION_HEADER_LENGTH = 4;
/** RTP and RTCP have version 2, in the two highest bits of the first byte. */
export const RTP_VERSION = 2;
/** The most contributing sources that the four bits of CC can count. */
const MAX_CSRCS = 15;

/** The header fields of a packet to be written. */
export interface RtpHeader {
  /** What the payload format says; the last packet of a frame, with video. False by default. */
  readonly marker?: boolean;
  /** 7 bits. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in units of the payload's clock. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  /** At most 15 contributing sources; none by default. */
  readonly csrcs?: readonly number[];
}

const NONE: readonly number[] = [];

/** Bytes that {@link writeRtpHeader} writes. */
export function rtpHeaderLength(header: RtpHeader): number {
  return RTP_FIXED_HEADER_LENGTH + 4 * (header.csrcs ?? NONE).length;
}

/**
 * Writes a header without extension at `offset` of `out`; returns the offset behind it, where the
 * payload goes, or `writeHeaderExtensions` before it.
 *
 * @throws RangeError if there are more than 15 contributing sources or there is no room.
 */
export function writeRtpHeader(header: RtpHeader, out: Uint8Array, offset: number): number {
  const csrcs = header.csrcs ?? NONE;
  if (csrcs.length > MAX_CSRCS) {
    throw new RangeError(`csrcs: a packet names at most 15, not ${csrcs.length}.`);
  }
  const end = offset + RTP_FIXED_HEADER_LENGTH + 4 * csrcs.length;
  if (end > out.length) {
    throw new RangeError(`out: the header ends at ${end}, the memory at ${out.length}.`);
  }
  out[offset] = (RTP_VERSION << 6) | csrcs.length;
  out[offset + 1] = (header.marker === true ? 0x80 : 0) | (header.payloadType & 0x7f);
  writeUint16(out, offset + 2, header.sequenceNumber);
  writeUint32(out, offset + 4, header.timestamp);
  let at = writeUint32(out, offset + 8, header.ssrc);
  for (let i = 0; i < csrcs.length; i++) at = writeUint32(out, at, csrcs[i] as number);
  return at;
}
