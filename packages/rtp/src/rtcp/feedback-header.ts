// What the feedback packets of RFC 4585 have in common (RFC 4585 §6.1, https://www.rfc-editor.org/rfc/rfc4585#section-6.1).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|   FMT   | PT=205 or 206 |            length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     SSRC of packet sender                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      SSRC of media source                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              feedback control information (FCI)             ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { writeUint32 } from '@kaon/wire';
import { writeRtcpHeader } from './rtcp-header.ts';

/** Bytes in front of the FCI. */
export const FEEDBACK_HEADER_LENGTH = 12;

/** Who sends feedback, and about whom. */
export interface FeedbackParties {
  readonly senderSsrc: number;
  /** 0 where the FCI names its sources itself. */
  readonly mediaSsrc: number;
}

/** Writes everything in front of the FCI of a packet of `length` bytes; returns the offset behind it. */
export function writeFeedbackHeader(
  parties: FeedbackParties,
  format: number,
  packetType: number,
  length: number,
  out: Uint8Array,
  offset: number,
): number {
  let at = writeRtcpHeader(out, offset, format, packetType, length);
  at = writeUint32(out, at, parties.senderSsrc);
  return writeUint32(out, at, parties.mediaSsrc);
}
