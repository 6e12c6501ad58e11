// Cuts the files that ffmpeg writes into the frames that an encoder gave out.

/** The frames of an IVF file (https://wiki.multimedia.cx/index.php/Duck_IVF). */
export function splitIvf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const frames: Uint8Array[] = [];
  for (let at = view.getUint16(6, true); at + 12 <= file.length; ) {
    const size = view.getUint32(at, true);
    frames.push(file.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return frames;
}

/** The packets of an Ogg file with one stream (RFC 3533 §6), without its `headers` first ones. */
export function splitOgg(file: Uint8Array, headers: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let packet: number[] = [];
  for (let at = 0; at + 27 <= file.length; ) {
    const segments = file.subarray(at + 27, at + 27 + file[at + 26]!);
    at += 27 + segments.length;
    for (const length of segments) {
      packet.push(...file.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Uint8Array.from(packet));
      packet = [];
    }
  }
  return packets.slice(headers);
}

/** The temporal units of an OBU file: each opens with a temporal delimiter. */
export function splitTemporalUnits(file: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at < file.length; ) {
    const header = file[at]!;
    if (((header >> 3) & 0x0f) === 2) starts.push(at);
    at += (header & 0x04) === 0 ? 1 : 2;
    let size = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      byte = file[at++]!;
      size += (byte & 0x7f) * 2 ** shift;
    }
    at += size;
  }
  return starts.map((start, i) => file.subarray(start, starts[i + 1]));
}

/** The NAL units of an Annex B file. */
function splitNalUnits(file: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at + 3 <= file.length; at++) {
    if (file[at] === 0 && file[at + 1] === 0 && file[at + 2] === 1) starts.push(at + 3);
  }
  return starts.map((start, i) => {
    let end = i + 1 < starts.length ? starts[i + 1]! - 3 : file.length;
    while (file[end - 1] === 0) end--;
    return file.subarray(start, end);
  });
}

/** `units` with start codes of four bytes. */
function joinNalUnits(units: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(units.flatMap((unit) => [Uint8Array.of(0, 0, 0, 1), unit]));
}

/**
 * The access units of an Annex B file whose pictures have any number of slices: one ends where, after a
 * slice, the next first slice or anything that is no slice begins.
 */
export function splitAccessUnits(
  file: Uint8Array,
  kind: (unit: Uint8Array) => 'first-slice' | 'slice' | 'other' | 'suffix',
): Uint8Array[] {
  const frames: Uint8Array[][] = [];
  let hasSlice = true;
  for (const unit of splitNalUnits(file)) {
    const what = kind(unit);
    if (hasSlice && (what === 'first-slice' || what === 'other')) {
      frames.push([]);
      hasSlice = false;
    }
    hasSlice ||= what === 'first-slice';
    frames.at(-1)!.push(unit);
  }
  return frames.map(joinNalUnits);
}

/** H.264: what `unit` is. */
export function h264Kind(unit: Uint8Array): 'first-slice' | 'slice' | 'other' {
  const type = unit[0]! & 0x1f;
  if (type !== 1 && type !== 5) return 'other';
  return (unit[1]! & 0x80) !== 0 ? 'first-slice' : 'slice';
}

/** H.265: what `unit` is; suffix SEI stays with the picture before it. */
export function h265Kind(unit: Uint8Array): 'first-slice' | 'slice' | 'other' | 'suffix' {
  const type = (unit[0]! >> 1) & 0x3f;
  if (type > 31) return type === 40 ? 'suffix' : 'other';
  return (unit[2]! & 0x80) !== 0 ? 'first-slice' : 'slice';
}

/** Pieces of `size` bytes. */
export function splitEvenly(file: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += size) pieces.push(file.subarray(at, at + size));
  return pieces;
}
