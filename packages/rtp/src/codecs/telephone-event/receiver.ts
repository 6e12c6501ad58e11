// Follows telephone events from their reports (RFC 4733 §2.5.2, https://www.rfc-editor.org/rfc/rfc4733#section-2.5.2).
import { Queue, serialAdd32, serialDistance32 } from '@kaon/wire';
import {
  decodeTelephoneEvent,
  MAX_SEGMENT_TICKS,
  TELEPHONE_EVENT_LENGTH,
  type TelephoneEventReport,
} from './event.ts';

/** An event began. */
export interface TelephoneEventStarted {
  readonly type: 'started';
  readonly event: number;
  readonly volume: number;
  /** RTP timestamp of its start. */
  readonly timestamp: number;
}

/** An event is over. */
export interface TelephoneEventEnded {
  readonly type: 'ended';
  readonly event: number;
  readonly volume: number;
  /** RTP timestamp of its start. */
  readonly timestamp: number;
  /** Of all segments together, in units of the RTP timestamp. */
  readonly durationTicks: number;
  /** Whether its sender told the end; if not, the duration is that of the last report. */
  readonly reported: boolean;
}

/** What the receiver counts. */
export interface TelephoneEventCounters {
  eventsReceived: number;
  payloadsMalformed: number;
}

/** A report whose event began further back is not late: timestamps have gone around since the last event. */
const MAX_LATE_TICKS = 8 * MAX_SEGMENT_TICKS;

interface EventUnderWay {
  readonly event: number;
  readonly timestamp: number;
  volume: number;
  segmentTimestamp: number;
  ticksBeforeSegment: number;
  segmentTicks: number;
  ended: boolean;
}

/** Payloads in, starts and ends of events out; reports that are repeated, lost or late do no harm. */
export class TelephoneEventReceiver {
  readonly counters: TelephoneEventCounters = { eventsReceived: 0, payloadsMalformed: 0 };
  readonly #events = new Queue<TelephoneEventStarted | TelephoneEventEnded>();
  #current: EventUnderWay | undefined;

  /** Takes the next payload, whose packet has `timestamp`. */
  handlePayload(payload: Uint8Array, timestamp: number): void {
    if (payload.length === 0 || payload.length % TELEPHONE_EVENT_LENGTH !== 0) {
      this.counters.payloadsMalformed++;
      return;
    }
    // §2.5.1.5: of several events in a payload, each begins where the one before ended.
    let start = timestamp;
    for (let at = 0; at < payload.length; at += TELEPHONE_EVENT_LENGTH) {
      const report = decodeTelephoneEvent(payload, at);
      this.#handleReport(report, start);
      start = serialAdd32(start, report.durationTicks);
    }
  }

  /** The next start or end, if there is one. */
  pollEvent(): TelephoneEventStarted | TelephoneEventEnded | undefined {
    return this.#events.shift();
  }

  /** Ends the event under way, as when no report has come for three intervals (§2.5.2.2). */
  endEvent(): void {
    this.#end(false);
  }

  #handleReport(report: TelephoneEventReport, timestamp: number): void {
    const current = this.#current;
    if (current !== undefined) {
      if (timestamp === current.segmentTimestamp && report.event === current.event) {
        if (!current.ended) this.#update(current, report);
        return;
      }
      // Of an event before this one, and late.
      const lateTicks = serialDistance32(current.segmentTimestamp, timestamp);
      if (lateTicks > 0 && lateTicks <= MAX_LATE_TICKS) return;
      const nextSegment = serialAdd32(current.segmentTimestamp, MAX_SEGMENT_TICKS);
      if (!current.ended && timestamp === nextSegment && report.event === current.event) {
        current.ticksBeforeSegment += MAX_SEGMENT_TICKS;
        current.segmentTimestamp = timestamp;
        current.segmentTicks = 0;
        this.#update(current, report);
        return;
      }
      // A new event tells that the last one is over, even if its end was lost.
      this.#end(false);
    }
    this.#start(report, timestamp);
  }

  #start(report: TelephoneEventReport, timestamp: number): void {
    const { event, volume } = report;
    const current = {
      event,
      timestamp,
      volume,
      segmentTimestamp: timestamp,
      ticksBeforeSegment: 0,
      segmentTicks: 0,
      ended: false,
    };
    this.#current = current;
    this.counters.eventsReceived++;
    this.#events.push({ type: 'started', event, volume, timestamp });
    this.#update(current, report);
  }

  #update(current: EventUnderWay, report: TelephoneEventReport): void {
    current.volume = report.volume;
    current.segmentTicks = Math.max(current.segmentTicks, report.durationTicks);
    if (report.end) this.#end(true);
  }

  #end(reported: boolean): void {
    const current = this.#current;
    if (current === undefined || current.ended) return;
    current.ended = true;
    this.#events.push({
      type: 'ended',
      event: current.event,
      volume: current.volume,
      timestamp: current.timestamp,
      durationTicks: current.ticksBeforeSegment + current.segmentTicks,
      reported,
    });
  }
}
