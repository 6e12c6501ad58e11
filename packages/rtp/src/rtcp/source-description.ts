// SDES: names of sources (RFC 3550 §6.5, https://www.rfc-editor.org/rfc/rfc3550#section-6.5).
//
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|    SC   |  PT=SDES=202  |             length            |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |                          SSRC/CSRC_1                          |  chunk 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | item type     |     length    | value                       ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | ... more items, a 0, zeros up to a multiple of 32 bits        |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
import { decodeUtf8, readUint32, writeUint32 } from '@kaon/wire';
import { RTCP_HEADER_LENGTH, RTCP_PACKET_TYPE, writeRtcpHeader } from './rtcp-header.ts';

/** Item types (RFC 3550 §12.2, RFC 8852 §4, RFC 9143 §15). */
export const SDES_ITEM = {
  cname: 1,
  name: 2,
  email: 3,
  phone: 4,
  loc: 5,
  tool: 6,
  note: 7,
  priv: 8,
  rtpStreamId: 12,
  repairedRtpStreamId: 13,
  mid: 15,
} as const;

/** One item: a type and at most 255 bytes, UTF-8 in all types but PRIV. */
export interface SdesItem {
  readonly type: number;
  readonly value: Uint8Array;
}

/** What is said about one source. */
export interface SdesChunk {
  readonly ssrc: number;
  readonly items: readonly SdesItem[];
}

/** Names of at most 31 sources. The values are views of the packet. */
export interface SourceDescription {
  readonly type: 'source-description';
  readonly chunks: readonly SdesChunk[];
}

/** Decodes the SDES packet in `bytes[start..end)` that has `count` chunks. */
export function decodeSourceDescription(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): SourceDescription | undefined {
  const chunks: SdesChunk[] = [];
  let at = start + RTCP_HEADER_LENGTH;
  for (let i = 0; i < count; i++) {
    if (end - at < 4) return undefined;
    const ssrc = readUint32(bytes, at);
    const items: SdesItem[] = [];
    at += 4;
    for (;;) {
      if (at >= end) return undefined; // No 0 at the end of the list.
      const type = bytes[at] as number;
      if (type === 0) break;
      if (end - at < 2) return undefined;
      const valueEnd = at + 2 + (bytes[at + 1] as number);
      if (valueEnd > end) return undefined;
      items.push({ type, value: bytes.subarray(at + 2, valueEnd) });
      at = valueEnd;
    }
    // §6.5: one to four zeros, up to the next multiple of 32 bits.
    at = start + ((at - start + 4) & ~3);
    if (at > end) return undefined;
    chunks.push({ ssrc, items });
  }
  return { type: 'source-description', chunks };
}

/** The canonical name that the packet gives `ssrc`; undefined if it gives none. */
export function cnameOf(description: SourceDescription, ssrc: number): string | undefined {
  const chunk = description.chunks.find((each) => each.ssrc === ssrc);
  const item = chunk?.items.find(({ type }) => type === SDES_ITEM.cname);
  return item === undefined ? undefined : decodeUtf8(item.value);
}

/** Bytes that {@link encodeSourceDescription} writes. */
export function sourceDescriptionLength(description: SourceDescription): number {
  let length = RTCP_HEADER_LENGTH;
  for (const chunk of description.chunks) length += chunkLength(chunk);
  return length;
}

/**
 * Writes `description` at `offset`; returns the offset behind it.
 *
 * @throws RangeError if there are more than 31 chunks, an item has type 0 or more than 255 bytes.
 */
export function encodeSourceDescription(
  description: SourceDescription,
  out: Uint8Array,
  offset: number,
): number {
  const { chunks } = description;
  if (chunks.length > 31) throw new RangeError(`chunks: at most 31, not ${chunks.length}.`);
  const length = sourceDescriptionLength(description);
  let at = writeRtcpHeader(out, offset, chunks.length, RTCP_PACKET_TYPE.sourceDescription, length);
  for (const chunk of chunks) {
    const end = at + chunkLength(chunk);
    at = writeUint32(out, at, chunk.ssrc);
    for (const { type, value } of chunk.items) {
      if (!(type >= 1 && type <= 255 && value.length <= 255)) {
        throw new RangeError(`items: types of 1 to 255 and values of at most 255 bytes.`);
      }
      out[at++] = type;
      out[at++] = value.length;
      out.set(value, at);
      at += value.length;
    }
    out.fill(0, at, end);
    at = end;
  }
  return at;
}

function chunkLength(chunk: SdesChunk): number {
  let length = 4;
  for (const item of chunk.items) length += 2 + item.value.length;
  return (length + 4) & ~3;
}
