import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compactNtpDuration,
  compactNtpTime,
  compactNtpTimeFromUnixMs,
  msFromCompactNtp,
  ntpTimeFromUnixMs,
  roundTripMs,
  unixMsFromNtpTime,
} from './ntp-time.ts';
import { SequenceUnwrapper, TimestampUnwrapper } from './unwrapper.ts';

describe('NTP time (RFC 3550 §4, RFC 5905 §6)', () => {
  test('the epoch of Unix is 2208988800 s after that of NTP', () => {
    expect(ntpTimeFromUnixMs(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(ntpTimeFromUnixMs(1500)).toEqual({ seconds: 2_208_988_801, fraction: 0x8000_0000 });
  });

  test('seconds wrap in February 2036', () => {
    const wrap = Date.UTC(2036, 1, 7, 6, 28, 16);
    expect(ntpTimeFromUnixMs(wrap)).toEqual({ seconds: 0, fraction: 0 });
    expect(unixMsFromNtpTime({ seconds: 0, fraction: 0 })).toBe(wrap);
  });

  test('times from 1970 to 2104 survive to a microsecond', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4.2e12, noNaN: true }), (unixMs) => {
        const { seconds, fraction } = ntpTimeFromUnixMs(unixMs);
        expect(Number.isInteger(seconds) && Number.isInteger(fraction)).toBe(true);
        expect(fraction).toBeLessThan(0x1_0000_0000);
        expect(Math.abs(unixMsFromNtpTime({ seconds, fraction }) - unixMs)).toBeLessThan(0.001);
      }),
    );
  });

  test('round trip: the example of RFC 3550 §6.4.1', () => {
    // A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000; 6.125 s.
    expect(roundTripMs(0xb710_8000, 0xb705_2000, 0x0005_4000)).toBe(6125);
    // The LSR is the middle of the SR's NTP time 0xb44db705:20000000.
    expect(compactNtpTime(0xb44d_b705, 0x2000_0000)).toBe(0xb705_2000);
  });

  test('round trip: nothing to measure, claims that are too large, clocks that wrap', () => {
    expect(roundTripMs(100, 0, 0)).toBeUndefined();
    expect(roundTripMs(0x0001_0000, 0x0000_8000, 0x0010_0000)).toBeUndefined();
    expect(roundTripMs(0x0001_0000, 0x0001_0000, 1)).toBe(0);
    expect(roundTripMs(0x8000, 0xffff_8000, 0x8000)).toBe(500);
  });

  test('durations are units of 2^-16 s', () => {
    expect(compactNtpDuration(1000)).toBe(65536);
    expect(msFromCompactNtp(65536)).toBe(1000);
    expect(compactNtpDuration(-5)).toBe(0);
    expect(compactNtpDuration(1e12)).toBe(0xffff_ffff);
    expect(compactNtpTimeFromUnixMs(500)).toBe(((2_208_988_800 & 0xffff) * 65536 + 0x8000) >>> 0);
  });
});

describe('unwrapping (RFC 3550 §A.1)', () => {
  test('the extended number keeps the low bits and the order, whatever the disorder', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.array(fc.integer({ min: -16000, max: 16000 })),
        (first, steps) => {
          const unwrapper = new SequenceUnwrapper();
          let truth = 0x1_0000 + first;
          expect(unwrapper.unwrap(first)).toBe(truth);
          let highest = truth;
          for (const step of steps) {
            truth = Math.max(highest + step, 0x1_0000);
            expect(unwrapper.peek(truth & 0xffff)).toBe(truth);
            expect(unwrapper.unwrap(truth & 0xffff)).toBe(truth);
            highest = Math.max(highest, truth);
            expect(unwrapper.highest).toBe(highest);
          }
        },
      ),
    );
  });

  test('timestamps wrap at 32 bits, forwards and backwards', () => {
    const unwrapper = new TimestampUnwrapper();
    const first = unwrapper.unwrap(0xffff_ff00);
    expect(unwrapper.unwrap(0x100) - first).toBe(0x200);
    expect(unwrapper.unwrap(0xffff_ff00) - first).toBe(0);
    unwrapper.reset();
    expect(unwrapper.unwrap(5)).toBe(0x1_0000_0005);
  });

  test('a sequence that was reset begins anew', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(60_000);
    unwrapper.reset();
    expect(unwrapper.peek(7)).toBe(0x1_0007);
    expect(unwrapper.highest).toBe(-1);
  });
});
