// NAL unit types of H.265 and of its payload format (RFC 7798 §1.1.4 and §4.4, https://www.rfc-editor.org/rfc/rfc7798#section-1.1.4).
//
// +---------------+---------------+
// |0|1|2|3|4|5|6|7|0|1|2|3|4|5|6|7|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |F|   Type    |  LayerId  | TID |
// +-------------+-----------------+

/** Bytes of a NAL unit's header. */
export const H265_HEADER_LENGTH = 2;

/** Bits 1 to 6 of a NAL unit's first byte. */
export const H265_NAL_UNIT_TYPE = {
  /** The first and last type of pictures that a decoder can start with: IRAP. */
  firstIrap: 16,
  lastIrap: 23,
  lastVcl: 31,
  vps: 32,
  sps: 33,
  pps: 34,
  accessUnitDelimiter: 35,
  /** The last type that stands for a NAL unit itself. */
  lastSingle: 47,
  aggregationPacket: 48,
  fragmentationUnit: 49,
  paci: 50,
} as const;

/** The type in a NAL unit's first byte. */
export function h265NalUnitType(header: number): number {
  return (header >> 1) & 0x3f;
}

/** Whether a type is that of a slice of a picture that a decoder can start with. */
export function isH265Irap(type: number): boolean {
  return type >= H265_NAL_UNIT_TYPE.firstIrap && type <= H265_NAL_UNIT_TYPE.lastIrap;
}

/** Whether a type is that of a video, sequence or picture parameter set. */
export function isH265ParameterSet(type: number): boolean {
  return type >= H265_NAL_UNIT_TYPE.vps && type <= H265_NAL_UNIT_TYPE.pps;
}
