// What lies around a packet so that it can be authenticated in one piece: additional data, padding, lengths.

import { PACKET } from './memory-map';

/** `length` up to the next whole block. */
@inline
export function padded(length: i32): i32 {
  return (length + 15) & -16;
}

/** Clears the bytes behind `length` bytes at `start`, up to the end of their last block. */
@inline
export function clearPadding(start: usize, length: i32): void {
  const rest = length & 15;
  if (rest == 0) return;
  const at = start + <usize>(length - rest);
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const kept = i8x16.lt_s(places, i8x16.splat(<i8>rest));
  v128.store(at, v128.and(v128.load(at), kept));
}

/** Where additional data of that length starts. */
@inline
export function additionalDataStart(length: i32): usize {
  return PACKET - <usize>padded(length);
}

/** Adds the keystream at `keystream` to `length` bytes at `packet`, and up to 15 behind, and wipes it. */
export function addKeystream(packet: usize, length: i32, keystream: usize): void {
  const zero = i64x2.splat(0);
  const end = packet + <usize>length;
  for (; packet < end; packet += 16, keystream += 16) {
    v128.store(packet, v128.xor(v128.load(packet), v128.load(keystream)));
    v128.store(keystream, zero);
  }
}
