// Counts what happens in a connection, and tells who wants to know.

import { alertName } from './alert.ts';
import {
  createCounters,
  type DtlsDropReason,
  type DtlsTraceEvent,
  type MutableDtlsCounters,
} from './trace.ts';

/** The counters and the trace of one connection. Costs nothing but the counting without a listener. */
export class DtlsMonitor {
  readonly counters: MutableDtlsCounters = createCounters();
  /** Undefined if nobody listens: build events for it with `?.` only. */
  readonly trace: ((event: DtlsTraceEvent) => void) | undefined;

  constructor(onTrace: ((event: DtlsTraceEvent) => void) | undefined) {
    this.trace = onTrace;
  }

  /** Something received was dropped. */
  drop(reason: DtlsDropReason): void {
    this.counters.dropped[reason]++;
    this.trace?.({ type: 'dropped', reason });
  }

  /** A flight was sent again. */
  retransmitted(cause: 'timeout' | 'peer-repeats'): void {
    this.counters.flightsRetransmitted++;
    this.trace?.({ type: 'flight-retransmitted', cause });
  }

  /** An alert came or went. */
  alert(type: 'alert-sent' | 'alert-received', level: number, description: number): void {
    this.trace?.({ type, level, description, name: alertName(description) });
  }
}
