// Audio levels from client to mixer and from mixer to client (RFC 6464 §3, RFC 6465 §3, https://www.rfc-editor.org/rfc/rfc6464#section-3).
//
//  RFC 6464          RFC 6465: one byte for each CSRC, in their order
//  0 1 2 3 4 5 6 7   0 1 2 3 4 5 6 7   0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+ +-+-+-+-+-+-+-+-+ +-+-+-+-+-+-+-+-+
// |V|    level    | |0|   level 1   | |0|   level 2   | ...
// +-+-+-+-+-+-+-+-+ +-+-+-+-+-+-+-+-+ +-+-+-+-+-+-+-+-+

/** Bytes of the element of RFC 6464. */
export const AUDIO_LEVEL_LENGTH = 1;

/** How loud a packet is. */
export interface AudioLevel {
  /** V: whether the sender believes that there is speech in it. */
  readonly voiceActivity: boolean;
  /** In -dBov: 0 is the loudest, 127 is silence. */
  readonly level: number;
}

/** The level of the packet; undefined if the element is empty. */
export function decodeAudioLevel(
  bytes: Uint8Array,
  start: number,
  end: number,
): AudioLevel | undefined {
  // RFC 6464 §3: the two-byte form may have padding behind the byte that counts.
  if (end <= start) return undefined;
  const byte = bytes[start] as number;
  return { voiceActivity: (byte & 0x80) !== 0, level: byte & 0x7f };
}

/** Writes a level at `offset`; returns the offset behind it. */
export function encodeAudioLevel(level: AudioLevel, out: Uint8Array, offset: number): number {
  out[offset] = (level.voiceActivity ? 0x80 : 0) | (level.level & 0x7f);
  return offset + 1;
}

/** The level of each contributing source, in -dBov, in the order of the packet's CSRC list. */
export function decodeCsrcAudioLevels(bytes: Uint8Array, start: number, end: number): number[] {
  const levels: number[] = [];
  for (let i = start; i < end; i++) levels.push((bytes[i] as number) & 0x7f);
  return levels;
}

/** Writes one level for each contributing source at `offset`; returns the offset behind them. */
export function encodeCsrcAudioLevels(
  levels: readonly number[],
  out: Uint8Array,
  offset: number,
): number {
  for (let i = 0; i < levels.length; i++) out[offset + i] = (levels[i] as number) & 0x7f;
  return offset + levels.length;
}
