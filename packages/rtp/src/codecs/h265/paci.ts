// The PACI packet, which puts extensions in front of a payload (RFC 7798 §4.4.4, https://www.rfc-editor.org/rfc/rfc7798#section-4.4.4).
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//    |    PayloadHdr (Type=50)       |A|   cType   | PHSsize |F0..2|Y|
//    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//    |        Payload Header Extension Structure (PHES)              |
//    |=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=|
//    |                  PACI payload: NAL unit                       |
import { H265_NAL_UNIT_TYPE, h265NalUnitType } from './nal-unit-type.ts';

/**
 * The payload that the PACI packet `payload` carries, its header restored, as if there were no PACI: a
 * receiver may ignore all extensions. Undefined if it is malformed.
 */
export function unwrapH265Paci(payload: Uint8Array): Uint8Array | undefined {
  if (payload.length < 4) return undefined;
  const fields = ((payload[2] as number) << 8) | (payload[3] as number);
  const type = (fields >> 9) & 0x3f;
  const start = 4 + ((fields >> 4) & 0x1f);
  // §4.4.4: cType is never that of a PACI packet itself.
  if (start >= payload.length || type === H265_NAL_UNIT_TYPE.paci) return undefined;
  // A copies the F bit, cType the type; LayerId and TID stand in PayloadHdr.
  const inner = new Uint8Array(2 + payload.length - start);
  inner[0] = ((fields >> 8) & 0x80) | (type << 1) | ((payload[0] as number) & 0x01);
  inner[1] = payload[1] as number;
  inner.set(payload.subarray(start), 2);
  return inner;
}

/** Whether `payload` is a PACI packet. */
export function isH265Paci(payload: Uint8Array): boolean {
  return h265NalUnitType(payload[0] ?? 0) === H265_NAL_UNIT_TYPE.paci;
}
