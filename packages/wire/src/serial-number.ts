// Serial number arithmetic: counters that wrap around (RFC 1982, https://www.rfc-editor.org/rfc/rfc1982).

/** How far `a` is ahead of `b` on the 16-bit circle: -32768 to 32767, negative if behind. */
export function serialDistance16(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far `a` is ahead of `b` on the 32-bit circle: -2147483648 to 2147483647, negative if behind. */
export function serialDistance32(a: number, b: number): number {
  return (a - b) | 0;
}

/** Whether 16-bit `a` comes before `b` (RFC 1982 §3.2). */
export function serialLess16(a: number, b: number): boolean {
  return serialDistance16(a, b) < 0;
}

/** Whether 32-bit `a` comes before `b` (RFC 1982 §3.2). */
export function serialLess32(a: number, b: number): boolean {
  return serialDistance32(a, b) < 0;
}

/** `a` moved on by `n` (which may be negative) on the 16-bit circle (RFC 1982 §3.1). */
export function serialAdd16(a: number, n: number): number {
  return (a + n) & 0xffff;
}

/** `a` moved on by `n` (which may be negative) on the 32-bit circle (RFC 1982 §3.1). */
export function serialAdd32(a: number, n: number): number {
  return (a + n) >>> 0;
}

/**
 * The full counter value whose low 16 bits are `low` and which is nearest to `reference`; may be
 * negative where `reference` is smaller than 32768. This undoes the truncation of a counter on the wire.
 */
export function unwrapSerial16(low: number, reference: number): number {
  return reference + serialDistance16(low, reference % 0x1_0000);
}

/** As {@link unwrapSerial16}, for the low 32 bits. */
export function unwrapSerial32(low: number, reference: number): number {
  return reference + serialDistance32(low, reference % 0x1_0000_0000);
}
