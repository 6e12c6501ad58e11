// Relates the timestamps of sources that share a wall clock, by their sender reports (RFC 3550 §6.4.1, https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
import { serialDistance32 } from '@kaon/wire';
import { SsrcTable } from '../packet/ssrc-table.ts';
import type { SenderReport } from '../rtcp/sender-report.ts';
import { unixMsFromNtpTime } from '../timing/ntp-time.ts';

interface SourceClock {
  unixMs: number;
  rtpTimestamp: number;
}

/** The clocks of a few sources. */
export class SourceClocks {
  readonly #clocks: SsrcTable<SourceClock>;

  /** @param maxSources How many are kept; those that come when there are so many are not. */
  constructor(maxSources: number) {
    this.#clocks = new SsrcTable(maxSources);
  }

  /** Takes what a source says of its clock. */
  handleSenderReport(report: SenderReport): void {
    const { ssrc, rtpTimestamp } = report;
    const unixMs = unixMsFromNtpTime(report.ntpTime);
    const clock = this.#clocks.get(ssrc);
    if (clock === undefined) {
      this.#clocks.set(ssrc, { unixMs, rtpTimestamp });
    } else {
      clock.unixMs = unixMs;
      clock.rtpTimestamp = rtpTimestamp;
    }
  }

  /** Forgets a source. */
  delete(ssrc: number): void {
    this.#clocks.delete(ssrc);
  }

  /** When `timestamp` of the source was, in milliseconds since 1970 by the sender's clock; NaN if it is not known. */
  unixMs(ssrc: number, timestamp: number, clockRate: number): number {
    const clock = this.#clocks.get(ssrc);
    if (clock === undefined) return Number.NaN;
    return clock.unixMs + (1000 * serialDistance32(timestamp, clock.rtpTimestamp)) / clockRate;
  }
}
