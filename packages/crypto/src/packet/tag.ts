// The comparison of tags (RFC 3711 §4.2: a tag is the beginning of a code).

/**
 * Whether the `tagLength` bytes of the packet at `tagStart` are those of `codes` at `codeStart`; takes the same
 * time whatever they are.
 */
export function isTag(
  packet: Uint8Array,
  tagStart: number,
  tagLength: number,
  codes: Uint8Array,
  codeStart: number,
): boolean {
  let difference = 0;
  for (let i = 0; i < tagLength; i++) {
    difference |= (packet[tagStart + i] as number) ^ (codes[codeStart + i] as number);
  }
  return difference === 0;
}
