// PLI: a picture was lost, please send one that stands alone (RFC 4585 §6.3.1, https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1). It has no FCI.
import { readUint32 } from '@kaon/wire';
import {
  FEEDBACK_HEADER_LENGTH,
  type FeedbackParties,
  writeFeedbackHeader,
} from './feedback-header.ts';
import { PAYLOAD_FEEDBACK_FORMAT, RTCP_PACKET_TYPE } from './rtcp-header.ts';

/** Bytes of a PLI. */
export const PICTURE_LOSS_INDICATION_LENGTH: number = FEEDBACK_HEADER_LENGTH;

/** A request for a key frame from one source. */
export interface PictureLossIndication extends FeedbackParties {
  readonly type: 'picture-loss-indication';
}

/** Decodes the PLI in `bytes[start..end)`. */
export function decodePictureLossIndication(
  bytes: Uint8Array,
  start: number,
  end: number,
): PictureLossIndication | undefined {
  if (end - start < FEEDBACK_HEADER_LENGTH) return undefined;
  return {
    type: 'picture-loss-indication',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
  };
}

/** Writes `packet` at `offset`; returns the offset behind it. */
export function encodePictureLossIndication(
  packet: PictureLossIndication,
  out: Uint8Array,
  offset: number,
): number {
  return writeFeedbackHeader(
    packet,
    PAYLOAD_FEEDBACK_FORMAT.pictureLossIndication,
    RTCP_PACKET_TYPE.payloadFeedback,
    PICTURE_LOSS_INDICATION_LENGTH,
    out,
    offset,
  );
}
