// Takes the emulation prevention bytes out of a NAL unit (ITU-T H.264 §7.3.1, https://www.itu.int/rec/T-REC-H.264).

/** The fields that metadata needs stand in the first bytes of a parameter set. */
const MAX_BYTES = 512;

/** The raw byte sequence payload in `nalUnit[start..end)`: a copy of at most its first 512 bytes. */
export function unescapeRbsp(nalUnit: Uint8Array, start: number, end: number): Uint8Array {
  const last = Math.min(end, start + MAX_BYTES);
  const out = new Uint8Array(Math.max(0, last - start));
  let length = 0;
  let zeros = 0;
  for (let at = start; at < last; at++) {
    const byte = nalUnit[at] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
