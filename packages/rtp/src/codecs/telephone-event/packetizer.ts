// Reports a telephone event while it lasts, and its end three times (RFC 4733 §2.5.1, https://www.rfc-editor.org/rfc/rfc4733#section-2.5.1).
import { checkField, checkRoom, type Packetizer } from '../payload-format.ts';
import { encodeTelephoneEvent, MAX_SEGMENT_TICKS, TELEPHONE_EVENT_LENGTH } from './event.ts';

/** An event to send. */
export interface OutgoingTelephoneEvent {
  /** The event's number, 0 to 255. */
  readonly event: number;
  /** How long it lasts, in units of the RTP timestamp: at least 1. */
  readonly durationTicks: number;
  /** How many dB below 0 dBm0 the tone is, 0 to 63; 10 by default. */
  readonly volume?: number;
}

export interface TelephoneEventPacketizerOptions {
  /** Units of the RTP timestamp between two reports; 400 by default, 50 ms at 8,000 Hz (§2.5.1.2). */
  readonly intervalTicks?: number;
}

/** §2.5.1.4: the last report is sent three times in all. */
const FINAL_REPORTS = 3;

/**
 * Events in, reports out. All reports of an event have its start as timestamp, moved on by
 * {@link timestampOffset} for the later segments of a long one, and each is due {@link sendOffset} after
 * the start.
 */
export class TelephoneEventPacketizer implements Packetizer<OutgoingTelephoneEvent> {
  maxPayloadBytes: number = TELEPHONE_EVENT_LENGTH;
  readonly #intervalTicks: number;
  #event = 0;
  #volume = 0;
  #durationTicks = 0;
  // Where the segment starts and up to where it is reported, from the start of the event.
  #segmentStart = 0;
  #reported = 0;
  #finalReportsLeft = 0;
  #sendOffset = 0;
  #isFirst = false;
  #marker = false;
  #timestampOffset = 0;

  constructor(options: TelephoneEventPacketizerOptions = {}) {
    const interval = checkField('intervalTicks', options.intervalTicks ?? 400, MAX_SEGMENT_TICKS);
    if (interval === 0) throw new RangeError('intervalTicks is 0; expected at least 1');
    this.#intervalTicks = interval;
  }

  get marker(): boolean {
    return this.#marker;
  }

  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /** When the report written last is due, in units of the RTP timestamp from the start of the event. */
  get sendOffset(): number {
    return this.#sendOffset;
  }

  start(frame: OutgoingTelephoneEvent): void {
    this.#finalReportsLeft = 0;
    this.#event = checkField('frame.event', frame.event, 255);
    this.#volume = checkField('frame.volume', frame.volume ?? 10, 63);
    this.#durationTicks = checkField('frame.durationTicks', frame.durationTicks, 0x7fff_ffff);
    if (this.#durationTicks === 0) {
      throw new RangeError('frame.durationTicks is 0; expected at least 1');
    }
    this.#segmentStart = 0;
    this.#reported = 0;
    this.#sendOffset = 0;
    this.#finalReportsLeft = FINAL_REPORTS;
    this.#isFirst = true;
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#finalReportsLeft === 0) return offset;
    checkRoom(out, offset, TELEPHONE_EVENT_LENGTH);
    const isOver = this.#reported === this.#durationTicks;
    if (isOver) {
      // Once more what was said; the event does not get longer, but time goes on.
      this.#sendOffset += this.#intervalTicks;
    } else {
      // §2.5.1.3: a full segment is reported as such; then the next one starts where it ended.
      const segmentEnd = this.#segmentStart + MAX_SEGMENT_TICKS;
      if (this.#reported === segmentEnd) this.#segmentStart = segmentEnd;
      this.#reported = Math.min(
        this.#reported + this.#intervalTicks,
        this.#segmentStart + MAX_SEGMENT_TICKS,
        this.#durationTicks,
      );
      this.#sendOffset = this.#reported;
    }
    const end = this.#reported === this.#durationTicks;
    if (end) this.#finalReportsLeft--;
    this.#marker = this.#isFirst;
    this.#isFirst = false;
    this.#timestampOffset = this.#segmentStart;
    const durationTicks = this.#reported - this.#segmentStart;
    const report = { event: this.#event, end, volume: this.#volume, durationTicks };
    return encodeTelephoneEvent(report, out, offset);
  }
}
