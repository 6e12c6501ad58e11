// The AV1 aggregation header, and what a payload's first bytes tell (AV1 RTP §4.4, https://aomediacodec.github.io/av1-rtp-spec/#44-av1-aggregation-header).
//
//  0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+
// |Z|Y| W |N|-|-|-|
// +-+-+-+-+-+-+-+-+
import { leb128End, OBU_EXTENSION, OBU_TYPE, obuType } from './obu.ts';

/** Z: the first OBU element continues one of the packet before. */
export const AV1_Z = 0x80;
/** Y: the last OBU element continues in the next packet. */
export const AV1_Y = 0x40;
/** N: the packet is the first of a coded video sequence. */
export const AV1_N = 0x08;
/** The most OBU elements that W can count; 0 says that all have a length. */
export const AV1_MAX_W = 3;

/** W: how many OBU elements there are; 0 if all have a length. */
export function av1ElementCount(aggregationHeader: number): number {
  return (aggregationHeader >> 4) & 0x03;
}

/**
 * Whether `payload` begins a coded video sequence, and so a key frame: N, or a sequence header in the
 * first place, for senders that do not set N.
 */
export function isAv1KeyFrame(payload: Uint8Array): boolean {
  const at = firstObu(payload);
  if (at === 0) return false;
  const header = payload[0] as number;
  return (header & AV1_N) !== 0 || obuType(payload[at] as number) === OBU_TYPE.sequenceHeader;
}

/** The layer that `payload` belongs to by its first OBU; undefined if that does not say. */
export function av1Layer(
  payload: Uint8Array,
): { readonly temporalId: number; readonly spatialId: number } | undefined {
  const at = firstObu(payload);
  if (at === 0 || at + 1 >= payload.length) return undefined;
  if (((payload[at] as number) & OBU_EXTENSION) === 0) return undefined;
  const extension = payload[at + 1] as number;
  return { temporalId: extension >> 5, spatialId: (extension >> 3) & 0x03 };
}

/** Offset of the first OBU's header; 0 if the payload opens with a continuation or ends before. */
function firstObu(payload: Uint8Array): number {
  const header = payload[0] ?? AV1_Z;
  if ((header & AV1_Z) !== 0) return 0;
  const at = av1ElementCount(header) === 1 ? 1 : leb128End(payload, 1, payload.length);
  return at < 0 || at >= payload.length ? 0 : at;
}
