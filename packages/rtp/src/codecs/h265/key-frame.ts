// Finds H.265 key frames in payloads without putting them together (RFC 7798 §4.4, https://www.rfc-editor.org/rfc/rfc7798#section-4.4).
import { readUint16 } from '@kaon/wire';
import {
  H265_NAL_UNIT_TYPE,
  h265NalUnitType,
  isH265Irap,
  isH265ParameterSet,
} from './nal-unit-type.ts';
import { isH265Paci, unwrapH265Paci } from './paci.ts';

/**
 * Whether `payload` holds the start of something that a key frame begins with: a video or sequence
 * parameter set, or the first slice segment of an IRAP picture. An SFU may switch to the stream there.
 *
 * @param hasDon whether `sprop-max-don-diff` is greater than 0, so that payloads carry DON fields.
 */
export function isH265KeyFrame(payload: Uint8Array, hasDon = false): boolean {
  if (isH265Paci(payload)) {
    const inner = unwrapH265Paci(payload);
    return inner !== undefined && isH265KeyFrame(inner, hasDon);
  }
  if (payload.length < 4) return false;
  const type = h265NalUnitType(payload[0] as number);
  const donLength = hasDon ? 2 : 0;
  if (type === H265_NAL_UNIT_TYPE.fragmentationUnit) {
    const fuHeader = payload[2] as number;
    return (fuHeader & 0x80) !== 0 && startsKeyFrame(fuHeader & 0x3f, payload[3 + donLength] ?? 0);
  }
  if (type !== H265_NAL_UNIT_TYPE.aggregationPacket) {
    return startsKeyFrame(type, payload[2 + donLength] ?? 0);
  }
  for (let at = 2 + donLength; at + 4 < payload.length; ) {
    const size = readUint16(payload, at);
    at += 2;
    if (startsKeyFrame(h265NalUnitType(payload[at] as number), payload[at + 2] as number)) {
      return true;
    }
    at += size + (hasDon ? 1 : 0);
  }
  return false;
}

/** `first` is the byte behind the NAL unit's header. */
function startsKeyFrame(type: number, first: number): boolean {
  if (isH265ParameterSet(type)) return type !== H265_NAL_UNIT_TYPE.pps;
  // first_slice_segment_in_pic_flag is the first bit (H.265 §7.3.6.1).
  return isH265Irap(type) && (first & 0x80) !== 0;
}
