// BYE: sources that are no longer active (RFC 3550 §6.6, https://www.rfc-editor.org/rfc/rfc3550#section-6.6).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|    SC   |   PT=BYE=203  |             length            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           SSRC/CSRC                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              ...                              |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |     length    |               reason for leaving            ... (optional)
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { decodeUtf8, encodeUtf8, readUint32, writeUint32 } from '@kaon/wire';
import { RTCP_HEADER_LENGTH, RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

/** At most 31 sources leave. */
export interface Goodbye {
  readonly type: 'goodbye';
  readonly ssrcs: readonly number[];
  /** At most 255 bytes of UTF-8. */
  readonly reason?: string;
}

/** Decodes the BYE in `bytes[start..end)` that has `count` sources. */
export function decodeGoodbye(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): Goodbye | undefined {
  const reasonStart = start + RTCP_HEADER_LENGTH + 4 * count;
  if (reasonStart > end) return undefined;
  const ssrcs: number[] = [];
  for (let at = start + RTCP_HEADER_LENGTH; at < reasonStart; at += 4) {
    ssrcs.push(readUint32(bytes, at));
  }
  if (reasonStart === end) return { type: 'goodbye', ssrcs };
  const reasonEnd = reasonStart + 1 + (bytes[reasonStart] as number);
  if (reasonEnd > end) return undefined;
  return {
    type: 'goodbye',
    ssrcs,
    reason: decodeUtf8(bytes.subarray(reasonStart + 1, reasonEnd)),
  };
}

/** Bytes that {@link encodeGoodbye} writes. */
export function goodbyeLength(goodbye: Goodbye): number {
  const length = RTCP_HEADER_LENGTH + 4 * goodbye.ssrcs.length;
  if (goodbye.reason === undefined) return length;
  return length + ((1 + encodeUtf8(goodbye.reason).length + 3) & ~3);
}

/**
 * Writes `goodbye` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if there are more than 31 sources or the reason is longer than 255 bytes.
 */
export function encodeGoodbye(goodbye: Goodbye, out: Uint8Array, offset: number): number {
  const { ssrcs, reason } = goodbye;
  if (ssrcs.length > 31) throw new RangeError(`ssrcs: at most 31, not ${ssrcs.length}.`);
  const end = offset + goodbyeLength(goodbye);
  let at = writeRtcpHeader(out, offset, ssrcs.length, RTCP_PACKET_TYPE.goodbye, end - offset);
  for (const ssrc of ssrcs) at = writeUint32(out, at, ssrc);
  if (reason === undefined) return at;
  const text = encodeUtf8(reason);
  if (text.length > 255) {
    throw new RangeError(`reason: at most 255 bytes of UTF-8, not ${text.length}.`);
  }
  out[at++] = text.length;
  out.set(text, at);
  out.fill(0, at + text.length, end);
  return end;
}
