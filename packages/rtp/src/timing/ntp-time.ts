// NTP timestamps of 64 and 32 bits, without BigInt (RFC 3550 §4, RFC 5905 §6, https://www.rfc-editor.org/rfc/rfc3550#section-4).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  seconds since 1 January 1900                 |
// +-+-+-+-+-+-+-+-+-------compact NTP time------+-+-+-+-+-+-+-+-+-+
// |                  fraction in units of 2^-32 s                 |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// The compact form is the middle 32 bits: 16 of seconds, 16 of fraction.

/** A 64-bit NTP timestamp as two 32-bit numbers. */
export interface NtpTime {
  /** Seconds since 1 January 1900, modulo 2^32: they wrap in February 2036. */
  readonly seconds: number;
  /** In units of 2^-32 s. */
  readonly fraction: number;
}

/** Seconds from the epoch of NTP, 1900, to that of Unix, 1970 (RFC 5905 §6). */
const EPOCH_OFFSET_SECONDS = 2_208_988_800;
const TWO_32 = 0x1_0000_0000;

/** The NTP time of `unixMs`, milliseconds since 1970 with any fraction. */
export function ntpTimeFromUnixMs(unixMs: number): NtpTime {
  return { seconds: ntpSeconds(unixMs), fraction: ntpFraction(unixMs) };
}

/** The seconds of {@link ntpTimeFromUnixMs}, where no object is wanted. */
export function ntpSeconds(unixMs: number): number {
  return (Math.floor(unixMs / 1000) + EPOCH_OFFSET_SECONDS) % TWO_32;
}

/** The fraction of {@link ntpTimeFromUnixMs}, where no object is wanted. */
export function ntpFraction(unixMs: number): number {
  const ms = unixMs - 1000 * Math.floor(unixMs / 1000);
  return Math.min(Math.floor((ms / 1000) * TWO_32), TWO_32 - 1);
}

/**
 * Milliseconds since 1970 of an NTP time. Seconds below 2^31 are taken for the era that begins in 2036
 * (RFC 4330 §3), so the answer lies between 1968 and 2104.
 */
export function unixMsFromNtpTime(time: NtpTime): number {
  const seconds = time.seconds < 0x8000_0000 ? time.seconds + TWO_32 : time.seconds;
  return (seconds - EPOCH_OFFSET_SECONDS) * 1000 + (time.fraction / TWO_32) * 1000;
}

/** The middle 32 bits: what goes into LSR and LRR (RFC 3550 §6.4.1). */
export function compactNtpTime(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/** The compact NTP time of `unixMs`. */
export function compactNtpTimeFromUnixMs(unixMs: number): number {
  return compactNtpTime(ntpSeconds(unixMs), ntpFraction(unixMs));
}

/** A duration in units of 2^-16 s, the unit of DLSR and DLRR; at most what 32 bits hold, 18 hours. */
export function compactNtpDuration(ms: number): number {
  return Math.min(Math.max(Math.round(ms * 65.536), 0), 0xffff_ffff);
}

/** Milliseconds of a duration in units of 2^-16 s. */
export function msFromCompactNtp(duration: number): number {
  return duration / 65.536;
}

/**
 * The round-trip time in milliseconds from what came back in a report block or a DLRR sub-block
 * (RFC 3550 §6.4.1, RFC 3611 §4.5).
 *
 * @param receivedAt Compact NTP time at which the report came.
 * @param lastReport LSR or LRR; 0 means that the peer has had none of ours.
 * @param delay DLSR or DLRR.
 * @returns undefined if there is nothing to measure or the peer claims more delay than has passed; a
 * negative result of less than a second is a clock's granularity and gives 0.
 */
export function roundTripMs(
  receivedAt: number,
  lastReport: number,
  delay: number,
): number | undefined {
  if (lastReport === 0) return undefined;
  const elapsed = (receivedAt - lastReport) | 0;
  if (elapsed - delay < -65536) return undefined;
  return Math.max(0, msFromCompactNtp(elapsed - delay));
}
