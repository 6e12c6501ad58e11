// NAL unit types of H.264 and of its payload format (RFC 6184 §5.2, https://www.rfc-editor.org/rfc/rfc6184#section-5.2).

/** The low five bits of a NAL unit's first byte. */
export const H264_NAL_UNIT_TYPE = {
  slice: 1,
  dataPartitionA: 2,
  idrSlice: 5,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  /** The last type that stands for a NAL unit itself. */
  lastSingle: 23,
  stapA: 24,
  stapB: 25,
  mtap16: 26,
  mtap24: 27,
  fuA: 28,
  fuB: 29,
} as const;

/** The type in a NAL unit's first byte. */
export function h264NalUnitType(header: number): number {
  return header & 0x1f;
}
