// The payload of a telephone event, such as a DTMF digit (RFC 4733 §2.3, https://www.rfc-editor.org/rfc/rfc4733#section-2.3).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     event     |E|R| volume    |          duration             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { readUint16, writeUint16 } from '@kaon/wire';

/** Bytes of one report. */
export const TELEPHONE_EVENT_LENGTH = 4;
/** The longest duration that a report can tell; a longer event is cut into segments (§2.5.1.3). */
export const MAX_SEGMENT_TICKS = 0xffff;

/** What one report says. */
export interface TelephoneEventReport {
  /** The event's number (§3.2 has those of DTMF). */
  readonly event: number;
  /** E: this is the whole event. */
  readonly end: boolean;
  /** How many dB below 0 dBm0 the tone is: 0 to 63. */
  readonly volume: number;
  /** How long the event, or its segment, has lasted so far, in units of the RTP timestamp. */
  readonly durationTicks: number;
}

/** The report at `offset`; the caller has checked the length. */
export function decodeTelephoneEvent(payload: Uint8Array, offset: number): TelephoneEventReport {
  const flags = payload[offset + 1] as number;
  return {
    event: payload[offset] as number,
    end: (flags & 0x80) !== 0,
    // R, 0x40, is ignored.
    volume: flags & 0x3f,
    durationTicks: readUint16(payload, offset + 2),
  };
}

/** Writes `report` at `offset`; returns the offset behind it. */
export function encodeTelephoneEvent(
  report: TelephoneEventReport,
  out: Uint8Array,
  offset: number,
): number {
  out[offset] = report.event;
  out[offset + 1] = (report.end ? 0x80 : 0) | report.volume;
  return writeUint16(out, offset + 2, report.durationTicks);
}

/** Events 0 to 15, in order (§3.2, table 3). */
const DTMF_DIGITS = '0123456789*#ABCD';

/** The event of a DTMF digit; undefined if `digit` is none. */
export function dtmfEvent(digit: string): number | undefined {
  const event = digit.length === 1 ? DTMF_DIGITS.indexOf(digit.toUpperCase()) : -1;
  return event < 0 ? undefined : event;
}

/** The digit of a DTMF event; undefined if `event` is another. */
export function dtmfDigit(event: number): string | undefined {
  return DTMF_DIGITS[event];
}
