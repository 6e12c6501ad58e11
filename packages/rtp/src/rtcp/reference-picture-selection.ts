// RPSI: which picture the decoder wants as reference (RFC 4585 §6.3.3, https://www.rfc-editor.org/rfc/rfc4585#section-6.3.3).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      PB       |0| Payload Type|    Native RPSI bit string     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   defined per codec          ...                | Padding (0) |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

const FCI_HEADER_LENGTH = 2;

/** A bit string that the codec of `payloadType` understands. */
export interface ReferencePictureSelection extends FeedbackParties {
  readonly type: 'reference-picture-selection';
  readonly payloadType: number;
  /** The bit string in whole bytes; a view of the packet. */
  readonly bitString: Uint8Array;
  /** Bits at the end of the last byte that do not belong to it: 0 to 7. */
  readonly unusedBits: number;
}

/** Decodes the RPSI in `bytes[start..end)`. */
export function decodeReferencePictureSelection(
  bytes: Uint8Array,
  start: number,
  end: number,
): ReferencePictureSelection | undefined {
  const fci = start + FEEDBACK_HEADER_LENGTH;
  if (end - fci < FCI_HEADER_LENGTH) return undefined;
  const paddingBits = bytes[fci] as number;
  const stringEnd = end - (paddingBits >> 3);
  if (stringEnd < fci + FCI_HEADER_LENGTH) return undefined;
  const unusedBits = paddingBits & 7;
  if (unusedBits > 0 && stringEnd === fci + FCI_HEADER_LENGTH) return undefined;
  return {
    type: 'reference-picture-selection',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    payloadType: (bytes[fci + 1] as number) & 0x7f,
    bitString: bytes.subarray(fci + FCI_HEADER_LENGTH, stringEnd),
    unusedBits,
  };
}

/** Bytes that {@link encodeReferencePictureSelection} writes. */
export function referencePictureSelectionLength(packet: ReferencePictureSelection): number {
  return FEEDBACK_HEADER_LENGTH + ((FCI_HEADER_LENGTH + packet.bitString.length + 3) & ~3);
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodeReferencePictureSelection(
  packet: ReferencePictureSelection,
  out: Uint8Array,
  offset: number,
): number {
  const end = offset + referencePictureSelectionLength(packet);
  let at = writeFeedbackHeader(
    packet,
    PAYLOAD_FEEDBACK_FORMAT.referencePictureSelectionIndication,
    RTCP_PACKET_TYPE.payloadFeedback,
    end - offset,
    out,
    offset,
  );
  const stringEnd = at + FCI_HEADER_LENGTH + packet.bitString.length;
  out[at++] = 8 * (end - stringEnd) + packet.unusedBits;
  out[at++] = packet.payloadType & 0x7f;
  out.set(packet.bitString, at);
  out.fill(0, stringEnd, end);
  return end;
}
