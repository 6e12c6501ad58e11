// Finds H.264 key frames in payloads without putting them together (RFC 6184 §5, https://www.rfc-editor.org/rfc/rfc6184#section-5).
import { readUint16 } from '@kaon/wire';
import { H264_NAL_UNIT_TYPE, h264NalUnitType } from './nal-unit-type.ts';

/**
 * Whether `payload` holds the start of something that a key frame begins with: a sequence parameter
 * set, or the first slice of an IDR picture. An SFU may switch to the stream at such a packet.
 */
export function isH264KeyFrame(payload: Uint8Array): boolean {
  if (payload.length < 2) return false;
  const type = h264NalUnitType(payload[0] as number);
  switch (type) {
    case H264_NAL_UNIT_TYPE.fuA:
    case H264_NAL_UNIT_TYPE.fuB: {
      const fuHeader = payload[1] as number;
      // A DON follows the header of an FU-B.
      const at = type === H264_NAL_UNIT_TYPE.fuA ? 2 : 4;
      return (fuHeader & 0x80) !== 0 && startsKeyFrame(fuHeader, payload[at] ?? 0);
    }
    case H264_NAL_UNIT_TYPE.stapA:
      return holdsKeyFrame(payload, 1, 0);
    case H264_NAL_UNIT_TYPE.stapB:
      return holdsKeyFrame(payload, 3, 0);
    case H264_NAL_UNIT_TYPE.mtap16:
      return holdsKeyFrame(payload, 3, 3);
    case H264_NAL_UNIT_TYPE.mtap24:
      return holdsKeyFrame(payload, 3, 4);
    default:
      return startsKeyFrame(payload[0] as number, payload[1] as number);
  }
}

/** Looks through an aggregation packet; `extra` bytes stand between a size and its NAL unit. */
function holdsKeyFrame(payload: Uint8Array, start: number, extra: number): boolean {
  for (let at = start; at + 2 + extra + 2 <= payload.length; ) {
    const size = readUint16(payload, at);
    at += 2 + extra;
    if (startsKeyFrame(payload[at] as number, payload[at + 1] as number)) return true;
    at += size;
  }
  return false;
}

/** `first` is the byte behind the NAL unit's header. */
function startsKeyFrame(header: number, first: number): boolean {
  const type = h264NalUnitType(header);
  if (type === H264_NAL_UNIT_TYPE.sps) return true;
  // first_mb_in_slice is 0, and so the first bit of the slice 1 (H.264 §7.3.3).
  return type === H264_NAL_UNIT_TYPE.idrSlice && (first & 0x80) !== 0;
}
